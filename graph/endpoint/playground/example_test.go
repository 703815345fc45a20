package playground_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"supportgraph/graph/endpoint/playground"
)

// Whoever changes the schema learns here which example no longer holds.
func TestExamplesAreValidAgainstTheSchema(t *testing.T) {
	t.Parallel()
	full := schema(t)
	for _, example := range playground.Examples() {
		t.Run(example.Name, func(t *testing.T) {
			t.Parallel()
			document, err := gqlparser.LoadQueryWithRules(full, example.Query, rules.NewDefaultRules())
			if err != nil {
				t.Fatalf("the example is not valid: %v", err)
			}
			if len(document.Operations) != 1 || document.Operations[0].Name == "" {
				t.Fatalf("an example is one named operation, because its name is the tab's title")
			}
			if len(document.Operations[0].VariableDefinitions) != 0 {
				t.Errorf("an example runs as it stands, without variables")
			}
			if example.Persona != "customer" {
				return
			}
			for _, field := range fields(document) {
				if field.ObjectDefinition != nil && !forPortal(field.Definition) {
					t.Errorf("%s.%s is not in the customer's contract", field.ObjectDefinition.Name, field.Name)
				}
			}
		})
	}
}

// In the narrow editor longer lines would have to be scrolled to be read.
func TestExampleCommentsFitTheEditor(t *testing.T) {
	t.Parallel()
	for _, example := range playground.Examples() {
		for line := range strings.Lines(example.Query) {
			if strings.Contains(line, "#") && len(strings.TrimRight(line, "\n")) > 60 {
				t.Errorf("%s: longer than 60 columns: %s", example.Name, line)
			}
		}
	}
}

func schema(t *testing.T) *ast.Schema {
	t.Helper()
	files, err := filepath.Glob("../../schema/*.graphqls")
	if err != nil || len(files) == 0 {
		t.Fatalf("find the schema: %d files, %v", len(files), err)
	}
	var sources []*ast.Source
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, &ast.Source{Name: file, Input: string(text)})
	}
	full, err := gqlparser.LoadSchema(sources...)
	if err != nil {
		t.Fatalf("load the schema: %v", err)
	}
	return full
}

// fields lists every field that a document selects, fragments included.
func fields(document *ast.QueryDocument) []*ast.Field {
	var found []*ast.Field
	var walk func(ast.SelectionSet)
	walk = func(set ast.SelectionSet) {
		for _, selection := range set {
			switch s := selection.(type) {
			case *ast.Field:
				found = append(found, s)
				walk(s.SelectionSet)
			case *ast.InlineFragment:
				walk(s.SelectionSet)
			}
		}
	}
	for _, operation := range document.Operations {
		walk(operation.SelectionSet)
	}
	for _, fragment := range document.Fragments {
		walk(fragment.SelectionSet)
	}
	return found
}

func forPortal(definition *ast.FieldDefinition) bool {
	for _, tag := range definition.Directives.ForNames("tag") {
		if name := tag.Arguments.ForName("name"); name != nil && name.Value.Raw == "portal" {
			return true
		}
	}
	return false
}
