package contract

import (
	"fmt"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// Breaking is every way in which a contract breaks what clients of an older one may rely on: what they name is gone or of
// another kind, what they read may be of another type or null, what they send is not taken any more. Additions break
// nothing, but for what must be given; clients are expected to meet new values and new types with a default.
func Breaking(old, now *ast.Schema) []Fault {
	b := &breaking{old: old, now: now}
	for _, definition := range documentOf(old).Definitions {
		after := now.Types[definition.Name]
		switch {
		case after == nil:
			b.fault("TYPE_REMOVED", definition.Name, "it is gone")
		case after.Kind != definition.Kind:
			b.fault("KIND_CHANGED", definition.Name, "it was %s and is %s", definition.Kind, after.Kind)
		default:
			b.definition(definition, after)
		}
	}
	for _, directive := range documentOf(old).Directives {
		if now.Directives[directive.Name] == nil {
			b.fault("DIRECTIVE_REMOVED", "@"+directive.Name, "it is gone")
		}
	}
	for name, roots := range map[string][2]*ast.Definition{
		"query": {old.Query, now.Query}, "mutation": {old.Mutation, now.Mutation}, "subscription": {old.Subscription, now.Subscription},
	} {
		if roots[0] != nil && roots[1] == nil {
			b.fault("ROOT_REMOVED", name, "there is none any more")
		}
	}
	return sorted(b.faults)
}

type breaking struct {
	old, now *ast.Schema
	faults   []Fault
}

func (b *breaking) fault(rule, place, format string, args ...any) {
	b.faults = append(b.faults, Fault{rule, place, fmt.Sprintf(format, args...)})
}

func (b *breaking) definition(old, now *ast.Definition) {
	for _, name := range old.Types {
		if !slices.Contains(now.Types, name) {
			b.fault("MEMBER_REMOVED", old.Name+"."+name, "it is no member any more")
		}
	}
	for _, name := range old.Interfaces {
		if !slices.Contains(now.Interfaces, name) {
			b.fault("INTERFACE_REMOVED", old.Name+"."+name, "it is not implemented any more")
		}
	}
	for _, value := range old.EnumValues {
		if now.EnumValues.ForName(value.Name) == nil {
			b.fault("VALUE_REMOVED", old.Name+"."+value.Name, "it is gone")
		}
	}
	for _, field := range old.Fields {
		place, after := old.Name+"."+field.Name, now.Fields.ForName(field.Name)
		switch {
		case after == nil:
			b.fault("FIELD_REMOVED", place, "it is gone")
		case old.Kind == ast.InputObject:
			b.taken(place, field.Type, after.Type, field.DefaultValue, after.DefaultValue)
		default:
			b.given(place, field.Type, after.Type)
			b.arguments(place, field, after)
		}
	}
	if old.Kind != ast.InputObject {
		return
	}
	for _, field := range now.Fields {
		if old.Fields.ForName(field.Name) == nil && isRequired(field.Type, field.DefaultValue) {
			b.fault("REQUIRED_ADDED", old.Name+"."+field.Name, "older clients do not give it")
		}
	}
}

func (b *breaking) arguments(place string, old, now *ast.FieldDefinition) {
	for _, argument := range old.Arguments {
		place := place + "(" + argument.Name + ":)"
		after := now.Arguments.ForName(argument.Name)
		if after == nil {
			b.fault("ARGUMENT_REMOVED", place, "it is gone")
			continue
		}
		b.taken(place, argument.Type, after.Type, argument.DefaultValue, after.DefaultValue)
	}
	for _, argument := range now.Arguments {
		if old.Arguments.ForName(argument.Name) == nil && isRequired(argument.Type, argument.DefaultValue) {
			b.fault("REQUIRED_ADDED", place+"("+argument.Name+":)", "older clients do not give it")
		}
	}
}

// given compares what clients read: it may become narrower.
func (b *breaking) given(place string, old, now *ast.Type) {
	if !within(now, old) {
		b.fault("TYPE_CHANGED", place, "it was %s and is %s", old, now)
	}
}

// within tells whether every value of a type is one of another.
func within(narrow, wide *ast.Type) bool {
	switch {
	case wide.NonNull && !narrow.NonNull, (narrow.Elem == nil) != (wide.Elem == nil):
		return false
	case wide.Elem != nil:
		return within(narrow.Elem, wide.Elem)
	default:
		return narrow.NamedType == wide.NamedType
	}
}

// taken compares what clients send: it may become wider. A default that changes means something else to who left it out.
func (b *breaking) taken(place string, old, now *ast.Type, before, after *ast.Value) {
	switch {
	case !within(old, now):
		b.fault("TYPE_CHANGED", place, "it was %s and is %s", old, now)
	case before != nil && after == nil:
		b.fault("DEFAULT_CHANGED", place, "it was %s and is none", before)
	case before != nil && before.String() != after.String():
		b.fault("DEFAULT_CHANGED", place, "it was %s and is %s", before, after)
	}
}
