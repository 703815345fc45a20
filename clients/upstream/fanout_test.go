package upstream_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"supportgraph/clients/upstream"
)

func client(t *testing.T, places int) *upstream.Client {
	t.Helper()
	client := upstream.New(upstream.Vendor{Service: upstream.Stripe, Timeout: time.Second, Concurrency: places}, upstream.Config{}, nil)
	t.Cleanup(client.Close)
	return client
}

func TestEach(t *testing.T) {
	t.Parallel()
	var reads, now, most atomic.Int64
	boom := errors.New("boom")
	keys := []int{3, 1, 2, 3, 3, 4, 5, 6, 7, 8}
	found, failed := upstream.Each(t.Context(), client(t, 3), "op", keys, func(_ context.Context, key int) (*int, error) {
		running := now.Add(1)
		defer now.Add(-1)
		for seen := most.Load(); running > seen && !most.CompareAndSwap(seen, running); seen = most.Load() {
			continue
		}
		reads.Add(1)
		switch key {
		case 2:
			return nil, boom
		case 4:
			return nil, nil
		}
		double := key * 2
		return &double, nil
	})
	if reads.Load() != 8 || most.Load() > 3 {
		t.Errorf("%d reads, %d at once", reads.Load(), most.Load())
	}
	if len(found) != 6 || *found[3] != 6 || found[4] != nil || len(failed) != 1 || !errors.Is(failed[2], boom) {
		t.Errorf("found %v, failed %v", found, failed)
	}
}

func TestEachStopsWithTheContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	var reads atomic.Int64
	found, failed := upstream.Each(ctx, client(t, 1), "op", []int{1, 2, 3, 4}, func(_ context.Context, key int) (*int, error) {
		if reads.Add(1) == 2 {
			cancel()
		}
		return &key, nil
	})
	var left *upstream.Error
	if reads.Load() != 2 || len(found) != 2 || len(failed) != 2 || !errors.As(failed[4], &left) || left.Reason != upstream.Canceled {
		t.Errorf("%d reads, found %v, failed %v", reads.Load(), found, failed)
	}
}

func TestEachRaisesPanicsInTheCaller(t *testing.T) {
	t.Parallel()
	defer func() {
		if cause, ok := recover().(string); !ok || !strings.HasPrefix(cause, "boom\n") {
			t.Errorf("recovered %q", cause)
		}
	}()
	upstream.Each(t.Context(), client(t, 4), "op", []int{1, 2, 3}, func(context.Context, int) (*int, error) { panic("boom") })
}

func TestEachOfNothing(t *testing.T) {
	t.Parallel()
	found, failed := upstream.Each(t.Context(), client(t, 4), "op", nil, func(context.Context, int) (*int, error) { panic("asked") })
	if len(found) != 0 || len(failed) != 0 {
		t.Errorf("found %v, failed %v", found, failed)
	}
}
