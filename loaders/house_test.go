package loaders

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"
	"go.uber.org/goleak"

	"supportgraph/clients"
	"supportgraph/clients/accounts"
	"supportgraph/clients/sandbox"
	"supportgraph/clients/sandbox/seed"
)

// house is the database and the vendors that the tests read from, started by the first that needs them.
type house struct {
	*sandbox.Sandbox
	clients *clients.All
}

var openHouse = sync.OnceValues(func() (*house, error) {
	box, err := sandbox.Start(context.Background(), sandbox.Options{Scale: seed.Small})
	if err != nil {
		return nil, err
	}
	all, err := clients.Open(context.Background(), box.Config, clients.Tally)
	if err != nil {
		box.Close()
		return nil, err
	}
	theHouse = &house{box, all}
	return theHouse, nil
})

var theHouse *house // once a test has opened it

func TestMain(m *testing.M) {
	code := m.Run()
	if theHouse != nil {
		theHouse.clients.Close()
		theHouse.Close()
	}
	if err := goleak.Find(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func open(tb testing.TB) *house {
	tb.Helper()
	h, err := openHouse()
	if err != nil {
		tb.Fatal(err)
	}
	return h
}

// fullSchema is the whole contract, read from its files.
var fullSchema = sync.OnceValue(func() *ast.Schema {
	names, err := filepath.Glob("../graph/schema/*.graphqls")
	if err != nil || len(names) == 0 {
		panic(fmt.Sprint("no schema: ", err))
	}
	var sources []*ast.Source
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			panic(err)
		}
		sources = append(sources, &ast.Source{Name: name, Input: string(text)})
	}
	return gqlparser.MustLoadSchema(sources...)
})

// parse returns the first operation of a document that is valid by the schema.
func parse(tb testing.TB, schema *ast.Schema, document string) *ast.OperationDefinition {
	tb.Helper()
	parsed, err := gqlparser.LoadQueryWithRules(schema, document, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return parsed.Operations[0]
}

// record keeps what batches there were.
type record struct {
	mu      sync.Mutex
	batches map[string][]int // by loader, how many keys
}

func (r *record) observe(loader string, keys int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.batches == nil {
		r.batches = make(map[string][]int)
	}
	r.batches[loader] = append(r.batches[loader], keys)
}

// of is how many batches of a loader there were.
func (r *record) of(loader string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.batches[loader])
}

// String lists the loaders with the sizes of their batches: "Contact [12 3]".
func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var lines []string
	for _, loader := range slices.Sorted(maps.Keys(r.batches)) {
		lines = append(lines, fmt.Sprint(loader, " ", r.batches[loader]))
	}
	return strings.Join(lines, "\n")
}

// asked is an operation under way, as its resolvers see it.
type asked struct {
	*Loaders
	ctx     context.Context
	cancel  context.CancelFunc
	calls   *clients.Calls
	batches *record
}

// operation gives a context what the executor gives to resolvers.
func operation(tb testing.TB, ctx context.Context, schema *ast.Schema, op *ast.OperationDefinition, vars map[string]any) context.Context {
	tb.Helper()
	coerced, err := validator.VariableValues(schema, op, vars)
	if err != nil {
		tb.Fatal(err)
	}
	return graphql.WithOperationContext(ctx, &graphql.OperationContext{Operation: op, Variables: coerced})
}

// ask begins an operation; it ends with the test.
func (h *house) ask(tb testing.TB, who Who, document string, vars map[string]any, options ...Option) *asked {
	tb.Helper()
	a := &asked{batches: &record{}}
	factory := NewFactory(h.clients, fullSchema(), append(options, Observe(a.batches.observe))...)
	return a.begin(tb, factory, who, fullSchema(), parse(tb, fullSchema(), document), vars)
}

func (a *asked) begin(tb testing.TB, factory *Factory, who Who, schema *ast.Schema, op *ast.OperationDefinition, vars map[string]any) *asked {
	tb.Helper()
	ctx, cancel := context.WithCancel(tb.Context())
	tb.Cleanup(cancel)
	a.cancel = cancel
	ctx, a.calls = clients.Count(ctx)
	a.ctx = operation(tb, factory.With(ctx, who), schema, op, vars)
	a.Loaders = From(a.ctx)
	return a
}

// gathers tells whether the loader was ever asked for what the plan had not foreseen.
func (l *Loader[K, V]) gathers() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.backstop != nil
}

// unforeseen are the loaders that were asked for what the plan had not foreseen.
func (a *asked) unforeseen() (names []string) {
	all := reflect.ValueOf(a.Loaders).Elem()
	for i := range all.NumField() {
		if !all.Type().Field(i).IsExported() {
			continue
		}
		if all.Field(i).Addr().Interface().(interface{ gathers() bool }).gathers() {
			names = append(names, all.Type().Field(i).Name)
		}
	}
	return names
}

// staff sees everything.
var staff = Who{Scope: accounts.Staff}

// must returns a value that was loaded without an error.
func must[V any](tb testing.TB) func(V, error) V {
	return func(value V, err error) V {
		tb.Helper()
		if err != nil {
			tb.Error(err)
		}
		return value
	}
}

// each calls a function for every item, all at once, as the executor does.
func each[V any](items []V, do func(V)) {
	var group sync.WaitGroup
	for _, item := range items {
		group.Go(func() { do(item) })
	}
	group.Wait()
}
