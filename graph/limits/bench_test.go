package limits_test

import (
	"os"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"supportgraph/graph/auth"
	"supportgraph/graph/limits"
)

// BenchmarkInbox measures what the limits take for the agents' inbox: to read its text, to count its document, to
// validate it by our rules and by the library's, to price it anew, and to price it again.
func BenchmarkInbox(b *testing.B) {
	bytes, err := os.ReadFile("../endpoint/playground/page/examples/inbox.graphql")
	if err != nil {
		b.Fatal(err)
	}
	text := string(bytes)
	schema, priced := house(b, auth.Console)
	policy := limits.For(auth.Console)
	document := read(b, schema, text)
	b.Run("text", func(b *testing.B) {
		for b.Loop() {
			policy.Text(text)
		}
	})
	b.Run("parse", func(b *testing.B) {
		for b.Loop() {
			if _, err := parser.ParseQuery(&ast.Source{Input: text}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("document", func(b *testing.B) {
		for b.Loop() {
			policy.Document(document)
		}
	})
	b.Run("validate", func(b *testing.B) {
		for b.Loop() {
			policy.Validate(schema, document, rules.NewDefaultRules())
		}
	})
	b.Run("validate by the library", func(b *testing.B) {
		for b.Loop() {
			validator.ValidateWithRules(schema, document, rules.NewDefaultRules())
		}
	})
	b.Run("price", func(b *testing.B) {
		for b.Loop() {
			priced.Estimate(schema, document.Operations[0]).Points(nil)
		}
	})
	b.Run("price again", func(b *testing.B) {
		estimate := priced.Estimate(schema, document.Operations[0])
		for b.Loop() {
			estimate.Points(nil)
		}
	})
	b.Run("variables", func(b *testing.B) {
		variables := map[string]any{"first": int64(50), "after": "c1", "filter": map[string]any{"status": []any{"NEW", "OPEN"}}}
		for b.Loop() {
			policy.Variables(variables)
		}
	})
}
