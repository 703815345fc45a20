package loaders

import (
	"errors"
	"fmt"
	"runtime/debug"
	"slices"

	"github.com/jackc/pgx/v5"

	"supportgraph/clients/upstream"
)

// level is what lies equally deep in the query and is read beside each other, the statements in one round trip. Only the
// goroutine that reads the levels of its query in turn touches one.
type level struct {
	loaders  *Loaders
	depth    int // 1 for the first of a plan, 0 for what no plan foresaw
	readings []reading
	vendors  []*level      // one for each vendor that is asked here, read by itself as soon as all its keys are known
	follows  []follow      // what its rows lead to
	below    *level        // where they lead to, nil while they lead nowhere
	done     chan struct{} // closed when what its rows lead to is on its way
}

func (l *Loaders) level() *level {
	return &level{loaders: l, done: make(chan struct{})}
}

// named returns the level's batch of a loader, nil where it has none.
func (lv *level) named(loader string) reading {
	for _, r := range lv.readings {
		if r.name() == loader {
			return r
		}
	}
	for _, vendor := range lv.vendors {
		if r := vendor.readings[0]; r.name() == loader {
			return r
		}
	}
	return nil
}

// expand sends rows down every branch of the selection: their keys are claimed when it returns.
func (lv *level) expand(sel *selection, rows []any) {
	if sel == nil || len(rows) == 0 {
		return
	}
	for _, branch := range sel.branches {
		args, ok := branch.open(lv.loaders.vars)
		switch {
		case !ok:
		case branch.edge.expand == nil:
			lv.expand(branch.below[branch.edge.target], rows)
		default:
			visit := lv.loaders.visits.Add(1)
			reached := branch.edge.expand(lv, rows, args, visit)
			if lv.loaders.trace != nil && reached.batch != nil {
				lv.loaders.trace.Lead(reached.batch.traced(), branch.path)
			}
			if branch.leadsOn() {
				home := lv
				if reached.batch != nil {
					home = reached.batch.home()
				}
				home.follows = append(home.follows, follow{branch, reached})
			}
		}
	}
}

// follow is a branch of the plan and the rows that it leads to.
type follow struct {
	branch *branch
	reached
}

// goOn sends those of a follow's rows to the level below that have come since it was last done, and tells whether more
// will.
func (lv *level) goOn(f follow) (more bool) {
	rows, more := f.come()
	if len(rows) == 0 {
		return more
	}
	if lv.below == nil {
		lv.below = lv.loaders.level()
		lv.below.depth = lv.depth + 1
	}
	edge := f.branch.edge
	if edge.kind == nil {
		lv.below.expand(f.branch.below[edge.target], rows)
		return more
	}
	of := make(map[string][]any, len(edge.kinds))
	for _, row := range rows {
		kind := edge.kind(row)
		of[kind] = append(of[kind], row)
	}
	for _, kind := range edge.kinds {
		lv.below.expand(f.branch.below[kind], of[kind])
	}
	return more
}

// errPanic stands for a panic of ours while reading.
var errPanic = errors.New("panic while reading")

// guard, deferred, turns a panic into an error.
func guard(failed func(error)) {
	if caught := recover(); caught != nil {
		failed(fmt.Errorf("%w: %v\n%s", errPanic, caught, debug.Stack()))
	}
}

// advance reads a level and then those below it. What a level's rows lead to is on its way when those wake who wait for
// them. A panic fails what is not read yet.
func (l *Loaders) advance(lv *level) {
	defer guard(func(err error) { lv.abandon(err) })
	for ; lv != nil; lv = lv.below {
		lv.read()
		close(lv.done)
	}
}

// abandon fails what the level and those below it have not read.
func (lv *level) abandon(err error) {
	for ; lv != nil; lv = lv.below {
		for _, r := range lv.readings {
			r.fail(err)
		}
		for _, vendor := range lv.vendors {
			vendor.abandon(err)
		}
		close(lv.done)
	}
}

func (lv *level) read() {
	lv.below.callVendors(lv)
	lv.ask()
	// Rows may be known by now that lie deeper: the same people stand in many places of a query.
	for at := lv; at != nil; at = at.below {
		at.follows = slices.DeleteFunc(at.follows, func(f follow) bool { return !at.goOn(f) })
	}
	if lv.below != nil { // rows that a deeper level reads, or somebody else
		lv.below.follows = append(lv.below.follows, lv.follows...)
	}
	lv.below.callVendors(lv)
}

// callVendors asks those vendors to whom the rows of the level above, where there is one, bring no more keys.
func (lv *level) callVendors(above *level) {
	if lv == nil {
		return
	}
	lv.vendors = slices.DeleteFunc(lv.vendors, func(vendor *level) bool {
		if above != nil && above.brings(vendor.readings[0].name()) {
			return false
		}
		go lv.loaders.advance(vendor)
		return true
	})
}

// brings tells whether rows that the level has not read yet may lead to a vendor.
func (lv *level) brings(vendor string) bool {
	return slices.ContainsFunc(lv.follows, func(f follow) bool {
		return f.batch != nil && !f.batch.read() && slices.Contains(f.branch.calls, vendor)
	})
}

// ask reads the level's batches: a vendor's by its client, the others by statements in one round trip, those first whose
// rows lead to a vendor, which is called before the rows of the others are read.
func (lv *level) ask() {
	var first, then []reading
	for _, r := range lv.readings {
		lv.loaders.factory.observe(r.name(), r.size())
		switch {
		case r.calls():
			end := lv.loaders.trace.Begin(r.traced(), r.size())
			r.call(lv.loaders.trace.Within(lv.loaders.ctx, r.traced()))
			end()
		case lv.leadsToVendor(r):
			first = append(first, r)
		default:
			then = append(then, r)
		}
	}
	queued := append(first, then...)
	if len(queued) == 0 {
		return
	}
	statements := &pgx.Batch{}
	var traced []*upstream.Read // of each statement
	for _, r := range queued {
		end := lv.loaders.trace.Begin(r.traced(), r.size())
		r.queue(statements, func() {
			end()
			for _, f := range lv.follows {
				if f.batch == r {
					lv.goOn(f)
				}
			}
			lv.below.callVendors(lv)
		})
		if lv.loaders.trace != nil {
			traced = append(traced, slices.Repeat([]*upstream.Read{r.traced()}, statements.Len()-len(traced))...)
		}
	}
	ctx := lv.loaders.trace.Within(lv.loaders.ctx, traced...)
	if err := lv.loaders.factory.clients.Postgres.SendBatch(ctx, statements).Close(); err != nil {
		err = fmt.Errorf("read a level: %w", err)
		for _, r := range queued {
			r.fail(err)
		}
	}
}

func (lv *level) leadsToVendor(r reading) bool {
	return slices.ContainsFunc(lv.follows, func(f follow) bool { return f.batch == r && f.branch.vendors })
}
