package resolvers_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"

	"supportgraph/resolvers"
)

// TestForeignIsUnknown asks for what belongs to others, for what staff alone may see, and for what does not exist: a
// customer must get the same bytes, by the same calls.
func TestForeignIsUnknown(t *testing.T) {
	t.Parallel()
	theirs, all := stockOf(t, theHouse, "company"), stockOf(t, theHouse, "agent")
	foreign := func(kind string) string {
		for _, id := range all.ids[kind] {
			if !slices.Contains(theirs.ids[kind], id) {
				return id
			}
		}
		t.Fatalf("there is no foreign %s", kind)
		return ""
	}
	unknown := func(kind string) string { return kind + "_01kx00000000000000000000zz" }
	ref := func() string {
		their := theirsOf(t, theHouse, "company")
		for _, ref := range all.refs {
			if !their.shown["Ticket.ref"][ref] {
				return ref
			}
		}
		t.Fatal("there is no foreign reference")
		return ""
	}()
	const all3 = `... on Account {name} ... on Contact {email} ... on Ticket {subject} ... on Message {body}`
	type question struct{ query, foreign, unknown string }
	questions := map[string]question{
		"ticket":      {`query ($x: ID!) {ticket(id: $x) {id subject}}`, foreign("tkt"), unknown("tkt")},
		"account":     {`query ($x: ID!) {account(id: $x) {id name}}`, foreign("acc"), unknown("acc")},
		"contact":     {`query ($x: ID!) {contact(id: $x) {id email}}`, foreign("con"), unknown("con")},
		"ticketByRef": {`query ($x: String!) {ticketByRef(ref: $x) {id subject}}`, ref, "T-99999999"},
		"account of tickets": {
			`query ($x: ID!) {tickets(filter: {account: [$x]}) {nodes {id} pageInfo {hasNextPage endCursor}}}`, foreign("acc"), unknown("acc")},
		"requester of tickets": {
			`query ($x: ID!) {tickets(filter: {or: [{requester: [$x]}]}) {nodes {id} pageInfo {hasNextPage endCursor}}}`, foreign("con"), unknown("con")},
		"not the account of tickets": {
			`query ($x: ID!) {tickets(first: 5, filter: {not: {account: [$x]}}) {nodes {id} pageInfo {hasNextPage endCursor}}}`, foreign("acc"), unknown("acc")},
	}
	for _, kind := range []string{"tkt", "acc", "con", "msg", "note", "tag"} {
		questions["node of "+kind] = question{`query ($x: ID!) {node(id: $x) {__typename id ` + all3 + `}}`, foreign(kind), unknown(kind)}
		questions["nodes of "+kind] = question{`query ($x: ID!) {nodes(ids: [$x, $x]) {__typename id ` + all3 + `}}`, foreign(kind), unknown(kind)}
	}
	for what, asked := range questions {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			one := theHouse.ask(t, theHouse.planned, "company", asked.query, map[string]any{"x": asked.foreign})
			other := theHouse.ask(t, theHouse.planned, "company", asked.query, map[string]any{"x": asked.unknown})
			if diff := cmp.Diff(string(other.body), string(one.body)); diff != "" || other.status != one.status {
				t.Errorf("the answers differ (-unknown +foreign):\n%s", diff)
			}
			if diff := cmp.Diff(other.calls.String(), one.calls.String()); diff != "" {
				t.Errorf("the calls differ (-unknown +foreign):\n%s", diff)
			}
			if bytes.Contains(one.body, []byte("errors")) {
				t.Errorf("an error for what is not there: %s", one.body)
			}
			if staff := theHouse.ask(t, theHouse.planned, "agent", asked.query, map[string]any{"x": asked.foreign}); bytes.Equal(staff.body, one.body) {
				t.Errorf("there is nothing to hide: staff get %s too", staff.body)
			}
		})
	}
}

// TestNodeOfEveryKind asks as an agent for a record of each kind.
func TestNodeOfEveryKind(t *testing.T) {
	t.Parallel()
	all := stockOf(t, theHouse, "agent")
	kinds := map[string]string{
		"Ticket": "tkt", "Message": "msg", "InternalNote": "note", "Tag": "tag", "Category": "cat", "Account": "acc", "Contact": "con",
		"Agent": "agt", "Team": "team", "TicketView": "view", "Article": "art",
	}
	var ids, records []string
	for _, possible := range resolvers.Full().PossibleTypes["Node"] {
		kind, ok := kinds[possible.Name]
		if !ok {
			t.Errorf("nobody has said what the ID of a %s looks like", possible.Name)
			continue
		}
		id := all.ids[kind][0]
		record := fmt.Sprintf(`{"__typename":%q,"id":%q}`, possible.Name, id)
		ids, records = append(ids, id), append(records, record)
		asked := `query ($id: ID!) {node(id: $id) {__typename id}}`
		got := theHouse.ask(t, theHouse.planned, "agent", asked, map[string]any{"id": id})
		if want := `{"data":{"node":` + record + `}}`; string(got.body) != want {
			t.Errorf("node gives %s, want %s", got.body, want)
		}
	}
	got := theHouse.ask(t, theHouse.planned, "agent", `query ($ids: [ID!]!) {nodes(ids: $ids) {__typename id}}`, map[string]any{"ids": ids})
	if want := `{"data":{"nodes":[` + strings.Join(records, ",") + `]}}`; string(got.body) != want {
		t.Errorf("nodes give %s, want %s", got.body, want)
	}
}

var word = regexp.MustCompile(`[A-Za-z_]\w*`)

// internalNames are the names of the schema that nothing has which customers may see.
func internalNames(full *ast.Schema) map[string]bool {
	tagged := func(directives ast.DirectiveList) bool {
		return slices.ContainsFunc(directives.ForNames("tag"), func(d *ast.Directive) bool {
			return d.Arguments.ForName("name").Value.Raw == "portal"
		})
	}
	internal, public := map[string]bool{}, map[string]bool{}
	sort := func(name string, is bool) {
		if is {
			public[name] = true
		} else {
			internal[name] = true
		}
	}
	for name, def := range full.Types {
		of := tagged(def.Directives)
		sort(name, of || def.BuiltIn)
		for _, field := range def.Fields {
			if strings.HasPrefix(field.Name, "__") {
				continue
			}
			sort(field.Name, of && tagged(field.Directives) || def.BuiltIn)
			for _, argument := range field.Arguments {
				sort(argument.Name, of && tagged(field.Directives) && tagged(argument.Directives) || def.BuiltIn)
			}
		}
		for _, value := range def.EnumValues {
			sort(value.Name, of && tagged(value.Directives) || def.BuiltIn)
		}
	}
	for name := range public {
		delete(internal, name)
	}
	return internal
}

// TestInternalCannotBeNamed asks as a customer for each field, argument, input field and type that is for staff: the
// answer is that there is no such thing, and names nothing of the kind but what the question named.
func TestInternalCannotBeNamed(t *testing.T) {
	t.Parallel()
	full, schema := resolvers.Full(), portal(t)
	internal := internalNames(full)
	for _, name := range []string{"InternalNote", "internalNotes", "tags", "Tag", "locale", "NoteEntry", "AssigneeFilter"} {
		if !internal[name] {
			t.Errorf("%s is not internal: the test tests nothing", name)
		}
	}
	refused := func(query string) {
		t.Helper()
		got := theHouse.ask(t, theHouse.planned, "group", query, nil)
		var answered struct {
			Data   json.RawMessage
			Errors []struct {
				Message    string
				Extensions struct{ Code string }
			}
		}
		if err := json.Unmarshal(got.body, &answered); err != nil || answered.Data != nil || len(answered.Errors) == 0 {
			t.Errorf("%s is answered: %s", query, got.body)
		}
		for _, e := range answered.Errors {
			if e.Extensions.Code != "GRAPHQL_VALIDATION_FAILED" {
				t.Errorf("%s is refused as %s: %s", query, e.Extensions.Code, e.Message)
			}
			asked := word.FindAllString(query, -1)
			for _, name := range word.FindAllString(e.Message, -1) {
				if internal[name] && !slices.Contains(asked, name) {
					t.Errorf("%s is told of %s: %s", query, name, e.Message)
				}
			}
		}
		if got.calls.Of("") != 0 {
			t.Errorf("%s made calls:\n%s", query, got.calls)
		}
	}
	w := &walk{schema: schema}
	routes := w.routes()
	routes[schema.Mutation.Name] = "mutation { " + place + " }"
	for name, def := range full.Types {
		cut := schema.Types[name]
		if cut == nil {
			if def.IsCompositeType() {
				refused("{ __typename ... on " + name + " { __typename } }")
			}
			continue
		}
		for _, field := range def.Fields {
			known := cut.Fields.ForName(field.Name)
			if known == nil && def.Kind == ast.InputObject {
				refused("query ($of: " + name + " = {" + field.Name + ": null}) { __typename }")
			} else if known == nil {
				below := ""
				if full.Types[field.Type.Name()].IsCompositeType() {
					below = " { __typename }"
				}
				refused(strings.Replace(routes[name], place, field.Name+below, 1))
				refused(strings.Replace(routes[name], place, field.Name[:len(field.Name)-1], 1)) // what it looks like must not help
			}
		}
	}
	for _, query := range []string{
		`{ tickets(filter: {assignee: {unassigned: true}}) { __typename } }`, `{ tickets(filter: {tags: "vip"}) { __typename } }`,
		`{ agent { name } }`, `{ team { name } }`, `{ tickets { nodes { internalNote { body } } } }`, `{ tickets { nodes { tag } } }`,
		`query ($f: AssigneeFilter) { __typename }`, `{ node(id: "x") { ... on InternalNot { id } } }`,
	} {
		refused(query)
	}
}

// TestIntrospectionTellsNothingInternal asks as a customer for the whole contract, and for each type that is for staff.
func TestIntrospectionTellsNothingInternal(t *testing.T) {
	t.Parallel()
	full, schema := resolvers.Full(), portal(t)
	internal := internalNames(full)
	const typ = `kind name ofType {kind name ofType {kind name ofType {kind name}}}`
	whole := theHouse.ask(t, theHouse.planned, "group", `{ __schema {
		description queryType {name} mutationType {name} subscriptionType {name}
		directives {name description locations isRepeatable args(includeDeprecated: true) {name description defaultValue type {`+typ+`}}}
		types {kind name description specifiedByURL
			fields(includeDeprecated: true) {name description deprecationReason type {`+typ+`}
				args(includeDeprecated: true) {name description defaultValue type {`+typ+`}}}
			inputFields(includeDeprecated: true) {name description defaultValue type {`+typ+`}}
			enumValues(includeDeprecated: true) {name description deprecationReason}
			interfaces {name} possibleTypes {name}}
	} }`, nil)
	var answered any
	if err := json.Unmarshal(whole.body, &answered); err != nil || bytes.Contains(whole.body, []byte(`"errors"`)) {
		t.Fatalf("%v in %s", err, whole.body)
	}
	names := map[string]bool{}
	var walk func(key string, value any)
	walk = func(key string, value any) {
		switch value := value.(type) {
		case map[string]any:
			for key, element := range value {
				walk(key, element)
			}
		case []any:
			for _, element := range value {
				walk(key, element)
			}
		case string:
			if key == "name" {
				names[value] = true
			}
			for _, name := range word.FindAllString(value, -1) { // in descriptions and default values, what is no plain word
				if internal[name] && (key == "name" || strings.ToLower(name) != name && name[1:] != strings.ToLower(name[1:])) {
					t.Errorf("introspection tells of %s in %q", name, value)
				}
			}
		}
	}
	walk("", answered)
	if len(names) < 200 || !names["Ticket"] || names["tag"] {
		t.Errorf("introspection names %d things: tag %t", len(names), names["tag"])
	}
	for name := range full.Types {
		query := fmt.Sprintf(`{__type(name: %q) {name fields {name}}}`, name)
		got := theHouse.ask(t, theHouse.planned, "group", query, nil)
		if known := schema.Types[name] != nil; known == (string(got.body) == `{"data":{"__type":null}}`) {
			t.Errorf("%s: %s", query, got.body)
		}
	}
}
