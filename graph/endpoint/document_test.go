package endpoint

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"supportgraph/graph/auth"
	"supportgraph/graph/limits"
)

// bare is a schema that nothing executes.
type bare struct{ schema *ast.Schema }

func (b bare) Schema() *ast.Schema { return b.schema }

func (bare) Complexity(context.Context, string, string, int, map[string]any) (int, bool) {
	return 0, false
}

func (bare) Exec(context.Context) graphql.ResponseHandler { return nil }

// reader is a service that reads documents of a small contract.
func reader(t testing.TB) *service {
	t.Helper()
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: "type Query { hello: String items(first: Int): [String] }"})
	return (&handler{}).service(auth.Portal, Contract{Schema: bare{schema}})
}

// TestDocumentsAreReadOnce shows what is remembered of documents: what may run, apart from what may not, and nothing
// long. A refused document that is sent again is not read again.
func TestDocumentsAreReadOnce(t *testing.T) {
	t.Parallel()
	s := reader(t)
	for name, text := range map[string]string{
		"valid": "{hello}", "invalid": "{no}", "unreadable": "{", "too many tokens": strings.Repeat("#\n", 3000), "too deep": strings.Repeat("{hello", 20) + strings.Repeat("}", 20),
	} {
		first := s.document(text)
		if first.isRefused() == (name == "valid") {
			t.Errorf("%s: %v %v", name, first.faults, first.excesses)
		}
		if s.document(text) != first {
			t.Errorf("%s: read twice", name)
		}
	}
	if s.known.Len() != 1 || s.refused.Len() != 4 {
		t.Errorf("%d known, %d refused", s.known.Len(), s.refused.Len())
	}
	for i := range 2000 {
		s.document(fmt.Sprintf("{no%d}", i))
	}
	if s.known.Len() != 1 || s.refused.Len() != keptRefusals {
		t.Errorf("after many refusals: %d known, %d refused", s.known.Len(), s.refused.Len())
	}
	long := "{hello}" + strings.Repeat(" ", maxRememberedText)
	if first := s.document(long); first.isRefused() || s.document(long) == first {
		t.Error("a long document is remembered")
	}
}

// BenchmarkDocument measures what a request pays for the limits: when its document is new, refused or known.
func BenchmarkDocument(b *testing.B) {
	const known = "query($n:Int){hello a:hello items(first:$n)}"
	bomb := "{...f0}"
	for i := range 90 {
		bomb += fmt.Sprintf(" fragment f%d on Query{...f%d ...f%d}", i, i+1, i+1)
	}
	s := reader(b)
	variables := map[string]any{"n": int64(5)}
	policy := limits.For(auth.Portal)
	b.Run("known", func(b *testing.B) {
		for b.Loop() {
			d := s.document(known)
			policy.Variables(variables)
			policy.Cost(d.operations[d.query.Operations[0]].price.Points(variables))
		}
	})
	b.Run("refused again", func(b *testing.B) {
		for b.Loop() {
			s.document(bomb)
		}
	})
	b.Run("refused", func(b *testing.B) {
		for b.Loop() {
			s.read(bomb)
		}
	})
}
