package zendesk

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"supportgraph/clients/upstream"
)

// maxShown is how many records one call shows (developer.zendesk.com/api-reference/ticketing/tickets/tickets, "Show Multiple
// Tickets").
const maxShown = 100

// show reads records by keys of one kind. text is how a key stands in the address, and under which find puts its record; it
// is empty for what cannot be a key. The answer leaves out what is not there and promises no order.
func show[K comparable, V any](ctx context.Context, up *upstream.Client, op, kind, by string, keys []K, text func(K) string, find func(*answer, time.Time, map[string]*V)) (map[K]*V, map[K]error) {
	asked := make([]string, 0, len(keys))
	for _, key := range keys {
		if key := text(key); key != "" {
			asked = append(asked, key)
		}
	}
	values, faults := upstream.Chunks(ctx, up, op, maxShown, asked, func(ctx context.Context, chunk []string) (map[string]*V, map[string]error, error) {
		answer := &answer{kind: kind}
		if err := up.Get(ctx, op, "/"+kind+"/show_many", url.Values{by: {strings.Join(chunk, ",")}}, answer); err != nil {
			return nil, nil, err
		}
		shown := make(map[string]*V, len(chunk))
		find(answer, time.Now(), shown)
		return shown, nil, nil
	})
	found, failed := make(map[K]*V, len(keys)), make(map[K]error)
	for _, key := range keys {
		asked := text(key)
		if value := values[asked]; value != nil && asked != "" {
			found[key] = value
		}
		if err := faults[asked]; err != nil {
			failed[key] = err
		}
	}
	return found, failed
}

// number is a key of Zendesk's as text.
func number[K ~int64](key K) string {
	if key <= 0 {
		return ""
	}
	return strconv.FormatInt(int64(key), 10)
}

// itself is a key that is a text already.
func itself(key string) string { return key }

// external is a key of ours as text. One with a comma cannot be asked for in a list.
func external(key string) string {
	if strings.Contains(key, ",") {
		return ""
	}
	return key
}
