package resolvers

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/99designs/gqlgen/graphql"

	"supportgraph/clients"
	"supportgraph/graph/auth"
	"supportgraph/graph/compiled"
	"supportgraph/graph/contract"
	"supportgraph/graph/endpoint"
	"supportgraph/graph/limits"
)

// Contracts returns what each audience is served: its cut of the schema over the same resolvers, and for customers the
// wall behind it. Those of the given audiences may ask for their contract itself. What the wall holds back is told to
// heldBack, and why an operation ran in gqlgen's executor to each of ran, "" for those that were compiled.
func Contracts(all *clients.All, introspection []auth.Audience,
	heldBack func(audience auth.Audience, typeName string), ran ...func(audience auth.Audience, uncovered string),
) (map[auth.Audience]endpoint.Contract, error) {
	full := Full()
	prices, err := limits.NewPrices(full)
	if err != nil {
		return nil, err
	}
	contracts, changes := make(map[auth.Audience]endpoint.Contract, len(auth.Audiences)), &compiled.Changes{}
	for _, audience := range auth.Audiences {
		schema, err := contract.Cut(full, audience)
		if err != nil {
			return nil, fmt.Errorf("the contract of %s: %w", audience, err)
		}
		served := endpoint.Contract{Introspection: slices.Contains(introspection, audience), Prices: prices, Explain: audience != auth.Portal}
		served.Schema = Schema(all, schema, func(uncovered string) {
			for _, told := range ran {
				told(audience, uncovered)
			}
		}, changes)
		if audience == auth.Portal {
			served.Fields = []graphql.FieldMiddleware{
				contract.Wall(schema, typeName, func(typeName string) { heldBack(audience, typeName) }),
			}
		}
		contracts[audience] = served
	}
	return contracts, nil
}

// typeName is the GraphQL type of a member of an interface or union: Go types that are members carry its name.
func typeName(value any) string {
	typ := reflect.TypeOf(value)
	if typ == nil || typ.Kind() != reflect.Pointer {
		return ""
	}
	return typ.Elem().Name()
}
