package loaders

import (
	"testing"

	"supportgraph/clients/accounts"
)

func BenchmarkPlanKnown(b *testing.B) {
	plans, operation := newPlans(fullSchema(), edges()), parse(b, fullSchema(), inbox)
	plans.of(operation)
	b.ReportAllocs()
	for b.Loop() {
		plans.of(operation)
	}
}

func BenchmarkPlanCompiled(b *testing.B) {
	for _, test := range []struct{ name, document string }{
		{"inbox", inbox},
		{"bomb", bomb(27, "Account", "a: parent { NEXT }", "b: parent { NEXT }", "name")},
	} {
		b.Run(test.name, func(b *testing.B) {
			plans, operation := newPlans(fullSchema(), edges()), parse(b, fullSchema(), test.document)
			b.ReportAllocs()
			for b.Loop() {
				plans.compile(operation)
			}
		})
	}
}

// A request that loads nothing pays for its loaders all the same.
func BenchmarkRequestWithoutLoads(b *testing.B) {
	factory, who := NewFactory(nil, fullSchema()), Who{Scope: accounts.Staff}
	b.ReportAllocs()
	for b.Loop() {
		From(factory.With(b.Context(), who))
	}
}

func BenchmarkInbox(b *testing.B) {
	h := open(b)
	factory, operation := NewFactory(h.clients, fullSchema()), parse(b, fullSchema(), inbox)
	b.ReportAllocs()
	for b.Loop() {
		a := (&asked{}).begin(b, factory, staff, fullSchema(), operation, map[string]any{"first": 50, "billing": false})
		a.readInbox(b, 50, false)
		a.cancel()
	}
}
