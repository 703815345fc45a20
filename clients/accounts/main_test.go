package accounts_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
	"supportgraph/clients/sandbox"
	"supportgraph/clients/sandbox/seed"
)

var (
	box   *sandbox.Sandbox
	world *seed.World
	pool  *postgres.Pool
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	var err error
	if box, err = sandbox.Start(context.Background(), sandbox.Options{Scale: seed.Small}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	world = box.World
	if pool, err = postgres.Open(context.Background(), box.Config.Postgres, nil); err != nil {
		box.Close()
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := m.Run()
	pool.Close()
	box.Close()
	if err := goleak.Find(); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// read runs one query.
func read[T any](t *testing.T, from *postgres.Pool, query postgres.Query[T]) []T {
	t.Helper()
	rows, err := postgres.Select(t.Context(), from, query)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// scopeOf is what a contact may see, as a request finds it out.
func scopeOf(t *testing.T, contact accounts.ContactID) accounts.Scope {
	t.Helper()
	return accounts.NewScope(contact, read(t, pool, accounts.ScopeOf(contact)))
}

// expected is the same, worked out from the world.
func expected(contact *accounts.Contact) accounts.Scope {
	type reach struct{ all, own, billing, writing bool }
	reached := map[accounts.ID]*reach{}
	for _, m := range world.Memberships {
		if m.ContactID != contact.ID || m.EndedAt != nil || contact.DeactivatedAt != nil {
			continue
		}
		for _, account := range world.Accounts {
			covered := account.ID == m.AccountID
			for _, ancestor := range account.Path {
				covered = covered || m.Visibility == accounts.VisibilitySubtree && ancestor == m.AccountID
			}
			if !covered {
				continue
			}
			if reached[account.ID] == nil {
				reached[account.ID] = &reach{}
			}
			if m.Visibility == accounts.VisibilityOwn {
				reached[account.ID].own = true
			} else {
				reached[account.ID].all = true
			}
			if m.Role == accounts.RoleAdmin || m.Role == accounts.RoleBilling {
				reached[account.ID].billing = true
			}
			if m.Role != accounts.RoleReadOnly {
				reached[account.ID].writing = true
			}
		}
	}
	scope := accounts.NewScope(contact.ID, nil)
	for _, account := range world.Accounts {
		if r := reached[account.ID]; r != nil {
			if r.all {
				scope.All = append(scope.All, account.ID)
			} else {
				scope.Own = append(scope.Own, account.ID)
			}
			if r.billing {
				scope.Billing = append(scope.Billing, account.ID)
			}
			if r.writing {
				scope.Writing = append(scope.Writing, account.ID)
			}
		}
	}
	return scope
}

// contact is the one with an e-mail address.
func contact(t *testing.T, email string) *accounts.Contact {
	t.Helper()
	for _, c := range world.Contacts {
		if c.Email == email {
			return c
		}
	}
	t.Fatalf("nobody has the address %s", email)
	return nil
}
