package contract

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

func (a *answering) schemaOf(asked []question) {
	a.object(asked, "__Schema", func(q *question) {
		switch q.field {
		case "description":
			a.optional(a.schema.Description)
		case "types":
			list(a, a.types, all, func(d *ast.Definition) { a.definition(q.below, d) })
		case "queryType":
			a.definition(q.below, a.schema.Query)
		case "mutationType":
			a.definition(q.below, a.schema.Mutation)
		case "subscriptionType":
			a.definition(q.below, a.schema.Subscription)
		case "directives":
			list(a, a.directives, all, func(d *ast.DirectiveDefinition) { a.directive(q.below, d) })
		}
	})
}

// definition writes a type that has a name, null where there is none.
func (a *answering) definition(asked []question, of *ast.Definition) {
	if of == nil {
		a.null()
		return
	}
	a.object(asked, "__Type", func(q *question) {
		switch q.field {
		case "kind":
			a.text(string(of.Kind))
		case "name":
			a.text(of.Name)
		case "description":
			a.optional(of.Description)
		case "specifiedByURL":
			a.optional(specifiedBy(of))
		case "fields":
			list(a, fieldsOf(of), current(q), func(f *ast.FieldDefinition) { a.field(q.below, f) })
		case "interfaces":
			list(a, interfacesOf(of), all, func(name string) { a.definition(q.below, a.schema.Types[name]) })
		case "possibleTypes":
			list(a, a.possibleTypes(of), all, func(d *ast.Definition) { a.definition(q.below, d) })
		case "enumValues":
			list(a, enumValuesOf(of), func(v *ast.EnumValueDefinition) bool { return q.deprecated || deprecation(v.Directives) == nil },
				func(v *ast.EnumValueDefinition) { a.enumValue(q.below, v) })
		case "inputFields":
			list(a, inputFieldsOf(of), all, func(f *ast.FieldDefinition) {
				a.input(q.below, input{f.Name, f.Description, f.Type, f.DefaultValue, f.Directives})
			})
		case "ofType":
			a.null()
		case "isOneOf":
			a.truth(of.Kind == ast.InputObject && of.Directives.ForName("oneOf") != nil)
		}
	})
}

// reference writes a type as a field refers to it; bare leaves out that it is not null.
func (a *answering) reference(asked []question, to *ast.Type, bare bool) {
	nonNull := to.NonNull && !bare
	if !nonNull && to.Elem == nil {
		a.definition(asked, a.schema.Types[to.NamedType])
		return
	}
	a.object(asked, "__Type", func(q *question) {
		switch q.field {
		case "kind":
			if nonNull {
				a.text("NON_NULL")
			} else {
				a.text("LIST")
			}
		case "ofType":
			if nonNull {
				a.reference(q.below, to, true)
			} else {
				a.reference(q.below, to.Elem, false)
			}
		case "fields", "interfaces", "possibleTypes", "enumValues", "inputFields":
			a.out.WriteString("[]")
		case "isOneOf":
			a.truth(false)
		default:
			a.null()
		}
	})
}

func (a *answering) field(asked []question, of *ast.FieldDefinition) {
	a.object(asked, "__Field", func(q *question) {
		switch q.field {
		case "name":
			a.text(of.Name)
		case "description":
			a.optional(of.Description)
		case "args":
			a.arguments(q.below, of.Arguments, true)
		case "type":
			a.reference(q.below, of.Type, false)
		case "isDeprecated":
			a.truth(deprecation(of.Directives) != nil)
		case "deprecationReason":
			a.reason(of.Directives, "No longer supported")
		}
	})
}

// arguments writes those of a field or a directive; gqlgen tells of deprecation for fields' alone.
func (a *answering) arguments(asked []question, of ast.ArgumentDefinitionList, ofField bool) {
	list(a, of, all, func(argument *ast.ArgumentDefinition) {
		in := input{argument.Name, argument.Description, argument.Type, argument.DefaultValue, nil}
		if ofField {
			in.directives = argument.Directives
		}
		a.input(asked, in)
	})
}

// input is an argument or a field of an input.
type input struct {
	name, description string
	is                *ast.Type
	value             *ast.Value // by default
	directives        ast.DirectiveList
}

func (a *answering) input(asked []question, of input) {
	a.object(asked, "__InputValue", func(q *question) {
		switch q.field {
		case "name":
			a.text(of.name)
		case "description":
			a.optional(of.description)
		case "type":
			a.reference(q.below, of.is, false)
		case "defaultValue":
			if of.value == nil {
				a.null()
			} else {
				a.text(of.value.String())
			}
		case "isDeprecated":
			a.truth(deprecation(of.directives) != nil)
		case "deprecationReason":
			a.reason(of.directives, "")
		}
	})
}

func (a *answering) enumValue(asked []question, of *ast.EnumValueDefinition) {
	a.object(asked, "__EnumValue", func(q *question) {
		switch q.field {
		case "name":
			a.text(of.Name)
		case "description":
			a.optional(of.Description)
		case "isDeprecated":
			a.truth(deprecation(of.Directives) != nil)
		case "deprecationReason":
			a.reason(of.Directives, "")
		}
	})
}

func (a *answering) directive(asked []question, of *ast.DirectiveDefinition) {
	a.object(asked, "__Directive", func(q *question) {
		switch q.field {
		case "name":
			a.text(of.Name)
		case "description":
			a.optional(of.Description)
		case "isRepeatable":
			a.truth(of.IsRepeatable)
		case "locations":
			list(a, of.Locations, all, func(at ast.DirectiveLocation) { a.text(string(at)) })
		case "args":
			a.arguments(q.below, of.Arguments, false)
		}
	})
}

// reason writes why something is deprecated; usual is what stands for a reason that is not given, "" for none.
func (a *answering) reason(directives ast.DirectiveList, usual string) {
	deprecated := deprecation(directives)
	if deprecated == nil {
		a.null()
		return
	}
	if given := deprecated.Arguments.ForName("reason"); given != nil {
		a.text(given.Value.Raw)
		return
	}
	a.optional(usual)
}

func deprecation(directives ast.DirectiveList) *ast.Directive {
	return directives.ForName("deprecated")
}

// current tells which fields are shown: those about the contract itself never, deprecated ones where they are asked for.
func current(q *question) func(*ast.FieldDefinition) bool {
	return func(f *ast.FieldDefinition) bool {
		return !strings.HasPrefix(f.Name, "__") && (q.deprecated || deprecation(f.Directives) == nil)
	}
}

func fieldsOf(of *ast.Definition) ast.FieldList {
	if of.Kind != ast.Object && of.Kind != ast.Interface {
		return nil
	}
	return of.Fields
}

func inputFieldsOf(of *ast.Definition) ast.FieldList {
	if of.Kind != ast.InputObject {
		return nil
	}
	return of.Fields
}

func interfacesOf(of *ast.Definition) []string {
	if of.Kind != ast.Object && of.Kind != ast.Interface {
		return nil
	}
	return of.Interfaces
}

func enumValuesOf(of *ast.Definition) ast.EnumValueList {
	if of.Kind != ast.Enum {
		return nil
	}
	return of.EnumValues
}

func (a *answering) possibleTypes(of *ast.Definition) []*ast.Definition {
	if of.Kind != ast.Interface && of.Kind != ast.Union {
		return nil
	}
	return a.schema.GetPossibleTypes(of)
}

func specifiedBy(of *ast.Definition) string {
	directive := of.Directives.ForName("specifiedBy")
	if of.Kind != ast.Scalar || directive == nil {
		return ""
	}
	return directive.Arguments.ForName("url").Value.Raw
}
