package accounts_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
)

func TestContacts(t *testing.T) {
	t.Parallel()
	every := []accounts.ContactID{{}}
	for _, c := range world.Contacts {
		every = append(every, c.ID)
	}
	for name, scope := range scopes(t) {
		known := map[accounts.ContactID]bool{}
		for _, m := range world.Memberships {
			if covers(scope, m.AccountID) {
				known[m.ContactID] = true // also where it ended: their names stand under what they wrote
			}
		}
		var want []*accounts.Contact
		for _, c := range world.Contacts {
			if known[c.ID] {
				want = append(want, c)
			}
		}
		slices.SortFunc(want, func(a, b *accounts.Contact) int { return slices.Compare(a.ID.UUID[:], b.ID.UUID[:]) })
		if diff := gocmp.Diff(want, read(t, pool, accounts.Contacts(scope, every)), sorted[0]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestMemberships(t *testing.T) {
	t.Parallel()
	var every []accounts.ContactID
	for _, c := range world.Contacts {
		every = append(every, c.ID)
	}
	for name, scope := range scopes(t) {
		var want []*accounts.Membership
		for _, m := range world.Memberships {
			if m.EndedAt == nil && covers(scope, m.AccountID) {
				want = append(want, &m.Membership)
			}
		}
		slices.SortFunc(want, func(a, b *accounts.Membership) int {
			return cmp.Or(slices.Compare(a.ContactID.UUID[:], b.ContactID.UUID[:]), a.CreatedAt.Compare(b.CreatedAt))
		})
		if diff := gocmp.Diff(want, read(t, pool, accounts.Memberships(scope, every)), sorted[0]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestMembersPage pages through members of whom most have the same name.
func TestMembersPage(t *testing.T) {
	t.Parallel()
	changed := cloned(t)
	if _, err := changed.Exec(t.Context(), "update contacts set name = 'Same' where name > 'D'"); err != nil {
		t.Fatal(err)
	}
	var every []accounts.ID
	for _, account := range world.Accounts {
		every = append(every, account.ID)
	}
	name := func(m *accounts.Membership) string {
		if m.ContactName > "D" {
			return "Same"
		}
		return m.ContactName
	}
	for scopeName, scope := range scopes(t) {
		for _, account := range every {
			want := []accounts.ContactID{}
			var members []*accounts.Membership
			for _, m := range world.Memberships {
				if m.AccountID == account && m.EndedAt == nil && covers(scope, account) {
					members = append(members, &m.Membership)
				}
			}
			slices.SortFunc(members, func(a, b *accounts.Membership) int {
				return cmp.Or(strings.Compare(name(a), name(b)), slices.Compare(a.ContactID.UUID[:], b.ContactID.UUID[:]))
			})
			for _, m := range members {
				want = append(want, m.ContactID)
			}
			got := []accounts.ContactID{}
			for _, m := range walk(t, changed, accounts.ContactOrder, 3, (*accounts.Membership).Cursor, func(at postgres.Position) postgres.Query[*accounts.Membership] {
				return accounts.Members(scope, []accounts.ID{account}, 3, at)
			}) {
				got = append(got, m.ContactID)
			}
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Fatalf("%s: %s", scopeName, diff)
			}
		}
	}
	counts := map[accounts.ID]int{}
	for _, m := range read(t, changed, accounts.Members(accounts.Staff, every, 2, postgres.Position{})) {
		counts[m.AccountID]++
	}
	for account, count := range counts {
		if count > 3 {
			t.Errorf("%v: %d rows where a page of 2 and one more were asked for", account, count)
		}
	}
}

func TestAgents(t *testing.T) {
	t.Parallel()
	every := []accounts.AgentID{{}}
	var here []*accounts.Agent
	for _, agent := range world.Agents {
		every = append(every, agent.ID)
		if agent.Active() {
			here = append(here, agent)
		}
	}
	slices.SortFunc(here, func(a, b *accounts.Agent) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), slices.Compare(a.ID.UUID[:], b.ID.UUID[:]))
	})
	all := read(t, pool, accounts.Agents(every))
	if len(all) != len(world.Agents) || len(here) == len(all) {
		t.Errorf("%d of %d agents by key, %d of them work here", len(all), len(world.Agents), len(here))
	}
	for _, first := range []int{1, 4, 100} {
		got := walk(t, pool, accounts.AgentOrder, first, (*accounts.Agent).Cursor, func(at postgres.Position) postgres.Query[*accounts.Agent] {
			return accounts.ListAgents(accounts.Staff, nil, first, at)
		})
		if diff := gocmp.Diff(here, got); diff != "" {
			t.Errorf("%d a page: %s", first, diff)
		}
	}
	var teams []accounts.TeamID
	for _, team := range world.Teams {
		teams = append(teams, team.ID)
		var want []*accounts.Agent
		for _, agent := range here {
			if agent.TeamID == team.ID {
				want = append(want, agent)
			}
		}
		if diff := gocmp.Diff(want, read(t, pool, accounts.ListAgents(accounts.Staff, &team.ID, 100, postgres.Position{})), sorted[0]); diff != "" {
			t.Errorf("%s: %s", team.Name, diff)
		}
		if diff := gocmp.Diff(want, read(t, pool, accounts.TeamAgents(accounts.Staff, []accounts.TeamID{team.ID})), sorted[0]); diff != "" {
			t.Errorf("%s: %s", team.Name, diff)
		}
	}
	if got := read(t, pool, accounts.TeamAgents(accounts.Staff, teams)); len(got) != len(here) {
		t.Errorf("%d agents of all teams, want %d", len(got), len(here))
	}
	if got := read(t, pool, accounts.Teams(append(teams, accounts.TeamID{}))); len(got) != len(world.Teams) {
		t.Errorf("%d teams by key", len(got))
	}
	if got := read(t, pool, accounts.ListTeams(accounts.Staff)); len(got) != len(world.Teams) || !slices.IsSortedFunc(got, func(a, b *accounts.Team) int { return strings.Compare(a.Name, b.Name) }) {
		t.Errorf("teams: %v", got)
	}
}

// TestCustomersListNoStaff: names are known where they stand under something, lists are for staff.
func TestCustomersListNoStaff(t *testing.T) {
	t.Parallel()
	for name, scope := range scopes(t) {
		if scope.Staff {
			continue
		}
		found := len(read(t, pool, accounts.ListAgents(scope, nil, 100, postgres.Position{}))) +
			len(read(t, pool, accounts.TeamAgents(scope, []accounts.TeamID{world.Teams[0].ID}))) +
			len(read(t, pool, accounts.ListTeams(scope)))
		if found > 0 {
			t.Errorf("%s lists %d of our people and teams", name, found)
		}
	}
}
