package cache

import (
	"context"

	"supportgraph/clients/upstream"
)

// flight is the reading of one key, which all who want the key wait for.
type flight struct {
	key  string
	trip *trip
	done chan struct{}

	// Guarded by the table's mutex until done is closed.
	doomed bool   // invalidated meanwhile: what it brings is not kept
	older  *entry // what there is in case it fails

	// Written before done is closed.
	brought *entry
	live    bool // read from the source, not from Redis
	err     error
	panic   string
}

// trip is the flights that set out together.
type trip struct {
	lane       upstream.Lane
	end        context.CancelFunc
	flights    []*flight
	waiting    int  // those who wait for one of its flights; guarded by the table's mutex
	background bool // goes on when nobody waits; guarded likewise, once it has set out
}

// board joins the flights of keys that are under way, and makes a new trip for the others, which sets out with depart. A
// flight of a lane that has to stand back is not joined: its budget may be used up where ours is not.
func (t *Table[K, V]) board(keys []K, older map[K]*entry, trip *trip) (flights []*flight, own []*flight) {
	t.mu.Lock()
	defer t.mu.Unlock()
	flights = make([]*flight, len(keys))
	for i, key := range keys {
		full := t.full(key)
		f := t.flights[full]
		switch {
		case f != nil && f.trip.lane <= trip.lane && trip.background:
			continue // on its way
		case f == nil || f.trip.lane > trip.lane:
			if f != nil {
				f.doomed = true // ours is the one that an invalidation finds
			}
			f = &flight{key: full, trip: trip, done: make(chan struct{}), older: older[key]}
			t.flights[full] = f
			own = append(own, f)
		}
		if !trip.background {
			f.trip.waiting++
		}
		flights[i] = f
	}
	trip.flights = own
	return flights, own
}

// leave is for who does not wait any more. The last one to leave a trip ends it, unless it was sent to the background.
func (t *Table[K, V]) leave(f *flight, background bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f.trip.waiting--
	f.trip.background = f.trip.background || background
	if f.trip.waiting > 0 || f.trip.background {
		return
	}
	for _, other := range f.trip.flights {
		if t.flights[other.key] == other {
			delete(t.flights, other.key)
		}
	}
	f.trip.end()
}

// awaited tells whether a trip was not sent to the background: somebody waits for it.
func (t *Table[K, V]) awaited(trip *trip) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return !trip.background
}

// land hands a flight's outcome to those who wait, and keeps it. It reports whether the value is right for others too.
func (t *Table[K, V]) land(f *flight, brought *entry, live bool, err error) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if f.landed() {
		return false
	}
	f.brought, f.live, f.err = brought, live, err
	switch now := t.store.clock(); {
	case f.doomed:
	case err == nil:
		t.store.keep(f.key, brought)
	case f.older != nil && upstream.ReasonOf(err) != upstream.Canceled:
		f.older = f.older.fail(now, upstream.ReasonOf(err), f.trip.lane)
		t.store.keep(f.key, f.older)
	}
	if t.flights[f.key] == f {
		delete(t.flights, f.key)
	}
	close(f.done)
	return err == nil && !f.doomed
}

func (f *flight) landed() bool {
	select {
	case <-f.done:
		return true
	default:
		return false
	}
}

// remember notes an older value that was found on the way.
func (t *Table[K, V]) remember(f *flight, e *entry) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f.older = newer(f.older, e)
}

// fallback is the older value of a flight that may still be under way.
func (t *Table[K, V]) fallback(f *flight) *entry {
	t.mu.Lock()
	defer t.mu.Unlock()
	return f.older
}

// wait waits for a flight. It reports false where the caller's time ended first, or the patience with an older value
// there; the older value is then what the caller has.
func (t *Table[K, V]) wait(ctx context.Context, f *flight, patience <-chan struct{}) bool {
	select {
	case <-f.done:
	default:
		select {
		case <-f.done:
		case <-ctx.Done():
			t.leave(f, false)
			return false
		case <-patience:
			if t.fallback(f) != nil {
				t.leave(f, true)
				return false
			}
			return t.wait(ctx, f, nil)
		}
	}
	t.leave(f, false)
	if f.panic != "" {
		panic(f.panic)
	}
	return true
}
