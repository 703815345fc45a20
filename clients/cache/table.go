package cache

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"supportgraph/clients/upstream"
)

// Entity names a kind of values and says how they are kept.
type Entity struct {
	Name    string // "stripe.billing"
	Version int    // of what its values look like in JSON: another one is another kind
	Service upstream.Service
	Times   Times
}

// Table keeps the values of one kind and reads through to their source. It is safe for concurrent use.
type Table[K ~string, V any] struct {
	store  *Store
	entity Entity
	prefix string

	mu      sync.Mutex
	flights map[string]*flight // under way, by full key
	spoils  int                // invalidations so far
}

// NewTable makes a table; a nil store or times that are off make one that keeps nothing. A store has one table of a kind.
// Values are shared by all who read them and must not be changed.
func NewTable[K ~string, V any](store *Store, entity Entity) *Table[K, V] {
	t := &Table[K, V]{store: store, entity: entity, flights: make(map[string]*flight)}
	if t.On() {
		t.prefix = fmt.Sprintf("supportgraph:%s:%d:%s:", entity.Name, entity.Version, store.tenant)
		store.mu.Lock()
		defer store.mu.Unlock()
		store.tables[t.prefix] = t
	}
	return t
}

// On tells whether the table keeps anything.
func (t *Table[K, V]) On() bool { return t.store != nil && t.entity.Times.On() }

func (t *Table[K, V]) full(key K) string { return t.prefix + string(key) }

func (t *Table[K, V]) key(full string) K { return K(strings.TrimPrefix(full, t.prefix)) }

// Found is a value with where it came from.
type Found[V any] struct {
	Value  *V
	Source upstream.Source
}

// GetBy is Get for those who ask in other words than the table's: key tells under which key a value stands, and is empty for
// what can have none, which is then in neither map.
func GetBy[A comparable, K ~string, V any](ctx context.Context, t *Table[K, V], lane upstream.Lane, asked []A, key func(A) K, read Read[K, V]) (map[A]Found[V], map[A]error) {
	keys := make([]K, 0, len(asked))
	for _, words := range asked {
		if key := key(words); key != "" {
			keys = append(keys, key)
		}
	}
	values, faults := t.Get(ctx, lane, keys, read)
	found, failed := make(map[A]Found[V], len(values)), make(map[A]error, len(faults))
	for _, words := range asked {
		key := key(words)
		if value, ok := values[key]; ok {
			found[words] = value
		}
		if err, ok := faults[key]; ok {
			failed[words] = err
		}
	}
	return found, failed
}

// Values are what was found, each a copy that bears its provenance where source says. What the copies hold is shared still.
func Values[K comparable, V any](found map[K]Found[V], source func(*V) *upstream.Source) map[K]*V {
	values := make(map[K]*V, len(found))
	for key, kept := range found {
		value := *kept.Value
		*source(&value) = kept.Source
		values[key] = &value
	}
	return values
}

// Read asks the source for distinct keys. A key in neither map is one that the source does not know; keys that were not asked
// for but came along are kept too.
type Read[K comparable, V any] func(ctx context.Context, keys []K) (map[K]*V, map[K]error)

// Get returns the values of keys, each from where it is quickest to have: this process, Redis (one round trip for all
// keys), or the source. A key in neither map is one that the source does not know. What is past its time is served while it
// is read anew, or where the source gives nothing newer; its provenance then says so. All who want a key at the same time
// share one read, which ends when nobody waits for it any more.
func (t *Table[K, V]) Get(ctx context.Context, lane upstream.Lane, keys []K, read Read[K, V]) (map[K]Found[V], map[K]error) {
	g := &getting[K, V]{table: t, lane: lane, found: make(map[K]Found[V], len(keys)), failed: make(map[K]error), older: make(map[K]*entry)}
	if !t.On() {
		g.direct(ctx, keys, read)
		return g.found, g.failed
	}
	now, since := t.store.clock(), t.store.since()
	seen := make(map[K]struct{}, len(keys))
	var missing []K
	for _, key := range keys {
		if _, again := seen[key]; again {
			continue
		}
		seen[key] = struct{}{}
		switch e := t.store.find(t.full(key)); t.entity.Times.judge(e, lane, now, since) {
		case fresh:
			g.give(key, e, upstream.Cached)
		case tired:
			g.give(key, e, upstream.Stale)
			g.tired = append(g.tired, key)
		case resting:
			g.give(key, e, upstream.Stale)
		case old:
			g.older[key] = e
			missing = append(missing, key)
		default:
			missing = append(missing, key)
		}
	}
	if len(missing) > 0 {
		g.fetch(ctx, missing, read)
	}
	if len(g.tired) > 0 {
		t.renew(lane, g.tired, read)
	}
	return g.found, g.failed
}

// getting is one Get.
type getting[K ~string, V any] struct {
	table  *Table[K, V]
	lane   upstream.Lane
	found  map[K]Found[V]
	failed map[K]error
	older  map[K]*entry // what there is in case the source gives nothing newer
	tired  []K          // served, and to be read anew
}

// direct asks the source and keeps nothing.
func (g *getting[K, V]) direct(ctx context.Context, keys []K, read Read[K, V]) {
	at := time.Now() // no answer is older
	values, failed := read(ctx, keys)
	for _, key := range keys {
		if err := failed[key]; err != nil {
			g.failed[key] = err
		} else if value := values[key]; value != nil {
			g.found[key] = Found[V]{value, upstream.LiveFrom(g.table.entity.Service, at)}
		}
	}
}

// give serves an entry.
func (g *getting[K, V]) give(key K, e *entry, freshness upstream.Freshness) {
	if e.absent() {
		return
	}
	at := e.fetchedAt
	source := upstream.Source{Name: g.table.entity.Service, FetchedAt: &at, Freshness: &freshness}
	if freshness == upstream.Stale && e.concerns(g.lane) {
		reason := e.reason
		source.Reason = &reason
	}
	g.found[key] = Found[V]{e.value.(*V), source}
}

// fetch waits for what is not there.
func (g *getting[K, V]) fetch(ctx context.Context, keys []K, read Read[K, V]) {
	t := g.table
	within, trip := t.trip(context.WithoutCancel(ctx), g.lane)
	flights, own := t.board(keys, g.older, trip)
	t.depart(within, trip, own, read, func() {})

	var patience <-chan struct{}
	if limit := t.entity.Times.Patience; limit > 0 {
		waiting, stop := context.WithTimeout(ctx, limit)
		defer stop()
		patience = waiting.Done()
	}
	for i, key := range keys {
		if f := flights[i]; t.wait(ctx, f, patience) {
			g.land(key, f)
		} else {
			g.giveUp(ctx, key, t.fallback(f))
		}
	}
}

// land serves what a flight brought.
func (g *getting[K, V]) land(key K, f *flight) {
	now := g.table.store.clock()
	switch {
	case f.err != nil:
		if g.table.entity.Times.judge(f.older, g.lane, now, time.Time{}) > gone && !f.older.absent() {
			g.give(key, f.older, upstream.Stale)
		} else {
			g.failed[key] = f.err
		}
	case f.live:
		g.give(key, f.brought, upstream.Live)
	case g.table.entity.Times.judge(f.brought, g.lane, now, time.Time{}) == fresh:
		g.give(key, f.brought, upstream.Cached)
	default:
		g.give(key, f.brought, upstream.Stale)
		g.tired = append(g.tired, key)
	}
}

// giveUp serves the older value where the source took too long.
func (g *getting[K, V]) giveUp(ctx context.Context, key K, e *entry) {
	left := errors.Is(ctx.Err(), context.Canceled)
	if !left && g.table.entity.Times.judge(e, g.lane, g.table.store.clock(), time.Time{}) > gone && !e.absent() {
		g.give(key, e.fail(g.table.store.clock(), upstream.Timeout, g.lane), upstream.Stale)
		return
	}
	failed := &upstream.Error{Service: strings.ToLower(string(g.table.entity.Service)), Op: g.table.entity.Name,
		Reason: upstream.Timeout, Err: fmt.Errorf("wait for the source: %w", ctx.Err())}
	if left {
		failed.Reason = upstream.Canceled
	}
	g.failed[key] = failed
}

// renew reads keys anew in the background. Where too much is read already, the next read of the keys tries again.
func (t *Table[K, V]) renew(lane upstream.Lane, keys []K, read Read[K, V]) {
	select {
	case t.store.refreshes <- struct{}{}:
	default:
		return
	}
	older := make(map[K]*entry, len(keys))
	for _, key := range keys {
		older[key] = t.store.find(t.full(key))
	}
	within, trip := t.trip(t.store.life, lane)
	trip.background = true
	_, own := t.board(keys, older, trip)
	t.depart(within, trip, own, read, func() { <-t.store.refreshes })
}

// trip makes a trip that is still without flights. It ends with the store at the latest.
func (t *Table[K, V]) trip(ctx context.Context, lane upstream.Lane) (context.Context, *trip) {
	within, cancel := context.WithTimeout(ctx, longest)
	stop := context.AfterFunc(t.store.life, cancel)
	return within, &trip{lane: lane, end: func() { stop(); cancel() }}
}

// depart sets a trip out; landed is called when all of it has landed.
func (t *Table[K, V]) depart(ctx context.Context, trip *trip, own []*flight, read Read[K, V], landed func()) {
	if len(own) == 0 {
		trip.end()
		landed()
		return
	}
	if !t.store.run(func() {
		defer landed()
		defer trip.end()
		t.fly(ctx, trip, own, read)
	}) {
		trip.end()
		t.strand(own, "")
		landed()
	}
}

// strand ends the flights that have not landed.
func (t *Table[K, V]) strand(flights []*flight, panicked string) {
	for _, f := range flights {
		if f.landed() {
			continue
		}
		f.panic = panicked
		t.land(f, nil, false, &upstream.Error{Service: strings.ToLower(string(t.entity.Service)), Op: t.entity.Name,
			Reason: upstream.Canceled, Err: errors.New("the reading has ended")})
	}
}

// recovered strands flights after a panic, which those who wait raise again, and after work that left some behind.
func (t *Table[K, V]) recovered(flights []*flight) {
	panicked := ""
	if cause := recover(); cause != nil {
		panicked = fmt.Sprintf("%v\n%s", cause, debug.Stack())
	}
	t.strand(flights, panicked)
}

// fly brings the flights of a trip home.
func (t *Table[K, V]) fly(ctx context.Context, trip *trip, flights []*flight, read Read[K, V]) {
	defer t.recovered(flights)
	flights = t.landedMeanwhile(trip, flights)
	if len(flights) == 0 {
		return
	}
	left, shared := t.look(ctx, trip, flights)
	if !shared {
		t.ask(ctx, left, false, read)
		return
	}
	t.seek(ctx, trip, left, read)
}

// landedMeanwhile lands what another trip kept after this one's reader had looked and before it boarded, and returns the
// other flights.
func (t *Table[K, V]) landedMeanwhile(trip *trip, flights []*flight) (left []*flight) {
	now, since := t.store.clock(), t.store.since()
	for _, f := range flights {
		e := t.store.find(f.key)
		if e != t.fallback(f) && t.entity.Times.judge(e, trip.lane, now, since) == fresh {
			t.land(f, e, false, nil)
		} else {
			left = append(left, f)
		}
	}
	return left
}

// ask asks the source, hands the answers out, and only then keeps them for others.
func (t *Table[K, V]) ask(ctx context.Context, flights []*flight, leased bool, read Read[K, V]) {
	if len(flights) == 0 {
		return
	}
	kept := shelf{}
	defer func() { t.store.put(kept) }()
	keys := make([]K, len(flights))
	asked := make(map[K]bool, len(flights))
	for i, f := range flights {
		keys[i] = t.key(f.key)
		asked[keys[i]] = true
		if leased {
			kept.leases = append(kept.leases, f.key+lease)
		}
	}
	t.mu.Lock()
	before := t.spoils
	t.mu.Unlock()
	at := t.store.clock() // no answer is older
	values, failed := read(ctx, keys)
	for key, value := range values { // before anybody wakes who might ask for it next
		if value == nil || asked[key] {
			continue
		}
		e, text := t.entry(value, at)
		if t.keepAlong(t.full(key), e, before) {
			kept.add(t.full(key), text, t.entity.Times.keep(e))
		}
	}
	for i, f := range flights {
		if err := failed[keys[i]]; err != nil {
			t.land(f, nil, false, err)
			continue
		}
		e, text := t.entry(values[keys[i]], at)
		if t.land(f, e, true, nil) {
			kept.add(f.key, text, t.entity.Times.keep(e))
		}
	}
}

// entry makes an entry with its text, which is nil where it has none.
func (t *Table[K, V]) entry(value *V, at time.Time) (*entry, []byte) {
	e := &entry{fetchedAt: at, keptAt: at}
	if value != nil {
		e.value = value
	}
	text, err := encode(e)
	if err != nil {
		return e, nil
	}
	e.size = len(text)
	return e, text
}

// keepAlong keeps what came along, unless something was invalidated meanwhile.
func (t *Table[K, V]) keepAlong(full string, e *entry, before int) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.spoils != before || t.flights[full] != nil {
		return false
	}
	t.store.keep(full, e)
	return true
}
