package compiled

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
)

// fieldContext is the context of resolvers: it makes the field context when somebody asks for it, which is when there is
// an error. It holds while the resolver runs; what goes on behind it has no field any more.
type fieldContext struct {
	context.Context
	key any // gqlgen's, of the field context
	run *Run
}

// Value answers with the field context, or with what the operation's context has.
func (c *fieldContext) Value(key any) any {
	if key == c.key {
		return c.run.field()
	}
	return c.Context.Value(key)
}

// keyOfField is the key under which gqlgen keeps the field context, which it does not tell.
func keyOfField() any {
	asked := &listener{Context: context.Background()}
	graphql.GetFieldContext(asked)
	return asked.key
}

type listener struct {
	context.Context
	key any
}

func (l *listener) Value(key any) any {
	l.key = key
	return nil
}

// field is the field context of what is written now, with all those above it.
func (x *Run) field() *graphql.FieldContext {
	at := &graphql.FieldContext{Object: "Query"}
	for _, s := range x.path {
		below := &graphql.FieldContext{Parent: at}
		if s.field == nil {
			below.Index = &s.index
		} else {
			below.Object, below.Field = s.field.object, s.field.collected
			below.IsMethod, below.IsResolver = s.field.field.Method, s.field.field.Resolver
			if s.field.field.Arguments != nil {
				below.Args = x.arguments[s.field.slot]
			}
		}
		at = below
	}
	return at
}

// Arguments are the arguments of a field, which are the same for all its parents.
func (x *Run) Arguments(f *Selected) (arguments struct{ Args map[string]any }, ok bool) {
	if arguments.Args = x.arguments[f.slot]; arguments.Args != nil {
		return arguments, true
	}
	args, err := f.field.Arguments(x.Context, x.operation, f.collected.ArgumentMap(x.operation.Variables))
	if err != nil { // read anew for each parent: an error knows its path
		x.operation.Error(x.Context, err)
		return arguments, false
	}
	x.arguments[f.slot] = args
	arguments.Args = args
	return arguments, true
}

// Fail tells of the error of a resolver.
func (x *Run) Fail(err error) Verdict {
	x.operation.Error(x.Context, graphql.AddFieldLocationToError(x.Context, err))
	return Failed
}

// missing tells that something is null, unless more was said about it already.
func (x *Run) missing(message string) {
	if !graphql.HasFieldError(x.Context, x.field()) {
		graphql.AddErrorf(x.Context, "%s", message)
	}
}

func (x *Run) panicked(caught any) {
	x.operation.Error(x.Context, x.operation.Recover(x.Context, caught))
}

// Refuses tells whether the middleware of fields must look at a value: it may be of a type that the contract, or the whole
// schema, does not have.
func (x *Run) Refuses(f *Selected, value any, member func(any) (int, any)) bool {
	number, _ := member(value)
	return number == Stranger || number >= 0 && f.refused[number]
}

// RefusesAny tells whether the middleware of fields must look at a list.
func RefusesAny[T any](x *Run, f *Selected, list []T, member func(any) (int, any)) bool {
	for _, value := range list {
		if x.Refuses(f, value, member) {
			return true
		}
	}
	return false
}

// Guard has the middleware of fields look at a value.
func Guard[T any](x *Run, value T) (admitted T, ok bool, verdict Verdict) {
	left, err := x.operation.ResolverMiddleware(x.Context, func(context.Context) (any, error) { return value, nil })
	if err != nil {
		return admitted, false, x.Fail(err)
	}
	if left == nil {
		return admitted, false, Absent
	}
	if admitted, ok = left.(T); ok {
		return admitted, true, Written
	}
	graphql.AddErrorf(x.Context, "unexpected type %T from middleware/directive chain, should be %T", left, admitted)
	return admitted, false, Failed
}

// watched marks an operation whose fields somebody watches.
const watched = "supportgraph/graph/compiled.watched"

// Watch has an operation run in gqlgen's executor, whole: somebody put a middleware around its fields, to see each of
// them.
func Watch(operation *graphql.OperationContext) { operation.Stats.SetExtension(watched, true) }
