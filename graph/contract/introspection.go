package contract

import (
	"bytes"
	"context"
	"io"
	"maps"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// Introspection answers what is asked about a contract itself, __schema and __type, with the bytes of gqlgen's executor,
// but for @defer, which it does not tell of.
// That one walks every field as if it could fail, and takes more CPU for what tools ask when they open than any request
// may take; this one appends what it reads. It is safe for concurrent use.
type Introspection struct {
	schema     *ast.Schema
	types      []*ast.Definition          // by name
	directives []*ast.DirectiveDefinition // by name
}

// notServed is the one directive that every schema has and no operation may use: tools that read of it would offer it.
const notServed = "defer"

// NewIntrospection prepares to answer for a contract, which must not change any more.
func NewIntrospection(schema *ast.Schema) *Introspection {
	i := &Introspection{schema: schema}
	for _, name := range slices.Sorted(maps.Keys(schema.Types)) {
		i.types = append(i.types, schema.Types[name])
	}
	for _, name := range slices.Sorted(maps.Keys(schema.Directives)) {
		if name != notServed {
			i.directives = append(i.directives, schema.Directives[name])
		}
	}
	return i
}

// Around answers the root fields __schema and __type in place of the executor, where the operation may ask for them. It
// is a graphql.RootFieldMiddleware.
func (i *Introspection) Around(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
	operation, field := graphql.GetOperationContext(ctx), graphql.GetRootFieldContext(ctx).Field
	asked := field.Name == "__schema" || field.Name == "__type"
	if !asked || operation.DisableIntrospection {
		return next(ctx)
	}
	a := &answering{Introspection: i, operation: operation}
	questions := a.questions(field.Selections, field.Definition.Type.Name())
	if field.Name == "__schema" {
		a.schemaOf(questions)
	} else {
		name, _ := field.ArgumentMap(operation.Variables)["name"].(string)
		a.definition(questions, i.schema.Types[name])
	}
	return graphql.WriterFunc(func(w io.Writer) { _, _ = w.Write(a.out.Bytes()) })
}

// question is a field that is asked for, and what is asked below it.
type question struct {
	field      string
	key        string // as it is written, with its colon
	deprecated bool   // whether what is deprecated is asked for, too
	below      []question
}

// answering is an answer on its way.
type answering struct {
	*Introspection
	operation *graphql.OperationContext
	out       bytes.Buffer
}

// questions opens the fragments of a selection once, for all the objects that it is asked of.
func (a *answering) questions(set ast.SelectionSet, on string) []question {
	fields := graphql.CollectFields(a.operation, set, []string{on})
	asked := make([]question, 0, len(fields))
	for _, field := range fields {
		q := question{field: field.Name, key: `"` + field.Alias + `":`} // names need no escapes
		q.deprecated, _ = field.ArgumentMap(a.operation.Variables)["includeDeprecated"].(bool)
		if len(field.Selections) > 0 {
			q.below = a.questions(field.Selections, field.Definition.Type.Name())
		}
		asked = append(asked, q)
	}
	return asked
}

// object writes an object of a type; answer writes the value of each field that it has of its own.
func (a *answering) object(asked []question, name string, answer func(q *question)) {
	a.out.WriteByte('{')
	for i := range asked {
		if i > 0 {
			a.out.WriteByte(',')
		}
		a.out.WriteString(asked[i].key)
		if asked[i].field == "__typename" {
			a.text(name)
			continue
		}
		answer(&asked[i])
	}
	a.out.WriteByte('}')
}

// list writes those of the items that are to be shown.
func list[T any](a *answering, items []T, shown func(T) bool, write func(T)) {
	a.out.WriteByte('[')
	first := true
	for _, item := range items {
		if !shown(item) {
			continue
		}
		if !first {
			a.out.WriteByte(',')
		}
		first = false
		write(item)
	}
	a.out.WriteByte(']')
}

func all[T any](T) bool { return true }

func (a *answering) text(text string) { graphql.MarshalString(text).MarshalGQL(&a.out) }

// optional writes null in place of a text that is empty.
func (a *answering) optional(text string) {
	if text == "" {
		a.null()
		return
	}
	a.text(text)
}

func (a *answering) null() { a.out.WriteString("null") }

func (a *answering) truth(value bool) {
	if value {
		a.out.WriteString("true")
	} else {
		a.out.WriteString("false")
	}
}
