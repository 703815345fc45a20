package endpoint

import (
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// checkOperation refuses a request that does not say which operation of its document it asks for, in words of our own.
func checkOperation(x *exchange, name string) *refusal {
	if x.document.query.Operations.ForName(name) != nil {
		return nil
	}
	refused := refuseDocument(x.media, OperationUnknown)
	if name == "" {
		refused.message = "The document has several operations: operationName says which one to run."
	}
	return refused
}

// variableFault says in words of our own what is wrong with a variable. The library's name Go's types, and those of the
// contract, which not everybody may ask for.
func variableFault(message string) string {
	switch message {
	case "must be defined":
		return "must be given."
	case "cannot be null":
		return "must not be null."
	case "unknown field":
		return "is no field of its input."
	default:
		return "has a value that cannot be used."
	}
}

// unfitting are the library's words for a literal that is not of its argument's type.
var unfitting = []string{" cannot represent ", "Expected value of type "}

// nameArguments has errors over literals name the argument that they stand in.
func nameArguments(query *ast.QueryDocument, errs gqlerror.List) {
	var arguments map[gqlerror.Location]string
	for _, err := range errs {
		if len(err.Locations) == 0 || !strings.Contains(err.Message, unfitting[0]) && !strings.HasPrefix(err.Message, unfitting[1]) {
			continue
		}
		if arguments == nil {
			arguments = argumentsOf(query)
		}
		if name := arguments[err.Locations[0]]; name != "" {
			err.Message = fmt.Sprintf("Argument %q has a value that cannot be used.", name)
		}
	}
}

// argumentsOf are the arguments of fields by where the values in them stand: ids, filter.created.from.
func argumentsOf(query *ast.QueryDocument) map[gqlerror.Location]string {
	found := map[gqlerror.Location]string{}
	var value func(name string, v *ast.Value)
	value = func(name string, v *ast.Value) {
		if v.Position != nil {
			found[gqlerror.Location{Line: v.Position.Line, Column: v.Position.Column}] = name
		}
		for _, child := range v.Children {
			if child.Name != "" {
				value(name+"."+child.Name, child.Value)
			} else {
				value(name, child.Value)
			}
		}
	}
	var walk func(ast.SelectionSet)
	walk = func(set ast.SelectionSet) {
		for _, selection := range set {
			switch s := selection.(type) {
			case *ast.Field:
				for _, argument := range s.Arguments {
					value(argument.Name, argument.Value)
				}
				walk(s.SelectionSet)
			case *ast.InlineFragment:
				walk(s.SelectionSet)
			}
		}
	}
	for _, operation := range query.Operations {
		walk(operation.SelectionSet)
	}
	for _, fragment := range query.Fragments {
		walk(fragment.SelectionSet)
	}
	return found
}
