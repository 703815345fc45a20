package accounts_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
	"supportgraph/clients/sandbox"
)

// cloned is a pool on a copy of the world that the test may change.
func cloned(t *testing.T) *postgres.Pool {
	t.Helper()
	config, err := box.Postgres.Database(t.Context(), strings.ToLower(t.Name()), sandbox.Template)
	if err != nil {
		t.Fatal(err)
	}
	copied, err := postgres.Open(t.Context(), config, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(copied.Close)
	return copied
}

// walk pages through a list to its end.
func walk[T any](t *testing.T, from *postgres.Pool, order byte, first int, cursor func(T) postgres.Cursor, query func(postgres.Position) postgres.Query[T]) []T {
	t.Helper()
	var (
		found []T
		after *postgres.Cursor
	)
	for {
		position, err := postgres.Behind(order, after)
		if err != nil {
			t.Fatal(err)
		}
		page := postgres.NewPage(read(t, from, query(position)), first, after, cursor)
		found = append(found, page.Nodes...)
		if !page.HasNext {
			return found
		}
		if len(page.Nodes) != first || len(found) > 10_000 {
			t.Fatalf("a page of %d with more behind it, after %d", len(page.Nodes), len(found))
		}
		after = new(cursor(page.Nodes[first-1]))
	}
}

func ids(found []*accounts.Account) []accounts.ID {
	list := []accounts.ID{}
	for _, account := range found {
		list = append(list, account.ID)
	}
	return list
}

// byName are those of the world's accounts that pass, in the order of lists.
func byName(pass func(*accounts.Account, []accounts.ID) bool) []accounts.ID {
	var found []*accounts.Account
	for _, account := range world.Accounts {
		if pass(&account.Account, account.Path) {
			found = append(found, &account.Account)
		}
	}
	slices.SortFunc(found, func(a, b *accounts.Account) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), slices.Compare(a.ID.UUID[:], b.ID.UUID[:]))
	})
	return ids(found)
}

func covers(scope accounts.Scope, id accounts.ID) bool {
	return scope.Staff || slices.Contains(scope.All, id) || slices.Contains(scope.Own, id)
}

func scopes(t *testing.T) map[string]accounts.Scope {
	return map[string]accounts.Scope{
		"staff":   accounts.Staff,
		"nobody":  {},
		"subtree": scopeOf(t, contact(t, "dana.whitfield@northwind-retail.com").ID),
		"account": scopeOf(t, contact(t, "jonas.petersen@blauwal-logistik.example").ID),
		"own":     scopeOf(t, contact(t, "amara.mensah@juniperbay.health").ID),
	}
}

func TestByID(t *testing.T) {
	t.Parallel()
	var every []accounts.ID
	for _, account := range world.Accounts {
		every = append(every, account.ID)
	}
	every = append(every, accounts.ID{}) // nobody's
	for name, scope := range scopes(t) {
		var want []accounts.ID
		for _, id := range every[:len(every)-1] {
			if covers(scope, id) {
				want = append(want, id)
			}
		}
		got := read(t, pool, accounts.ByID(scope, every))
		if diff := gocmp.Diff(want, ids(got), sorted...); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		for _, account := range got {
			for _, wanted := range world.Accounts {
				if wanted.ID == account.ID {
					if diff := gocmp.Diff(&wanted.Account, account); diff != "" {
						t.Errorf("%s: %s", name, diff)
					}
				}
			}
		}
	}
	if got := read(t, pool, accounts.ByID(accounts.Staff, nil)); len(got) != 0 {
		t.Errorf("no ids find %d accounts", len(got))
	}
}

func TestListPages(t *testing.T) {
	t.Parallel()
	for name, scope := range scopes(t) {
		want := byName(func(a *accounts.Account, _ []accounts.ID) bool { return covers(scope, a.ID) })
		for _, first := range []int{1, 7, 100} {
			got := walk(t, pool, accounts.NameOrder, first, (*accounts.Account).Cursor, func(at postgres.Position) postgres.Query[*accounts.Account] {
				return accounts.List(scope, nil, first, at)
			})
			if diff := gocmp.Diff(want, ids(got)); diff != "" {
				t.Errorf("%s, %d a page: %s", name, first, diff)
			}
		}
	}
}

func TestListText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"northwind": 4, "NORTHWIND europe": 1, `"retail deutschland"`: 1, "northwind -europe": 3, "blauwal or juniper": 2,
		"المعرفة": 1, "nothing like it": 0, "": 0, `"`: 0, "'; drop table accounts; --": 0, "\\": 0,
	} {
		if got := read(t, pool, accounts.List(accounts.Staff, &text, 100, postgres.Position{})); len(got) != want {
			t.Errorf("%q finds %d accounts, want %d", text, len(got), want)
		}
	}
	dana := scopeOf(t, contact(t, "dana.whitfield@northwind-retail.com").ID)
	if got := read(t, pool, accounts.List(dana, new("blauwal"), 100, postgres.Position{})); len(got) != 0 {
		t.Errorf("a customer finds somebody else's account: %v", got)
	}
}

func TestChildren(t *testing.T) {
	t.Parallel()
	var every []accounts.ID
	for _, account := range world.Accounts {
		every = append(every, account.ID)
	}
	for name, scope := range scopes(t) {
		parents := map[accounts.ID][]accounts.ID{}
		for _, child := range read(t, pool, accounts.Children(scope, every, 100, postgres.Position{})) {
			parents[*child.ParentID] = append(parents[*child.ParentID], child.ID)
		}
		for _, parent := range every {
			want := byName(func(a *accounts.Account, _ []accounts.ID) bool {
				return a.ParentID != nil && *a.ParentID == parent && covers(scope, a.ID)
			})
			if diff := gocmp.Diff(want, parents[parent], sorted[0]); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		}
	}
	tree := []accounts.ID{world.Landmarks.Tree, world.Landmarks.Branch}
	if got := read(t, pool, accounts.Children(accounts.Staff, tree, 1, postgres.Position{})); len(got) != 3 {
		t.Errorf("a page of one has %d rows for a parent of two and a parent of one, want one more than asked for: 3", len(got))
	}
	paged := walk(t, pool, accounts.NameOrder, 1, (*accounts.Account).Cursor, func(at postgres.Position) postgres.Query[*accounts.Account] {
		return accounts.Children(accounts.Staff, tree[:1], 1, at)
	})
	if len(paged) != 2 || paged[0].Name != "Northwind Retail Americas" || paged[1].Name != "Northwind Retail Europe" {
		t.Errorf("paged children: %v", paged)
	}
}
