package compiled

import (
	"context"
	"errors"
	"fmt"

	"github.com/99designs/gqlgen/graphql"
)

// Run is one execution of a plan. One goroutine works on it.
type Run struct {
	// Context is what resolvers are asked with. While one runs, it has the field context of the field that is asked.
	Context context.Context
	// Out is the answer so far.
	Out []byte

	operation *graphql.OperationContext
	arguments []map[string]any // by the slots of the fields, nil where they are not read yet
	path      []step
	limit     int   // bytes that Out may have
	stopped   error // why nothing more is written
	done      <-chan struct{}
	steps     [16]step // room for most paths
}

// step is one part of the path to what is written now: a field, or else an element of a list.
type step struct {
	field *Selected
	index int
}

// query writes the whole answer, "null" where a field that must not be null was.
func (x *Run) query(p *plan) {
	if x.object(p.root, nil) != Written {
		x.Out = append(x.Out[:0], "null"...)
	}
}

// Object writes what a field leads to, where that is an object.
func (x *Run) Object(f *Selected, object any) Verdict { return x.object(f.record, object) }

// Abstract writes what a field leads to, where that is of an interface or union. member tells which one it is.
func (x *Run) Abstract(f *Selected, value any, member func(any) (int, any)) Verdict {
	switch number, object := member(value); number {
	case Nobody:
		return Failed
	case Stranger:
		if own, ok := value.(graphql.Marshaler); ok {
			return x.Marshal(own)
		}
		x.panicked(fmt.Errorf("unexpected type %T; non-generated variants of %s must implement graphql.Marshaler", value, f.field.Type))
		return Broken
	default:
		return x.object(f.members[number], object)
	}
}

// object writes the fields of an object. All of them are asked, whatever becomes of one: each has its own error to tell.
func (x *Run) object(sel *selection, object any) Verdict {
	begin := len(x.Out)
	x.path = append(x.path, step{})
	valid := true
	for at := 0; at < len(sel.fields) && x.stopped == nil; {
		at = x.fields(sel, object, at, &valid)
	}
	x.path = x.path[:len(x.path)-1]
	if !valid || x.stopped != nil {
		x.Out = x.Out[:begin]
		return Failed
	}
	if len(sel.fields) == 0 {
		x.Out = append(x.Out, '{')
	}
	x.Out = append(x.Out, '}')
	return Written
}

// fields writes the fields from one on and returns where to go on: behind a field that panicked, or at the end.
func (x *Run) fields(sel *selection, object any, at int, valid *bool) (next int) {
	depth, begin := len(x.path), len(x.Out)
	defer func() {
		if caught := recover(); caught != nil {
			x.path = x.path[:depth]
			x.panicked(caught)
			x.null(sel.fields[at], begin, valid)
			next = at + 1
		}
	}()
	for ; at < len(sel.fields) && x.stopped == nil; at++ {
		f := sel.fields[at]
		begin = len(x.Out)
		x.Out = append(x.Out, f.key...)
		if f.field == nil {
			continue
		}
		x.path[depth-1].field = f
		switch f.field.Write(x, f, object) {
		case Written:
			if f.shadowed {
				x.Out = x.Out[:begin]
			}
			continue
		case Null:
			if f.field.NonNull {
				x.missing("the requested element is null which the schema does not allow")
			}
		case Absent:
			if f.field.NonNull {
				x.missing("must not be null")
			}
		case Failed, Broken:
		}
		x.null(f, begin, valid)
	}
	return at
}

// null writes null for a field, whatever stands behind the beginning.
func (x *Run) null(f *Selected, begin int, valid *bool) {
	x.Out = x.Out[:begin]
	if f.field.NonNull {
		*valid = false
	}
	if !f.shadowed {
		x.Out = append(append(x.Out, f.key...), "null"...)
	}
}

// List writes a list: strict where its elements must not be null, placed where errors name the element that they are
// about, as those of all lists do but of scalars.
func List[T any](x *Run, f *Selected, list []T, strict, placed bool, element func(x *Run, f *Selected, v T) Verdict) Verdict {
	begin := len(x.Out)
	x.Out = append(x.Out, '[')
	if placed {
		x.path = append(x.path, step{})
	}
	valid, broken := true, false
	for i, v := range list {
		if i > 0 {
			x.Out = append(x.Out, ',')
		}
		if placed {
			if x.interrupted() {
				break
			}
			x.path[len(x.path)-1].index = i
		}
		verdict := element(x, f, v)
		if verdict == Written {
			continue
		}
		if verdict == Null && strict {
			x.missing("the requested element is null which the schema does not allow")
		}
		valid = valid && !strict
		broken = broken || verdict == Broken
		x.Out = append(x.Out, "null"...)
	}
	if placed {
		x.path = x.path[:len(x.path)-1]
	}
	switch {
	case broken: // as the executor has it
		x.Out = append(x.Out[:begin], "[]"...)
		return Written
	case !valid || x.stopped != nil:
		x.Out = x.Out[:begin]
		return Failed
	default:
		x.Out = append(x.Out, ']')
		return Written
	}
}

// interrupted tells whether to write no more: the caller has gone, or the answer is too large. A deadline that has
// passed interrupts nothing that is there; who still has to wait says so.
func (x *Run) interrupted() bool {
	if x.stopped != nil {
		return true
	}
	if len(x.Out) > x.limit {
		x.stopped = TooLarge{}
		return true
	}
	select {
	case <-x.done:
		if cause := context.Cause(x.Context); errors.Is(cause, context.Canceled) {
			x.stopped = cause
			return true
		}
	default:
	}
	return false
}

// Marshal writes a value by its own marshaler.
func (x *Run) Marshal(value graphql.Marshaler) Verdict {
	if value == graphql.Null || value == graphql.RequiredNull {
		return Null
	}
	value.MarshalGQL((*out)(x))
	return Written
}

// MarshalContext writes a value by its own marshaler, null where that fails.
func (x *Run) MarshalContext(value graphql.ContextMarshaler) Verdict {
	graphql.WrapContextMarshaler(x.Context, value).MarshalGQL((*out)(x))
	return Written
}

// out is the answer as something to write to.
type out Run

func (o *out) Write(part []byte) (int, error) {
	o.Out = append(o.Out, part...)
	return len(part), nil
}

// WriteString keeps texts from being copied.
func (o *out) WriteString(part string) (int, error) {
	o.Out = append(o.Out, part...)
	return len(part), nil
}
