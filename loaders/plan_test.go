package loaders

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"
)

// text shows a plan: an edge a line, by what it is read, and indented by level; "here" is read by nothing.
func (p *plan) text() string {
	var lines strings.Builder
	var write func(sel *selection, depth int)
	write = func(sel *selection, depth int) {
		if sel == nil {
			return
		}
		for _, b := range sel.branches {
			fmt.Fprintf(&lines, "%s%s.%s", strings.Repeat("  ", depth), b.edge.typ, b.edge.field)
			for _, guard := range b.guards {
				fmt.Fprintf(&lines, " @%s(%s)", guard.Name, guard.Arguments.ForName("if").Value)
			}
			below := depth + 1
			if b.edge.expand == nil {
				below = depth
				lines.WriteString(": here\n")
			} else {
				fmt.Fprintf(&lines, ": %s\n", b.edge.loader)
			}
			if b.edge.kind == nil {
				write(b.below[b.edge.target], below)
			}
			for _, kind := range b.edge.kinds {
				write(b.below[kind], below)
			}
		}
	}
	write(p.root, 0)
	return lines.String()
}

func compile(tb testing.TB, document string) (p *plan, work int) {
	tb.Helper()
	return newPlans(fullSchema(), edges()).compile(parse(tb, fullSchema(), document))
}

func TestPlan(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, document, plan string }{
		{"nothing to read", `{ incidents { __typename } __typename }`, ``},
		{"a page by its nodes", `{ tickets { nodes { ref requester { name } } pageInfo { hasNextPage } } }`, `
Query.tickets: Tickets
  Ticket.requester: Contact
`},
		{"a page by its edges", `{ tickets { edges { cursor node { account { parent { name } } } } } }`, `
Query.tickets: Tickets
  Ticket.account: Account
    Account.parent: Account
`},
		{"both at once", `{ tickets { edges { node { tags { name } } } nodes { category { name } } } }`, `
Query.tickets: Tickets
  Ticket.tags: Tags
  Ticket.category: Category
`},
		{"aliases", `{ a: tickets(first: 5) { n: nodes { who: requester { name } } } tickets { nodes { ref } } }`, `
Query.tickets: Tickets
  Ticket.requester: Contact
Query.tickets: Tickets
`},
		{"a union", `{ ticketByRef(ref: "T-1") { assignee { ... on Agent { team { name } } ... on Team { agents { name } } } } }`, `
Query.ticketByRef: TicketByNumber
  Ticket.assignee: Agent
    Agent.team: Team
  Ticket.assignee: Team
    Team.agents: TeamAgents
`},
		{"an interface, by its types and as such", `{ ticketByRef(ref: "T-1") { timeline { nodes {
			... on MessageEntry { message { author { __typename } } }
			... on TimelineEntry { ... on AssignmentEntry { to { __typename } actor { ... on Contact { memberships { role } } } } }
		} } } }`, `
Query.ticketByRef: TicketByNumber
  Ticket.timeline: Timeline
    MessageEntry.message: Message
      Message.author: Contact
      Message.author: Agent
    AssignmentEntry.to: Agent
    AssignmentEntry.to: Team
    AssignmentEntry.actor: Contact
      Contact.memberships: Memberships
    AssignmentEntry.actor: Agent
`},
		{"node, of which only one kind is asked for more", `{ node(id: "x") { id ... on Tag { name } ... on Team { agents { name } } } }`, `
Query.node: Ticket
Query.node: Message
Query.node: Note
Query.node: Tag
Query.node: Category
Query.node: Account
Query.node: Contact
Query.node: Agent
Query.node: Team
  Team.agents: TeamAgents
Query.node: View
Query.node: Article
`},
		{"the viewer is read with the first level", `{ viewer { name contact { memberships { account { name } } } agent { team { name } } } }`, `
Query.viewer: here
Viewer.contact: Contact
  Contact.memberships: Memberships
    AccountMembership.account: Account
Viewer.agent: Agent
  Agent.team: Team
`},
		{"a hop on the way", `{ ticketByRef(ref: "T-1") { participants { memberships { role } } } }`, `
Query.ticketByRef: TicketByNumber
  Ticket.participants: Participants
    Participant.contact: Contact
      Contact.memberships: Memberships
`},
		{"what a field needs without showing it", `{ ticketByRef(ref: "T-1") { relatedIncidents { __typename } } }`, `
Query.ticketByRef: TicketByNumber
  Ticket.relatedIncidents: Category
`},
		{"vendors", `{ ticketByRef(ref: "T-1") { account { billing { ... on BillingProfile { delinquent } } zones { __typename } } } }`, `
Query.ticketByRef: TicketByNumber
  Ticket.account: Account
    Account.billing: Billing
    Account.zones: Zones
`},
		{"conditions add up on the way down", `query ($a: Boolean!, $b: Boolean!, $c: Boolean!) { ticketByRef(ref: "T-1") {
			... @include(if: $a) { account @skip(if: $b) { parent { name } } ...Rest @include(if: $c) }
		} } fragment Rest on Ticket { requester { name } }`, `
Query.ticketByRef: TicketByNumber
  Ticket.account @include($a) @skip($b): Account
    Account.parent: Account
  Ticket.requester @include($a) @include($c): Contact
`},
		{"conditions on the way to a page's items", `query ($a: Boolean!, $b: Boolean!) { tickets {
			nodes @include(if: $a) { requester { name } } edges @skip(if: $a) { node @include(if: $b) { account { name } } } } }`, `
Query.tickets: Tickets
  Ticket.requester @include($a): Contact
  Ticket.account @skip($a) @include($b): Account
`},
		{"a fragment is opened for each type, and once for one", `{ ticketByRef(ref: "T-1") { ...T ...T ... on Node { ...T } } }
			fragment T on Ticket { requester { ...C } account { ...A } } fragment C on Contact { memberships { role } } fragment A on Account { parent { name } }`, `
Query.ticketByRef: TicketByNumber
  Ticket.requester: Contact
    Contact.memberships: Memberships
  Ticket.account: Account
    Account.parent: Account
`},
		{"a condition does not close a fragment for others", `query ($a: Boolean!) { ticketByRef(ref: "T-1") { ...T @include(if: $a) ...T } } fragment T on Ticket { account { name } }`, `
Query.ticketByRef: TicketByNumber
  Ticket.account @include($a): Account
  Ticket.account: Account
`},
		{"fragments on pages", `{ tickets { ...P } } fragment P on TicketConnection { edges { ...E } } fragment E on TicketEdge { node { ...N } } fragment N on Node { ... on Ticket { account { name } } }`, `
Query.tickets: Tickets
  Ticket.account: Account
`},
		{"a number that none can hold", `{ tickets(after: 99999999999999999999) { nodes { ref } } accounts(after: 1e999) { nodes { name } } teams { name } }`, `
Query.teams: Teams
`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p, _ := compile(t, test.document)
			if diff := cmp.Diff(strings.TrimPrefix(test.plan, "\n"), p.text()); diff != "" {
				t.Errorf("the plan differs (-want +got):\n%s", diff)
			}
		})
	}
}

// bomb is a document whose fragments each spread the next one twice, by way of the text between the two.
func bomb(fragments int, on, first, second, last string) string {
	var document strings.Builder
	fmt.Fprintf(&document, "query ($a: Boolean = true) { accounts { nodes { ...F0 } } __typename @include(if: $a) }\n")
	for i := range fragments {
		fmt.Fprintf(&document, "fragment F%d on %s { %s %s }\n", i, on,
			strings.ReplaceAll(first, "NEXT", fmt.Sprint("...F", i+1)), strings.ReplaceAll(second, "NEXT", fmt.Sprint("...F", i+1)))
	}
	fmt.Fprintf(&document, "fragment F%d on %s { %s }\n", fragments, on, last)
	return document.String()
}

func TestFragmentBombs(t *testing.T) {
	t.Parallel()
	const last = `parent { name }`
	for _, test := range []struct {
		name, document string
		most           int // selections that are looked at
	}{
		{"spread twice", bomb(27, "Account", "NEXT", "NEXT", last), 100},
		{"spread twice on a condition", bomb(27, "Account", "NEXT @include(if: $a)", "NEXT @skip(if: $a)", last), maxSelections},
		{"spread twice within inline fragments", bomb(27, "Account", "... on Node { NEXT }", "... { NEXT }", last), 200},
		{"below one field", bomb(27, "Account", "parent { NEXT NEXT }", "", last), 200},
		{"below two fields", bomb(27, "Account", "a: parent { NEXT }", "b: parent { NEXT }", last), maxSelections},
		{"below a page's items", bomb(27, "Account", "a: children { nodes { NEXT } edges { node { NEXT } } }", "b: children { nodes { NEXT } }", last), maxSelections},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p, work := compile(t, test.document)
			if work > test.most {
				t.Errorf("%d selections were looked at, want at most %d", work, test.most)
			}
			if edges := strings.Count(p.text(), "\n"); edges < 2 || edges > work {
				t.Errorf("the plan has %d edges after %d selections", edges, work)
			}
		})
	}
}

func TestPlansAreKeptAsLongAsDocuments(t *testing.T) {
	t.Parallel()
	plans := newPlans(fullSchema(), edges())
	size := func() (n int) {
		plans.known.Range(func(any, any) bool { n++; return true })
		return n
	}
	kept := parse(t, fullSchema(), `{ teams { name } }`)
	first := plans.of(kept)
	for i := range 100 {
		plans.of(parse(t, fullSchema(), fmt.Sprintf(`{ teams { name } tickets(first: %d) { nodes { requester { name } } } }`, i+1)))
	}
	for deadline := time.Now().Add(10 * time.Second); size() > 1; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("%d plans are kept of documents that nobody has any more", size()-1)
		}
		runtime.GC()
	}
	if plans.of(kept) != first {
		t.Error("the plan of a document that is still there was compiled again")
	}
	runtime.KeepAlive(kept)
}

func TestOnePlanForAll(t *testing.T) {
	t.Parallel()
	plans := newPlans(fullSchema(), edges())
	for range 30 { // compilations that take their time, so that two are under way at once
		operation := parse(t, fullSchema(), bomb(27, "Account", "a: parent { NEXT }", "b: parent { NEXT }", "name"))
		got := make([]*plan, 4)
		var group sync.WaitGroup
		for i := range got {
			group.Go(func() { got[i] = plans.of(operation) })
		}
		group.Wait()
		for _, p := range got {
			if p != plans.of(operation) {
				t.Fatal("an operation has two plans")
			}
		}
	}
}

// TestEdgesAreOfTheSchema holds the edges and the schema together: an edge is a field, and a field that leads to a record
// is an edge.
func TestEdgesAreOfTheSchema(t *testing.T) {
	t.Parallel()
	schema, declared := fullSchema(), map[string][]string{}
	rows := []string{"Participant", "Relation"} // on the way to the record that the schema has
	for _, e := range edges() {
		name := e.typ + "." + e.field
		if definition := schema.Types[e.typ]; !slices.Contains(rows, e.typ) && (definition == nil || definition.Fields.ForName(e.field) == nil) {
			t.Errorf("%s is no field", name)
		}
		for _, target := range append(e.kinds, e.target) {
			if target != "" && !slices.Contains(rows, target) && schema.Types[target] == nil {
				t.Errorf("%s leads to %s, which is no type", name, target)
			}
		}
		declared[name] = append(declared[name], e.target)
	}
	for _, definition := range schema.Types {
		if definition.Kind != ast.Object || strings.HasSuffix(definition.Name, "Connection") || strings.HasSuffix(definition.Name, "Edge") {
			continue
		}
		for _, field := range definition.Fields {
			target := field.Type.Name()
			if page := schema.Types[target]; page != nil && strings.HasSuffix(target, "Connection") {
				target = page.Fields.ForName("nodes").Type.Name()
			}
			name := definition.Name + "." + field.Name
			if target == "TimelineEntry" {
				if declared[name] == nil {
					t.Errorf("%s is no edge", name)
				}
				continue
			}
			for _, possible := range schema.PossibleTypes[target] {
				if slices.Contains(possible.Interfaces, "Node") && !slices.Contains(declared[name], possible.Name) && !slices.ContainsFunc(rows, func(row string) bool { return slices.Contains(declared[name], row) }) {
					t.Errorf("%s leads to %s by no edge", name, possible.Name)
				}
			}
		}
	}
}
