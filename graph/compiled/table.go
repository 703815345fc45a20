// Package compiled answers queries at about the price of a handler written by hand. An operation is compiled once into
// the fields that it writes, by the table that is generated beside gqlgen's executor; to run it is to call the resolvers
// in turn and append JSON to one buffer, without goroutines, contexts or values per field. It relies on reads being
// planned: what a resolver loads is under way, or there, when it is asked.
//
// Answers equal those of gqlgen's executor in every byte, and errors in their paths, messages and codes. What is not
// covered runs in that executor, whole.
package compiled

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
)

// Table is how the objects of a schema are read and written. It is generated.
type Table struct {
	Objects map[string]*Object
	// Abstracts has the members of each interface and union, by the numbers that the generated code gives them. One
	// object may come twice, as a value and as a pointer.
	Abstracts map[string][]Member
}

// Member is one form in which an object is a member of an interface or union.
type Member struct {
	Object string
	Value  bool // it is no pointer
}

// Object is how the fields of an object are read and written.
type Object struct {
	Name      string
	Satisfies []string // the types on which a fragment selects from the object
	Fields    map[string]*Field
}

// Field is how one field is read and written.
type Field struct {
	NonNull  bool
	Method   bool   // whether a method answers for it
	Resolver bool   // whether a resolver does
	Type     string // the name of its type, without lists
	// Uncovered is why Write is missing: gqlgen's executor does what the generator cannot prove to do alike.
	Uncovered string
	// Arguments reads the field's arguments; nil where it has none.
	Arguments func(ctx context.Context, operation *graphql.OperationContext, raw map[string]any) (map[string]any, error)
	// Write appends the field's value for a parent, or says why there is none.
	Write func(x *Run, f *Selected, parent any) Verdict
}

// Verdict is what became of a value.
type Verdict uint8

// The verdicts.
const (
	Written Verdict = iota
	Null            // a value of its type that is null, which is an error where the schema does not allow it
	Absent          // no value at all, which is the same by another message
	Failed          // null, and all is said about it
	Broken          // a value that nobody can write; it is said, and empties the list that it stands in
)

// The numbers of what is no member of an interface or union.
const (
	Nobody   = -1 // null
	Stranger = -2 // of a type that the schema does not know
)
