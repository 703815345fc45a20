package loaders

import (
	"errors"
	"fmt"
	"runtime/debug"
	"slices"

	"github.com/jackc/pgx/v5"
)

// level is what is read beside each other: what the rows of the level above lead to.
type level struct {
	loaders  *Loaders
	readings []reading
	done     chan struct{} // closed when its statements are read and the keys of the next level are out
}

func (l *Loaders) level() *level {
	return &level{loaders: l, done: make(chan struct{})}
}

// named returns the level's batch of a loader, nil where it has none.
func (lv *level) named(loader string) reading {
	for _, reading := range lv.readings {
		if reading.name() == loader {
			return reading
		}
	}
	return nil
}

// follow is a branch of the plan with the rows that it led to.
type follow struct {
	branch *branch
	reached
}

// expand sends the rows down every branch of the selection: their keys are claimed when it returns.
func (lv *level) expand(sel *selection, rows []any) []follow {
	if sel == nil || len(rows) == 0 {
		return nil
	}
	follows := make([]follow, 0, len(sel.branches))
	for _, branch := range sel.branches {
		args, ok := branch.open(lv.loaders.vars)
		if !ok {
			continue
		}
		visit := lv.loaders.visits.next()
		follows = append(follows, follow{branch, branch.edge.expand(lv, rows, args, visit)})
	}
	return follows
}

// into sends a follow's rows, which are all there, to the next level.
func (f follow) into(next *level) []follow {
	if !f.branch.leadsOn() {
		return nil
	}
	rows := f.rows()
	if f.branch.edge.kind == nil {
		return next.expand(f.branch.below[f.branch.edge.target], rows)
	}
	var follows []follow
	for _, kind := range f.branch.edge.kinds {
		if sel := f.branch.below[kind]; sel != nil {
			of := slices.DeleteFunc(slices.Clone(rows), func(row any) bool { return f.branch.edge.kind(row) != kind })
			follows = append(follows, next.expand(sel, of)...)
		}
	}
	return follows
}

// errPanic stands for a panic of ours while reading.
var errPanic = errors.New("panic while reading")

// guard turns a panic into an error for whoever waits.
func guard(failed func(error)) {
	if caught := recover(); caught != nil {
		failed(fmt.Errorf("%w: %v\n%s", errPanic, caught, debug.Stack()))
	}
}

// advance reads a level, whose keys are out, and all levels below it.
func (l *Loaders) advance(lv *level, follows []follow) {
	for len(lv.readings) > 0 || len(follows) > 0 {
		lv, follows = l.read(lv, follows)
	}
}

// read reads a level and returns the next one, whose keys are out when those who wait for this one wake.
func (l *Loaders) read(lv *level, follows []follow) (next *level, further []follow) {
	next = l.level()
	defer close(lv.done)
	defer guard(func(err error) { // rows that were read stay; who waits for more learns of it
		for _, reading := range slices.Concat(lv.readings, next.readings) {
			l.abandon(reading, err)
		}
		next, further = l.level(), nil
	})
	s := step{l, next, make(map[string]int), nil}
	waiting := make(map[reading][]follow, len(lv.readings))
	var ready []follow
	for _, f := range follows {
		switch {
		case f.batch != nil && f.batch.calls():
			continue // its caller goes on with it
		case f.branch.leadsOn() && len(f.foreign()) > 0:
			go l.later(f)
			continue
		case f.batch != nil:
			waiting[f.batch] = append(waiting[f.batch], f)
		default:
			ready = append(ready, f)
		}
		for _, loader := range f.branch.calls {
			s.expected[loader]++
		}
	}
	s.goOn(ready)
	l.statements(lv, waiting, s.goOn)
	return next, s.further
}

// step is the way from one level to the next.
type step struct {
	loaders  *Loaders
	next     *level
	expected map[string]int // for each vendor's loader, how many follows may still bring it keys
	further  []follow
}

// goOn sends the rows of follows to the next level. A vendor is called as soon as its last key is known, while the
// level's other statements are still being read.
func (s *step) goOn(follows []follow) {
	for _, f := range follows {
		s.further = append(s.further, f.into(s.next)...)
	}
	for _, f := range follows {
		for _, loader := range f.branch.calls {
			if s.expected[loader]--; s.expected[loader] > 0 {
				continue
			}
			if r := s.next.named(loader); r != nil {
				s.next.readings = slices.DeleteFunc(s.next.readings, func(other reading) bool { return other == r })
				go s.loaders.call(r, of(s.further, r))
			}
		}
	}
}

// of returns the follows whose rows a batch reads.
func of(follows []follow, r reading) (found []follow) {
	for _, f := range follows {
		if f.batch == r {
			found = append(found, f)
		}
	}
	return found
}

// statements reads what Postgres is asked for, in one round trip, those first whose rows lead to a vendor; read is told
// of the follows of each batch that is there. Calls of the level that nobody has made yet are made.
func (l *Loaders) statements(lv *level, waiting map[reading][]follow, read func([]follow)) {
	var first, then []reading
	for _, r := range lv.readings {
		switch {
		case r.calls():
			go l.call(r, nil)
		case slices.ContainsFunc(waiting[r], func(f follow) bool { return f.branch.vendors }):
			first = append(first, r)
		default:
			then = append(then, r)
		}
	}
	batch := &pgx.Batch{}
	unread := make(map[reading]bool, len(first)+len(then))
	for _, r := range append(first, then...) {
		unread[r] = true
		l.factory.observe(r.name(), r.size())
		r.queue(batch, func() {
			delete(unread, r)
			read(waiting[r])
		})
	}
	if batch.Len() == 0 {
		return
	}
	if err := l.factory.clients.Postgres.SendBatch(l.ctx, batch).Close(); err != nil {
		for r := range unread {
			r.fail(err)
			read(waiting[r])
		}
	}
}

// call asks a vendor and goes on with what its values lead to.
func (l *Loaders) call(r reading, follows []follow) {
	below := l.level()
	var further []follow
	func() {
		defer close(r.finished())
		defer guard(r.fail)
		l.factory.observe(r.name(), r.size())
		r.call(l.ctx)
		for _, f := range follows {
			if f.branch.leadsOn() && len(f.foreign()) > 0 {
				go l.later(f)
				continue
			}
			further = append(further, f.into(below)...)
		}
	}()
	l.advance(below, further)
}

// later goes on with rows that others read, when they are there.
func (l *Loaders) later(f follow) {
	for _, done := range f.foreign() {
		select {
		case <-done:
		case <-l.ctx.Done():
			return
		}
	}
	if f.batch != nil {
		select {
		case <-f.batch.finished():
		case <-l.ctx.Done():
			return
		}
	}
	below := l.level()
	l.advance(below, f.into(below))
}

// abandon fails what a panic kept from being read.
func (l *Loaders) abandon(r reading, err error) {
	r.fail(err)
	if r.calls() {
		close(r.finished())
	}
}

// alone reads a batch that belongs to no level.
func (l *Loaders) alone(r reading) {
	defer guard(r.fail)
	l.factory.observe(r.name(), r.size())
	if r.calls() {
		r.call(l.ctx)
		return
	}
	batch := &pgx.Batch{}
	r.queue(batch, func() {})
	if err := l.factory.clients.Postgres.SendBatch(l.ctx, batch).Close(); err != nil {
		r.fail(err)
	}
}
