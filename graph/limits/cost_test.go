package limits_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"supportgraph/graph/auth"
	"supportgraph/graph/contract"
	"supportgraph/graph/limits"
)

// directives are @cost and @listSize as the schema of the house declares them.
var directives = func() string {
	full, err := contract.Load("../schema")
	if err != nil {
		panic(err)
	}
	var text strings.Builder
	formatter.NewFormatter(&text).FormatSchemaDocument(&ast.SchemaDocument{
		Directives: ast.DirectiveDefinitionList{full.Directives["cost"], full.Directives["listSize"]},
	})
	return text.String()
}()

// shop is a schema with a price of every form.
var shop = shopWith("")

func shopWith(more string) *ast.Schema {
	return gqlparser.MustLoadSchema(&ast.Source{Name: "shop.graphqls", Input: directives + shopSDL + more})
}

const shopSDL = `
	type Query {
		item: Item
		items(first: Int = 20, after: String): ItemPage! @listSize(slicingArguments: ["first"], sizedFields: ["nodes", "edges"])
		top(count: Int, ids: [ID!]): [Item!] @listSize(assumedSize: 4, slicingArguments: ["count", "ids"], requireOneSlicingArgument: false)
		all: [Item!]!
		rest: ItemPage!
		any: Any
		named: Named
		search(text: String @cost(weight: "7"), kind: String): Item
	}
	type Mutation { buy: Item  browse: Item @cost(weight: "2") }
	type ItemPage { nodes: [Item!]! edges: [Edge!]! count: Int! }
	type Edge { node: Item! }
	type Item implements Named { name: String! price: Price! vendor: Vendor @cost(weight: "10") parts: [Part!]! @listSize(assumedSize: 3) code: Code }
	type Part implements Named { name: String! price: Price! vendor: Vendor }
	type Vendor { name: String! }
	type Price @cost(weight: "3") { amount: Int! }
	scalar Code @cost(weight: "0.5")
	interface Named { name: String! vendor: Vendor }
	union Any = Item | Part | Vendor
`

// read parses and validates a document.
func read(t testing.TB, schema *ast.Schema, text string) *ast.QueryDocument {
	t.Helper()
	document, err := parser.ParseQuery(&ast.Source{Input: text})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	policy := limits.For(auth.Console)
	if faults, passed := policy.Validate(schema, document, rules.NewDefaultRules()); faults != nil || passed != nil {
		t.Fatalf("%s: %v %v", text, faults, passed)
	}
	return document
}

func prices(t testing.TB, schema *ast.Schema) *limits.Prices {
	t.Helper()
	p, err := limits.NewPrices(schema)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestEstimate shows what operations cost.
func TestEstimate(t *testing.T) {
	t.Parallel()
	priced := prices(t, shop)
	for _, test := range []struct {
		what      string
		text      string
		variables string
		points    int
	}{
		{"an object is one point, what is in it none", `{item{name}}`, ``, 1},
		{"nothing", `{__typename}`, ``, 0},
		{"a type with a price", `{item{price{amount}}}`, ``, 4},
		{"a field with a price", `{item{vendor{name}}}`, ``, 11},
		{"a scalar with a price, rounded up", `{item{code}}`, ``, 2},
		{"aliases, each", `{a:item{name} b:item{name}}`, ``, 2},
		{"an argument with a price", `{search(text:"x" kind:"y"){name}}`, ``, 8},
		{"an argument without", `{search(kind:"y"){name}}`, ``, 1},
		{"a list of unknown length", `{all{name}}`, ``, 10},
		{"a list with a length", `{item{parts{name price{amount}}}}`, ``, 1 + 3*(1+3)},
		{"a list that an argument measures", `{top(count:6){name}}`, ``, 6},
		{"of several arguments the largest", `{top(count:2,ids:["a","b","c"]){name}}`, ``, 3},
		{"a list without its arguments", `{top{name}}`, ``, 4},
		{"a page by its default", `{items{nodes{name}}}`, ``, 1 + 20},
		{"a page by its argument", `{items(first:5){nodes{vendor{name}}count}}`, ``, 1 + 5*(1+10)},
		{"edges with nodes", `{items(first:5){edges{node{vendor{name}}}}}`, ``, 1 + 5*(1+1+10)},
		{"a page of nothing", `{items(first:0){nodes{vendor{name}}}}`, ``, 1},
		{"a page below nothing", `{items(first:-5){nodes{name}}}`, ``, 1},
		{"a page without its list", `{items(first:100){count}}`, ``, 1},
		{"a variable", `query($n:Int){items(first:$n){nodes{name}}}`, `{"n":7}`, 1 + 7},
		{"a variable that is not given", `query($n:Int){items(first:$n){nodes{name}}}`, `{}`, 1 + 20},
		{"a list in a variable", `query($i:[ID!]){top(ids:$i){name}}`, `{"i":["a","b"]}`, 2},
		{"an enormous page", `{items(first:2147483647){nodes{parts{name}}}}`, ``, 1 + 2147483647*(1+3)},
		{"pages in pages stop growing", `{` + strings.Repeat(`any{...on Item{parts{price{amount}}}}`, 1) + `all{parts{name}}}`, ``, 1 + 3*4 + 10*4},
		{"the dearest of a union", `{any{...on Item{vendor{name}}...on Part{vendor{name}}...on Vendor{name}}}`, ``, 1 + 10},
		{"an interface is as dear as its dearest type", `{named{vendor{name}}}`, ``, 1 + 10},
		{"what holds for all and the dearest", `{named{vendor{name}...on Item{price{amount}}...on Part{a:price{amount}b:price{amount}}}}`, ``, 1 + 10 + 6},
		{"a fragment each time", `{a:item{...f}b:item{...f}}fragment f on Item{price{amount}}`, ``, 8},
		{"a fragment on pages of two lengths", `{a:items(first:2){...f}b:items(first:3){...f}}fragment f on ItemPage{nodes{name}count}`, ``, 1 + 2 + 1 + 3},
		{"a fragment on pages of known and unknown length", `{items(first:2){...f}rest{...f}}fragment f on ItemPage{nodes{name}count}`, ``, 1 + 2 + 1 + 10},
		{"what is skipped", `query($s:Boolean!){item{vendor@skip(if:$s){name}...@include(if:$s){price{amount}}}}`, `{"s":true}`, 1 + 3},
		{"what is not skipped", `query($s:Boolean!){item{vendor@skip(if:$s){name}...@include(if:$s){price{amount}}}}`, `{"s":false}`, 1 + 10},
		{"what is always skipped", `{item@skip(if:true){name}a:item@include(if:false){name}b:item@skip(if:false){name}}`, ``, 1},
		{"a mutation", `mutation{buy{name}}`, ``, 10},
		{"a mutation with a price", `mutation{browse{name}}`, ``, 2},
		{"a question about the contract", `{__type(name:"Item"){fields{name type{name}}}}`, ``, 4},
	} {
		variables := map[string]any{}
		if test.variables != "" {
			d := json.NewDecoder(strings.NewReader(test.variables))
			d.UseNumber()
			if err := d.Decode(&variables); err != nil {
				t.Fatal(err)
			}
		}
		estimate := priced.Estimate(shop, read(t, shop, test.text).Operations[0])
		for range 2 { // worked out, and remembered
			if got := estimate.Points(variables); got != test.points {
				t.Errorf("%s: %s costs %d, want %d", test.what, test.text, got, test.points)
			}
		}
	}
}

// TestPriceDependsOnWhatIsLeftOut prices one operation by variables that only count where others let them.
func TestPriceDependsOnWhatIsLeftOut(t *testing.T) {
	t.Parallel()
	document := read(t, shop, `query($s:Boolean!,$n:Int){items(first:$n)@include(if:$s){nodes{name}} item{name}}`)
	estimate := prices(t, shop).Estimate(shop, document.Operations[0])
	for _, test := range []struct {
		shown  bool
		length int64
		points int
	}{{true, 3, 1 + 3 + 1}, {true, 4, 1 + 4 + 1}, {false, 4, 1}, {true, 3, 1 + 3 + 1}} {
		if got := estimate.Points(map[string]any{"s": test.shown, "n": test.length}); got != test.points {
			t.Errorf("%+v: got %d points", test, got)
		}
	}
}

// TestCostIsBounded holds an operation against the bound of points, just met and just passed.
func TestCostIsBounded(t *testing.T) {
	t.Parallel()
	policy := limits.For(auth.Portal)
	if passed := policy.Cost(policy.Bounds[limits.Cost]); passed != nil {
		t.Errorf("refused at the bound: %v", passed)
	}
	passed := policy.Cost(policy.Bounds[limits.Cost] + 1)
	if len(passed) != 1 || !passed[0].Refused || passed[0].Code() != "COST_LIMIT_EXCEEDED" || passed[0].Error() != "The operation costs 2,001 points; at most 2,000 are allowed." {
		t.Errorf("got %v", passed)
	}
	policy.CostLevel = limits.Measure
	if passed := policy.Cost(1 << 40); len(passed) != 1 || limits.Refused(passed) {
		t.Errorf("measured only: %v", passed)
	}
}

// TestPricesThatCannotBeMeant shows which directives are refused when the schema is read.
func TestPricesThatCannotBeMeant(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`type Query { a: Int @cost(weight: "much") }`:                                           `price Query.a: @cost(weight: "much") is no number of points`,
		`type Query { a: Int @cost(weight: "-1") }`:                                             `price Query.a: @cost(weight: "-1") is no number of points`,
		`type Query { a: Int @cost(weight: "NaN") }`:                                            `price Query.a: @cost(weight: "NaN") is no number of points`,
		`type Query { a(b: Int @cost(weight: "x")): Int }`:                                      `price Query.a: @cost(weight: "x") is no number of points`,
		`type Query { a: A } type A @cost(weight: "") { b: Int }`:                               `price Query.a: @cost(weight: "") is no number of points`,
		`type Query { a(n: Int): [Int] @listSize(slicingArguments: ["n"]) }`:                    `price Query.a: none of its slicing arguments always has a value`,
		`type Query { a: [Int] @listSize(slicingArguments: ["n"]) }`:                            `price Query.a: it has no argument n to slice by`,
		`type Query { a: A @listSize(assumedSize: 3, sizedFields: ["c"]) } type A { b: [Int] }`: `price Query.a: A has no list c`,
		`type Query { a: A @listSize(assumedSize: 3) } type A { b: [Int] }`:                     `price Query.a: it is no list`,
	} {
		_, err := limits.NewPrices(gqlparser.MustLoadSchema(&ast.Source{Input: directives + text}))
		if err == nil || err.Error() != want {
			t.Errorf("%s\ngot  %v\nwant %s", text, err, want)
		}
	}
}

// house is the schema of the house, and the contract of an audience with the prices of the whole.
func house(t testing.TB, audience auth.Audience) (*ast.Schema, *limits.Prices) {
	t.Helper()
	full, err := contract.Load("../schema")
	if err != nil {
		t.Fatal(err)
	}
	cut, err := contract.Cut(full, audience)
	if err != nil {
		t.Fatal(err)
	}
	return cut, prices(t, full)
}

// TestExamplesPass holds the operations of the playground against the starting policies of those who ask them, and says
// what they cost.
func TestExamplesPass(t *testing.T) {
	t.Parallel()
	examples, err := filepath.Glob("../endpoint/playground/page/examples/*.graphql")
	if err != nil || len(examples) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, example := range append(examples, "testdata/introspection.graphql") {
		text, err := os.ReadFile(example)
		if err != nil {
			t.Fatal(err)
		}
		audiences := []auth.Audience{auth.Console, auth.Explorer}
		if strings.Contains(example, "my-cases") {
			audiences = auth.Audiences
		}
		for _, audience := range audiences {
			schema, priced := house(t, audience)
			policy := limits.For(audience)
			if passed := check(t, policy, string(text)); passed != nil {
				t.Errorf("%s: %v", example, passed)
			}
			document := read(t, schema, string(text))
			points := priced.Estimate(schema, document.Operations[0]).Points(nil)
			t.Logf("%s: %d points for %s", filepath.Base(example), points, audience)
			if passed := policy.Cost(points); passed != nil || points == 0 {
				t.Errorf("%s: %d points: %v", example, points, passed)
			}
		}
	}
}

// TestPortalIsPricedByTheFullSchema shows that customers' operations have a price though their contract tells of none.
func TestPortalIsPricedByTheFullSchema(t *testing.T) {
	t.Parallel()
	portal, priced := house(t, auth.Portal)
	for _, name := range []string{"cost", "listSize"} {
		if portal.Directives[name] != nil {
			t.Errorf("the contract of customers has @%s", name)
		}
	}
	document := read(t, portal, `{accounts(first:3){nodes{billing{...on NotLinked{__typename}}}}}`)
	if got := priced.Estimate(portal, document.Operations[0]).Points(nil); got != 1+3*(1+10) {
		t.Errorf("got %d points", got)
	}
}

// TestEveryPageHasALength fails on a page whose length no @listSize says: it would be priced as if it were short.
func TestEveryPageHasALength(t *testing.T) {
	t.Parallel()
	full, err := contract.Load("../schema")
	if err != nil {
		t.Fatal(err)
	}
	for _, definition := range full.Types {
		for _, field := range definition.Fields {
			if field.Arguments.ForName("first") != nil && field.Directives.ForName("listSize") == nil {
				t.Errorf("%s.%s has no @listSize", definition.Name, field.Name)
			}
		}
	}
}
