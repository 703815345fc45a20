package resolvers_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"

	"supportgraph/clients/sandbox/vendors"
	"supportgraph/graph/auth"
	"supportgraph/graph/contract"
	"supportgraph/resolvers"
)

var (
	operations = flag.Int("operations", 60, "how many operations each persona asks of the planned and of the plain house")
	chance     = flag.Uint64("chance", 1, "where the sequence of operations begins")
)

// personas are who the personas are, by the last words of their names.
var personas = map[string]auth.Audience{
	"agent": auth.Console, "engineer": auth.Explorer, "group": auth.Portal, "company": auth.Portal, "cases": auth.Portal,
}

// The ways in which the vendors go wrong, each the same for every call.
var broken = map[string][]vendors.Fault{
	"stripe is down":           {{Vendor: vendors.Stripe, ErrorRate: 1, Status: 503, RetryAfter: "7"}},
	"stripe throttles":         {{Vendor: vendors.Stripe, ErrorRate: 1, Status: 429}},
	"cloudflare writes HTML":   {{Vendor: vendors.Cloudflare, Mode: vendors.HTML}},
	"nobody knows the records": {{Vendor: vendors.Cloudflare, Mode: vendors.Unsuccessful}, {Vendor: vendors.Stripe, Match: "a", ErrorRate: 1, Status: 404}},
	"no status page":           {{Vendor: vendors.Statuspage, Mode: vendors.Reset}, {Vendor: vendors.Stripe, Mode: vendors.WrongType}},
}

// TestPlanEqualsPlain asks random operations in three ways: compiled, planned in gqlgen's executor, and in that without
// plans. The answers must be the same, byte by byte. What is compiled must make the calls that the executor makes, and
// without plans there must never be fewer.
func TestPlanEqualsPlain(t *testing.T) {
	t.Parallel()
	for persona := range personas {
		t.Run(persona, func(t *testing.T) {
			t.Parallel()
			differential(t, theHouse, persona, *operations, true)
		})
	}
}

// TestPlanEqualsPlainBroken asks the same while vendors are broken. When their circuits open, calls fail for another reason,
// or are not made: reasons and calls are compared elsewhere.
func TestPlanEqualsPlainBroken(t *testing.T) {
	t.Parallel()
	for what, faults := range broken {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			h := apart(t, faults...)
			for _, persona := range []string{"agent", "group"} {
				differential(t, h, persona, *operations/4, false)
			}
		})
	}
}

func differential(t *testing.T, h *house, persona string, count int, sound bool) {
	schema, err := contract.Cut(resolvers.Full(), personas[persona])
	if err != nil {
		t.Fatal(err)
	}
	known := stockOf(t, theHouse, persona, "agent")
	h.ask(t, h.planned, "agent", `{accounts(first: 100) {nodes {zones {__typename}}}}`, nil) // Cloudflare's size is learned once
	g := newGenerator(schema, known, t.Name()+persona)
	if !sound {
		for _, place := range []string{"SourceInfo.reason", "SourceUnavailable.reason", "SourceUnavailable.retryAfter"} {
			g.unsteady[place] = true
		}
	}
	errors, calls := 0, 0
	for n := range count {
		asked := g.next()
		differs, planned := compare(t, h, persona, asked, sound)
		if differs == "" {
			calls += planned.calls.Of("")
			if bytes.Contains(planned.body, []byte(`"errors":`)) {
				errors++
			}
			continue
		}
		least := shrink(schema, asked, func(smaller operation) bool {
			differs, _ := compare(t, h, persona, smaller, sound)
			return differs != ""
		})
		t.Fatalf("operation %d of -chance=%d as %s:\n%s\n\n%s\n\nThe least that differs:\n%s", n, *chance, persona, asked, differs, least)
	}
	compiled, others := h.ran.compiled()
	t.Logf("%d operations as %s: %d with errors, %d calls; the house so far: %d compiled, and not %v", count, persona, errors, calls, compiled, others)
	if errors > count/3 {
		t.Errorf("%d of %d operations are answered with errors: too many to compare anything", errors, count)
	}
}

// compare tells in what the planned answer differs from the plain one, "" where in nothing.
func compare(t *testing.T, h *house, persona string, asked operation, sound bool) (differs string, planned answer) {
	t.Helper()
	planned = h.ask(t, h.planned, persona, asked.query, asked.variables)
	walked := h.ask(t, h.walked, persona, asked.query, asked.variables)
	plain := h.ask(t, h.plain, persona, asked.query, asked.variables)
	if differs := differ(t, planned, walked); differs != "" {
		return "compiled, and planned in the executor: " + differs, planned
	}
	if differs := differ(t, planned, plain); differs != "" {
		return "compiled, and plain: " + differs, planned
	}
	if sound && planned.calls.String() != walked.calls.String() {
		if walked = h.ask(t, h.walked, persona, asked.query, asked.variables); planned.calls.String() != walked.calls.String() {
			return "the calls (-walked +compiled):\n" + cmp.Diff(walked.calls.String(), planned.calls.String()), planned
		}
	}
	// Plain resolvers gather over a window, so that on a busy machine chance may bring together what a plan must read one
	// after the other. It does not do so every time.
	for again := 0; sound && planned.calls.Of("") > plain.calls.Of(""); again++ {
		if again == 10 {
			return "the plan makes more calls (-plain +planned):\n" + cmp.Diff(plain.calls.String(), planned.calls.String()), planned
		}
		plain = h.ask(t, h.plain, persona, asked.query, asked.variables)
	}
	return "", planned
}

// differ tells in what an answer differs from that of another way, "" where in nothing.
func differ(t *testing.T, got, other answer) string {
	t.Helper()
	if got.status != other.status {
		return fmt.Sprintf("HTTP %d, not %d\n%s\n%s", got.status, other.status, got.body, other.body)
	}
	data, errs := apartFrom(t, got.body)
	otherData, otherErrs := apartFrom(t, other.body)
	switch {
	case !bytes.Equal(data, otherData):
		return "the data (+compiled):\n" + cmp.Diff(indent(t, otherData), indent(t, data))
	case !slices.Equal(errs, otherErrs):
		return "the errors (+compiled):\n" + cmp.Diff(otherErrs, errs)
	}
	return ""
}

// apartFrom splits an answer into its data and its errors; those are sorted, for fields fail in any order.
func apartFrom(tb testing.TB, body []byte) (data json.RawMessage, errs []string) {
	tb.Helper()
	var answered struct {
		Data   json.RawMessage
		Errors []json.RawMessage
	}
	if err := json.Unmarshal(body, &answered); err != nil {
		tb.Fatalf("%v in %s", err, body)
	}
	for _, e := range answered.Errors {
		errs = append(errs, string(e))
	}
	slices.Sort(errs)
	if answered.Data == nil {
		answered.Data = json.RawMessage("{}")
	}
	return answered.Data, errs
}

// TestGeneratedOperationsReachEverything holds the generator to what it is for: every field, argument and input field of
// the whole schema comes up in the end, but for the mutations: they are no reads that could be compared.
func TestGeneratedOperationsReachEverything(t *testing.T) {
	t.Parallel()
	const count = 10_000
	schema, err := contract.Cut(resolvers.Full(), auth.Explorer)
	if err != nil {
		t.Fatal(err)
	}
	g := newGenerator(schema, stockOf(t, theHouse, "agent"), t.Name())
	missing := placesOf(schema)
	for place := range unsteady() {
		delete(missing, place)
	}
	for n := 0; n < count && len(missing) > 0; n++ {
		g.next()
		walkDocument(g.document, func(place string) { delete(missing, place) })
	}
	if len(missing) > 0 {
		t.Errorf("%d operations never have %s", count, strings.Join(slices.Sorted(maps.Keys(missing)), ", "))
	}
}

// placesOf are the fields, arguments and input fields of a contract: "Ticket.id", "Query.node(id)", "TicketFilter.not".
func placesOf(schema *ast.Schema) map[string]bool {
	places := map[string]bool{}
	for name, def := range schema.Types {
		if strings.HasPrefix(name, "__") {
			continue
		}
		for _, field := range def.Fields {
			if strings.HasPrefix(field.Name, "__") {
				continue
			}
			places[name+"."+field.Name] = true
			for _, argument := range field.Arguments {
				places[name+"."+field.Name+"("+argument.Name+")"] = true
			}
		}
	}
	return places
}

// walkDocument tells of the places that a validated document has.
func walkDocument(document *ast.QueryDocument, at func(place string)) {
	var value func(*ast.Value)
	value = func(v *ast.Value) {
		for _, child := range v.Children {
			if v.Definition != nil && v.Kind == ast.ObjectValue {
				at(v.Definition.Name + "." + child.Name)
			}
			value(child.Value)
		}
	}
	var walk func(ast.SelectionSet)
	walk = func(set ast.SelectionSet) {
		for _, selection := range set {
			switch s := selection.(type) {
			case *ast.Field:
				if s.ObjectDefinition != nil {
					at(s.ObjectDefinition.Name + "." + s.Name)
				}
				for _, argument := range s.Arguments {
					at(s.ObjectDefinition.Name + "." + s.Name + "(" + argument.Name + ")")
					value(argument.Value)
				}
				walk(s.SelectionSet)
			case *ast.InlineFragment:
				walk(s.SelectionSet)
			}
		}
	}
	for _, operation := range document.Operations {
		walk(operation.SelectionSet)
	}
	for _, fragment := range document.Fragments {
		walk(fragment.SelectionSet)
	}
}
