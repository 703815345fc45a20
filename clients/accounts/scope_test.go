package accounts_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"supportgraph/clients/accounts"
)

var sorted = []cmp.Option{
	cmpopts.EquateEmpty(),
	cmpopts.SortSlices(func(a, b accounts.ID) bool { return bytes.Compare(a.UUID[:], b.UUID[:]) < 0 }),
}

// TestScopeOf asks for everybody in the world: members of every kind, those whose membership ended, those who left.
func TestScopeOf(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	ended := map[accounts.ContactID]bool{}
	for _, m := range world.Memberships {
		ended[m.ContactID] = ended[m.ContactID] || m.EndedAt != nil
		seen[string(m.Visibility)]++
	}
	for _, c := range world.Contacts {
		want := expected(c)
		if diff := cmp.Diff(want, scopeOf(t, c.ID), sorted...); diff != "" {
			t.Errorf("%s: %s", c.Email, diff)
		}
		if nothing := len(want.All)+len(want.Own) == 0; nothing && c.DeactivatedAt != nil {
			seen["deactivated"]++
		} else if nothing && ended[c.ID] {
			seen["ended"]++
		}
		if len(want.All) > 2 {
			seen["deep"]++
		}
	}
	for _, kind := range []string{"OWN", "ACCOUNT", "SUBTREE", "deactivated", "ended", "deep"} {
		if seen[kind] == 0 {
			t.Errorf("the world has nobody with: %s", kind)
		}
	}
	if scope := scopeOf(t, accounts.ContactID{}); len(scope.All)+len(scope.Own) > 0 {
		t.Errorf("somebody unknown sees %+v", scope)
	}
}

// TestWiderMembershipWins: OWN and ACCOUNT on the same account are ACCOUNT.
func TestWiderMembershipWins(t *testing.T) {
	t.Parallel()
	dana := contact(t, "dana.whitfield@northwind-retail.com")
	changed := cloned(t)
	_, err := changed.Exec(t.Context(), "insert into account_memberships (contact_id, account_id, role, visibility) values ($1, $2, 'READ_ONLY', 'OWN')",
		dana.ID, world.Landmarks.Leaf)
	if err != nil {
		t.Fatal(err)
	}
	scope := accounts.NewScope(dana.ID, read(t, changed, accounts.ScopeOf(dana.ID)))
	if len(scope.Own) != 0 || len(scope.All) != 4 {
		t.Errorf("%d accounts with all tickets, %d with own", len(scope.All), len(scope.Own))
	}
}

func TestScopeIsNotShared(t *testing.T) {
	t.Parallel()
	scope := scopeOf(t, contact(t, "dana.whitfield@northwind-retail.com").ID)
	all, _ := scope.Accounts()
	all[0] = accounts.ID{}
	if again, _ := scope.Accounts(); again[0] == (accounts.ID{}) {
		t.Error("a reader changed the scope")
	}
	if !scope.MayBill(world.Landmarks.Tree) || scope.MayBill(world.Landmarks.Single) || (accounts.Scope{}).MayBill(world.Landmarks.Tree) {
		t.Error("who may see billing is wrong")
	}
	if !accounts.Staff.MayBill(world.Landmarks.Single) {
		t.Error("staff may not see billing")
	}
}
