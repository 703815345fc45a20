package loaders

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// batch is the keys of one loader that are read together.
type batch[K comparable, V any] struct {
	loader *Loader[K, V]
	keys   []K
	done   chan struct{} // the level's own for statements, one by itself for calls
	left   int           // statements not read yet
}

// reading is a batch whose types do not matter.
type reading interface {
	name() string
	size() int
	calls() bool                         // a vendor's client reads it, not a statement
	queue(batch *pgx.Batch, read func()) // adds its statements; read is called behind the last of them
	call(ctx context.Context)            // asks the vendor
	fail(err error)                      // what is not read yet never will be
	finished() chan struct{}             //
}

func (b *batch[K, V]) name() string            { return b.loader.source.name }
func (b *batch[K, V]) size() int               { return len(b.keys) }
func (b *batch[K, V]) calls() bool             { return b.loader.source.call != nil }
func (b *batch[K, V]) finished() chan struct{} { return b.done }

func (b *batch[K, V]) queue(statements *pgx.Batch, read func()) {
	before := statements.Len()
	b.loader.source.queue(b.loader.loaders, statements, b.keys, func(keys []K, values func(func(K, V)), err error) {
		b.fill(keys, values, err)
		if b.left--; b.left == 0 {
			read()
		}
	})
	b.left = statements.Len() - before // before any statement runs
}

func (b *batch[K, V]) call(ctx context.Context) {
	values, errs := b.loader.source.call(ctx, b.loader.loaders, b.keys)
	b.loader.mu.Lock()
	defer b.loader.mu.Unlock()
	for _, key := range b.keys {
		slot := b.loader.slots[key]
		slot.value, slot.err = values[key], errs[key]
	}
}

func (b *batch[K, V]) fill(keys []K, values func(func(K, V)), err error) {
	b.loader.mu.Lock()
	defer b.loader.mu.Unlock()
	if err != nil {
		for _, key := range keys {
			b.loader.slots[key].err = err
		}
		return
	}
	values(func(key K, value V) {
		if slot, ok := b.loader.slots[key]; ok {
			slot.value = value
		}
	})
}

func (b *batch[K, V]) fail(err error) { b.fill(b.keys, nil, err) }

// batchOf returns the level's batch of a loader, made when it is first asked for.
func batchOf[K comparable, V any](lv *level, ld *Loader[K, V]) *batch[K, V] {
	if found, ok := lv.named(ld.source.name).(*batch[K, V]); ok {
		return found
	}
	b := &batch[K, V]{loader: ld, done: lv.done}
	if b.calls() {
		b.done = make(chan struct{})
	}
	lv.readings = append(lv.readings, b)
	return b
}
