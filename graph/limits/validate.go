package limits

import (
	"maps"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator/core"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// maxFaults is how many faults of a document are told of. Validation ends there: to word a fault, with suggestions,
// takes more than to find it.
const maxFaults = 20

// enough ends a validation from within its rules.
type enough struct{}

// Validate holds a document that has passed Document against a schema, by the rules. Its work is bounded: it ends at
// the first twenty faults, and the library's rule on fields that cannot be merged, which is quadratic, gives way to one
// of equal verdict that takes no more steps than Checks allows.
func (p *Policy) Validate(schema *ast.Schema, document *ast.QueryDocument, by *rules.Rules) (faults gqlerror.List, passed []Excess) {
	m := &merging{schema: schema}
	by.ReplaceRule(rules.OverlappingFieldsCanBeMergedRule.Name, m.rule)
	m.step = func() {
		if m.steps++; p.Bounds[Checks] != 0 && m.steps > p.Bounds[Checks] {
			passed = []Excess{{Limit: Checks, Figure: m.steps, Bound: p.Bounds[Checks], Refused: true}}
			panic(enough{})
		}
	}
	observers := &core.Events{}
	all := by.GetInner()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		all[name](observers, func(options ...core.ErrorOption) {
			fault := &gqlerror.Error{Rule: name}
			for _, option := range options {
				option(fault)
			}
			if faults = append(faults, fault); len(faults) == maxFaults {
				panic(enough{})
			}
		})
	}
	defer func() {
		if caught := recover(); caught != nil && caught != any(enough{}) {
			panic(caught)
		}
	}()
	core.Walk(schema, document, observers)
	return faults, nil
}
