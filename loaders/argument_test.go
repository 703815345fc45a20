package loaders

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
	"supportgraph/clients/tickets"
)

// firstLevel lists the loaders of an operation's first level with the number of their keys, without reading any.
func firstLevel(t *testing.T, document string, vars map[string]any) string {
	t.Helper()
	asked := parse(t, fullSchema(), document)
	ctx := operation(t, t.Context(), fullSchema(), asked, vars)
	factory := NewFactory(nil, fullSchema())
	l := factory.loaders(ctx, staff)
	l.vars = graphql.GetOperationContext(ctx).Variables
	first := l.level()
	first.expand(factory.plans.of(asked).root, []any{l})
	keys := map[string]int{}
	for _, r := range first.readings {
		keys[r.name()] = r.size()
	}
	var all []string
	for _, name := range slices.Sorted(maps.Keys(keys)) {
		all = append(all, fmt.Sprint(name, " ", keys[name]))
	}
	return strings.Join(all, ", ")
}

func TestArguments(t *testing.T) {
	t.Parallel()
	var ticket tickets.ID
	var account, other accounts.ID
	ticket.UUID[0], account.UUID[0], other.UUID[0] = 1, 2, 3
	byName := postgres.Cursor{Order: accounts.NameOrder, Value: "A"}.String()
	byChange := tickets.Newest.Cursor(&tickets.Ticket{ID: ticket, UpdatedAt: time.Now()}).String()
	many := make([]any, postgres.MaxPage+1)
	for i := range many {
		id := account
		id.UUID[15] = byte(i)
		many[i] = id.String()
	}
	for _, test := range []struct {
		name, document string
		vars           map[string]any
		keys           string
	}{
		{"a record", `query ($id: ID!) { ticket(id: $id) { ref } }`, map[string]any{"id": ticket.String()}, "Ticket 1"},
		{"a record of another kind", `query ($id: ID!) { ticket(id: $id) { ref } }`, map[string]any{"id": account.String()}, ""},
		{"no id", `{ ticket(id: "tkt_") { ref } }`, nil, ""},
		{"an id that is a number", `{ ticket(id: 12) { ref } }`, nil, ""},
		{"the same twice", `query ($id: ID!) { a: ticket(id: $id) { ref } b: ticket(id: $id) { ref } node(id: $id) { id } }`,
			map[string]any{"id": ticket.String()}, "Ticket 1"},
		{"a reference", `{ a: ticketByRef(ref: "T-12") { ref } b: ticketByRef(ref: " t-12 ") { ref } }`, nil, "TicketByNumber 1"},
		{"no reference", `{ ticketByRef(ref: "12") { ref } }`, nil, ""},
		{"any record", `query ($id: ID!) { node(id: $id) { id } }`, map[string]any{"id": account.String()}, "Account 1"},
		{"some records", `query ($ids: [ID!]!) { nodes(ids: $ids) { id } }`,
			map[string]any{"ids": []any{account.String(), ticket.String(), other.String(), account.String()}}, "Account 2, Ticket 1"},
		{"too many records", `query ($ids: [ID!]!) { nodes(ids: $ids) { id } }`, map[string]any{"ids": many}, ""},
		{"as many as there may be", `query ($ids: [ID!]!) { nodes(ids: $ids) { id } }`, map[string]any{"ids": slices.Clone(many[1:])}, "Account 100"},
		{"no records", `{ nodes(ids: []) { id } }`, nil, ""},
		{"one as a list", `{ nodes(ids: "` + ticket.String() + `") { id } }`, nil, "Ticket 1"},
		{"a page", `{ accounts { nodes { id } } }`, nil, "Accounts 1"},
		{"pages that differ", `{ a: accounts { nodes { id } } b: accounts(first: 20) { nodes { id } } c: accounts(first: 21) { nodes { id } } }`, nil, "Accounts 2"},
		{"pages beyond the bounds", `{ a: accounts(first: 0) { nodes { id } } b: accounts(first: 101) { nodes { id } } c: accounts(first: -1) { nodes { id } } }`, nil, ""},
		{"the next page", `query ($after: Cursor) { accounts(after: $after) { nodes { id } } }`, map[string]any{"after": byName}, "Accounts 1"},
		{"no cursor after all", `query ($after: Cursor) { accounts(after: $after) { nodes { id } } }`, map[string]any{"after": nil}, "Accounts 1"},
		{"another list's cursor", `query ($after: Cursor) { accounts(after: $after) { nodes { id } } }`, map[string]any{"after": byChange}, ""},
		{"no cursor at all", `{ a: accounts(after: "?") { nodes { id } } b: accounts(after: 7) { nodes { id } } c: accounts(after: [1]) { nodes { id } } }`, nil, ""},
		{"a text", `{ a: accounts(text: "x") { nodes { id } } b: accounts(text: "") { nodes { id } } c: accounts(text: null) { nodes { id } } d: accounts { nodes { id } } }`, nil, "Accounts 3"},
		{"too long a text", `{ accounts(text: "` + strings.Repeat("x", 201) + `") { nodes { id } } }`, nil, ""},
		{"another order's cursor", `query ($after: Cursor) { a: tickets(after: $after) { nodes { id } } b: tickets(after: $after, orderBy: {field: CREATED}) { nodes { id } } }`,
			map[string]any{"after": byChange}, "Tickets 1"},
		{"orders", `{ a: tickets(orderBy: {field: UPDATED, direction: DESC}) { nodes { id } } b: tickets(orderBy: {}) { nodes { id } } c: tickets { nodes { id } } d: tickets(orderBy: {direction: ASC}) { nodes { id } } }`, nil, "Tickets 2"},
		{"filters", `query ($s: [TicketStatus!]) {
			a: tickets(filter: {status: [OPEN, NEW], text: "x"}) { nodes { id } } b: tickets(filter: {text: "x", status: $s}) { nodes { id } }
			c: tickets(filter: {status: OPEN}) { nodes { id } } d: tickets(filter: {status: [OPEN], tag: null}) { nodes { id } }
			e: tickets(filter: {}) { nodes { id } } f: tickets(filter: null) { nodes { id } } g: tickets(filter: {status: []}) { nodes { id } }
		}`, map[string]any{"s": []any{"OPEN", "NEW"}}, "Tickets 5"},
		{"wrong filters", `{ a: tickets(filter: {or: []}) { nodes { id } } b: tickets(filter: {account: ["x"]}) { nodes { id } } c: tickets(filter: {created: {from: "soon"}}) { nodes { id } } }`, nil, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := firstLevel(t, test.document, test.vars); got != test.keys {
				t.Errorf("keys of %q, want %q", got, test.keys)
			}
		})
	}
}
