package resolvers_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/parser"
)

// maxShrinking bounds how often a smaller operation is asked.
const maxShrinking = 400

// shrink takes one thing after the other out of an operation for as long as it still fails.
func shrink(schema *ast.Schema, failing operation, fails func(operation) bool) operation {
	tries := 0
	for begin := 0; ; {
		smaller, n := operation{}, begin
		for ; ; n++ {
			query, more := without(failing.query, n)
			if !more {
				break
			}
			document, errs := gqlparser.LoadQueryWithRules(schema, query, nil)
			if len(errs) > 0 {
				continue
			}
			if tries++; tries > maxShrinking {
				return failing
			}
			candidate := operation{query, variablesOf(document, failing.variables)}
			if fails(candidate) {
				smaller = candidate
				break
			}
		}
		switch {
		case smaller.query != "":
			failing, begin = smaller, n
		case begin == 0:
			return failing
		default:
			begin = 0 // what could not go before may go now
		}
	}
}

// without takes the n-th selection, argument or directive out of a query, and what nobody needs then; false where there
// are not so many.
func without(query string, n int) (smaller string, more bool) {
	document, err := parser.ParseQuery(&ast.Source{Input: query})
	if err != nil {
		return "", false
	}
	gone := func() bool {
		n--
		return n == -1
	}
	var cut func(ast.SelectionSet) ast.SelectionSet
	cut = func(set ast.SelectionSet) ast.SelectionSet {
		return slices.DeleteFunc(set, func(selection ast.Selection) bool {
			if gone() {
				return true
			}
			directive := func(*ast.Directive) bool { return gone() }
			switch s := selection.(type) {
			case *ast.Field:
				s.Arguments = slices.DeleteFunc(s.Arguments, func(*ast.Argument) bool { return gone() })
				s.Directives = slices.DeleteFunc(s.Directives, directive)
				s.SelectionSet = cut(s.SelectionSet)
				return false
			case *ast.InlineFragment:
				s.Directives = slices.DeleteFunc(s.Directives, directive)
				s.SelectionSet = cut(s.SelectionSet)
				return len(s.SelectionSet) == 0
			case *ast.FragmentSpread:
				s.Directives = slices.DeleteFunc(s.Directives, directive)
			}
			return false
		})
	}
	for _, operation := range document.Operations {
		operation.SelectionSet = cut(operation.SelectionSet)
	}
	for _, fragment := range document.Fragments {
		fragment.SelectionSet = cut(fragment.SelectionSet)
	}
	if n >= 0 {
		return "", false
	}
	for range document.Fragments { // one that is gone may have been the last to spread another
		spread := map[string]bool{}
		for _, name := range spreadsIn(document) {
			spread[name] = true
		}
		document.Fragments = slices.DeleteFunc(document.Fragments, func(f *ast.FragmentDefinition) bool { return !spread[f.Name] })
	}
	written := write(document)
	for _, operation := range document.Operations {
		operation.VariableDefinitions = slices.DeleteFunc(operation.VariableDefinitions, func(v *ast.VariableDefinition) bool {
			return !bytes.Contains([]byte(written), []byte("$"+v.Variable+")")) && !uses(written, v.Variable)
		})
	}
	return write(document), true
}

// uses tells whether a variable stands anywhere but in its declaration.
func uses(query, variable string) bool {
	count := 0
	for rest := []byte(query); ; count++ {
		_, after, found := bytes.Cut(rest, []byte("$"+variable))
		if !found {
			return count > 1
		}
		rest = after
		if len(rest) > 0 && rest[0] >= '0' && rest[0] <= '9' {
			count-- // another, whose name is longer
		}
	}
}

func spreadsIn(document *ast.QueryDocument) (names []string) {
	var walk func(ast.SelectionSet)
	walk = func(set ast.SelectionSet) {
		for _, selection := range set {
			switch s := selection.(type) {
			case *ast.Field:
				walk(s.SelectionSet)
			case *ast.InlineFragment:
				walk(s.SelectionSet)
			case *ast.FragmentSpread:
				names = append(names, s.Name)
			}
		}
	}
	for _, operation := range document.Operations {
		walk(operation.SelectionSet)
	}
	for _, fragment := range document.Fragments {
		walk(fragment.SelectionSet)
	}
	return names
}

func write(document *ast.QueryDocument) string {
	var out bytes.Buffer
	formatter.NewFormatter(&out, formatter.WithIndent("  ")).FormatQueryDocument(document)
	return out.String()
}

func variablesOf(document *ast.QueryDocument, variables map[string]any) map[string]any {
	kept := map[string]any{}
	for _, definition := range document.Operations[0].VariableDefinitions {
		if value, ok := variables[definition.Variable]; ok {
			kept[definition.Variable] = value
		}
	}
	return kept
}

func parsed(tb testing.TB, schema *ast.Schema, query string) *ast.QueryDocument {
	tb.Helper()
	document, errs := gqlparser.LoadQueryWithRules(schema, query, nil)
	if len(errs) > 0 {
		tb.Fatalf("%v in %s", errs, query)
	}
	return document
}
