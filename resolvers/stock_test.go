package resolvers_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"supportgraph/clients/postgres"
	"supportgraph/clients/sandbox/seed"
	"supportgraph/clients/tickets"
)

// stock is what arguments are made of, in a fixed order: most of it was answered before.
type stock struct {
	ids     map[string][]string // by the part in front of the underscore
	cursors map[byte][]string   // by the order that they belong to
	refs    []string
	words   []string
	tags    []string
}

var (
	globalID = regexp.MustCompile(`^([a-z]+)_[0-9a-z]{26}$`)
	ticket   = regexp.MustCompile(`^T-[1-9][0-9]*$`)
)

// listOrders are the marks of the cursors of each list. Those of tickets depend on their argument orderBy.
var listOrders = map[string]byte{
	"Query.tickets": 'U', "Account.tickets": 'U', "Query.accounts": 'a', "Account.children": 'a', "Query.agents": 'g',
	"Query.searchTickets": 's', "TicketView.tickets": 'U', "Account.contacts": 'c', "Ticket.messages": 'm', "Ticket.internalNotes": 'n', "Ticket.timeline": 'e',
}

// ticketOrders are the marks of the orders of tickets.
var ticketOrders = map[enum]byte{"UPDATED ASC": 'u', "UPDATED DESC": 'U', "CREATED ASC": 't', "CREATED DESC": 'T', "PRIORITY ASC": 'p', "PRIORITY DESC": 'P',
	"DUE ASC": 'd', "DUE DESC": 'D'}

// answeredBefore are the questions whose answers the stock is made of; the second is for staff.
var answeredBefore = []string{`{
	tickets(first: 12) { edges { cursor } nodes { ...ticket } }
	u: tickets(first: 4, orderBy: {direction: ASC}) { edges { cursor } nodes { ...ticket } }
	t: tickets(first: 4, orderBy: {field: CREATED, direction: ASC}) { edges { cursor } }
	T: tickets(first: 4, orderBy: {field: CREATED}) { edges { cursor } }
	p: tickets(first: 4, orderBy: {field: PRIORITY, direction: ASC}) { edges { cursor } nodes { ...ticket } }
	P: tickets(first: 4, orderBy: {field: PRIORITY}) { edges { cursor } }
	accounts(first: 15) { edges { cursor } nodes {
		id name children(first: 4) { edges { cursor node { id } } } contacts(first: 4) { edges { cursor node { contact { id name } } } }
	} }
	viewer { contact { id memberships { account { id } } } }
	s: searchTickets(text: "worker or dns or certificate or cache", first: 4) { edges { cursor } }
	suggestArticles(text: "dns certificate worker invoice") { id }
}
fragment ticket on Ticket {
	id ref subject account { id } requester { id } participants { id } category { id parent { id } }
	assignee { ... on Agent { id } ... on Team { id } } lastMessage { id }
	messages(first: 3) { edges { cursor } nodes { id } } timeline(first: 6) { edges { cursor node { id } } }
}`, `{
	tickets(first: 40, orderBy: {direction: ASC}) { nodes { tags { id } internalNotes(first: 3) { edges { cursor } nodes { id } } } }
	agents(first: 6) { edges { cursor } nodes { id team { id } } }
	d: tickets(first: 4, orderBy: {field: DUE, direction: ASC}) { edges { cursor } nodes { id } }
	D: tickets(first: 4, orderBy: {field: DUE}) { edges { cursor } }
	ticketViews { id }
}`}

// stockOf asks as each of the personas and keeps what the answers hold. What the first of them knows comes up more often.
func stockOf(tb testing.TB, h *house, personas ...string) *stock {
	tb.Helper()
	s := &stock{ids: map[string][]string{}, cursors: map[byte][]string{}}
	for i, persona := range personas {
		for _, query := range answeredBefore {
			var answered any
			got := h.ask(tb, h.planned, persona, query, nil)
			if got.status != 200 || json.Unmarshal(got.body, &answered) != nil {
				tb.Fatalf("%s cannot ask what the stock is made of: %s", persona, got.body)
			}
			for range 3*(len(personas)-i-1) + 1 {
				s.keep(answered)
			}
			if persona != "agent" {
				break
			}
		}
	}
	for _, tag := range h.sandbox.World.Tags {
		s.tags = append(s.tags, tag.Name)
	}
	return s
}

func (s *stock) keep(value any) {
	switch value := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			s.keep(value[key])
		}
	case []any:
		for _, element := range value {
			s.keep(element)
		}
	case string:
		var cursor postgres.Cursor
		switch kind := globalID.FindStringSubmatch(value); {
		case kind != nil:
			s.ids[kind[1]] = append(s.ids[kind[1]], value)
		case ticket.MatchString(value):
			s.refs = append(s.refs, value)
		case strings.ContainsRune(value, ' '):
			s.words = append(s.words, strings.Fields(value)...)
		case cursor.UnmarshalText([]byte(value)) == nil:
			s.cursors[cursor.Order] = append(s.cursors[cursor.Order], value)
		}
	}
}

// enum is a value that GraphQL writes without quotes, raw something that is written as it is.
type (
	enum string
	raw  string
)

// literal writes a value as GraphQL does.
func literal(value any) string {
	switch value := value.(type) {
	case enum:
		return string(value)
	case raw:
		return string(value)
	case []any:
		parts := make([]string, len(value))
		for i, element := range value {
			parts[i] = literal(element)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case map[string]any:
		var parts []string
		for _, key := range slices.Sorted(maps.Keys(value)) {
			parts = append(parts, key+": "+literal(value[key]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case nil:
		return "null"
	case string:
		text, _ := json.Marshal(value)
		return string(text)
	default:
		return fmt.Sprint(value)
	}
}

// arguments makes the arguments of a field, and tells how many rows its page has; 0 where it has no pages.
func (g *generator) arguments(def *ast.Definition, field *ast.FieldDefinition, rows int) (text string, size int) {
	path := def.Name + "." + field.Name
	g.order = listOrders[path]
	var given []string
	for _, argument := range field.Arguments {
		optional := !argument.Type.NonNull || argument.DefaultValue != nil
		if argument.Name == "first" {
			size = 20
			if rows*size <= maxRows && g.chance(40) {
				continue
			}
			size = 1 + g.IntN(min(8, max(1, maxRows/rows)))
		} else if optional && !g.due(path+"("+argument.Name+")", 45) {
			continue
		}
		given = append(given, argument.Name+": "+g.given(path+"."+argument.Name, argument, &size, rows))
	}
	if len(given) == 0 {
		return "", size
	}
	return "(" + strings.Join(given, ", ") + ")", size
}

// given is the value of an argument, as a literal or as a variable.
func (g *generator) given(path string, argument *ast.ArgumentDefinition, size *int, rows int) string {
	typ := argument.Type
	inLiteral := !g.chance(35)
	value := g.value(path, typ, inLiteral, 0)
	if argument.Name == "first" {
		value = *size
		if g.chance(1) {
			value = []int{0, 101, -3}[g.IntN(3)]
		}
	}
	if argument.Name == "orderBy" {
		g.order = orderOf(value)
	}
	if inLiteral {
		return literal(value)
	}
	if optional := !typ.NonNull || argument.DefaultValue != nil; optional && g.chance(20) {
		if argument.Name != "first" || rows*20 <= maxRows {
			if argument.Name == "first" {
				*size = 20
			}
			g.order = listOrders[strings.TrimSuffix(path, "."+argument.Name)]
			name := g.name("v") // nobody gives it a value: the argument's default holds
			g.declared = append(g.declared, "$"+name+": "+strings.TrimSuffix(typ.String(), "!"))
			return "$" + name
		}
	}
	return g.variable(typ.String(), value)
}

func orderOf(value any) byte {
	order, _ := value.(map[string]any)
	field, direction := enum("UPDATED"), enum("DESC")
	if given, ok := order["field"].(enum); ok {
		field = given
	}
	if given, ok := order["direction"].(enum); ok {
		direction = given
	}
	return ticketOrders[field+" "+direction]
}

// value makes a value of a type. In a literal, a part of it may be a variable.
func (g *generator) value(path string, typ *ast.Type, inLiteral bool, depth int) any {
	if !typ.NonNull && g.chance(3) {
		return nil
	}
	if inLiteral && depth > 0 && g.chance(12) {
		return raw(g.variable(typ.String(), g.value(path, typ, false, depth)))
	}
	if typ.Elem != nil {
		if g.chance(20) {
			if single := g.value(path, typ.Elem, inLiteral, depth); single != nil {
				return single
			}
		}
		list := []any{}
		for range g.IntN(4) {
			list = append(list, g.value(path, typ.Elem, inLiteral, depth+1))
		}
		return list
	}
	def := g.schema.Types[typ.NamedType]
	switch {
	case def.Kind == ast.Enum:
		return enum(def.EnumValues[g.IntN(len(def.EnumValues))].Name)
	case def.Kind == ast.InputObject:
		return g.input(def, inLiteral, depth)
	}
	switch typ.NamedType {
	case "Boolean":
		return g.chance(50)
	case "Int":
		return g.IntN(10)
	case "ID":
		return g.id(path)
	case "Cursor":
		order := g.order
		if g.chance(2) {
			order = "uaec"[g.IntN(4)]
		}
		return g.pick(g.stock.cursors[order], "")
	case "Time":
		return seed.Anchor.Add(-time.Duration(g.IntN(400*24)) * time.Hour).Format(time.RFC3339)
	case "String":
		switch {
		case strings.HasSuffix(path, ".ref"):
			return g.pick(g.stock.refs, "T-999999")
		case strings.HasSuffix(path, ".tier"):
			return g.pick([]string{"STANDARD", "PREMIUM", "MISSION_CRITICAL"}, "GOLD")
		case strings.HasSuffix(path, ".tag"):
			return g.pick(g.stock.tags, "no-such-tag")
		default:
			return g.pick(g.stock.words, "nowhere")
		}
	default:
		panic("there is no value for " + path)
	}
}

func (g *generator) input(def *ast.Definition, inLiteral bool, depth int) any {
	made := map[string]any{}
	for _, field := range def.Fields {
		recursive := field.Type.Name() == def.Name
		share := 100 * 2 / len(def.Fields)
		if recursive {
			share = 12
		}
		if field.Type.NonNull && field.DefaultValue == nil || (!recursive || depth < 4) && g.due(def.Name+"."+field.Name, share) {
			made[field.Name] = g.value(def.Name+"."+field.Name, field.Type, inLiteral, depth+1)
		}
	}
	return made
}

// idKinds are the kinds of ID that arguments and input fields take, by the end of their paths.
var idKinds = map[string]string{
	"ticket.id": "tkt", "account.id": "acc", "contact.id": "con", "agents.team": "team",
	"SuggestIncidentInput.account": "acc", "SuggestIncidentInput.category": "cat",
	"TicketFilter.team": "team", "TicketFilter.account": "acc", "TicketFilter.requester": "con", "AssigneeFilter.agent": "agt",
	"SlaPreviewInput.ticket": "tkt", "TicketFilter.category": "cat", "TicketFilter.participant": "con",
	"similarTickets.ticket": "tkt", "ticketView.id": "view", "ticketCounts.views": "view",
}

func (g *generator) id(path string) string {
	parts := strings.Split(path, ".")
	kind, known := idKinds[strings.Join(parts[max(0, len(parts)-2):], ".")]
	if !known || g.chance(1) { // node and nodes take every kind
		all := slices.Sorted(maps.Keys(g.stock.ids))
		kind = all[g.IntN(len(all))]
		if kind == (tickets.EventID{}).Prefix() && !g.chance(3) { // no record of its own
			kind = tickets.ID{}.Prefix()
		}
	}
	if g.chance(3) {
		return kind + "_" + strings.Repeat("0", postgres.KeyLength-len(strconv.Itoa(g.names))) + strconv.Itoa(g.names)
	}
	return g.pick(g.stock.ids[kind], kind+"_"+strings.Repeat("0", postgres.KeyLength))
}

func (g *generator) pick(from []string, otherwise string) string {
	if len(from) == 0 || g.chance(2) {
		return otherwise
	}
	return from[g.IntN(len(from))]
}
