package contract

import (
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
)

// Print returns the SDL of a schema with its descriptions and without what every schema has: directives and types in
// the order of their names, fields as they were declared. The same schema always gives the same text.
func Print(schema *ast.Schema) string { return sdl(documentOf(schema)) }

// documentOf returns what a schema declares itself, sorted by name. The definitions are those of the schema: whoever
// changes one must copy it first.
func documentOf(schema *ast.Schema) *ast.SchemaDocument {
	document := &ast.SchemaDocument{Schema: schemaDefinition(schema)}
	for _, name := range slices.Sorted(maps.Keys(schema.Directives)) {
		if directive := schema.Directives[name]; !isBuiltIn(directive.Position) {
			document.Directives = append(document.Directives, directive)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(schema.Types)) {
		if definition := schema.Types[name]; !definition.BuiltIn {
			document.Definitions = append(document.Definitions, definition)
		}
	}
	return document
}

func isBuiltIn(position *ast.Position) bool {
	return position != nil && position.Src != nil && position.Src.BuiltIn
}

// schemaDefinition is the schema { ... } block, empty where the names of the types say the same.
func schemaDefinition(schema *ast.Schema) ast.SchemaDefinitionList {
	definition := &ast.SchemaDefinition{Description: schema.Description, Directives: schema.SchemaDirectives}
	needed := schema.Description != "" || len(schema.SchemaDirectives) > 0
	for _, root := range []struct {
		operation ast.Operation
		name      string
		is        *ast.Definition
	}{
		{ast.Query, "Query", schema.Query},
		{ast.Mutation, "Mutation", schema.Mutation},
		{ast.Subscription, "Subscription", schema.Subscription},
	} {
		if root.is != schema.Types[root.name] {
			needed = true // another name, or a type of this name that is no root
		}
		if root.is != nil {
			definition.OperationTypes = append(definition.OperationTypes,
				&ast.OperationTypeDefinition{Operation: root.operation, Type: root.is.Name})
		}
	}
	if !needed {
		return nil
	}
	return ast.SchemaDefinitionList{definition}
}

// sdl prints a document, with an empty line between its definitions.
func sdl(document *ast.SchemaDocument) string {
	blocks := []*ast.SchemaDocument{{Schema: document.Schema}}
	for _, directive := range document.Directives {
		blocks = append(blocks, &ast.SchemaDocument{Directives: ast.DirectiveDefinitionList{directive}})
	}
	for _, definition := range document.Definitions {
		blocks = append(blocks, &ast.SchemaDocument{Definitions: ast.DefinitionList{definition}})
	}
	var texts []string
	for _, block := range blocks {
		var text strings.Builder
		formatter.NewFormatter(&text, formatter.WithIndent("  ")).FormatSchemaDocument(block)
		if text.Len() > 0 {
			texts = append(texts, tidy(text.String()))
		}
	}
	return strings.Join(texts, "\n")
}

// tidy puts a description of one plain line on that line, and takes empty lines away that the formatter leaves between
// arguments. What stands inside a longer description keeps its lines.
func tidy(text string) string {
	const fence = `"""`
	var tidied []string
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		switch strings.TrimSpace(lines[i]) {
		case "":
			continue
		case fence:
		default:
			tidied = append(tidied, lines[i])
			continue
		}
		end := i + 1
		for strings.TrimSpace(lines[end]) != fence {
			end++
		}
		only := strings.TrimSpace(lines[i+1])
		if end == i+2 && !strings.ContainsAny(only, `"\`) {
			indent := lines[i][:len(lines[i])-len(fence)]
			tidied = append(tidied, indent+`"`+only+`"`)
		} else {
			for _, line := range lines[i : end+1] {
				if strings.TrimSpace(line) == "" {
					line = "" // an indent alone has no meaning in a description
				}
				tidied = append(tidied, line)
			}
		}
		i = end
	}
	return strings.Join(tidied, "\n") + "\n"
}
