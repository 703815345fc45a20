package loaders

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/vektah/gqlparser/v2/ast"
)

// asleep is the statement of a level that takes until its context ends.
const asleep = "select g as id from generate_series(1, 3) g, (select pg_sleep(60)) s"

func TestLevels(t *testing.T) {
	t.Parallel()
	g := plant(t, soil{}, `{
		trees { next { beside { id } } over { id } }
		weeds { over { beside { far { id } } } }
	}`)
	for _, loader := range []*Loader[int, []*tree]{&g.trees, &g.weeds} {
		if trees, err := soon(t, g, loader, 0); err != nil || len(trees) != 3 {
			t.Errorf("%v, %v", trees, err)
		}
	}
	g.all(t, &g.next, 20)
	g.all(t, &g.over, 40)
	g.all(t, &g.beside, 30)
	g.all(t, &g.far, 50)
	g.foreseen(t)
	if got, want := g.batches.String(), "beside [3]\nfar [3]\nnext [3]\nover [3]\ntrees [1]\nweeds [1]"; got != want {
		t.Errorf("batches:\n%s\nwant:\n%s", got, want)
	}
}

// Rows that are known before their level is read lead on at once, but to where the others of their kind will.
func TestRowsKnownBefore(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, document, batches string }{
		{"all of them", `{ trees { next { id } over { next { beside { far { id } } } } } }`,
			"beside [3]\nfar [3]\nnext [3]\nover [3]\ntrees [1]"},
		{"two levels ahead", `{ trees { next { id } over { next { over { next { over { beside { far { id } } } } } } } } }`,
			"beside [3]\nfar [3]\nnext [3]\nover [3]\ntrees [1]"},
		{"of the same level", `{ trees { next { over { id } } over { next { beside { far { id } } } } } }`,
			"beside [3]\nfar [3]\nnext [3]\nover [3]\ntrees [1]"},
		// beside is on its way to level 4 when the rows of level 2 lead to it for level 3: they come late, and lead on.
		{"wanted before their turn", `{ trees { over { over { over { beside { id } } } next { beside { far { id } } } } } }`,
			"beside [3]\nfar [3]\nnext [3]\nover [3]\ntrees [1]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := plant(t, soil{}, test.document)
			if _, err := soon(t, g, &g.trees, 0); err != nil {
				t.Error(err)
			}
			g.all(t, &g.over, 40)
			g.all(t, &g.next, 20)
			g.all(t, &g.beside, 30)
			g.all(t, &g.far, 50)
			g.foreseen(t)
			if got := g.batches.String(); got != test.batches {
				t.Errorf("batches:\n%s\nwant:\n%s", got, test.batches)
			}
		})
	}
}

// A vendor is called as soon as its last key is read, before the rows of the level's other statements are.
func TestVendorIsCalledEarly(t *testing.T) {
	t.Parallel()
	called := make(chan struct{})
	g := plant(t, soil{
		weed: func(row pgx.CollectableRow) (*tree, error) {
			select {
			case <-called:
				return treeRow(row)
			case <-time.After(10 * time.Second):
				return nil, errors.New("the vendor waits for what it does not need")
			}
		},
		far: func(context.Context, []int) error { close(called); return nil },
	}, `{ weeds { next { id } } trees { far { id } } }`)
	if _, err := soon(t, g, &g.weeds, 0); err != nil {
		t.Error(err)
	}
	g.all(t, &g.far, 50)
	g.foreseen(t)
}

// A vendor whose keys come from two statements is called once, behind both.
func TestVendorIsCalledOnce(t *testing.T) {
	t.Parallel()
	g := plant(t, soil{weeds: "select g as id from generate_series(4, 6) g"}, `{ trees { far { id } } weeds { far { id } } }`)
	if _, err := soon(t, g, &g.trees, 0); err != nil {
		t.Error(err)
	}
	g.all(t, &g.far, 50)
	g.foreseen(t)
	if got, want := g.batches.String(), "far [6]\ntrees [1]\nweeds [1]"; got != want {
		t.Errorf("batches:\n%s\nwant:\n%s", got, want)
	}
}

func TestVendorLeadsOn(t *testing.T) {
	t.Parallel()
	g := plant(t, soil{}, `{ trees { far { next { id } beside { over { id } } } } }`)
	if _, err := soon(t, g, &g.trees, 0); err != nil {
		t.Error(err)
	}
	g.all(t, &g.far, 50)
	g.all(t, &g.next, 20)
	g.all(t, &g.beside, 30)
	g.all(t, &g.over, 40)
	g.foreseen(t)
}

// A vendor that does not answer holds up nobody but those who wait for it, and those only as long as they want to.
func TestVendorHangs(t *testing.T) {
	t.Parallel()
	called, ended := make(chan struct{}), make(chan struct{})
	g := plant(t, soil{far: func(ctx context.Context, _ []int) error {
		close(called)
		<-ctx.Done()
		close(ended)
		return ctx.Err()
	}}, `{ trees { far { id } next { over { id } } } }`)
	if _, err := soon(t, g, &g.trees, 0); err != nil {
		t.Error(err)
	}
	g.all(t, &g.next, 20)
	g.all(t, &g.over, 40)
	<-called
	impatient, cancel := context.WithCancelCause(g.ctx)
	leave := errors.New("enough")
	cancel(leave)
	if _, err := g.far.Load(impatient, 51); !errors.Is(err, leave) {
		t.Errorf("far: %v", err)
	}
	g.cancel()
	<-ended
}

func TestVendorFails(t *testing.T) {
	t.Parallel()
	down := errors.New("down")
	g := plant(t, soil{far: func(context.Context, []int) error { return down }}, `{ trees { far { next { id } } } }`)
	if _, err := soon(t, g, &g.trees, 0); err != nil {
		t.Error(err)
	}
	for range 2 {
		if _, err := soon(t, g, &g.far, 51); !errors.Is(err, down) {
			t.Errorf("far: %v", err)
		}
	}
	if g.batches.of("next") != 0 || g.batches.of("far") != 1 {
		t.Errorf("batches:\n%s", g.batches)
	}
}

// A statement that fails takes those behind it in the round trip with it, and none before; what was read leads on.
func TestStatementFails(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		soil soil
		code string
	}{
		"by itself":   {soil{weeds: "select 1/(g-2) as id from generate_series(1, 3) g"}, "22012"},
		"over time":   {soil{weeds: asleep, timeout: 100 * time.Millisecond}, "57014"},
		"unprepared":  {soil{weeds: "select no_such_thing as id"}, "42703"},
		"on scanning": {soil{weeds: "select 'a text' as id"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := plant(t, test.soil, `{ trees { next { id } } weeds { over { id } } w: weeds { beside { id } } }`)
			_, err := soon(t, g, &g.weeds, 0)
			var refused *pgconn.PgError
			if err == nil || test.code != "" && (!errors.As(err, &refused) || refused.Code != test.code) {
				t.Errorf("weeds: %v", err)
			}
			if _, err := soon(t, g, &g.trees, 0); (err != nil) != (name == "unprepared") { // then nothing is sent at all
				t.Errorf("trees: %v", err)
			}
			g.all(t, &g.next, 20)
			if g.batches.of("over")+g.batches.of("beside") != 0 {
				t.Errorf("rows that never came led on:\n%s", g.batches)
			}
			g.whole(t)
		})
	}
}

func TestRequestEnds(t *testing.T) {
	t.Parallel()
	g := plant(t, soil{weeds: asleep}, `{ trees { next { over { id } } } weeds { far { beside { id } } } }`)
	waiting := make(chan error, 3)
	go func() { _, err := g.weeds.Load(g.ctx, 0); waiting <- err }()
	go func() { _, err := g.trees.Load(g.ctx, 0); waiting <- err }()
	go func() { _, err := g.far.Load(g.ctx, 51); waiting <- err }() // which nobody has foreseen yet
	g.cancel()
	for range 3 {
		if err := <-waiting; err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
	g.whole(t)
}

// Reads end with the request, not with the field that asked first.
func TestFirstCallerLeaves(t *testing.T) {
	t.Parallel()
	g := plant(t, soil{}, `{ trees { next { id } } }`)
	gone, cancel := context.WithCancel(g.ctx)
	cancel()
	_, _ = g.trees.Load(gone, 0)
	if trees, err := soon(t, g, &g.trees, 0); err != nil || len(trees) != 3 {
		t.Errorf("%v, %v", trees, err)
	}
	_, _ = g.over.Load(gone, 41) // which opens a window
	g.all(t, &g.over, 40)
	g.all(t, &g.next, 20)
}

func TestMutationsPlanNothing(t *testing.T) {
	t.Parallel()
	g := plant(t, soil{}, `mutation { trees { next { id } } }`)
	g.all(t, &g.over, 40)
	if got := g.batches.of("trees") + g.batches.of("next"); got != 0 {
		t.Errorf("a mutation was planned:\n%s", g.batches)
	}
}

func TestOneOfSeveralOperations(t *testing.T) {
	t.Parallel()
	g := plant(t, soil{pick: func(d *ast.QueryDocument) *ast.OperationDefinition { return d.Operations.ForName("B") }},
		`query A { trees { next { id } } } query B { weeds { over { id } } }`)
	if _, err := soon(t, g, &g.weeds, 0); err != nil {
		t.Error(err)
	}
	g.all(t, &g.over, 40)
	g.foreseen(t)
	if got, want := g.batches.String(), "over [3]\nweeds [1]"; got != want {
		t.Errorf("batches:\n%s\nwant:\n%s", got, want)
	}
}

// More keys than a statement may have go in several, in one round trip.
func TestManyKeys(t *testing.T) {
	t.Parallel()
	g := plant(t, soil{
		weeds:   "select g as id from generate_series(1, 2500) g",
		besides: func(t *tree) (int, bool) { return t.ID, true },
	}, `{ weeds { beside { over { id } } } }`)
	weeds, err := soon(t, g, &g.weeds, 0)
	if err != nil || len(weeds) != 2500 {
		t.Fatal(len(weeds), err)
	}
	for _, weed := range weeds {
		if beside, err := soon(t, g, &g.beside, weed.ID); err != nil || beside == nil || beside.ID != weed.ID {
			t.Errorf("beside %d: %v, %v", weed.ID, beside, err)
		}
	}
	g.all(t, &g.over, 40)
	g.foreseen(t)
	if got, want := g.batches.String(), "beside [2500]\nover [10]\nweeds [1]"; got != want {
		t.Errorf("batches:\n%s\nwant:\n%s", got, want)
	}
	if statements := g.calls.Of("postgres beside"); statements != 3 {
		t.Errorf("%d statements of at most %d keys for 2500", statements, maxKeys)
	}
}

// What nobody foresaw is gathered, and what it needs is not read twice.
func TestUnforeseen(t *testing.T) {
	t.Parallel()
	for _, options := range [][]Option{nil, {Plain()}} {
		t.Run(fmt.Sprint(len(options), " options"), func(t *testing.T) {
			t.Parallel()
			g := plant(t, soil{options: options}, `{ trees { next { id } } }`)
			keys := make([]int, 2500) // more than a batch has
			for i := range keys {
				keys[i] = 41 + i%2400
			}
			each(keys, func(key int) {
				if over, err := g.over.Load(g.ctx, key); err != nil || over == nil || over.ID != key {
					t.Errorf("over %d: %v, %v", key, over, err)
				}
			})
			g.batches.mu.Lock()
			sizes := slices.Sorted(slices.Values(g.batches.batches["over"]))
			g.batches.mu.Unlock()
			read := 0
			for _, size := range sizes {
				read += size
			}
			if read != 2400 || sizes[len(sizes)-1] > maxKeys || len(sizes) > 600 { // how much a window gathers depends on the machine
				t.Errorf("batches of %v", sizes)
			}
		})
	}
}
