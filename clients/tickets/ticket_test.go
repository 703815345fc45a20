package tickets_test

import (
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"supportgraph/clients/accounts"
	"supportgraph/clients/tickets"
)

func TestByIDAndNumber(t *testing.T) {
	t.Parallel()
	every, numbers := ids(cases), []int64{}
	for _, c := range cases {
		numbers = append(numbers, c.Ticket.Number)
	}
	for name, scope := range scopes(t) {
		want := seen(scope)
		byNumber := read(t, pool, tickets.ByNumber(scope, numbers))
		if diff := differ(ids(want), keys(byNumber)); diff != "" {
			t.Errorf("%s, by number: %s", name, diff)
		}
		byID := ids(want)
		slices.SortFunc(byID, func(a, b tickets.ID) int { return slices.Compare(a.UUID[:], b.UUID[:]) })
		if diff := differ(byID, keys(read(t, pool, tickets.ByID(scope, every)))); diff != "" {
			t.Errorf("%s, by id: %s", name, diff)
		}
		for i, c := range want {
			if i%20 == 0 {
				stored := *byNumber[i]
				stored.ResponseDueAt, stored.NextDueAt = nil, nil // which the store works out, as settled holds
				if diff := gocmp.Diff(c.Ticket, &stored); diff != "" {
					t.Errorf("%s: %s", name, diff)
				}
			}
		}
		if name == "own" && (len(want) < 5 || len(want) > 200) {
			t.Errorf("own: sees %d tickets", len(want))
		}
	}
}

// TestForeignIsLikeMissing: what somebody else has and what nobody has are the same answer, none.
func TestForeignIsLikeMissing(t *testing.T) {
	t.Parallel()
	for name, scope := range scopes(t) {
		for _, c := range cases {
			if sees(scope, c) {
				continue
			}
			thread := tickets.Thread{First: 10}
			one := []tickets.ID{c.Ticket.ID}
			found := len(read(t, pool, tickets.ByID(scope, one))) + len(read(t, pool, tickets.ByNumber(scope, []int64{c.Ticket.Number}))) +
				len(read(t, pool, tickets.MessagesOf(scope, one, thread))) + len(read(t, pool, tickets.TimelineOf(scope, one, thread))) +
				len(read(t, pool, tickets.Messages(scope, []tickets.MessageID{*c.Ticket.LastMessageID}))) +
				len(read(t, pool, tickets.ParticipantsOf(scope, one)))
			if found > 0 {
				t.Errorf("%s reads %d rows of %s", name, found, c.Ticket.Ref())
			}
			if c.Ticket.Number%16 == 0 {
				break // some are enough
			}
		}
	}
	if found := read(t, pool, tickets.ByID(accounts.Staff, []tickets.ID{{}})); len(found) != 0 {
		t.Errorf("nobody's id finds %v", found)
	}
}

// TestAccessEnds: whoever asked or takes part sees the ticket while the membership is in force, and not a day longer.
func TestAccessEnds(t *testing.T) {
	t.Parallel()
	changed := cloned(t)
	amara := contact(t, "amara.mensah@juniperbay.health")
	count := func() int {
		scope := accounts.NewScope(amara, read(t, changed, accounts.ScopeOf(amara)))
		return len(read(t, changed, tickets.ByID(scope, ids(cases))))
	}
	before := count()
	var taken int
	err := changed.QueryRow(t.Context(), `insert into ticket_participants (ticket_id, contact_id)
		select t.id, $1 from tickets t where t.account_id = $2 and t.requester_id <> $1
			and not exists (select from ticket_participants p where p.ticket_id = t.id and p.contact_id = $1)
		order by t.id limit 1 returning 1`, amara, world.Landmarks.Clinic).Scan(&taken)
	if err != nil {
		t.Fatal(err)
	}
	if after := count(); before == 0 || after != before+1 {
		t.Errorf("sees %d tickets, and as one more's participant %d", before, after)
	}
	for _, change := range []string{
		"update account_memberships set ended_at = now() where contact_id = $1",
		"with back as (update account_memberships set ended_at = null where contact_id = $1) update contacts set deactivated_at = now() where id = $1",
	} {
		if _, err := changed.Exec(t.Context(), change, amara); err != nil {
			t.Fatal(err)
		}
		if left := count(); left != 0 {
			t.Errorf("after %q: sees %d tickets", change, left)
		}
	}
}

func TestParseRef(t *testing.T) {
	t.Parallel()
	for ref, want := range map[string]int64{
		"T-1": 1, "t-1234": 1234, " T-1234\t": 1234, "T-9223372036854775807": 9223372036854775807,
		"": 0, "T-": 0, "T-0": 0, "T-01": 0, "T--1": 0, "T-+1": 0, "1234": 0, "T1234": 0, "T-12x": 0, "X-12": 0, "T-9223372036854775808": 0, "T-１": 0, "T-1\x00": 0,
	} {
		if got, ok := tickets.ParseRef(ref); ok != (want != 0) || ok && got != want {
			t.Errorf("%q is %d, %v", ref, got, ok)
		}
	}
	if ref := (&tickets.Ticket{Number: 1234}).Ref(); ref != "T-1234" {
		t.Error(ref)
	}
}

func TestCategoriesAndTags(t *testing.T) {
	t.Parallel()
	var categories []tickets.CategoryID
	for _, category := range world.Categories {
		categories = append(categories, category.ID)
	}
	if got := read(t, pool, tickets.Categories(categories)); len(got) != len(world.Categories) {
		t.Errorf("%d categories, want %d", len(got), len(world.Categories))
	}
	var tags []tickets.TagID
	names := map[tickets.TagID]string{}
	for _, tag := range world.Tags {
		tags = append(tags, tag.ID)
		names[tag.ID] = tag.Name
	}
	for name, scope := range scopes(t) {
		found, hung := read(t, pool, tickets.Tags(scope, tags)), read(t, pool, tickets.TagsOf(scope, ids(cases)))
		if !scope.Staff {
			if len(found)+len(hung) > 0 {
				t.Errorf("%s sees %d tags and %d on tickets", name, len(found), len(hung))
			}
			continue
		}
		if len(found) != len(tags) {
			t.Errorf("%d tags, want %d", len(found), len(tags))
		}
		got := map[tickets.ID][]string{}
		for _, tag := range hung {
			got[tag.TicketID] = append(got[tag.TicketID], tag.Name)
		}
		for _, c := range cases {
			var want []string
			for _, tag := range c.Tags {
				want = append(want, names[tag])
			}
			slices.Sort(want)
			if diff := gocmp.Diff(want, got[c.Ticket.ID]); diff != "" {
				t.Errorf("%s: %s", c.Ticket.Ref(), diff)
			}
		}
	}
}
