package loaders

import (
	"encoding/json"
	"strings"

	"github.com/99designs/gqlgen/graphql"

	"supportgraph/clients/accounts"
	"supportgraph/clients/articles"
	"supportgraph/clients/postgres"
	"supportgraph/clients/tickets"
)

// Stretch is which part of a list a page shows, comparable, as part of a key.
type Stretch struct {
	First  int
	After  postgres.Cursor
	Behind bool // whether After counts
}

// NewStretch is the page of at most first items behind a cursor; nil is the beginning.
func NewStretch(first int, after *postgres.Cursor) Stretch {
	if after == nil {
		return Stretch{First: first}
	}
	return Stretch{first, *after, true}
}

// Cursor is where the page begins, nil for the beginning of the list.
func (s Stretch) Cursor() *postgres.Cursor {
	if !s.Behind {
		return nil
	}
	return &s.After
}

// position is where a list sorted by a text goes on; whoever made the key has checked the cursor.
func (s Stretch) position(order byte) postgres.Position {
	position, _ := postgres.Behind(order, s.Cursor())
	return position
}

// stretch reads the arguments `first` and `after`; false where a resolver would refuse them.
func stretch(raw map[string]any, valid func(after postgres.Cursor) error) (Stretch, bool) {
	first, ok := integer(raw["first"])
	if !ok || first < 1 || first > postgres.MaxPage {
		return Stretch{}, false
	}
	switch text := raw["after"].(type) {
	case nil:
		return Stretch{First: first}, true
	case string:
		var after postgres.Cursor
		if after.UnmarshalText([]byte(text)) != nil || valid(after) != nil {
			return Stretch{}, false
		}
		return Stretch{first, after, true}, true
	default:
		return Stretch{}, false
	}
}

// byText accepts the cursors of a list that is sorted by a text.
func byText(order byte) func(postgres.Cursor) error {
	return func(after postgres.Cursor) error {
		_, err := postgres.Behind(order, &after)
		return err
	}
}

// stretches binds the arguments of a connection that has no others.
func stretches(valid func(after postgres.Cursor) error) func(raw map[string]any) (any, bool) {
	return func(raw map[string]any) (any, bool) { return stretch(raw, valid) }
}

func integer(raw any) (int, bool) {
	switch number := raw.(type) {
	case int64:
		return int(number), true
	case int:
		return number, true
	case json.Number:
		parsed, err := number.Int64()
		return int(parsed), err == nil
	default:
		return 0, false
	}
}

// keyed reads an argument that is a global ID of one kind.
func keyed[K any, P interface {
	*K
	UnmarshalText([]byte) error
}](raw any) (key K, ok bool) {
	text, ok := raw.(string)
	return key, ok && P(&key).UnmarshalText([]byte(text)) == nil
}

// byID declares the edges of an argument `id` to a record of one kind.
func byID[K comparable, V any, P interface {
	*K
	UnmarshalText([]byte) error
}](field, target string, source *source[K, *V], loader at[K, *V]) *edge {
	e := lead("Query", field, source, loader,
		func(_ *Loaders, _ *Loaders, args any, claim func(K)) { claim(args.(K)) },
		found[V])
	e.target = target
	e.bind = func(raw map[string]any) (any, bool) { return bound(keyed[K, P](raw["id"])) }
	return e
}

// node declares the edges of `node` and `nodes` to the records of one kind.
func node[K comparable, V any, P interface {
	*K
	UnmarshalText([]byte) error
}](target string, source *source[K, *V], loader at[K, *V]) []*edge {
	single := byID[K, V, P]("node", target, source, loader)
	list := lead("Query", "nodes", source, loader,
		func(_ *Loaders, _ *Loaders, args any, claim func(K)) {
			for _, key := range args.([]K) {
				claim(key)
			}
		},
		found[V])
	list.target, list.each = target, true
	list.bind = func(raw map[string]any) (any, bool) {
		ids := graphql.CoerceList(raw["ids"]) // one value stands for a list of it
		if len(ids) > postgres.MaxPage {
			return nil, false
		}
		keys := make([]K, 0, len(ids))
		for _, id := range ids {
			if key, ok := keyed[K, P](id); ok {
				keys = append(keys, key)
			} else if !isNode(id) { // its resolver refuses all of them
				return nil, false
			}
		}
		return keys, len(keys) > 0
	}
	return []*edge{single, list}
}

// isNode tells whether an argument is a global ID of a kind that `node` takes.
func isNode(raw any) bool {
	text, _ := raw.(string)
	kind, _, _ := strings.Cut(text, "_")
	var valid bool
	switch kind {
	case tickets.ID{}.Prefix():
		_, valid = keyed[tickets.ID](raw)
	case tickets.MessageID{}.Prefix():
		_, valid = keyed[tickets.MessageID](raw)
	case tickets.NoteID{}.Prefix():
		_, valid = keyed[tickets.NoteID](raw)
	case tickets.TagID{}.Prefix():
		_, valid = keyed[tickets.TagID](raw)
	case tickets.CategoryID{}.Prefix():
		_, valid = keyed[tickets.CategoryID](raw)
	case accounts.ID{}.Prefix():
		_, valid = keyed[accounts.ID](raw)
	case accounts.ContactID{}.Prefix():
		_, valid = keyed[accounts.ContactID](raw)
	case accounts.AgentID{}.Prefix():
		_, valid = keyed[accounts.AgentID](raw)
	case accounts.TeamID{}.Prefix():
		_, valid = keyed[accounts.TeamID](raw)
	case tickets.ViewID{}.Prefix():
		_, valid = keyed[tickets.ViewID](raw)
	case articles.ID{}.Prefix():
		_, valid = keyed[articles.ID](raw)
	}
	return valid
}

func bound[T any](value T, ok bool) (any, bool) { return value, ok }
