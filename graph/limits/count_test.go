package limits

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// naive spreads every fragment out where it stands, as the definitions of the limits are worded. It remembers nothing;
// a document whose fragments come back to themselves, or that spreads out beyond its budget, it gives up on.
type naive struct {
	document *ast.QueryDocument
	budget   int
	within   []string
}

// spreadOut returns the depth, the lists, the fields on the first level and the fields of selections.
func (n *naive) spreadOut(set ast.SelectionSet, introspection bool) (depth, lists, top, fields int) {
	for _, selection := range set {
		if n.budget--; n.budget < 0 {
			return 0, 0, 0, 0
		}
		switch s := selection.(type) {
		case *ast.Field:
			d, l, _, f := n.spreadOut(s.SelectionSet, introspection || s.Name == "__schema" || s.Name == "__type")
			if !introspection {
				d++
			} else if strings.Contains(" types fields inputFields interfaces possibleTypes ", " "+s.Name+" ") {
				l++
			}
			depth, lists, top, fields = max(depth, d), max(lists, l), top+1, fields+f+1
		case *ast.InlineFragment:
			d, l, t, f := n.spreadOut(s.SelectionSet, introspection)
			depth, lists, top, fields = max(depth, d), max(lists, l), top+t, fields+f
		case *ast.FragmentSpread:
			definition := n.document.Fragments.ForName(s.Name)
			if definition == nil {
				continue
			}
			for _, name := range n.within {
				if name == s.Name {
					n.budget = -1
					return 0, 0, 0, 0
				}
			}
			n.within = append(n.within, s.Name)
			d, l, t, f := n.spreadOut(definition.SelectionSet, strings.HasPrefix(definition.TypeCondition, "__"))
			n.within = n.within[:len(n.within)-1]
			depth, lists, top, fields = max(depth, d), max(lists, l), top+t, fields+f
		}
	}
	return depth, lists, top, fields
}

// FuzzCount holds the count of a document against the naive one, and its work against the document's length.
func FuzzCount(f *testing.F) {
	for _, seed := range []string{
		"{a{b c}d}", "{...f ...f}fragment f on T{a{...g}}fragment g on T{b{c}}", "{...f}fragment f on T{...f}", "{...g}",
		"{__schema{types{fields{type{fields{name}}}}}}", "{...i}fragment i on __Type{fields{type{fields{name}}}}",
		"query($a:A=[{b:[1]}]@d){a(b:{c:[$a]})@e(f:1){...@g{h:i i i}}}", "{a}fragment f on T{a}fragment f on T{b{c{d}}}",
		"{...f}fragment f on T{...g ...g}fragment g on T{...h ...h}fragment h on T{a b}",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		document, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: text}, 4000)
		if err != nil {
			return
		}
		c := count(document)
		if c.work > len(text) {
			t.Errorf("%d steps for %d bytes", c.work, len(text))
		}
		var want tally
		for _, operation := range document.Operations {
			n := &naive{document: document, budget: 10_000}
			depth, lists, top, fields := n.spreadOut(operation.SelectionSet, false)
			if n.budget < 0 {
				return
			}
			want[RootFields] = max(want[RootFields], top)
			want[Depth], want[IntrospectionDepth], want[Fields] = max(want[Depth], depth), max(want[IntrospectionDepth], lists), max(want[Fields], fields)
		}
		for _, fragment := range document.Fragments {
			n := &naive{document: document, budget: 10_000, within: []string{fragment.Name}}
			depth, lists, _, fields := n.spreadOut(fragment.SelectionSet, strings.HasPrefix(fragment.TypeCondition, "__"))
			if n.budget < 0 {
				return
			}
			want[Depth], want[IntrospectionDepth], want[Fields] = max(want[Depth], depth), max(want[IntrospectionDepth], lists), max(want[Fields], fields)
		}
		for _, l := range []Limit{Depth, IntrospectionDepth, RootFields, Fields} {
			if c.tally[l] != want[l] {
				t.Errorf("%s: counted %d, spread out it is %d", l, c.tally[l], want[l])
			}
		}
	})
}

// menagerie is a schema with lists, pages and abstract types in each other.
var menagerie = gqlparser.MustLoadSchema(&ast.Source{Name: "menagerie.graphqls", Input: `
	directive @cost(weight: String!) on FIELD_DEFINITION | ARGUMENT_DEFINITION | OBJECT | SCALAR | ENUM
	directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean! = true) on FIELD_DEFINITION
	type Query { a: A i: I u: U p(first: Int = 5): P @listSize(slicingArguments: ["first"], sizedFields: ["n"]) }
	interface I { i: I l: [I] p(first: Int = 5): P }
	type A implements I { i: I l: [I] @listSize(assumedSize: 3) p(first: Int = 5): P @listSize(slicingArguments: ["first"], sizedFields: ["n"]) x: Int }
	type B implements I { i: I @cost(weight: "4") l: [I] p(first: Int = 5): P u: U }
	type P { n: [I] c: Int p: P }
	union U = A | B
`})

// naivePoints prices selections by spreading every fragment out, and by pricing them once for each type that a value
// can have; only the dearest counts.
func naivePoints(p *Prices, set ast.SelectionSet, on []string, page *price, n float64) float64 {
	dearest := 0.0
	for _, object := range on {
		sum := 0.0
		var of func(set ast.SelectionSet)
		of = func(set ast.SelectionSet) {
			for _, selection := range set {
				switch s := selection.(type) {
				case *ast.InlineFragment:
					if s.TypeCondition == "" || slices.Contains(objects(s.TypeCondition), object) {
						of(s.SelectionSet)
					}
				case *ast.FragmentSpread:
					if slices.Contains(objects(s.Definition.TypeCondition), object) {
						of(s.Definition.SelectionSet)
					}
				case *ast.Field:
					priced := p.of(menagerie, s)
					length := 1.0
					var inner *price
					if len(priced.sized) > 0 {
						inner, length = priced, 5 // by default
						if first := s.Arguments.ForName("first"); first != nil {
							length, _ = strconv.ParseFloat(first.Value.Raw, 64)
						}
					}
					times := 1.0
					if page != nil && slices.Contains(page.sized, s.Name) {
						times = n
					} else if priced.list && inner == nil {
						times = priced.assumed
					}
					if s.Definition.Name != "__typename" {
						sum += times * (priced.weight + naivePoints(p, s.SelectionSet, objects(s.Definition.Type.Name()), inner, length))
					}
				}
			}
		}
		of(set)
		dearest = max(dearest, sum)
	}
	return dearest
}

func objects(name string) []string {
	if definition := menagerie.Types[name]; definition.Kind != ast.Interface && definition.Kind != ast.Union {
		return []string{name}
	}
	var all []string
	for _, possible := range menagerie.PossibleTypes[name] {
		all = append(all, possible.Name)
	}
	return all
}

// TestPricesRememberLittle prices an operation by more variables than are remembered.
func TestPricesRememberLittle(t *testing.T) {
	t.Parallel()
	document, err := parser.ParseQuery(&ast.Source{Input: "query($n:Int $v:Int){p(first:$n){n{__typename}} a{x} q:p(first:$v)@skip(if:true){c}}"})
	if err != nil {
		t.Fatal(err)
	}
	policy := Policy{}
	if faults, _ := policy.Validate(menagerie, document, rules.NewDefaultRules()); faults != nil {
		t.Fatal(faults)
	}
	prices, err := NewPrices(menagerie)
	if err != nil {
		t.Fatal(err)
	}
	estimate := prices.Estimate(menagerie, document.Operations[0])
	for n := range int64(1000) {
		estimate.Points(map[string]any{"n": n, "other": n})
	}
	if len(estimate.known) != maxPriced {
		t.Errorf("%d prices are remembered", len(estimate.known))
	}
}

// grow writes random selections on a type of the menagerie; abstract allows fragments on interfaces and unions.
func grow(r *rand.Rand, on string, depth int, abstract bool) string {
	fields := map[string][]string{
		"Query": {"a", "i", "u", "p"}, "I": {"i", "l", "p"}, "A": {"i", "l", "p", "x"}, "B": {"i", "l", "p", "u"}, "P": {"n", "c", "p"}, "U": nil,
	}
	lead := map[string]string{"a": "A", "i": "I", "u": "U", "p": "P", "l": "I", "n": "I"}
	text := "__typename "
	for range r.IntN(4) {
		if r.IntN(3) == 0 && depth > 0 && (on == "I" || on == "U" || on == "A") {
			to := []string{"A", "B"}[r.IntN(2)]
			if on == "A" {
				to = "A"
			}
			if abstract && r.IntN(2) == 0 {
				to = []string{"I", "U"}[r.IntN(2)]
			}
			text += "...on " + to + "{" + grow(r, to, depth-1, abstract) + "} "
			continue
		}
		if len(fields[on]) == 0 {
			continue
		}
		field := fields[on][r.IntN(len(fields[on]))]
		alias := "k" + strconv.Itoa(r.IntN(1_000_000)) + ":"
		argument := ""
		if field == "p" && on != "P" && r.IntN(2) == 0 {
			argument = "(first:" + strconv.Itoa(r.IntN(5)) + ")"
		}
		switch to := lead[field]; {
		case to == "":
			text += alias + field + " "
		case depth > 0:
			text += alias + field + argument + "{" + grow(r, to, depth-1, abstract) + "} "
		}
	}
	return text
}

// FuzzCost holds the price of a random operation against the naive one: it is never lower, it is the same where no
// fragment stands on an abstract type, and the work is linear in the document.
func FuzzCost(f *testing.F) {
	for seed := range uint64(200) {
		f.Add(seed, seed%2 == 0)
	}
	prices, err := NewPrices(menagerie)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, seed uint64, abstract bool) {
		text := "{" + grow(rand.New(rand.NewPCG(seed, 1)), "Query", 6, abstract) + "}"
		document, err := parser.ParseQuery(&ast.Source{Input: text})
		if err != nil {
			t.Fatal(err)
		}
		policy := Policy{}
		if faults, _ := policy.Validate(menagerie, document, rules.NewDefaultRules()); faults != nil {
			t.Fatalf("%s: %v", text, faults)
		}
		operation := document.Operations[0]
		estimate := prices.Estimate(menagerie, operation)
		got := float64(estimate.Points(nil))
		want := math.Ceil(min(naivePoints(prices, operation.SelectionSet, []string{"Query"}, nil, 0), most))
		if got < want || !abstract && got != want {
			t.Errorf("priced %v, spread out %v: %s", got, want, text)
		}
		c := estimate.pricing(nil)
		if c.operation(); c.work > len(text) {
			t.Errorf("%d steps for %d bytes", c.work, len(text))
		}
	})
}
