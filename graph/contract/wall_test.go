package contract_test

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"supportgraph/graph/auth"
	"supportgraph/graph/contract"
)

type (
	entry   interface{ entry() }
	Message struct{ Text string }
	Note    struct{ Text string }
	Stray   struct{}
	edge    struct{ Node entry }
	lazy    struct{}
)

func (Message) entry() {}
func (Note) entry()    {}
func (*Stray) entry()  {}

const wallSchema = `
	type Query @p {
		one: Entry @p must: Entry! @p list: [Entry] @p strict: [Entry!]! @p nested: [[Entry!]!]! @p
		union: Any @p page: Page! @p text: [String!] @p
	}
	type Page @p { edges: [Edge!]! @p edge: Edge @p }
	type Edge @p { node: Entry! @p }
	interface Entry @p { text: String @p }
	union Any @p = Message | Note
	type Message implements Entry @p { text: String @p }
	type Note implements Entry { text: String }
`

// goName is the type's name, as the schema of the test has it.
func goName(value any) string {
	typ := reflect.TypeOf(value)
	if typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	if typ == reflect.TypeFor[Stray]() {
		return ""
	}
	return typ.Name()
}

// through sends a value through the wall as the value of a field.
func through(t testing.TB, wall graphql.FieldMiddleware, schema *ast.Schema, object, field string, value any) (any, error) {
	t.Helper()
	definition := schema.Types[object].Fields.ForName(field)
	selected := &ast.Field{Name: field, Definition: definition}
	if schema.Types[definition.Type.Name()].IsCompositeType() {
		selected.SelectionSet = ast.SelectionSet{&ast.Field{Name: "__typename"}}
	}
	ctx := graphql.WithFieldContext(t.Context(), &graphql.FieldContext{
		Object: object,
		Field:  graphql.CollectedField{Field: selected},
	})
	return wall(ctx, func(context.Context) (any, error) { return value, nil })
}

func TestWall(t *testing.T) {
	t.Parallel()
	schema := cut(t, load(t, wallSchema), auth.Portal)
	m, n, s := &Message{"m"}, &Note{"n"}, &Stray{}
	for name, test := range map[string]struct {
		object, field string
		value, want   any
		dropped       []string
		refused       bool
	}{
		"inside":              {"Query", "one", m, m, nil, false},
		"inside, by value":    {"Query", "one", *m, *m, nil, false},
		"nothing":             {"Query", "one", nil, nil, nil, false},
		"nil pointer":         {"Query", "one", (*Note)(nil), (*Note)(nil), nil, false},
		"outside":             {"Query", "one", n, nil, []string{"Note"}, false},
		"outside, by value":   {"Query", "one", *n, nil, []string{"Note"}, false},
		"outside of a union":  {"Query", "union", n, nil, []string{"Note"}, false},
		"of no known type":    {"Query", "one", s, nil, []string{"*contract_test.Stray"}, false},
		"outside, never null": {"Query", "must", n, nil, []string{"Note"}, true},
		"list inside":         {"Query", "list", []entry{m, nil}, []entry{m, nil}, nil, false},
		"list that may hold null": {
			"Query", "list", []entry{n, m, s, m}, []entry{nil, m, nil, m}, []string{"Note", "*contract_test.Stray"}, false,
		},
		"list of values cannot hold null": {"Query", "list", []Note{*n}, []Note{}, []string{"Note"}, false},
		"list of pointers":                {"Query", "list", []*Note{n}, []*Note{nil}, []string{"Note"}, false},
		"list without null":               {"Query", "strict", []entry{m, n, m}, []entry{m, m}, []string{"Note"}, false},
		"list of any":                     {"Query", "strict", []any{n, m}, []any{m}, []string{"Note"}, false},
		"nil list":                        {"Query", "strict", []entry(nil), []entry(nil), nil, false},
		"no list at all":                  {"Query", "list", make(chan entry), nil, []string{"chan contract_test.entry"}, false},
		"no list at all, never null":      {"Query", "strict", n, nil, []string{"*contract_test.Note"}, true},
		"nested": {
			"Query", "nested", [][]entry{{m}, {n, m}, nil, {n}}, [][]entry{{m}, {m}, nil, {}}, []string{"Note", "Note"}, false,
		},
		"nested any": {
			"Query", "nested", []any{[]entry{m}, []entry{n}}, []any{[]entry{m}, []entry{}}, []string{"Note"}, false,
		},
		"edges":               {"Page", "edges", []*edge{{m}, {n}, {nil}, nil}, []*edge{{m}, {nil}, nil}, []string{"Note"}, false},
		"edges by value":      {"Page", "edges", []edge{{n}, {m}}, []edge{{m}}, []string{"Note"}, false},
		"one edge":            {"Page", "edge", &edge{n}, nil, []string{"Note"}, false},
		"edges without field": {"Page", "edges", []lazy{{}}, []lazy{{}}, nil, false},
		"an object":           {"Query", "page", n, n, nil, false},
		"scalars":             {"Query", "text", []string{"x"}, []string{"x"}, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var dropped []string
			wall := contract.Wall(schema, goName, func(name string) { dropped = append(dropped, name) })
			got, err := through(t, wall, schema, test.object, test.field, test.value)
			if diff := cmp.Diff(test.dropped, dropped); diff != "" {
				t.Errorf("dropped: %s", diff)
			}
			if test.refused {
				var coded *gqlerror.Error
				if !errors.As(err, &coded) || coded.Extensions["code"] != "INTERNAL" || got != nil {
					t.Fatalf("%v, %v", got, err)
				}
				if coded.Message != "This value is not available." {
					t.Errorf("message %q", coded.Message)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if value := reflect.ValueOf(test.want); value.Kind() != reflect.Chan && !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %#v, want %#v", got, test.want)
			}
		})
	}
}

func TestWallLeavesSharedListsAlone(t *testing.T) {
	t.Parallel()
	schema := cut(t, load(t, wallSchema), auth.Portal)
	wall := contract.Wall(schema, goName, nil)
	shared := []entry{&Message{"m"}, &Note{"n"}, &Message{"o"}}
	before := append([]entry(nil), shared...)
	if _, err := through(t, wall, schema, "Query", "strict", shared); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(before, shared) {
		t.Errorf("the resolver's list has changed: %v", shared)
	}
}

func TestWallWithoutItsParts(t *testing.T) {
	t.Parallel()
	schema := cut(t, load(t, wallSchema), auth.Portal)
	m := &Message{"m"}
	for name, wall := range map[string]graphql.FieldMiddleware{
		"no names":  contract.Wall(schema, nil, nil),
		"no schema": contract.Wall(nil, goName, nil),
		"nothing":   contract.Wall(nil, nil, nil),
	} {
		if got, err := through(t, wall, schema, "Query", "one", m); got != nil || err != nil {
			t.Errorf("%s: %v, %v", name, got, err)
		}
		if got, err := through(t, wall, schema, "Query", "text", "x"); got != "x" || err != nil {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	wall := contract.Wall(schema, goName, nil)
	failure := errors.New("no answer")
	for name, ctx := range map[string]context.Context{
		"no field":    t.Context(),
		"empty field": graphql.WithFieldContext(t.Context(), &graphql.FieldContext{}),
	} {
		if got, err := wall(ctx, func(context.Context) (any, error) { return m, nil }); got != m || err != nil {
			t.Errorf("%s: %v, %v", name, got, err)
		}
		if _, err := wall(ctx, func(context.Context) (any, error) { return nil, failure }); !errors.Is(err, failure) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func BenchmarkWall(b *testing.B) {
	schema := cut(b, load(b, wallSchema), auth.Portal)
	wall := contract.Wall(schema, goName, nil)
	full := make([]entry, 50)
	for i := range full {
		full[i] = &Message{}
	}
	for name, field := range map[string]struct {
		object, name string
		value        any
	}{
		"scalar": {"Message", "text", "x"},
		"object": {"Query", "page", &Message{}},
		"single": {"Query", "one", &Message{}},
		"list50": {"Query", "strict", full},
	} {
		definition := schema.Types[field.object].Fields.ForName(field.name)
		selected := &ast.Field{Definition: definition}
		if name != "scalar" {
			selected.SelectionSet = ast.SelectionSet{&ast.Field{}}
		}
		ctx := graphql.WithFieldContext(b.Context(), &graphql.FieldContext{Field: graphql.CollectedField{Field: selected}})
		next := func(context.Context) (any, error) { return field.value, nil }
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := wall(ctx, next); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
