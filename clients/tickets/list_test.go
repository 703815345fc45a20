package tickets_test

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
	"supportgraph/clients/sandbox/seed"
	"supportgraph/clients/tickets"
)

var orders = []tickets.Order{
	{Field: tickets.OrderUpdated, Direction: tickets.Descending}, {Field: tickets.OrderUpdated, Direction: tickets.Ascending},
	{Field: tickets.OrderCreated, Direction: tickets.Descending}, {Field: tickets.OrderCreated, Direction: tickets.Ascending},
	{Field: tickets.OrderPriority, Direction: tickets.Descending}, {Field: tickets.OrderPriority, Direction: tickets.Ascending},
	{Field: tickets.OrderDue, Direction: tickets.Descending}, {Field: tickets.OrderDue, Direction: tickets.Ascending},
}

// ordered sorts without SQL. Times are seen through trim, so that a test can make many equal.
func ordered(list []*seed.Case, order tickets.Order, trim func(time.Time) time.Time) []*seed.Case {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b *seed.Case) int {
		var first int
		switch order.Field {
		case tickets.OrderCreated:
			first = trim(a.Ticket.CreatedAt).Compare(trim(b.Ticket.CreatedAt))
		case tickets.OrderPriority:
			first = strings.Compare(string(a.Ticket.Priority), string(b.Ticket.Priority))
		case tickets.OrderDue:
			first = dueTimes[a.Ticket.ID].Compare(dueTimes[b.Ticket.ID])
		default:
			first = trim(a.Ticket.UpdatedAt).Compare(trim(b.Ticket.UpdatedAt))
		}
		first = cmp.Or(first, slices.Compare(a.Ticket.ID.UUID[:], b.Ticket.ID.UUID[:]))
		if order.Direction == tickets.Descending {
			return -first
		}
		return first
	})
	return list
}

func exact(at time.Time) time.Time { return at }

// walk pages through a list to its end.
func walk(t *testing.T, from *postgres.Pool, scope accounts.Scope, list tickets.List) []tickets.ID {
	t.Helper()
	found := []tickets.ID{}
	for {
		if err := list.Check(); err != nil {
			t.Fatal(err)
		}
		page := postgres.NewPage(read(t, from, tickets.Page(scope, list)), list.First, list.After, list.Order.Cursor)
		found = append(found, keys(page.Nodes)...)
		if !page.HasNext {
			return found
		}
		if len(page.Nodes) != list.First || len(found) > len(cases) {
			t.Fatalf("a page of %d with more behind it, after %d", len(page.Nodes), len(found))
		}
		// The cursor goes out and comes back as text.
		list.After = &postgres.Cursor{}
		if err := list.After.UnmarshalText([]byte(page.Cursor(page.Nodes[list.First-1]).String())); err != nil {
			t.Fatal(err)
		}
	}
}

func TestPagesInEveryOrder(t *testing.T) {
	t.Parallel()
	for name, scope := range scopes(t) {
		for _, order := range orders {
			want := ids(ordered(seen(scope), order, exact))
			for _, first := range []int{13, 100} {
				if len(want) > 500 && first == 13 {
					continue
				}
				if diff := differ(want, walk(t, pool, scope, tickets.List{Order: order, First: first})); diff != "" {
					t.Errorf("%s by %v, %d a page: %s", name, order, first, diff)
				}
			}
		}
	}
}

// TestPagesWithEqualValues has some two hundred tickets of each moment.
func TestPagesWithEqualValues(t *testing.T) {
	t.Parallel()
	changed := cloned(t)
	if _, err := changed.Exec(t.Context(), "update tickets set created_at = date_trunc('month', created_at), updated_at = date_trunc('month', updated_at)"); err != nil {
		t.Fatal(err)
	}
	month := func(at time.Time) time.Time { return time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC) }
	for _, order := range orders {
		want := ids(ordered(cases, order, month))
		if diff := differ(want, walk(t, changed, accounts.Staff, tickets.List{Order: order, First: 97})); diff != "" {
			t.Errorf("by %v: %s", order, diff)
		}
	}
}

func TestCursorOfAnotherOrder(t *testing.T) {
	t.Parallel()
	ticket := cases[0].Ticket
	for _, from := range orders {
		for _, to := range orders {
			cursor := from.Cursor(ticket)
			err := tickets.List{Order: to, First: 1, After: &cursor}.Check()
			if from == to && err != nil || from != to && !errors.Is(err, postgres.ErrCursor) {
				t.Errorf("a cursor by %v in a list by %v: %v", from, to, err)
			}
		}
	}
	for _, cursor := range []postgres.Cursor{
		{}, {Order: accounts.NameOrder, Value: "x"}, {Order: tickets.MessageOrder, Value: "1"},
		{Order: orders[0].Cursor(ticket).Order, Value: "yesterday"}, {Order: orders[4].Cursor(ticket).Order, Value: "P9"}, {Order: orders[4].Cursor(ticket).Order},
	} {
		for _, order := range orders {
			if err := (tickets.List{Order: order, First: 1, After: &cursor}).Check(); !errors.Is(err, postgres.ErrCursor) {
				t.Errorf("%+v in a list by %v: %v", cursor, order, err)
			}
		}
	}
}

func TestOfAccounts(t *testing.T) {
	t.Parallel()
	var owners []accounts.ID
	for _, account := range world.Accounts {
		owners = append(owners, account.ID)
	}
	filter := &tickets.Filter{Status: []tickets.Status{tickets.StatusClosed, tickets.StatusSolved}}
	for name, scope := range scopes(t) {
		for _, order := range orders {
			got := map[accounts.ID][]tickets.ID{}
			list := tickets.List{Filter: filter, Order: order, First: 5}
			for _, ticket := range read(t, pool, tickets.OfAccounts(scope, owners, list)) {
				got[ticket.AccountID] = append(got[ticket.AccountID], ticket.ID)
			}
			for _, owner := range owners {
				var of []*seed.Case
				for _, c := range seen(scope) {
					if c.Ticket.AccountID == owner && matches(filter, c) {
						of = append(of, c)
					}
				}
				want := ids(ordered(of, order, exact))
				want = want[:min(len(want), 6)] // one more than asked for
				if diff := differ(want, got[owner]); diff != "" {
					t.Errorf("%s by %v: %s", name, order, diff)
				}
				if len(want) == 6 && scope.Staff {
					checkNext(t, scope, owner, list, want)
				}
			}
		}
	}
}

// checkNext reads the page behind the first one.
func checkNext(t *testing.T, scope accounts.Scope, owner accounts.ID, list tickets.List, first []tickets.ID) {
	t.Helper()
	last := read(t, pool, tickets.ByID(scope, first[4:5]))[0]
	list.After = new(list.Order.Cursor(last))
	next := read(t, pool, tickets.OfAccounts(scope, []accounts.ID{owner}, list))
	if len(next) == 0 || next[0].ID != first[5] {
		t.Errorf("the page behind begins with %v, want %v", keys(next), first[5])
	}
}

// TestPagesUseTheirIndexes keeps the common lists from reading every ticket.
func TestPagesUseTheirIndexes(t *testing.T) {
	t.Parallel()
	open := []tickets.Status{tickets.StatusNew, tickets.StatusOpen}
	agent := world.Agents[0].ID
	for name, list := range map[string]tickets.List{
		"newest": {Order: tickets.Newest, First: 50},
		"agent":  {Order: tickets.Newest, First: 50, Filter: &tickets.Filter{Status: open, Assignee: &tickets.AssigneeFilter{Agent: []accounts.AgentID{agent}}}},
		"oldest": {Order: orders[3], First: 50},
		"urgent": {Order: orders[5], First: 50},
		"due":    {Order: tickets.Order{Field: tickets.OrderDue, Direction: tickets.Ascending}, First: 50},
	} {
		query := tickets.Page(accounts.Staff, list)
		rows, err := pool.Query(t.Context(), "explain "+query.SQL, query.Args...)
		if err != nil {
			t.Fatal(err)
		}
		var plan strings.Builder
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				t.Fatal(err)
			}
			fmt.Fprintln(&plan, line)
		}
		if rows.Err() != nil || strings.Contains(plan.String(), "Seq Scan on tickets") {
			t.Errorf("%s: %v\n%s", name, rows.Err(), &plan)
		}
	}
}
