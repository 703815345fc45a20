package endpoint

import (
	"context"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"supportgraph/graph/endpoint/budget"
	"supportgraph/graph/model"
)

// RateLimit is what the viewer of a request may spend, nil where nobody counts.
func RateLimit(ctx context.Context) *model.RateLimit { return exchangeOf(ctx).rate }

// rateLimit tells of the viewer's own budget, when so much of it is left.
func (x *exchange) rateLimit(from []budget.Account, left []int) {
	if len(from) == 0 || from[0].Kind != viewerBudget {
		return
	}
	bucket, spent := from[0].Bucket, from[0].Bucket.Points-left[0]
	x.rate = &model.RateLimit{
		Cost: x.cost.Estimated, Limit: bucket.Points, Remaining: max(0, left[0]), Used: spent,
		ResetAt: time.Now().Add(time.Duration(seconds(bucket, spent)) * time.Second),
	}
	if x.cost.Maximum > 0 {
		x.rate.MaximumCost = &x.cost.Maximum
	}
}

// The field by which an operation asks for no more than its cost, and the argument that says so.
const (
	rateLimitField = "rateLimit"
	dryRunArgument = "dryRun"
)

// mayBeDry tells whether an operation's variables can make it one that asks for its cost alone.
func mayBeDry(operation *ast.OperationDefinition) bool {
	if operation.Operation != ast.Query {
		return false
	}
	met := map[*ast.FragmentDefinition]bool{}
	var asks func(ast.SelectionSet) bool
	asks = func(set ast.SelectionSet) bool {
		for _, selection := range set {
			switch s := selection.(type) {
			case *ast.Field:
				if s.Name == rateLimitField && s.Arguments.ForName(dryRunArgument) != nil {
					return true
				}
			case *ast.InlineFragment:
				if asks(s.SelectionSet) {
					return true
				}
			case *ast.FragmentSpread:
				if known := met[s.Definition]; s.Definition != nil && !known {
					met[s.Definition] = true
					if asks(s.Definition.SelectionSet) {
						return true
					}
				}
			}
		}
		return false
	}
	return asks(operation.SelectionSet)
}

// dry leaves of an operation what answers its cost, where it asks for no more, and tells whether it does.
func (d *document) dry(operation *graphql.OperationContext) bool {
	if !d.operations[operation.Operation].mayBeDry {
		return false
	}
	asked := false
	var left ast.SelectionSet
	for _, field := range graphql.CollectFields(operation, operation.Operation.SelectionSet, []string{"Query"}) {
		if field.Name != rateLimitField && field.Name != "__typename" {
			continue
		}
		alone, _ := field.ArgumentMap(operation.Variables)[dryRunArgument].(bool)
		asked = asked || alone
		merged := *field.Field
		merged.SelectionSet, merged.Directives = field.Selections, nil
		left = append(left, &merged)
	}
	if asked {
		alone := *operation.Operation
		alone.SelectionSet = left
		operation.Operation = &alone
	}
	return asked
}
