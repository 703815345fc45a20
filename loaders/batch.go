package loaders

import (
	"context"

	"github.com/jackc/pgx/v5"

	"supportgraph/clients/upstream"
)

// batch is the keys of one loader that are read together.
type batch[K comparable, V any] struct {
	loader *Loader[K, V]
	level  *level
	keys   []K
	unread int // statements, once they are queued
	over   bool
	trace  *upstream.Read // nil where nobody asked
}

// reading is a batch whose types do not matter.
type reading interface {
	name() string
	size() int
	traced() *upstream.Read
	home() *level                             // the level that reads it
	calls() bool                              // whether a vendor's client reads it, not statements
	queue(statements *pgx.Batch, came func()) // adds its statements; came is called behind the last of them
	call(ctx context.Context)                 // asks the vendor
	fail(err error)                           // what is not read yet never will be
	read() bool                               // whether nothing more comes of it
}

func (b *batch[K, V]) name() string           { return b.loader.source.name }
func (b *batch[K, V]) size() int              { return len(b.keys) }
func (b *batch[K, V]) home() *level           { return b.level }
func (b *batch[K, V]) traced() *upstream.Read { return b.trace }
func (b *batch[K, V]) calls() bool            { return b.loader.source.call != nil }
func (b *batch[K, V]) read() bool             { return b.over }

func (b *batch[K, V]) queue(statements *pgx.Batch, came func()) {
	before := statements.Len()
	b.loader.source.queue(b.loader.loaders, statements, b.keys, func(keys []K, values func(put func(K, V)), err error) {
		b.fill(keys, values, err)
		if b.unread--; b.unread == 0 {
			b.over = true
			came()
		}
	})
	own := statements.QueuedQueries[before:]
	b.unread = len(own)
	for _, statement := range own {
		statement.Fn = contain(statement.Fn)
	}
}

// contain makes a panic over a statement's rows its error, so that pgx ends the batch and gives the connection back.
func contain(read func(pgx.BatchResults) error) func(pgx.BatchResults) error {
	return func(results pgx.BatchResults) (err error) {
		defer guard(func(panicked error) { err = panicked })
		return read(results)
	}
}

func (b *batch[K, V]) call(ctx context.Context) {
	values, errs := b.loader.source.call(ctx, b.loader.loaders, b.keys)
	b.loader.mu.Lock()
	defer b.loader.mu.Unlock()
	for _, key := range b.keys {
		slot := b.loader.slots[key]
		slot.value, slot.err, slot.there = values[key], errs[key], true
		if b.trace != nil {
			b.loader.loaders.trace.Came(b.trace, slot.value, slot.err)
		}
	}
	b.over = true
}

// fill takes what a statement read for its keys.
func (b *batch[K, V]) fill(keys []K, values func(put func(K, V)), err error) {
	b.loader.mu.Lock()
	defer b.loader.mu.Unlock()
	if err == nil {
		values(func(key K, value V) {
			if slot, ok := b.loader.slots[key]; ok && !slot.there {
				slot.value = value
			}
		})
	}
	b.settle(keys, err)
}

func (b *batch[K, V]) fail(err error) {
	b.loader.mu.Lock()
	defer b.loader.mu.Unlock()
	b.settle(b.keys, err)
	b.over = true
}

// settle ends the reading of keys that are not there yet; the loader's mutex is held.
func (b *batch[K, V]) settle(keys []K, err error) {
	for _, key := range keys {
		if slot := b.loader.slots[key]; !slot.there {
			slot.err, slot.there = err, true
		}
	}
}

// batchOf returns the level's batch of a loader, made when it is first asked for.
func batchOf[K comparable, V any](lv *level, ld *Loader[K, V]) *batch[K, V] {
	if found, ok := lv.named(ld.source.name).(*batch[K, V]); ok {
		return found
	}
	b := &batch[K, V]{loader: ld, level: lv}
	if b.calls() {
		b.level = lv.loaders.level()
		b.level.depth = lv.depth
		lv.vendors = append(lv.vendors, b.level)
	}
	b.trace = lv.loaders.trace.Expect(ld.source.name, ld.source.service, lv.depth)
	b.level.readings = append(b.level.readings, b)
	return b
}
