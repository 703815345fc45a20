package compiled_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"supportgraph/graph"
	"supportgraph/graph/auth"
	"supportgraph/graph/compiled"
	"supportgraph/graph/contract"
)

var (
	operations = flag.Int("operations", 800, "how many operations each audience asks of both executors")
	chance     = flag.Uint64("chance", 1, "where the sequence of operations begins")
)

// pair is gqlgen's executor and the compiled one over the same invented resolvers.
type pair struct {
	schema             *ast.Schema
	executor, compiled *executor.Executor
	covered, uncovered map[string]int
	near               map[string][]*ast.Definition
}

// perDocument is how many worlds each document is asked of: to validate one takes longer than to run it.
const perDocument = 8

func newPair(tb testing.TB, audience auth.Audience) *pair {
	tb.Helper()
	full := graph.NewExecutableSchema(graph.Config{}).Schema()
	cut, err := contract.Cut(full, audience)
	if err != nil {
		tb.Fatal(err)
	}
	p := &pair{schema: cut, covered: map[string]int{}, uncovered: map[string]int{}, near: map[string][]*ast.Definition{}}
	config := graph.Config{Schema: cut, Resolvers: hooked{answer}}
	plain := graph.NewExecutableSchema(config)
	p.executor = executor.New(plain)
	p.compiled = executor.New(compiled.New(compiled.Config{
		Executor: plain,
		Table:    graph.NewTable(config),
		Foreseen: func(string, string) bool { return true },
		Observe: func(uncovered string) {
			if uncovered != "" {
				p.uncovered[uncovered]++
			}
		},
	}))
	for _, e := range []*executor.Executor{p.executor, p.compiled} {
		e.SetRecoverFunc(func(_ context.Context, caught any) error { return fmt.Errorf("recovered from %v", caught) })
		if audience == auth.Portal {
			e.AroundFields(contract.Wall(cut, func(value any) string { return goName(value) }, nil))
		}
	}
	return p
}

// goName is the name of an object's Go type, which members have of the schema's types.
func goName(value any) string {
	typ := reflect.TypeOf(value)
	if typ == nil || typ.Kind() != reflect.Pointer {
		return ""
	}
	for name, known := range bound {
		if known == typ.Elem() {
			return name
		}
	}
	return ""
}

// run answers an operation, with its errors in order: fields fail in any.
func run(e *executor.Executor, seed uint64, calm bool, document *ast.QueryDocument, variables map[string]any) (data string, errs []string) {
	w := &world{seed: seed, schema: parsedFull, calm: calm, ids: map[any]uint64{}}
	ctx := graphql.StartOperationTrace(context.WithValue(context.Background(), worldKey{}, w))
	e.SetQueryCache(validated{document})
	operation, faults := e.CreateOperationContext(ctx, &graphql.RawParams{Variables: variables})
	if len(faults) > 0 {
		return "", []string{faults.Error()}
	}
	next, ctx := e.DispatchOperation(ctx, operation)
	response := next(ctx)
	for _, err := range response.Errors {
		errs = append(errs, told(err))
	}
	slices.Sort(errs)
	return string(response.Data), errs
}

// validated hands an executor the document that it is asked.
type validated struct{ document *ast.QueryDocument }

func (v validated) Get(context.Context, string) (*ast.QueryDocument, bool) { return v.document, true }

func (validated) Add(context.Context, string, *ast.QueryDocument) {}

var parsedFull = graph.NewExecutableSchema(graph.Config{}).Schema()

func told(err *gqlerror.Error) string {
	text, _ := json.Marshal(err)
	return string(text)
}

// ask asks both, in some worlds, and tells in what they differ.
func (p *pair) ask(source rand.Source, worlds int) (asked, differs string) {
	chance := rand.New(source)
	q := &questions{Rand: chance, schema: p.schema, near: p.near}
	query := q.query()
	document, invalid := gqlparser.LoadQueryWithRules(p.schema, query, nil)
	if len(invalid) > 0 {
		return "", ""
	}
	for range worlds {
		seed, calm := chance.Uint64(), chance.IntN(4) == 0
		if differs := p.compare(document, q.variables, seed, calm); differs != "" {
			return fmt.Sprintf("%s\n%s\nseed %d calm %t", query, told(&gqlerror.Error{Extensions: q.variables}), seed, calm), differs
		}
	}
	return query, ""
}

func (p *pair) compare(document *ast.QueryDocument, given map[string]any, seed uint64, calm bool) (differs string) {
	variables := func() map[string]any { // as they come from JSON; the validator changes them
		text, _ := json.Marshal(given)
		decoder := json.NewDecoder(strings.NewReader(string(text)))
		decoder.UseNumber()
		read := map[string]any{}
		_ = decoder.Decode(&read)
		return read
	}
	wantData, wantErrs := run(p.executor, seed, calm, document, variables())
	data, errs := run(p.compiled, seed, calm, document, variables())
	for _, err := range errs {
		p.covered["error"] += strings.Count(err, "went wrong")
		p.covered["panic"] += strings.Count(err, "nobody expected")
		p.covered["null"] += strings.Count(err, "must not be null")
		p.covered["element"] += strings.Count(err, "requested element")
		p.covered["stranger"] += strings.Count(err, "unexpected type")
		p.covered["wall"] += strings.Count(err, "not available")
	}
	p.covered["whole"] += strings.Count(data, "}]")
	switch {
	case data != wantData:
		at := 0
		for at < min(len(data), len(wantData)) && data[at] == wantData[at] {
			at++
		}
		return fmt.Sprintf("the data, from byte %d on:\nexecutor: …%s\ncompiled: …%s\n%q\n%q", at,
			wantData[max(0, at-80):min(len(wantData), at+80)], data[max(0, at-80):min(len(data), at+80)], wantErrs, errs)
	case !slices.Equal(errs, wantErrs):
		return fmt.Sprintf("the errors:\nexecutor: %s\ncompiled: %s", strings.Join(wantErrs, "\n"), strings.Join(errs, "\n"))
	}
	return ""
}

// TestCompiledEqualsExecutor asks generated operations of gqlgen's executor and of the compiled one, with invented
// values, nulls, errors and panics: they must answer the same bytes, and the same errors at the same paths.
func TestCompiledEqualsExecutor(t *testing.T) {
	t.Parallel()
	for _, audience := range []auth.Audience{auth.Console, auth.Portal} {
		t.Run(string(audience), func(t *testing.T) {
			t.Parallel()
			p, valid := newPair(t, audience), 0
			for n := uint64(0); valid < *operations; n++ {
				asked, differs := p.ask(rand.NewPCG(*chance, n), perDocument)
				if differs != "" {
					t.Fatalf("document %d of -chance=%d:\n%s\n%s", n, *chance, asked, differs)
				}
				if asked != "" {
					valid += perDocument
				}
			}
			t.Logf("%d operations; errors by kind: %v; not compiled: %v", valid, p.covered, p.uncovered)
			own := map[auth.Audience]string{auth.Console: "stranger", auth.Portal: "wall"}
			for _, kind := range []string{"error", "panic", "null", "element", "whole", own[audience]} {
				if p.covered[kind] == 0 && valid >= 2000 {
					t.Errorf("nothing came of %s", kind)
				}
			}
			if len(p.uncovered) > 0 {
				t.Errorf("not compiled: %v", p.uncovered)
			}
		})
	}
}

// FuzzCompiled looks for an operation that the two executors answer differently.
func FuzzCompiled(f *testing.F) {
	p := newPair(f, auth.Portal)
	for n := range byte(16) {
		f.Add([]byte{n, n * 7, n * 31})
	}
	f.Fuzz(func(t *testing.T, choices []byte) {
		if asked, differs := p.ask(&fed{choices, rand.NewPCG(1, uint64(len(choices)))}, 1); differs != "" {
			t.Errorf("%s\n%s", asked, differs)
		}
	})
}

// fed is a source of chance that is fed by a fuzzer, and goes on by itself.
type fed struct {
	choices   []byte
	otherwise rand.Source
}

func (s *fed) Uint64() uint64 {
	if len(s.choices) == 0 {
		return s.otherwise.Uint64()
	}
	next := s.choices[0]
	s.choices = s.choices[1:]
	return uint64(next) * 0x0101010101010101
}
