package loaders

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestPanicOverRow(t *testing.T) {
	t.Parallel()
	g := plant(t, soil{weed: func(pgx.CollectableRow) (*tree, error) { panic("a weed") }},
		`{ trees { next { id } } weeds { id } }`)
	if _, err := soon(t, g, &g.weeds, 0); !errors.Is(err, errPanic) {
		t.Errorf("weeds: %v", err)
	}
	if trees, err := soon(t, g, &g.trees, 0); err != nil || len(trees) != 3 {
		t.Errorf("trees, which were read before: %v, %v", trees, err)
	}
	g.all(t, &g.next, 20)
	g.foreseen(t)
	g.whole(t)
}

func TestPanicOverKey(t *testing.T) {
	t.Parallel()
	g := plant(t, soil{besides: func(*tree) (int, bool) { panic("no key") }},
		`{ trees { next { id } beside { id } far { id } } weeds { over { id } } }`)
	for _, loader := range []*Loader[int, []*tree]{&g.trees, &g.weeds} {
		if _, err := soon(t, g, loader, 0); err != nil && !errors.Is(err, errPanic) {
			t.Error(err)
		}
	}
	g.all(t, &g.next, 20)
	g.all(t, &g.over, 40)
	g.all(t, &g.far, 50)
	g.whole(t)
}

// The key of a row that was there before is asked for behind the level's statements.
func TestPanicOverKeyOfKnownRow(t *testing.T) {
	t.Parallel()
	g := plant(t, soil{besides: func(t *tree) (int, bool) {
		if t.ID >= 20 {
			panic("no key")
		}
		return 30 + t.ID, true
	}}, `{ trees { next { id } beside { next { beside { id } } far { id } over { next { id } } } } }`)
	if _, err := soon(t, g, &g.trees, 0); err != nil {
		t.Error(err)
	}
	for i := 1; i <= 3; i++ {
		for _, loader := range []*Loader[int, *tree]{&g.next, &g.beside, &g.far, &g.over} {
			if _, err := soon(t, g, loader, i+10*map[string]int{"next": 2, "beside": 3, "far": 5, "over": 4}[loader.source.name]); err != nil && !errors.Is(err, errPanic) {
				t.Error(err)
			}
		}
	}
	g.whole(t)
}

func TestPanicOverFirstKeys(t *testing.T) {
	t.Parallel()
	g := plant(t, soil{}, `{ trees { next { id } } weeds { id } }`)
	for _, e := range g.factory.plans.edges["Query.weeds"] {
		e.bind = func(map[string]any) (any, bool) { panic("no arguments") }
	}
	for _, loader := range []*Loader[int, []*tree]{&g.trees, &g.weeds} {
		if _, err := soon(t, g, loader, 0); err != nil && !errors.Is(err, errPanic) {
			t.Error(err)
		}
	}
	g.all(t, &g.next, 20)
}

func TestPanicOverStatement(t *testing.T) {
	t.Parallel()
	g := plant(t, soil{over: func() { panic("no statement") }}, `{ trees { far { id } over { far { id } } next { id } } }`)
	if _, err := soon(t, g, &g.trees, 0); err != nil {
		t.Error(err)
	}
	for i := 1; i <= 3; i++ {
		if _, err := soon(t, g, &g.over, i+40); !errors.Is(err, errPanic) {
			t.Errorf("over: %v", err)
		}
		if _, err := soon(t, g, &g.next, i+20); !errors.Is(err, errPanic) {
			t.Errorf("next, of the same level: %v", err)
		}
	}
	g.all(t, &g.far, 50)
	g.whole(t)
}

func TestPanicOfVendor(t *testing.T) {
	t.Parallel()
	g := plant(t, soil{far: func(context.Context, []int) error { panic("far") }},
		`{ trees { far { beside { id } } next { id } } }`)
	if _, err := soon(t, g, &g.trees, 0); err != nil {
		t.Error(err)
	}
	if _, err := soon(t, g, &g.far, 51); !errors.Is(err, errPanic) {
		t.Errorf("far: %v", err)
	}
	g.all(t, &g.next, 20)
	g.foreseen(t)
}

func TestPanicOverWhatNobodyForesaw(t *testing.T) {
	t.Parallel()
	g := plant(t, soil{
		weed: func(pgx.CollectableRow) (*tree, error) { panic("a weed") },
		far:  func(context.Context, []int) error { panic("far") },
		over: func() { panic("no statement") },
	}, `{ trees { id } }`)
	if _, err := soon(t, g, &g.weeds, 0); !errors.Is(err, errPanic) {
		t.Errorf("weeds: %v", err)
	}
	if _, err := soon(t, g, &g.far, 51); !errors.Is(err, errPanic) {
		t.Errorf("far: %v", err)
	}
	if _, err := soon(t, g, &g.over, 41); !errors.Is(err, errPanic) {
		t.Errorf("over: %v", err)
	}
	g.whole(t)
}
