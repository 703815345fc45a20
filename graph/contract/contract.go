// Package contract decides what each audience may see: it cuts one schema per audience from the full one, writes the
// cut schemas down, and holds back values that are outside of them.
package contract

import (
	"errors"
	"fmt"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"supportgraph/graph/auth"
)

// Cut returns the contract of an audience: for the console the whole schema, for the explorer the schema without
// its mutations, for the portal only what carries @tag(name: "portal"). The result shares nothing with the full schema.
//
// What is cut is printed and loaded again. So the contract is exactly what its SDL says, and it is a valid schema.
func Cut(full *ast.Schema, audience auth.Audience) (*ast.Schema, error) {
	if full == nil {
		return nil, errors.New("cut a contract: there is no schema")
	}
	whole := documentOf(full)
	var document *ast.SchemaDocument
	switch audience {
	case auth.Console:
		document = whole
	case auth.Explorer:
		document = withoutMutations(whole, full)
	case auth.Portal:
		tagged, err := onlyTagged(whole, full, string(auth.Portal))
		if err != nil {
			return nil, fmt.Errorf("cut the contract of %s: %w", audience, err)
		}
		document = tagged
	default:
		return nil, fmt.Errorf("cut a contract: %q is no audience", audience)
	}
	cut, err := gqlparser.LoadSchema(&ast.Source{Name: string(audience) + ".graphql", Input: sdl(document)})
	if err != nil {
		return nil, fmt.Errorf("load the contract of %s: %w", audience, err)
	}
	return cut, nil
}
