package loaders

import (
	"slices"
	"strings"
)

// edge is one way from a type of the schema to another: Ticket.requester, by which loader, and by which key of the row.
// A field that may lead to several types, a union's, has an edge for each.
type edge struct {
	typ, field string
	loader     string // the name of its source
	vendor     bool   // whether the source is a vendor's
	service    string // which one's
	together   int    // how many keys one of its requests takes
	each       bool   // whether every item of the field is a key, not the field
	target     string // the GraphQL type of the rows it leads to; "" where kind tells
	kind       func(row any) string
	kinds      []string // what kind may tell
	next       *edge    // a hop to be made at once, on the way to the field's own rows
	paged      bool     // whether the field is a connection, whose items are the rows
	bind       func(raw map[string]any) (args any, ok bool)
	expand     func(lv *level, parents []any, args any, visit uint64) reached // nil: its rows are those it starts from
}

// reached is the rows that an edge leads to. They may be under way.
type reached struct {
	batch reading                        // the batch of its level that reads some of them, nil where none does
	come  func() (rows []any, more bool) // those that came since it was last asked, and whether more are under way
}

// at returns the loader of an edge from the loaders of a request.
type at[K comparable, V any] func(*Loaders) *Loader[K, V]

// lead declares an edge: which keys a row leads to, and which rows a value holds.
func lead[P any, K comparable, V any](typ, field string, source *source[K, V], loader at[K, V],
	keys func(l *Loaders, parent P, args any, claim func(K)), rows func(value V, add func(row any))) *edge {
	return &edge{
		typ: typ, field: field, loader: source.name, vendor: source.call != nil, service: strings.ToLower(string(source.service)), together: source.together,
		expand: func(lv *level, parents []any, args any, visit uint64) reached {
			ld := loader(lv.loaders)
			slots := make([]*slot[V], 0, len(parents))
			claim := func(key K) {
				if slot, fresh := ld.claim(lv, key, visit); fresh {
					slots = append(slots, slot)
				}
			}
			for _, parent := range parents {
				keys(lv.loaders, parent.(P), args, claim)
			}
			return reach(lv, ld, slots, rows)
		},
	}
}

func reach[K comparable, V any](lv *level, ld *Loader[K, V], slots []*slot[V], rows func(value V, add func(row any))) reached {
	return reached{
		batch: lv.named(ld.source.name),
		come: func() (come []any, more bool) {
			ld.mu.Lock()
			defer ld.mu.Unlock()
			add := func(row any) { come = append(come, row) }
			slots = slices.DeleteFunc(slots, func(slot *slot[V]) bool {
				if slot.there && slot.err == nil {
					rows(slot.value, add)
				}
				return slot.there
			})
			return come, len(slots) > 0
		},
	}
}

// one declares an edge to at most one record: key returns false where the row has none.
func one[P any, K comparable, V any](typ, field, target string, source *source[K, *V], loader at[K, *V],
	key func(l *Loaders, parent P) (K, bool)) *edge {
	e := lead(typ, field, source, loader,
		func(l *Loaders, parent P, _ any, claim func(K)) {
			if k, ok := key(l, parent); ok {
				claim(k)
			}
		},
		found[V])
	e.target = target
	return e
}

// many declares an edge to a list of records that is read whole.
func many[P any, K comparable, V any](typ, field, target string, source *source[K, []V], loader at[K, []V],
	key func(l *Loaders, parent P) (K, bool)) *edge {
	e := lead(typ, field, source, loader,
		func(l *Loaders, parent P, _ any, claim func(K)) {
			if k, ok := key(l, parent); ok {
				claim(k)
			}
		},
		elements[V])
	e.target = target
	return e
}

// optional makes a key of a pointer.
func optional[K any](key *K) (K, bool) {
	if key == nil {
		var none K
		return none, false
	}
	return *key, true
}
