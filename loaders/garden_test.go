package loaders

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"supportgraph/clients/postgres"
)

// A garden is a contract so small that its edges can be made to fail one by one.
const gardenSchema = `
type Query { trees: [Tree!]! weeds: [Tree!]! }
type Tree { id: Int! next: Tree after: Tree neighbour: Tree far: Tree }
`

type tree struct{ ID int }

// garden is one request there. Its sources read from Postgres and from a vendor that is a function.
type garden struct {
	*asked
	trees, weeds           Loader[int, []*tree]
	next, after, neighbour Loader[int, *tree]
	far                    Loader[int, *tree]
}

// soil is how a garden's sources behave; what is nil does well.
type soil struct {
	weed   func(row pgx.CollectableRow) (*tree, error) // reads a row of Query.weeds
	after  func(t *tree) (int, bool)                   // the key behind Tree.after
	weeds  string                                      // the statement of Query.weeds
	call   func(ctx context.Context, keys []int) (map[int]*tree, map[int]error)
	queued func() // when the statement of Tree.neighbour is made
}

func treeRow(row pgx.CollectableRow) (*tree, error) { return pgx.RowToAddrOfStructByName[tree](row) }

func treesOf(name, sql string, row pgx.RowToFunc[*tree]) *source[int, []*tree] {
	return byParent(name, func(*Loaders, []int) postgres.Query[*tree] {
		return postgres.Query[*tree]{SQL: sql, Row: row}
	}, func(*tree) int { return 0 })
}

func treeByID(name string, queued func()) *source[int, *tree] {
	return byKey(name, func(_ *Loaders, keys []int) postgres.Query[*tree] {
		if queued != nil {
			queued()
		}
		return postgres.Query[*tree]{SQL: "-- " + name + "\nselect g as id from unnest($1::int[]) g", Args: []any{keys}, Row: treeRow}
	}, func(t *tree) int { return t.ID })
}

func plant(t *testing.T, s soil, document string) *garden {
	t.Helper()
	if s.weed == nil {
		s.weed = treeRow
	}
	if s.weeds == "" {
		s.weeds = "-- weeds\nselect g as id from generate_series(101, 103) g"
	}
	if s.after == nil {
		s.after = func(t *tree) (int, bool) { return t.ID + 10, true }
	}
	if s.call == nil {
		s.call = func(_ context.Context, keys []int) (map[int]*tree, map[int]error) {
			found := make(map[int]*tree, len(keys))
			for _, key := range keys {
				found[key] = &tree{key}
			}
			return found, nil
		}
	}
	trees := treesOf("trees", "-- trees\nselect g as id from generate_series(1, 3) g", treeRow)
	weeds := treesOf("weeds", s.weeds, s.weed)
	next, after, neighbour := treeByID("next", nil), treeByID("after", nil), treeByID("neighbour", s.queued)
	far := &source[int, *tree]{name: "far", call: func(ctx context.Context, _ *Loaders, keys []int) (map[int]*tree, map[int]error) {
		return s.call(ctx, keys)
	}}

	g := &garden{asked: &asked{batches: &record{}}}
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: gardenSchema})
	all := *open(t).clients
	config := open(t).Config.Postgres
	config.MaxConnections = 1 // one that is lost is missed at once
	pool, err := postgres.Open(t.Context(), config, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	all.Postgres = pool
	factory := NewFactory(&all, schema, Observe(g.batches.observe))
	root := func(*Loaders, *Loaders) (int, bool) { return 0, true }
	plus := func(n int) func(*Loaders, *tree) (int, bool) {
		return func(_ *Loaders, t *tree) (int, bool) { return t.ID + n, true }
	}
	for _, e := range []*edge{
		many("Query", "trees", "Tree", trees, func(*Loaders) *Loader[int, []*tree] { return &g.trees }, root),
		many("Query", "weeds", "Tree", weeds, func(*Loaders) *Loader[int, []*tree] { return &g.weeds }, root),
		one("Tree", "next", "Tree", next, func(*Loaders) *Loader[int, *tree] { return &g.next }, plus(20)),
		one("Tree", "after", "Tree", after, func(*Loaders) *Loader[int, *tree] { return &g.after },
			func(_ *Loaders, t *tree) (int, bool) { return s.after(t) }),
		one("Tree", "neighbour", "Tree", neighbour, func(*Loaders) *Loader[int, *tree] { return &g.neighbour }, plus(30)),
		one("Tree", "far", "Tree", far, func(*Loaders) *Loader[int, *tree] { return &g.far }, plus(40)),
	} {
		factory.plans.edges[e.typ+"."+e.field] = []*edge{e}
	}
	g.begin(t, factory, staff, schema, parse(t, schema, document), nil)
	g.trees.init(g.Loaders, trees)
	g.weeds.init(g.Loaders, weeds)
	g.next.init(g.Loaders, next)
	g.after.init(g.Loaders, after)
	g.neighbour.init(g.Loaders, neighbour)
	g.far.init(g.Loaders, far)
	return g
}

// soon loads and fails the test where nothing comes.
func soon[V any](t *testing.T, ctx context.Context, loader *Loader[int, V], key int) (V, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	value, err := loader.Load(ctx, key)
	if errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%s %d never came", loader.source.name, key)
	}
	return value, err
}

// whole fails the test where the database's only connection is lost.
func (g *garden) whole(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	var one int
	if err := g.factory.clients.Postgres.QueryRow(ctx, "select 1").Scan(&one); err != nil {
		t.Errorf("the connection is lost: %v", err)
	}
}

func TestPanicInRow(t *testing.T) {
	t.Parallel()
	g := plant(t, soil{weed: func(pgx.CollectableRow) (*tree, error) { panic("a weed") }},
		`{ weeds { id } trees { next { id } } }`)
	if _, err := soon(t, g.ctx, &g.weeds, 0); !errors.Is(err, errPanic) {
		t.Errorf("weeds: %v", err)
	}
	if _, err := soon(t, g.ctx, &g.trees, 0); err != nil && !errors.Is(err, errPanic) {
		t.Errorf("trees: %v", err)
	}
	g.whole(t)
}

func TestPanicInKey(t *testing.T) {
	t.Parallel()
	g := plant(t, soil{after: func(*tree) (int, bool) { panic("no key") }},
		`{ trees { next { id } after { id } far { id } } weeds { neighbour { id } } }`)
	_, _ = soon(t, g.ctx, &g.trees, 0)
	_, _ = soon(t, g.ctx, &g.weeds, 0)
	for i := 1; i <= 3; i++ {
		_, _ = soon(t, g.ctx, &g.next, i+20)
		_, _ = soon(t, g.ctx, &g.far, i+40)
	}
	g.whole(t)
}

func TestPanicInStatementBesideVendor(t *testing.T) {
	t.Parallel()
	g := plant(t, soil{queued: func() { panic("no statement") }}, `{ trees { far { id } neighbour { id } next { id } } }`)
	_, _ = soon(t, g.ctx, &g.trees, 0)
	for i := 1; i <= 3; i++ {
		_, _ = soon(t, g.ctx, &g.neighbour, i+30)
		_, _ = soon(t, g.ctx, &g.next, i+20)
		if far, err := soon(t, g.ctx, &g.far, i+40); err != nil || far == nil {
			t.Errorf("far: %v, %v", far, err)
		}
	}
	g.whole(t)
}

func TestVendorPanics(t *testing.T) {
	t.Parallel()
	g := plant(t, soil{call: func(context.Context, []int) (map[int]*tree, map[int]error) { panic("far") }},
		`{ trees { far { next { id } } next { id } } }`)
	_, _ = soon(t, g.ctx, &g.trees, 0)
	if _, err := soon(t, g.ctx, &g.far, 41); !errors.Is(err, errPanic) {
		t.Errorf("far: %v", err)
	}
	if _, err := soon(t, g.ctx, &g.next, 21); err != nil {
		t.Errorf("next: %v", err)
	}
}

func TestVendorLeadsOn(t *testing.T) {
	t.Parallel()
	g := plant(t, soil{}, `{ trees { far { next { id } neighbour { far { id } } } next { id } } }`)
	_, _ = soon(t, g.ctx, &g.trees, 0)
	for i := 1; i <= 3; i++ {
		must[*tree](t)(soon(t, g.ctx, &g.far, i+40))
		must[*tree](t)(soon(t, g.ctx, &g.next, i+40+20))
		must[*tree](t)(soon(t, g.ctx, &g.neighbour, i+40+30))
		must[*tree](t)(soon(t, g.ctx, &g.far, i+40+30+40))
	}
	if g.next.gathers() || g.neighbour.gathers() || g.far.gathers() {
		t.Errorf("not foreseen:\n%s", g.batches)
	}
}
