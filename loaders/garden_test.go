package loaders

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"supportgraph/clients"
	"supportgraph/clients/postgres"
)

// A garden is a contract so small that each of its edges can be made to fail. The edges of a tree only depend on the last
// digit of its number, so that all ways lead to the same trees: next to 20 and so on, beside to 30, over to 40, far to 50.
const gardenSchema = `
type Query { trees: [Tree!]! weeds: [Tree!]! }
type Mutation { trees: [Tree!]! }
type Tree { id: Int! next: Tree beside: Tree over: Tree far: Tree }
`

type tree struct{ ID int }

// garden is one request there.
type garden struct {
	*asked
	trees, weeds            Loader[int, []*tree]
	next, beside, over, far Loader[int, *tree] // far is at a vendor
}

// soil is how a garden's sources behave; what is nil does well.
type soil struct {
	timeout time.Duration                               // of a statement
	weeds   string                                      // the statement of Query.weeds
	weed    pgx.RowToFunc[*tree]                        // reads a row of it
	besides func(t *tree) (int, bool)                   // the key behind Tree.beside
	over    func()                                      // when the statement of Tree.over is made
	far     func(ctx context.Context, keys []int) error // the vendor
	options []Option
	pick    func(*ast.QueryDocument) *ast.OperationDefinition // which operation is run, the first where nil
}

func treeRow(row pgx.CollectableRow) (*tree, error) { return pgx.RowToAddrOfStructByName[tree](row) }

func treesOf(name, sql string, row pgx.RowToFunc[*tree]) *source[int, []*tree] {
	return byParent(name, func(*Loaders, []int) postgres.Query[*tree] {
		return postgres.Query[*tree]{SQL: "-- " + name + "\n" + sql, Row: row}
	}, func(*tree) int { return 0 })
}

func treeByID(name string, made func()) *source[int, *tree] {
	return byKey(name, func(_ *Loaders, keys []int) postgres.Query[*tree] {
		made()
		return postgres.Query[*tree]{SQL: "-- " + name + "\nselect g as id from unnest($1::int[]) g", Args: []any{keys}, Row: treeRow}
	}, func(t *tree) int { return t.ID })
}

func (s soil) ask(ctx context.Context, keys []int) (map[int]*tree, map[int]error) {
	found, failed := make(map[int]*tree), make(map[int]error)
	var err error
	if s.far != nil {
		err = s.far(ctx, keys)
	}
	for _, key := range keys {
		if err != nil {
			failed[key] = err
		} else {
			found[key] = &tree{key}
		}
	}
	return found, failed
}

func plant(t *testing.T, s soil, document string) *garden {
	t.Helper()
	if s.weed == nil {
		s.weed = treeRow
	}
	if s.weeds == "" {
		s.weeds = "select g as id from generate_series(1, 3) g"
	}
	to := func(tens int) func(*Loaders, *tree) (int, bool) {
		return func(_ *Loaders, t *tree) (int, bool) { return tens + t.ID%10, true }
	}
	beside := to(30)
	if s.besides != nil {
		beside = func(_ *Loaders, t *tree) (int, bool) { return s.besides(t) }
	}
	if s.over == nil {
		s.over = func() {}
	}
	g := &garden{asked: &asked{batches: &record{}}}
	factory := NewFactory(nil, gardenContract(), append(s.options, Observe(g.batches.observe))...)
	all := *open(t).clients
	config := open(t).Config.Postgres
	config.MaxConnections, config.Timeout = 1, s.timeout // one connection: it is missed at once where it is lost
	pool, err := postgres.Open(t.Context(), config, clients.Tally)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	all.Postgres, factory.clients = pool, &all

	trees := treesOf("trees", "select g as id from generate_series(1, 3) g", treeRow)
	weeds := treesOf("weeds", s.weeds, s.weed)
	nothing := func() {}
	nexts, besides, overs := treeByID("next", nothing), treeByID("beside", nothing), treeByID("over", s.over)
	fars := &source[int, *tree]{name: "far", call: func(ctx context.Context, _ *Loaders, keys []int) (map[int]*tree, map[int]error) {
		return s.ask(ctx, keys)
	}}
	root := func(*Loaders, *Loaders) (int, bool) { return 0, true }
	factory.plans = newPlans(gardenContract(), []*edge{
		many("Query", "trees", "Tree", trees, func(*Loaders) *Loader[int, []*tree] { return &g.trees }, root),
		many("Query", "weeds", "Tree", weeds, func(*Loaders) *Loader[int, []*tree] { return &g.weeds }, root),
		one("Tree", "next", "Tree", nexts, func(*Loaders) *Loader[int, *tree] { return &g.next }, to(20)),
		one("Tree", "beside", "Tree", besides, func(*Loaders) *Loader[int, *tree] { return &g.beside }, beside),
		one("Tree", "over", "Tree", overs, func(*Loaders) *Loader[int, *tree] { return &g.over }, to(40)),
		one("Tree", "far", "Tree", fars, func(*Loaders) *Loader[int, *tree] { return &g.far }, to(50)),
	})
	parsed, failed := gqlparser.LoadQueryWithRules(gardenContract(), document, nil)
	if failed != nil {
		t.Fatal(failed)
	}
	operation := parsed.Operations[0]
	if s.pick != nil {
		operation = s.pick(parsed)
	}
	g.begin(t, factory, staff, gardenContract(), operation, nil)
	g.trees.init(g.Loaders, trees)
	g.weeds.init(g.Loaders, weeds)
	g.next.init(g.Loaders, nexts)
	g.beside.init(g.Loaders, besides)
	g.over.init(g.Loaders, overs)
	g.far.init(g.Loaders, fars)
	return g
}

func gardenContract() *ast.Schema { return gqlparser.MustLoadSchema(&ast.Source{Input: gardenSchema}) }

// soon loads, and fails the test where nothing comes.
func soon[V any](t *testing.T, g *garden, loader *Loader[int, V], key int) (V, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(g.ctx, 10*time.Second)
	defer cancel()
	value, err := loader.Load(ctx, key)
	if errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%s %d never came", loader.source.name, key)
	}
	return value, err
}

// all loads three trees, and fails the test where one is not there.
func (g *garden) all(t *testing.T, loader *Loader[int, *tree], tens int) {
	t.Helper()
	for key := tens + 1; key <= tens+3; key++ {
		if tree, err := soon(t, g, loader, key); err != nil || tree == nil || tree.ID != key {
			t.Errorf("%s %d: %v, %v", loader.source.name, key, tree, err)
		}
	}
}

// foreseen fails the test where a loader was asked for what the plan had not foreseen.
func (g *garden) foreseen(t *testing.T) {
	t.Helper()
	if g.trees.gathers() || g.weeds.gathers() || g.next.gathers() || g.beside.gathers() || g.over.gathers() || g.far.gathers() {
		t.Errorf("not all was foreseen:\n%s", g.batches)
	}
}

// whole fails the test where the database's only connection is lost.
func (g *garden) whole(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	var one int
	if err := g.factory.clients.Postgres.QueryRow(ctx, "select 1").Scan(&one); err != nil {
		t.Errorf("the connection is lost: %v", err)
	}
}
