package limits

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/core"
)

// merging finds fields that cannot be merged into one answer, as FieldsInSetCanMerge of the specification asks
// (https://spec.graphql.org/October2021/#sec-Field-Selection-Merging). It does not compare each field with each: it
// lays all fields of one response key together, holds them against the first one, and goes on with what is selected
// below them together. So it takes as many steps as the operation has fields with its fragments spread out, twice, and
// more only where interfaces lie within interfaces; therefore every field is told to step.
type merging struct {
	schema   *ast.Schema
	addError core.AddErrFunc
	step     func()
	steps    int
}

func (m *merging) rule(observers *core.Events, addError core.AddErrFunc) {
	m.addError = addError
	observers.OnOperation(func(_ *core.Walker, operation *ast.OperationDefinition) {
		fields := m.together([]ast.SelectionSet{operation.SelectionSet})
		m.shapes(fields)
		m.meanings(fields)
	})
}

// group is the fields of one response key.
type group struct {
	key    string
	fields []*ast.Field
}

// together lays the fields of selections together by their response keys, in the order in which they were written.
func (m *merging) together(sets []ast.SelectionSet) []*group {
	var groups []*group
	byKey := map[string]*group{}
	spread := map[string]bool{}
	var add func(set ast.SelectionSet)
	add = func(set ast.SelectionSet) {
		for _, selection := range set {
			m.step()
			switch s := selection.(type) {
			case *ast.Field:
				in := byKey[s.Alias]
				if in == nil {
					in = &group{key: s.Alias}
					byKey[s.Alias] = in
					groups = append(groups, in)
				}
				in.fields = append(in.fields, s)
			case *ast.InlineFragment:
				add(s.SelectionSet)
			case *ast.FragmentSpread:
				if s.Definition != nil && !spread[s.Name] {
					spread[s.Name] = true
					add(s.Definition.SelectionSet)
				}
			}
		}
	}
	for _, set := range sets {
		add(set)
	}
	return groups
}

func (m *merging) below(fields []*ast.Field) []*group {
	var sets []ast.SelectionSet
	for _, field := range fields {
		if len(field.SelectionSet) > 0 {
			sets = append(sets, field.SelectionSet)
		}
	}
	if len(sets) == 0 {
		return nil
	}
	return m.together(sets)
}

// shapes holds the types of fields with one response key against each other, whatever objects they are asked of.
func (m *merging) shapes(groups []*group) {
	for _, g := range groups {
		var first *ast.Field
		for _, field := range g.fields {
			switch {
			case field.Definition == nil || field.ObjectDefinition == nil: // another rule tells of it
			case first == nil:
				first = field
			case !m.sameShape(first.Definition.Type, field.Definition.Type):
				m.conflict(g.key, field, `they return conflicting types "`+first.Definition.Type.String()+`" and "`+field.Definition.Type.String()+`"`)
				return
			}
		}
		m.shapes(m.below(g.fields))
	}
}

// sameShape tells whether values of two types can stand in one place of an answer.
func (m *merging) sameShape(a, b *ast.Type) bool {
	for ; ; a, b = a.Elem, b.Elem {
		if a.NonNull != b.NonNull || (a.Elem == nil) != (b.Elem == nil) {
			return false
		}
		if a.Elem == nil {
			break
		}
	}
	of, other := m.schema.Types[a.NamedType], m.schema.Types[b.NamedType]
	return of.Name == other.Name || !of.IsLeafType() && !other.IsLeafType()
}

// meanings holds names and arguments of fields with one response key against each other, where they can be asked of
// the same object: fields of an interface meet those of every type.
func (m *merging) meanings(groups []*group) {
	for _, g := range groups {
		for _, fields := range byObject(g.fields) {
			first := fields[0]
			for _, field := range fields[1:] {
				m.step()
				switch {
				case field.Name != first.Name:
					m.conflict(g.key, field, `"`+first.Name+`" and "`+field.Name+`" are different fields`)
					return
				case !sameArguments(first.Arguments, field.Arguments):
					m.conflict(g.key, field, "they have differing arguments")
					return
				}
			}
			m.meanings(m.below(fields))
		}
	}
}

// byObject groups fields that can be asked of the same object.
func byObject(fields []*ast.Field) [][]*ast.Field {
	if len(fields) == 1 {
		return [][]*ast.Field{fields}
	}
	var anywhere []*ast.Field
	var groups [][]*ast.Field
	of := map[string]int{}
	for _, field := range fields {
		switch parent := field.ObjectDefinition; {
		case parent == nil: // another rule tells of it
		case parent.Kind != ast.Object || field.Definition == nil:
			anywhere = append(anywhere, field)
		default:
			i, known := of[parent.Name]
			if !known {
				i = len(groups)
				of[parent.Name] = i
				groups = append(groups, nil)
			}
			groups[i] = append(groups[i], field)
		}
	}
	switch {
	case len(anywhere) == 0:
		return groups
	case len(groups) == 0:
		return [][]*ast.Field{anywhere}
	}
	for i := range groups {
		groups[i] = append(groups[i], anywhere...)
	}
	return groups
}

func (m *merging) conflict(key string, at *ast.Field, why string) {
	m.addError(
		core.Message(`Fields "%s" conflict because %s. Use different aliases on the fields to fetch both if this was intentional.`, key, why),
		core.At(at.Position))
}

// sameArguments tells whether two lists of arguments say the same, in whatever order.
func sameArguments(a, b ast.ArgumentList) bool {
	if len(a) != len(b) {
		return false
	}
	for _, argument := range a {
		if other := b.ForName(argument.Name); other == nil || !sameValue(argument.Value, other.Value) {
			return false
		}
	}
	return true
}

// sameValue tells whether two literals say the same; the fields of an object may stand in any order.
func sameValue(a, b *ast.Value) bool {
	if a.Kind != b.Kind || a.Raw != b.Raw || len(a.Children) != len(b.Children) {
		return false
	}
	of, other := a.Children, b.Children
	if a.Kind == ast.ObjectValue {
		of, other = byName(of), byName(other)
	}
	for i := range of {
		if of[i].Name != other[i].Name || !sameValue(of[i].Value, other[i].Value) {
			return false
		}
	}
	return true
}

func byName(fields ast.ChildValueList) ast.ChildValueList {
	return slices.SortedStableFunc(slices.Values(fields), func(a, b *ast.ChildValue) int { return strings.Compare(a.Name, b.Name) })
}
