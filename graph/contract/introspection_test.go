package contract_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"supportgraph/graph"
	"supportgraph/graph/auth"
	"supportgraph/graph/contract"
)

// asking returns what asks the generated executor for a contract, as it is or with fields around its roots.
func asking(t testing.TB, schema *ast.Schema, around ...graphql.RootFieldMiddleware) func(query string, variables map[string]any) string {
	exec := executor.New(graph.NewExecutableSchema(graph.Config{Schema: schema, Resolvers: root{}}))
	exec.Use(extension.Introspection{})
	exec.SetDefaultRulesFn(func() *rules.Rules {
		all := rules.NewDefaultRules()
		all.RemoveRule(rules.MaxIntrospectionDepth.Name) // how deep anybody may ask is for the limits to say
		return all
	})
	for _, middleware := range around {
		exec.AroundRootFields(middleware)
	}
	return func(query string, variables map[string]any) string {
		t.Helper()
		ctx := graphql.StartOperationTrace(t.Context())
		operation, errs := exec.CreateOperationContext(ctx, &graphql.RawParams{Query: query, Variables: variables})
		if len(errs) > 0 {
			t.Fatalf("%v\n%s", errs, query)
		}
		responses, ctx := exec.DispatchOperation(ctx, operation)
		response := responses(ctx)
		if len(response.Errors) > 0 {
			t.Fatalf("%v\n%s", response.Errors, query)
		}
		return string(response.Data)
	}
}

// withoutDefer is a schema without the directive that is not served.
func withoutDefer(schema *ast.Schema) *ast.Schema {
	other := *schema
	other.Directives = maps.Clone(schema.Directives)
	delete(other.Directives, "defer")
	return &other
}

// graphiql is what GraphiQL asks when it opens.
func graphiql(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile("../limits/testdata/introspection.graphql")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestIntrospectionEqualsTheExecutors asks each contract what GraphiQL asks, what the contract has of everything, and
// random questions: the bytes are those of gqlgen's own answer.
func TestIntrospectionEqualsTheExecutors(t *testing.T) {
	t.Parallel()
	full, err := contract.Load("../schema")
	if err != nil {
		t.Fatal(err)
	}
	for _, audience := range auth.Audiences {
		schema := cut(t, full, audience)
		theirs, ours := asking(t, withoutDefer(schema)), asking(t, schema, contract.NewIntrospection(schema).Around)
		hold := func(query string, variables map[string]any) {
			t.Helper()
			if want, got := theirs(query, variables), ours(query, variables); got != want {
				t.Fatalf("%s is answered otherwise:\n%s\ngot  %.2000s\nwant %.2000s", audience, query, got, want)
			}
		}
		hold(graphiql(t), nil)
		for name := range schema.Types {
			hold(`query($n: String!) {__type(name: $n) {...t fields {type {...t}} inputFields {type {...t}}}}
				fragment t on __Type {`+strings.Join(meta["__Type"].leaves, " ")+` ofType {kind name ofType {kind isOneOf fields {name} inputFields {name}}}}`,
				map[string]any{"n": name})
		}
		random := rand.New(rand.NewPCG(1, 2))
		for range 100 {
			hold("query($yes: Boolean = true, $no: Boolean = false, $n: String = \"Ticket\") {u: __type(name: $n) {name @include(if: $yes) @skip(if: $no)} "+ask(random, "Query", 5)+"}", nil)
		}
	}
	// What the contracts have none of: reasons that are not given, a type of one of many, a scalar's address.
	odd, err := gqlparser.LoadSchema(&ast.Source{Input: `
		"Some schema." schema { query: Query }
		type Query { a(b: Int = 1 @deprecated, c: I = {d: [1]} @deprecated(reason: "why")): Int @deprecated e: E s: S i: [[Int!]]! }
		enum E { F @deprecated G @deprecated(reason: "because \"so\"\n") H }
		input I @oneOf { d: [Int] = [1, 2] j: String = "\u0007" @deprecated }
		scalar S @specifiedBy(url: "https://s.example")
		directive @k(l: Int = 3) repeatable on FIELD | QUERY
	`})
	if err != nil {
		t.Fatal(err)
	}
	theirs, ours := asking(t, withoutDefer(odd)), asking(t, odd, contract.NewIntrospection(odd).Around)
	for _, query := range []string{graphiql(t), `{__type(name: "Nothing") {name} __schema {__typename mutationType {name}}}`} {
		if want, got := theirs(query, nil), ours(query, nil); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// meta is what can be asked of each type of introspection: fields without further selections, and those with the type
// that they lead to.
var meta = map[string]struct {
	leaves  []string
	objects map[string]string
}{
	"Query":        {nil, map[string]string{"__schema": "__Schema", `__type(name: $n)`: "__Type", `a:__type(name: "TicketFilter")`: "__Type", `b:__type(name: "Actor")`: "__Type"}},
	"__Schema":     {[]string{"description", "__typename"}, map[string]string{"types": "__Type", "queryType": "__Type", "mutationType": "__Type", "subscriptionType": "__Type", "directives": "__Directive"}},
	"__Type":       {[]string{"kind", "name", "description", "specifiedByURL", "isOneOf", "__typename", "k:kind"}, map[string]string{"fields": "__Field", "f:fields(includeDeprecated: $yes)": "__Field", "g:fields(includeDeprecated: $no)": "__Field", "interfaces": "__Type", "possibleTypes": "__Type", "enumValues(includeDeprecated: true)": "__EnumValue", "inputFields": "__InputValue", "ofType": "__Type"}},
	"__Field":      {[]string{"name", "description", "isDeprecated", "deprecationReason", "__typename"}, map[string]string{"args": "__InputValue", "type": "__Type"}},
	"__InputValue": {[]string{"name", "description", "defaultValue", "isDeprecated", "deprecationReason", "__typename"}, map[string]string{"type": "__Type"}},
	"__EnumValue":  {[]string{"name", "description", "isDeprecated", "deprecationReason", "__typename"}, nil},
	"__Directive":  {[]string{"name", "description", "isRepeatable", "locations", "__typename"}, map[string]string{"args": "__InputValue"}},
}

// ask writes a random selection on a type of introspection.
func ask(r *rand.Rand, on string, depth int) string {
	var text strings.Builder
	fmt.Fprint(&text, "__typename ")
	of := meta[on]
	for _, leaf := range of.leaves {
		switch r.IntN(6) {
		case 0, 1:
			fmt.Fprint(&text, leaf, " ")
		case 2:
			fmt.Fprintf(&text, "...on %s @include(if: $%s) {%s} ", on, []string{"yes", "no"}[r.IntN(2)], leaf)
		}
	}
	for _, field := range slices.Sorted(maps.Keys(of.objects)) {
		if depth > 0 && r.IntN(4) == 0 {
			fmt.Fprintf(&text, "%s {%s} ", field, ask(r, of.objects[field], depth-1))
		}
	}
	return text.String()
}

// BenchmarkIntrospection asks for the console's contract as GraphiQL does.
func BenchmarkIntrospection(b *testing.B) {
	full, err := contract.Load("../schema")
	if err != nil {
		b.Fatal(err)
	}
	schema, err := contract.Cut(full, auth.Console)
	if err != nil {
		b.Fatal(err)
	}
	query := graphiql(b)
	for name, around := range map[string][]graphql.RootFieldMiddleware{"executor": nil, "own": {contract.NewIntrospection(schema).Around}} {
		ask := asking(b, schema, around...)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				ask(query, nil)
			}
		})
	}
}
