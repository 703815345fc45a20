package loaders

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"supportgraph/clients/postgres"
	"supportgraph/clients/upstream"
)

// source is how the values of a loader are read: by statements that run beside those of their level, or by calls of a
// vendor's client.
type source[K comparable, V any] struct {
	name string
	// queue adds statements to the batch and has fill called with the values of each.
	queue func(l *Loaders, batch *pgx.Batch, keys []K, fill fill[K, V])
	// call asks a vendor. A key in neither map has no value.
	call func(ctx context.Context, l *Loaders, keys []K) (map[K]V, map[K]error)
	// service is the vendor, and together how many keys it takes in one request; where there are several ways, in the
	// dearest.
	service  upstream.Service
	together int
}

// fill takes the values that a statement read for its keys, or the error. A key without a value has none.
type fill[K comparable, V any] func(keys []K, values func(put func(K, V)), err error)

// byKey reads one record for each key.
func byKey[K comparable, V any](name string, query func(l *Loaders, keys []K) postgres.Query[*V], key func(*V) K) *source[K, *V] {
	return &source[K, *V]{name: name, queue: func(l *Loaders, batch *pgx.Batch, keys []K, fill fill[K, *V]) {
		for chunk := range slices.Chunk(keys, maxKeys) {
			postgres.Queue(batch, query(l, chunk), func(rows []*V, err error) {
				fill(chunk, func(put func(K, *V)) {
					for _, row := range rows {
						put(key(row), row)
					}
				}, err)
			})
		}
	}}
}

// byParent reads a whole list for each key. The statement sorts its rows by parent.
func byParent[K comparable, V any](name string, query func(l *Loaders, keys []K) postgres.Query[V], parent func(V) K) *source[K, []V] {
	return &source[K, []V]{name: name, queue: func(l *Loaders, batch *pgx.Batch, keys []K, fill fill[K, []V]) {
		for chunk := range slices.Chunk(keys, maxKeys) {
			postgres.Queue(batch, query(l, chunk), func(rows []V, err error) {
				fill(chunk, func(put func(K, []V)) {
					for _, key := range chunk {
						put(key, []V{})
					}
					for list := range runs(rows, parent) {
						put(parent(list[0]), list)
					}
				}, err)
			})
		}
	}}
}

// byPage reads a page of a list for each key. Keys that differ in nothing but their parent share a statement, which sorts
// its rows by parent.
func byPage[K, P, S comparable, V any](name string, split func(K) (P, S), join func(P, S) K,
	query func(l *Loaders, parents []P, spec S) postgres.Query[V], parent func(V) P,
	page func(rows []V, spec S) *postgres.Page[V]) *source[K, *postgres.Page[V]] {
	return &source[K, *postgres.Page[V]]{name: name, queue: func(l *Loaders, batch *pgx.Batch, keys []K, fill fill[K, *postgres.Page[V]]) {
		var specs []S // in the order of the keys, so that a query always makes the same statements
		parents := make(map[S][]P, 1)
		for _, key := range keys {
			p, spec := split(key)
			if _, known := parents[spec]; !known {
				specs = append(specs, spec)
			}
			parents[spec] = append(parents[spec], p)
		}
		for _, spec := range specs {
			for chunk := range slices.Chunk(parents[spec], maxKeys) {
				asked := make([]K, len(chunk))
				for i, p := range chunk {
					asked[i] = join(p, spec)
				}
				postgres.Queue(batch, query(l, chunk, spec), func(rows []V, err error) {
					fill(asked, func(put func(K, *postgres.Page[V])) {
						for _, key := range asked {
							put(key, page([]V{}, spec))
						}
						for list := range runs(rows, parent) {
							put(join(parent(list[0]), spec), page(list, spec))
						}
					}, err)
				})
			}
		}
	}}
}

// byList reads a list for each key by a statement of its own: for what arguments ask for, which no two keys share.
func byList[K comparable, V any](name string, query func(l *Loaders, key K) postgres.Query[V]) *source[K, []V] {
	return &source[K, []V]{name: name, queue: func(l *Loaders, batch *pgx.Batch, keys []K, fill fill[K, []V]) {
		for _, key := range keys {
			postgres.Queue(batch, query(l, key), func(rows []V, err error) {
				fill([]K{key}, func(put func(K, []V)) { put(key, rows) }, err)
			})
		}
	}}
}

// byGroup reads a whole list for each key. Keys that differ in nothing but their parent share a statement, which sorts its
// rows by parent.
func byGroup[K, P, S comparable, V any](name string, split func(K) (P, S), join func(P, S) K,
	query func(l *Loaders, parents []P, spec S) postgres.Query[V], parent func(V) P) *source[K, []V] {
	pages := byPage(name, split, join, query, parent, func(rows []V, _ S) *postgres.Page[V] { return &postgres.Page[V]{Nodes: rows} })
	return &source[K, []V]{name: name, queue: func(l *Loaders, batch *pgx.Batch, keys []K, fill fill[K, []V]) {
		pages.queue(l, batch, keys, func(keys []K, values func(put func(K, *postgres.Page[V])), err error) {
			fill(keys, func(put func(K, []V)) { values(func(key K, page *postgres.Page[V]) { put(key, page.Nodes) }) }, err)
		})
	}}
}

// runs yields the stretches of rows that have the same parent.
func runs[V any, P comparable](rows []V, parent func(V) P) func(yield func([]V) bool) {
	return func(yield func([]V) bool) {
		for begin := 0; begin < len(rows); {
			end := begin + 1
			for end < len(rows) && parent(rows[end]) == parent(rows[begin]) {
				end++
			}
			if !yield(rows[begin:end:end]) {
				return
			}
			begin = end
		}
	}
}
