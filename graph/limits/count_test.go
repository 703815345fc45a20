package limits

import (
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
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
