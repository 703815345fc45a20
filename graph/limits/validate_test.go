package limits_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/core"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"supportgraph/graph/auth"
	"supportgraph/graph/limits"
)

// zoo is a schema in which fields meet in every way: interfaces in interfaces, unions, lists, arguments, other types.
var zoo = gqlparser.MustLoadSchema(&ast.Source{Name: "zoo.graphqls", Input: `
	interface I { i(a: Int, b: [Int!], f: F): I u: U s: String x: Int l: [I!] }
	type A implements I { i(a: Int, b: [Int!], f: F): I u: U s: String x: Int l: [I!] y: Int z: [Int] w: A }
	type B implements I { i(a: Int, b: [Int!], f: F): I u: U s: String x: Int l: [I!] y: String z: [Int!] w: B! }
	union U = A | B
	input F { a: Int b: F }
	type Query { i(a: Int, b: [Int!], f: F): I u: U a: A b: B s: String x: Int }
`})

// conflicts tells whether the rule of the library finds fields that cannot be merged, and whether ours does.
func conflicts(t *testing.T, text string) (theirs, ours bool, valid bool) {
	t.Helper()
	parse := func() *ast.QueryDocument {
		document, err := parser.ParseQuery(&ast.Source{Input: text})
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		return document
	}
	rule := rules.OverlappingFieldsCanBeMergedRule.Name
	has := func(faults gqlerror.List) (conflict, others bool) {
		for _, fault := range faults {
			if fault.Rule == rule {
				conflict = true
			} else {
				others = true
			}
		}
		return conflict, others
	}
	theirs, others := has(validator.ValidateWithRules(zoo, parse(), rules.NewDefaultRules()))
	policy := limits.For(auth.Console)
	policy.Bounds[limits.Checks] = 1_000_000
	faults, passed := policy.Validate(zoo, parse(), rules.NewDefaultRules())
	if passed != nil {
		t.Fatalf("%s: %v", text, passed)
	}
	ours, _ = has(faults)
	return theirs, ours, !others
}

// random writes a random document: about half of them are valid.
func random(r *rand.Rand) string {
	budget := 8 + r.IntN(30)
	var selections func(on string, depth, fragments int) string
	arguments := []string{"", "", "", "(a:1)", "(b:[1,2])", "(b:[1])", "(f:{a:1,b:{a:1}})", "(f:{b:{a:1},a:1})"}
	selections = func(on string, depth, fragments int) string {
		var text strings.Builder
		for range 1 + r.IntN(4) {
			if budget--; budget < 0 {
				break
			}
			switch r.IntN(10) {
			case 0:
				if on != "Query" {
					to := []string{"I", "U", "A", "B"}[r.IntN(4)]
					fmt.Fprintf(&text, "...on %s{%s} ", to, selections(to, depth, fragments))
				}
			case 1:
				if fragments > 0 && on != "Query" {
					fmt.Fprintf(&text, "...f%d ", r.IntN(fragments))
				}
			default:
				if depth > 0 && r.IntN(2) == 0 {
					names, to := []string{"i", "u"}, []string{"I", "U"}
					switch on {
					case "Query":
						names, to = []string{"i", "u", "a", "b"}, []string{"I", "U", "A", "B"}
					case "A", "B":
						names, to = []string{"i", "u", "w", "l"}, []string{"I", "U", on, "I"}
					case "U":
						continue
					}
					k := r.IntN(len(names))
					argument := ""
					if names[k] == "i" {
						argument = arguments[r.IntN(len(arguments))]
					}
					alias := []string{"", "", "", "k:", "i:"}[r.IntN(5)]
					fmt.Fprintf(&text, "%s%s%s{%s} ", alias, names[k], argument, selections(to[k], depth-1, fragments))
					continue
				}
				leaves := []string{"s", "x", "__typename", "k:s", "k:x"}
				if on == "A" || on == "B" {
					leaves = append(leaves, "y", "z", "k:y", "k:z", "x:y")
				}
				if on == "U" {
					leaves = []string{"__typename"}
				}
				text.WriteString(leaves[r.IntN(len(leaves))] + " ")
			}
		}
		return text.String() + "__typename "
	}
	var text strings.Builder
	fragments := r.IntN(4)
	for i := range fragments {
		on := []string{"I", "U", "A", "B"}[r.IntN(4)]
		fmt.Fprintf(&text, "fragment f%d on %s{%s} ", i, on, selections(on, 2, i))
	}
	return "{" + selections("Query", 4, fragments) + "q:i{__typename " + spreads(fragments) + "}} " + text.String()
}

func spreads(n int) string { return each(n, "...on I{...f%d} ") }

// TestMergingAgreesWithTheLibrary holds our rule on fields that cannot be merged against the library's.
func TestMergingAgreesWithTheLibrary(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	var found, clean int
	for range 20_000 {
		text := random(r)
		theirs, ours, valid := conflicts(t, text)
		if theirs != ours && valid {
			t.Fatalf("the library: %v, ours: %v\n%s", theirs, ours, text)
		}
		switch {
		case valid && ours:
			found++
		case valid:
			clean++
		}
	}
	if found < 1000 || clean < 1000 {
		t.Errorf("%d conflicts, %d without", found, clean)
	}
}

// TestMergingIsBounded validates an operation whose interfaces within interfaces come together in ever new ways: twice
// as many with each level, in a document that passes every other limit.
func TestMergingIsBounded(t *testing.T) {
	t.Parallel()
	text := "__typename"
	for level := range 10 {
		chain := strings.Repeat("i{", level) + "s" + strings.Repeat("}", level)
		text = "...on A{i{" + chain + "}} ...on B{i{" + chain + "}} i{" + text + "}"
	}
	text = "{i{" + text + "}}"
	policy := limits.For(auth.Console)
	if passed := check(t, policy, text); passed != nil {
		t.Fatal(passed)
	}
	document, err := parser.ParseQuery(&ast.Source{Input: text})
	if err != nil {
		t.Fatal(err)
	}
	faults, passed := policy.Validate(zoo, document, rules.NewDefaultRules())
	if faults != nil || len(passed) != 1 || passed[0].Limit != limits.Checks || passed[0].Figure != passed[0].Bound+1 || !passed[0].Refused {
		t.Errorf("got %v %v", faults, passed)
	}
}

// TestValidationEndsEarly shows that no more faults are looked for than are told.
func TestValidationEndsEarly(t *testing.T) {
	t.Parallel()
	document, err := parser.ParseQuery(&ast.Source{Input: "{" + each(100, "no%d ") + "}"})
	if err != nil {
		t.Fatal(err)
	}
	policy := limits.For(auth.Console)
	if faults, passed := policy.Validate(zoo, document, rules.NewDefaultRules()); len(faults) != 20 || passed != nil {
		t.Errorf("%d faults, %v", len(faults), passed)
	}
}

// FuzzMerging does the same for what the fuzzer comes upon.
func FuzzMerging(f *testing.F) {
	f.Add(uint64(1), uint64(1))
	f.Fuzz(func(t *testing.T, a, b uint64) {
		text := random(rand.New(rand.NewPCG(a, b)))
		if theirs, ours, valid := conflicts(t, text); theirs != ours && valid {
			t.Errorf("the library: %v, ours: %v\n%s", theirs, ours, text)
		}
	})
}

// FuzzValidation reads any document: what passes the limits takes no more steps to validate than Checks allows.
func FuzzValidation(f *testing.F) {
	bounds := limits.For(auth.Console).Bounds
	for _, d := range documents {
		f.Add(d.of(bounds[d.limit]))
	}
	r := rand.New(rand.NewPCG(3, 4))
	for range 20 {
		f.Add(random(r))
	}
	f.Fuzz(func(t *testing.T, text string) {
		policy := limits.For(auth.Console)
		if policy.Text(text) != nil {
			return
		}
		document, err := parser.ParseQuery(&ast.Source{Input: text})
		if err != nil || limits.Refused(policy.Document(document)) {
			return
		}
		steps := 0
		counting := rules.NewDefaultRules()
		counting.AddRule("Steps", func(observers *core.Events, _ core.AddErrFunc) {
			observers.OnField(func(*core.Walker, *ast.Field) { steps++ })
			observers.OnFragmentSpread(func(*core.Walker, *ast.FragmentSpread) { steps++ })
			observers.OnInlineFragment(func(*core.Walker, *ast.InlineFragment) { steps++ })
			observers.OnDirective(func(*core.Walker, *ast.Directive) { steps++ })
			observers.OnValue(func(*core.Walker, *ast.Value) { steps++ })
			observers.OnVariable(func(*core.Walker, *ast.VariableDefinition) { steps++ })
			observers.OnOperation(func(*core.Walker, *ast.OperationDefinition) { steps++ })
			observers.OnFragment(func(*core.Walker, *ast.FragmentDefinition) { steps++ })
		})
		policy.Validate(zoo, document, counting)
		if steps > bounds[limits.Checks] {
			t.Errorf("%d steps to validate", steps)
		}
	})
}
