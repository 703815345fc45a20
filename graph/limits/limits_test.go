package limits_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"supportgraph/graph/auth"
	"supportgraph/graph/limits"
)

// documents build a document of an exact figure, for each limit on documents.
var documents = []struct {
	limit limits.Limit
	of    func(n int) string
	said  string // of one too many
}{
	{limits.Bytes, func(n int) string { return "{a}" + strings.Repeat(" ", n-3) }, "The document is 65,537 bytes long; at most 65,536 are allowed."},
	{limits.Tokens, func(n int) string { return "{" + strings.Repeat("a ", n-2) + "}" }, "The document has at least 2,001 tokens; at most 2,000 are allowed."},
	{limits.NameBytes, func(n int) string { return "{" + strings.Repeat("a", n) + "}" }, "A name is 129 bytes long; at most 128 are allowed."},
	{limits.LiteralBytes, func(n int) string { return `{a(b:"` + strings.Repeat("x", n) + `")}` }, "A literal is 16,385 bytes long; at most 16,384 are allowed."},
	{limits.LiteralBytes, func(n int) string { return `{a(b:` + strings.Repeat("9", n) + `)}` }, "A literal is 16,385 bytes long; at most 16,384 are allowed."},
	{limits.LiteralBytes, func(n int) string { return `{a(b:"""` + strings.Repeat("x", n) + `""")}` }, "A literal is 16,385 bytes long; at most 16,384 are allowed."},
	{limits.Operations, func(n int) string { return each(n, "query q%d {a}") }, "The document has 11 operations; at most 10 are allowed."},
	{limits.Fragments, func(n int) string { return "{a}" + each(n, "fragment f%d on T {a}") }, "The document has 101 fragments; at most 100 are allowed."},
	{limits.Spreads, func(n int) string { return "{" + each(n-1, "...f ") + "...{a}}" }, "The document spreads fragments in 201 places; at most 200 are allowed."},
	{limits.FragmentCycles, func(n int) string { return "{...f}" + each(n, "fragment f on T {a{...f}}") }, "The document has 1 circular fragment spreads; at most 0 are allowed."},
	{limits.Depth, func(n int) string { return nest(n, "a") }, "The operation is 13 levels deep; at most 12 are allowed."},
	{limits.Depth, func(n int) string {
		return strings.Repeat("{a", n-2) + "{...f}" + strings.Repeat("}", n-2) + "fragment f on T {...g} fragment g on T {...{b{c}}}"
	}, "The operation is 13 levels deep; at most 12 are allowed."},
	{limits.Fields, func(n int) string { return "{...f ...f} fragment f on T {" + each(n/2, "a%d ") + "}" + odd(n) }, "The operation has 1,001 fields with its fragments spread out; at most 1,000 are allowed."},
	{limits.UniqueFields, func(n int) string {
		return "{...f ...f} fragment f on T {" + each(n, "a%d ") + "a0 a0}"
	}, "The document has 301 different fields; at most 300 are allowed."},
	{limits.DuplicateKeys, func(n int) string {
		return "{x:a b{x:a} ...{x:a}" + strings.Repeat(" x:a", n) + "}"
	}, "The document asks 51 times again for a field that stands beside it; at most 50 are allowed."},
	{limits.RootFields, func(n int) string {
		return "{a ...{b} " + strings.Repeat("...f ", n-2) + "} fragment f on Query {c{d}}"
	}, "The operation has 11 fields at its root; at most 10 are allowed."},
	{limits.Aliases, func(n int) string { return "{a a:a " + each(n, "b%d:a ") + "}" }, "The document has 31 aliases; at most 30 are allowed."},
	{limits.Directives, func(n int) string {
		return "query q @a {...f @b ...@c{a} a " + strings.Repeat("@d ", n-5) + "} fragment f on T @e {a}" + "fragment g on T {b @f}"
	}, "The document has 21 directives; at most 20 are allowed."},
	{limits.IntrospectionDepth, func(n int) string {
		return "{__schema{types" + strings.Repeat("{fields{type", n-1) + "{name}" + strings.Repeat("}}", n-1) + "}}"
	}, "The operation asks for types and fields 3 lists deep; at most 2 are allowed."},
	{limits.Variables, func(n int) string { return "query (" + each(n, "$a%d:Int ") + ") {a}" }, "The operation declares 51 variables; at most 50 are allowed."},
	{limits.Values, func(n int) string { return "{a(b:[" + strings.Repeat("1 ", n-1) + "])}" }, "The request has 2,001 values; at most 2,000 are allowed."},
	{limits.ValueDepth, func(n int) string { return "{a(b:" + strings.Repeat("[", n) + strings.Repeat("]", n) + ")}" }, "A value is 17 levels deep; at most 16 are allowed."},
	{limits.ValueDepth, func(n int) string {
		return "query ($a:A=" + strings.Repeat("{b:", n) + "1" + strings.Repeat("}", n) + ") {a}"
	}, "A value is 17 levels deep; at most 16 are allowed."},
	{limits.ListLength, func(n int) string { return "{a(b:{c:[" + strings.Repeat("1 ", n) + "]})}" }, "A list has 251 items; at most 250 are allowed."},
	{limits.Checks, func(n int) string { return "{" + strings.Repeat("a ", n-1) + "}" }, "The document takes 10,001 steps to validate; at most 10,000 are allowed."},
}

// each writes a pattern n times, with the numbers from 0 on.
func each(n int, pattern string) string {
	var text strings.Builder
	for i := range n {
		if strings.Contains(pattern, "%d") {
			fmt.Fprintf(&text, pattern, i)
		} else {
			text.WriteString(pattern)
		}
	}
	return text.String()
}

// nest writes n levels of a field.
func nest(n int, field string) string {
	return strings.Repeat("{"+field, n) + strings.Repeat("}", n)
}

// odd is a further operation, one field larger than an even number of fields.
func odd(n int) string {
	if n%2 == 0 {
		return ""
	}
	return " query q {" + each(n, "a ") + "}"
}

// check holds a document against a policy as the endpoint does.
func check(t testing.TB, policy limits.Policy, text string) []limits.Excess {
	t.Helper()
	if passed := policy.Text(text); passed != nil {
		return passed
	}
	document, err := parser.ParseQuery(&ast.Source{Input: text})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return policy.Document(document)
}

// TestEachLimitOfDocuments holds each limit by itself against a document that just meets it, and one just beyond.
func TestEachLimitOfDocuments(t *testing.T) {
	t.Parallel()
	bounds := limits.For(auth.Console).Bounds
	tested := map[limits.Limit]bool{limits.Cost: true} // TestEstimate
	for _, test := range documents {
		tested[test.limit] = true
		var policy limits.Policy
		policy.Bounds[test.limit] = bounds[test.limit]
		bound := bounds[test.limit]
		if passed := check(t, policy, test.of(bound)); passed != nil {
			t.Errorf("%s: a document of %d is refused: %v", test.limit, bound, passed)
		}
		passed := check(t, policy, test.of(bound+1))
		if len(passed) != 1 {
			t.Fatalf("%s: a document of %d passes %v", test.limit, bound+1, passed)
		}
		if got := passed[0]; got.Error() != test.said || got.Code() != test.limit.String()+"_LIMIT_EXCEEDED" || got.Figure != bound+1 || !got.Refused {
			t.Errorf("%s: got %+v: %s", test.limit, got, got)
		}
	}
	for limit := range limits.Limit(len(bounds)) {
		if !tested[limit] {
			t.Errorf("%s is not tested", limit)
		}
	}
}

func TestEachLimitOfVariables(t *testing.T) {
	t.Parallel()
	bounds := limits.For(auth.Portal).Bounds
	list := func(n int) any { return make([]any, n) }
	deep := func(n int) any {
		var value any = "x"
		for i := range n {
			if value = any([]any{value}); i%2 == 0 {
				value = map[string]any{"a": value.([]any)[0]}
			}
		}
		return value
	}
	many := func(n int) any { // lists of lists, none of them long
		var lists []any
		for n -= 1; n > 100; n -= 100 {
			lists = append(lists, list(99))
		}
		return append(lists, list(n-1))
	}
	for limit, of := range map[limits.Limit]func(n int) any{
		limits.ListLength: list, limits.ValueDepth: deep, limits.Values: many,
	} {
		var policy limits.Policy
		policy.Bounds[limit] = bounds[limit]
		if passed := policy.Variables(map[string]any{"v": of(bounds[limit])}); passed != nil {
			t.Errorf("%s: refused at its bound: %v", limit, passed)
		}
		passed := policy.Variables(map[string]any{"v": of(bounds[limit] + 1)})
		if len(passed) != 1 || passed[0].Limit != limit || passed[0].Figure != bounds[limit]+1 || !passed[0].Refused {
			t.Errorf("%s: got %v", limit, passed)
		}
	}
}

// TestMeasure shows that what is only measured is served, but for what keeps the process safe.
func TestMeasure(t *testing.T) {
	t.Parallel()
	policy := limits.For(auth.Console)
	policy.Level = limits.Measure
	passed := check(t, policy, nest(13, "a"))
	if len(passed) != 1 || limits.Refused(passed) {
		t.Errorf("a deep operation: %v", passed)
	}
	for _, text := range []string{"{...f} fragment f on T {...f}", strings.Repeat("#\n", 2001), "{a(b:" + strings.Repeat("[", 17) + strings.Repeat("]", 17) + ")}"} {
		if passed := check(t, policy, text); !limits.Refused(passed) {
			t.Errorf("%.40s: %v", text, passed)
		}
	}
}

// TestDoublingFragmentsAreCountedOnce counts a document whose fragments spread out to 2^100 fields.
func TestDoublingFragmentsAreCountedOnce(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString("{...f0}")
	for i := range 100 {
		fmt.Fprintf(&text, "fragment f%d on T {...f%d ...f%d}", i, i+1, i+1)
	}
	text.WriteString("fragment f100 on T {a}")
	passed := check(t, limits.For(auth.Console), text.String())
	names := map[string]int{}
	for _, e := range passed {
		names[e.Limit.String()] = e.Figure
	}
	if names["FIELD"] != 1<<40 || names["ROOT_FIELD"] != 1<<40 || names["FRAGMENT"] != 101 || names["SPREAD"] != 201 || names["VALIDATION"] != 1<<40 {
		t.Errorf("got %v", names)
	}
}
