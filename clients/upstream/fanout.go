package upstream

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// Each reads distinct keys one by one from a vendor that has no batch read, no more at a time than the client has places.
// A key in neither map is one that read knew nothing of (nil without an error). One failed key fails alone. When the
// context ends, the keys not yet asked for fail without a call. Duplicates in keys cost one call. A panic of read is
// raised again in the caller's goroutine.
func Each[K comparable, V any](ctx context.Context, c *Client, op string, keys []K, read func(context.Context, K) (*V, error)) (map[K]*V, map[K]error) {
	keys = distinct(keys)
	values, faults := make([]*V, len(keys)), make([]error, len(keys))
	var (
		next    atomic.Int64
		running sync.WaitGroup
		broken  atomic.Pointer[string]
	)
	work := func() {
		defer func() {
			if cause := recover(); cause != nil {
				trace := fmt.Sprintf("%v\n%s", cause, debug.Stack())
				broken.CompareAndSwap(nil, &trace)
			}
		}()
		for i := int(next.Add(1)) - 1; i < len(keys); i = int(next.Add(1)) - 1 {
			if ctx.Err() != nil {
				faults[i] = c.fail(op, ended(ctx, Timeout), ctx.Err())
				continue
			}
			values[i], faults[i] = read(ctx, keys[i])
		}
	}
	for range min(c.width, len(keys)) - 1 {
		running.Go(work)
	}
	work()
	running.Wait()
	if trace := broken.Load(); trace != nil {
		panic(*trace)
	}

	found, failed := make(map[K]*V, len(keys)), make(map[K]error)
	for i, key := range keys {
		switch {
		case faults[i] != nil:
			failed[key] = faults[i]
		case values[i] != nil:
			found[key] = values[i]
		}
	}
	return found, failed
}

// distinct returns the keys without repeats, in the order in which they first stood.
func distinct[K comparable](keys []K) []K {
	seen := make(map[K]struct{}, len(keys))
	kept := make([]K, 0, len(keys))
	for _, key := range keys {
		if _, known := seen[key]; !known {
			seen[key] = struct{}{}
			kept = append(kept, key)
		}
	}
	return kept
}
