package contract

import (
	"context"
	"fmt"
	"reflect"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Wall returns the second wall of a contract, for the executor's AroundFields. gqlgen writes a value of an interface or
// union by its Go type, whether the contract has that type or not. The wall holds such a value back and reports the name
// of its type to dropped. An element of a list becomes null where the list may hold null, so that positions stay, and
// is left out otherwise; so is an edge of a connection whose node is held back. A single value becomes null, or an
// error that names nothing where null is not allowed.
//
// typeName gives the GraphQL type of a value, empty for a value that it does not know; such a value is held back. A nil
// typeName knows none, a nil schema has no type at all, and a nil dropped reports to nobody. Both are called from many
// goroutines at once.
func Wall(schema *ast.Schema, typeName func(value any) string, dropped func(typeName string)) graphql.FieldMiddleware {
	if typeName == nil {
		typeName = func(any) string { return "" }
	}
	if dropped == nil {
		dropped = func(string) {}
	}
	w := &wall{typeName: typeName, dropped: dropped, abstract: map[string]members{}, edges: map[string]members{}}
	if schema != nil {
		w.learn(schema)
	}
	return func(ctx context.Context, next graphql.Resolver) (any, error) {
		value, err := next(ctx)
		if err != nil || value == nil {
			return value, err
		}
		field := graphql.GetFieldContext(ctx)
		if field == nil || field.Field.Field == nil || len(field.Field.SelectionSet) == 0 || field.Field.Definition == nil {
			return value, nil // no composite value
		}
		typ := field.Field.Definition.Type
		name := typ.Name()
		if allowed, ok := w.abstract[name]; ok || schema == nil {
			return w.admit(value, typ, check{allowed, plain})
		}
		if allowed, ok := w.edges[name]; ok {
			return w.admit(value, typ, check{allowed, node})
		}
		return value, nil
	}
}

// wall is what a contract lets through.
type wall struct {
	typeName func(value any) string
	dropped  func(typeName string)
	abstract map[string]members // by interface or union
	edges    map[string]members // by object whose field node is a non-null interface or union
}

// members are the names of the types that an interface or union has in the contract.
type members map[string]bool

// check is how a value of one field is looked at.
type check struct {
	allowed members
	value   func(reflect.Value) reflect.Value // what to look at: the value itself, or the node of an edge
}

func (w *wall) learn(schema *ast.Schema) {
	for name, definition := range schema.Types {
		if !definition.IsAbstractType() {
			continue
		}
		w.abstract[name] = members{}
		for _, possible := range schema.PossibleTypes[name] {
			w.abstract[name][possible.Name] = true
		}
	}
	for name, definition := range schema.Types {
		if definition.Kind != ast.Object {
			continue
		}
		if field := definition.Fields.ForName("node"); field != nil && field.Type.NonNull && field.Type.Elem == nil {
			if allowed, ok := w.abstract[field.Type.NamedType]; ok {
				w.edges[name] = allowed
			}
		}
	}
}

// admit returns what of a field's value may leave, or the error that stands for it.
func (w *wall) admit(value any, typ *ast.Type, check check) (any, error) {
	kept, verdict := w.judge(reflect.ValueOf(value), typ, check)
	switch {
	case verdict == same:
		return value, nil
	case verdict == altered:
		return kept.Interface(), nil
	case !typ.NonNull:
		return nil, nil
	default:
		return nil, &gqlerror.Error{
			Message:    "This value is not available.",
			Extensions: map[string]any{"code": "INTERNAL"}, // a defect: the store must not hand out such a value
		}
	}
}

// verdict is what becomes of a value.
type verdict int

const (
	same    verdict = iota // it may leave
	altered                // a list of what may leave stands for it
	refused                // it may not leave
)

// judge decides on a value, element by element. A list that must change is copied, with its Go type: it may be shared
// with other requests.
func (w *wall) judge(value reflect.Value, typ *ast.Type, check check) (reflect.Value, verdict) {
	if typ.Elem == nil {
		if w.passes(value, check) {
			return value, same
		}
		return reflect.Value{}, refused
	}
	if isNil(value) {
		return value, same
	}
	list := value
	if list.Kind() == reflect.Interface {
		list = list.Elem()
	}
	if list.Kind() != reflect.Slice { // such as the channel of a subscription: nothing that could be looked at
		w.dropped(list.Type().String())
		return reflect.Value{}, refused
	}
	var kept reflect.Value // made for the first element that does not stay as it is
	for i := range list.Len() {
		element, verdict := w.judge(list.Index(i), typ.Elem, check)
		if verdict == same && !kept.IsValid() {
			continue
		}
		if !kept.IsValid() {
			kept = reflect.AppendSlice(reflect.MakeSlice(list.Type(), 0, list.Len()), list.Slice(0, i))
		}
		switch of := list.Type().Elem(); {
		case verdict != refused:
			kept = reflect.Append(kept, element)
		case !typ.Elem.NonNull && canBeNil(of):
			kept = reflect.Append(kept, reflect.Zero(of))
		}
	}
	if kept.IsValid() {
		return kept, altered
	}
	return value, same
}

// passes reports whether a single value may leave, and reports it as dropped when not.
func (w *wall) passes(value reflect.Value, check check) bool {
	looked := check.value(value)
	if !looked.IsValid() || isNil(looked) {
		return true // null, or nothing that we could know of: the field below has a wall of its own
	}
	name := w.typeName(looked.Interface())
	if name != "" && check.allowed[name] {
		return true
	}
	if name == "" {
		name = fmt.Sprintf("%T", looked.Interface())
	}
	w.dropped(name)
	return false
}

// plain looks at the value itself.
func plain(value reflect.Value) reflect.Value { return value }

// node looks at the node of an edge, nothing where the edge holds it in another way.
func node(value reflect.Value) reflect.Value {
	edge := indirect(value)
	if !edge.IsValid() || edge.Kind() != reflect.Struct {
		return reflect.Value{}
	}
	return edge.FieldByName("Node")
}

// indirect follows pointers and interfaces, to the zero Value at a nil one.
func indirect(value reflect.Value) reflect.Value {
	for value.IsValid() && (value.Kind() == reflect.Pointer || value.Kind() == reflect.Interface) {
		value = value.Elem()
	}
	return value
}

func isNil(value reflect.Value) bool {
	if value.Kind() == reflect.Interface {
		value = value.Elem()
	}
	return !value.IsValid() || canBeNil(value.Type()) && value.IsNil()
}

func canBeNil(typ reflect.Type) bool {
	switch typ.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Slice, reflect.Map, reflect.Chan, reflect.Func:
		return true
	default:
		return false
	}
}
