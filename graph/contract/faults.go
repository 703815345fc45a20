package contract

import (
	"errors"
	"fmt"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// check gives every way in which the tags contradict each other, joined, or nil.
func (p *pruning) check() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }

	if p.full.Query == nil || p.kept[p.full.Query.Name] == nil {
		fault("nothing of the query type is tagged")
	}
	for _, original := range documentOf(p.full).Definitions {
		kept := p.kept[original.Name]
		if kept == nil {
			continue
		}
		for _, field := range original.Fields {
			at := kept.Name + "." + field.Name
			left := kept.Fields.ForName(field.Name)
			switch {
			case left == nil && kept.Kind == ast.InputObject && isRequired(field.Type, field.DefaultValue):
				fault("%s is required but not in the contract: nobody could fill in a %s", at, kept.Name)
			case left != nil:
				p.checkArguments(at, field, left, fault)
				p.checkDefault(at, left.Type, left.DefaultValue, fault)
			}
		}
		for _, name := range kept.Interfaces {
			checkImplements(kept, p.kept[name], fault)
		}
	}
	p.checkWords(fault)
	return errors.Join(faults...)
}

func isRequired(typ *ast.Type, value *ast.Value) bool { return typ.NonNull && value == nil }

// checkArguments finds arguments that a field needs and the contract lacks. One with a default value is needed too:
// gqlparser fills in defaults from the contract's own arguments, so the resolver would get a zero value instead.
func (p *pruning) checkArguments(at string, original, left *ast.FieldDefinition, fault func(string, ...any)) {
	for _, argument := range original.Arguments {
		at := fmt.Sprintf("%s(%s:)", at, argument.Name)
		kept := left.Arguments.ForName(argument.Name)
		switch {
		case kept != nil:
			p.checkDefault(at, kept.Type, kept.DefaultValue, fault)
		case isRequired(argument.Type, argument.DefaultValue):
			fault("%s is required but not in the contract: nobody could select the field", at)
		case argument.DefaultValue != nil:
			fault("%s has a default value but is not in the contract: the field would never get it", at)
		}
	}
}

// checkDefault finds enum values and input fields that a default value uses and the contract lacks.
func (p *pruning) checkDefault(at string, typ *ast.Type, value *ast.Value, fault func(string, ...any)) {
	if value == nil {
		return
	}
	definition := p.kept[typ.Name()]
	switch {
	case value.Kind == ast.ListValue:
		element := typ
		if typ.Elem != nil {
			element = typ.Elem
		}
		for _, child := range value.Children {
			p.checkDefault(at, element, child.Value, fault)
		}
	case definition == nil: // built in
	case value.Kind == ast.EnumValue && definition.Kind == ast.Enum:
		if definition.EnumValues.ForName(value.Raw) == nil {
			fault("the default value of %s is %s, which is not in the contract", at, value.Raw)
		}
	case value.Kind == ast.ObjectValue && definition.Kind == ast.InputObject:
		for _, child := range value.Children {
			field := definition.Fields.ForName(child.Name)
			if field == nil {
				fault("the default value of %s sets %s.%s, which is not in the contract", at, definition.Name, child.Name)
				continue
			}
			p.checkDefault(at, field.Type, child.Value, fault)
		}
	}
}

// checkImplements finds fields and arguments of an interface that its implementation has not kept. Their types agree
// already, as in the full schema.
func checkImplements(definition, face *ast.Definition, fault func(string, ...any)) {
	for _, wanted := range face.Fields {
		has := definition.Fields.ForName(wanted.Name)
		if has == nil {
			fault("%s no longer implements %s: %s.%s is not in the contract",
				definition.Name, face.Name, definition.Name, wanted.Name)
			continue
		}
		for _, argument := range wanted.Arguments {
			if has.Arguments.ForName(argument.Name) == nil {
				fault("%s no longer implements %s: %s.%s(%s:) is not in the contract",
					definition.Name, face.Name, definition.Name, wanted.Name, argument.Name)
			}
		}
		for _, argument := range has.Arguments {
			required := isRequired(argument.Type, argument.DefaultValue)
			if required && !slices.ContainsFunc(wanted.Arguments, func(a *ast.ArgumentDefinition) bool {
				return a.Name == argument.Name
			}) {
				fault("%s no longer implements %s: %s.%s(%s:) is required and the interface has it no more",
					definition.Name, face.Name, definition.Name, wanted.Name, argument.Name)
			}
		}
	}
}
