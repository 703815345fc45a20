package endpoint

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/core"
)

// noteDeprecated is a rule that refuses nothing: it notes what a document names that is deprecated, each once.
func noteDeprecated(found *[]string) core.RuleFunc {
	return func(observers *core.Events, _ core.AddErrFunc) {
		note := func(directives ast.DirectiveList, element string) {
			if directives.ForName("deprecated") != nil && !slices.Contains(*found, element) {
				*found = append(*found, element)
			}
		}
		observers.OnField(func(_ *core.Walker, field *ast.Field) {
			if field.Definition == nil || field.ObjectDefinition == nil {
				return
			}
			place := field.ObjectDefinition.Name + "." + field.Name
			note(field.Definition.Directives, place)
			for _, argument := range field.Arguments {
				if definition := field.Definition.Arguments.ForName(argument.Name); definition != nil {
					note(definition.Directives, place+"("+argument.Name+":)")
				}
			}
		})
		observers.OnValue(func(_ *core.Walker, value *ast.Value) {
			if value.Definition == nil {
				return
			}
			if value.Kind == ast.EnumValue {
				if definition := value.Definition.EnumValues.ForName(value.Raw); definition != nil {
					note(definition.Directives, value.Definition.Name+"."+value.Raw)
				}
			}
			if value.Kind == ast.ObjectValue {
				for _, child := range value.Children {
					if definition := value.Definition.Fields.ForName(child.Name); definition != nil {
						note(definition.Directives, value.Definition.Name+"."+child.Name)
					}
				}
			}
		})
	}
}
