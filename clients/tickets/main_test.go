package tickets_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
	"supportgraph/clients/sandbox"
	"supportgraph/clients/sandbox/seed"
	"supportgraph/clients/tickets"
)

var (
	box   *sandbox.Sandbox
	world *seed.World
	cases []*seed.Case
	pool  *postgres.Pool

	dueTimes map[tickets.ID]time.Time // of the world's tickets, what is never due far ahead
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	var err error
	if box, err = sandbox.Start(context.Background(), sandbox.Options{Scale: seed.Small}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	world = box.World
	cases = world.Cases()
	if pool, err = postgres.Open(context.Background(), box.Config.Postgres, nil); err != nil {
		box.Close()
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if err = readDueTimes(); err != nil {
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

func readDueTimes() error {
	type due struct {
		ID        tickets.ID
		NextDueAt time.Time
	}
	rows, err := postgres.Select(context.Background(), pool, postgres.Query[due]{SQL: "select id, next_due_at from tickets", Row: pgx.RowToStructByName[due]})
	dueTimes = make(map[tickets.ID]time.Time, len(rows))
	for _, row := range rows {
		dueTimes[row.ID] = row.NextDueAt
	}
	return err
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

func contact(t *testing.T, email string) accounts.ContactID {
	t.Helper()
	for _, c := range world.Contacts {
		if c.Email == email {
			return c.ID
		}
	}
	t.Fatalf("nobody has the address %s", email)
	return accounts.ContactID{}
}

// scopes are those of staff, of nobody, and of a customer with each visibility, and one whose visibilities are mixed.
func scopes(t *testing.T) map[string]accounts.Scope {
	t.Helper()
	of := func(id accounts.ContactID) accounts.Scope {
		return accounts.NewScope(id, read(t, pool, accounts.ScopeOf(id)))
	}
	all := map[string]accounts.Scope{
		"staff":   accounts.Staff,
		"nobody":  {},
		"subtree": of(contact(t, "dana.whitfield@northwind-retail.com")),
		"account": of(contact(t, "jonas.petersen@blauwal-logistik.example")),
		"own":     of(contact(t, "amara.mensah@juniperbay.health")),
	}
	for _, c := range world.Contacts {
		if scope := of(c.ID); len(scope.All) > 0 && len(scope.Own) > 0 {
			all["mixed"] = scope
		}
	}
	if len(all) != 6 {
		t.Fatal("nobody in the world has mixed visibilities")
	}
	return all
}

// sees tells whether a scope covers a ticket, worked out without SQL.
func sees(scope accounts.Scope, c *seed.Case) bool {
	if scope.Staff || slices.Contains(scope.All, c.Ticket.AccountID) {
		return true
	}
	return slices.Contains(scope.Own, c.Ticket.AccountID) && (c.Ticket.RequesterID == scope.Contact ||
		slices.ContainsFunc(c.Participants, func(p *tickets.Participant) bool { return p.ContactID == scope.Contact }))
}

func seen(scope accounts.Scope) (list []*seed.Case) {
	for _, c := range cases {
		if sees(scope, c) {
			list = append(list, c)
		}
	}
	return list
}

func ids(list []*seed.Case) []tickets.ID {
	found := []tickets.ID{}
	for _, c := range list {
		found = append(found, c.Ticket.ID)
	}
	return found
}

// differ describes how two lists of ids differ, empty where they do not.
func differ(want, got []tickets.ID) string {
	if slices.Equal(want, got) { // a hundred times as quick
		return ""
	}
	return gocmp.Diff(want, got)
}

func keys(list []*tickets.Ticket) []tickets.ID {
	found := []tickets.ID{}
	for _, ticket := range list {
		found = append(found, ticket.ID)
	}
	return found
}
