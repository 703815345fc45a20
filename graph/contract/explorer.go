package contract

import "github.com/vektah/gqlparser/v2/ast"

// withoutMutations returns the document without the mutation root and without the types that only it leads to, its
// inputs and payloads. Types that nothing leads to stay.
func withoutMutations(whole *ast.SchemaDocument, full *ast.Schema) *ast.SchemaDocument {
	if full.Mutation == nil {
		return whole
	}
	kept := map[string]bool{}
	for _, directive := range whole.Directives {
		for _, argument := range directive.Arguments {
			reach(full, argument.Type.Name(), kept)
		}
	}
	for _, root := range []*ast.Definition{full.Query, full.Subscription} {
		if root != nil {
			reach(full, root.Name, kept)
		}
	}
	only := map[string]bool{}
	reach(full, full.Mutation.Name, only)

	cut := &ast.SchemaDocument{Directives: whole.Directives}
	for _, definition := range whole.Definitions {
		if kept[definition.Name] || !only[definition.Name] {
			cut.Definitions = append(cut.Definitions, definition)
		}
	}
	for _, definition := range whole.Schema {
		copied := *definition
		copied.OperationTypes = nil
		for _, root := range definition.OperationTypes {
			if root.Operation != ast.Mutation {
				copied.OperationTypes = append(copied.OperationTypes, root)
			}
		}
		cut.Schema = append(cut.Schema, &copied)
	}
	return cut
}

// reach adds every type that a selection or an argument below the named type can come to.
func reach(schema *ast.Schema, name string, reached map[string]bool) {
	definition := schema.Types[name]
	if definition == nil || reached[name] {
		return
	}
	reached[name] = true
	for _, field := range definition.Fields {
		reach(schema, field.Type.Name(), reached)
		for _, argument := range field.Arguments {
			reach(schema, argument.Type.Name(), reached)
		}
	}
	for _, face := range definition.Interfaces {
		reach(schema, face, reached)
	}
	for _, possible := range schema.PossibleTypes[name] {
		reach(schema, possible.Name, reached)
	}
}
