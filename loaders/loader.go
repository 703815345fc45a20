package loaders

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/graph-gophers/dataloader/v7"
)

// The bounds of a batch.
const (
	maxKeys = 1000             // keys of one statement; more are read by several beside each other
	window  = time.Millisecond // how long what the plan did not foresee is gathered
)

// Loader reads the values of one edge or of one kind of record, each once per request.
type Loader[K comparable, V any] struct {
	source  *source[K, V]
	loaders *Loaders

	mu       sync.Mutex
	slots    map[K]*slot[V]
	backstop *dataloader.Loader[K, struct{}]
}

// slot holds a value that is there or under way. The loader's mutex guards all of it but done; who has seen done closed
// may read value and err, which do not change any more.
type slot[V any] struct {
	value V
	err   error
	there bool          // whether value and err are read
	visit uint64        // the last expansion that saw it
	done  chan struct{} // closed when it is there, and what it leads to on its way
}

func (l *Loader[K, V]) init(loaders *Loaders, source *source[K, V]) {
	l.loaders, l.source = loaders, source
}

// Load returns the value of a key, the zero value where there is none. It waits for what is under way, or until the
// context ends; the plan, which whoever asks first runs, ends only with the operation.
func (l *Loader[K, V]) Load(ctx context.Context, key K) (V, error) {
	l.loaders.begin(ctx)
	slot := l.find(key)
	select {
	case <-slot.done:
		return slot.value, slot.err
	default:
	}
	if l.loaders.trace != nil {
		began := time.Now()
		defer func() { l.loaders.trace.Waited(l.source.name, time.Since(began)) }()
	}
	select {
	case <-slot.done:
		return slot.value, slot.err
	case <-ctx.Done():
		var none V
		return none, context.Cause(ctx)
	}
}

// find returns the key's slot; one that nobody foresaw is read with those that come in the same short window.
func (l *Loader[K, V]) find(key K) *slot[V] {
	l.mu.Lock()
	if slot, ok := l.slots[key]; ok {
		l.mu.Unlock()
		return slot
	}
	slot := &slot[V]{done: make(chan struct{})}
	l.put(key, slot)
	if l.backstop == nil {
		l.backstop = dataloader.NewBatchedLoader(l.gathered,
			dataloader.WithCache(&dataloader.NoCache[K, struct{}]{}),
			dataloader.WithWait[K, struct{}](window),
			dataloader.WithBatchCapacity[K, struct{}](maxKeys),
			dataloader.WithInputCapacity[K, struct{}](64))
	}
	backstop := l.backstop
	l.mu.Unlock()
	backstop.Load(l.loaders.ctx, key)
	return slot
}

// gathered reads the keys of a window, as a level by itself. It is dataloader's batch function; the values go straight
// to their slots.
func (l *Loader[K, V]) gathered(_ context.Context, keys []K) []*dataloader.Result[struct{}] {
	lv := l.loaders.level()
	lv.readings = []reading{&batch[K, V]{loader: l, level: lv, keys: keys, trace: l.loaders.trace.Expect(l.source.name, l.source.service, 0)}}
	l.loaders.advance(lv)
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, key := range keys {
		close(l.slots[key].done)
	}
	return slices.Repeat([]*dataloader.Result[struct{}]{{}}, len(keys))
}

// put keeps a slot; the mutex is held.
func (l *Loader[K, V]) put(key K, s *slot[V]) {
	if l.slots == nil {
		l.slots = make(map[K]*slot[V], 16)
	}
	l.slots[key] = s
}

// claim returns the key's slot and whether this visit sees it for the first time. A key that nobody has asked for is read
// with the level.
func (l *Loader[K, V]) claim(lv *level, key K, visit uint64) (*slot[V], bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	found, ok := l.slots[key]
	if !ok {
		batch := batchOf(lv, l)
		found = &slot[V]{done: batch.level.done}
		batch.keys = append(batch.keys, key)
		l.put(key, found)
	}
	fresh := found.visit != visit
	found.visit = visit
	return found, fresh
}
