package upstream_test

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"supportgraph/clients/cache"
	"supportgraph/clients/postgres"
	"supportgraph/clients/upstream"
)

// budgets are those of one process, of a Redis that they share.
func budgets(t *testing.T, server *miniredis.Miniredis) *upstream.Budgets {
	t.Helper()
	redis, err := cache.Open(cache.Config{URL: postgres.Secret("redis://" + server.Addr()), Patience: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(redis.Close)
	return upstream.NewBudgets(redis)
}

// TestAnExplorersLoopLeavesTheAgentsShare loops without pause in two processes, while agents ask now and then: they never
// wait, and the vendor is never asked more than the limit allows.
func TestAnExplorersLoopLeavesTheAgentsShare(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	var asked atomic.Int64
	answer := func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		_, _ = w.Write([]byte(`{"id":"1"}`))
	}
	limit := upstream.Limit{Rate: 40, Burst: 20}
	here, _, vendor := serve(t, upstream.Config{Budgets: budgets(t, server), Limit: limit, Concurrency: 20, Timeout: 400 * time.Millisecond}, answer)
	there := upstream.New(upstream.Vendor{Service: upstream.Stripe, Timeout: 400 * time.Millisecond, Concurrency: 20},
		upstream.Config{BaseURL: vendor.URL, Budgets: budgets(t, server), Limit: limit}, nil)
	defer there.Close()

	started := time.Now()
	stop := make(chan struct{})
	var running sync.WaitGroup
	var looped, refused atomic.Int64
	for i := range 8 {
		client := []*upstream.Client{here, there}[i%2].In(upstream.Engineers)
		running.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				switch _, failed := get(t.Context(), client); {
				case failed == nil:
					looped.Add(1)
				case failed.Reason != upstream.RateLimited || failed.Status != 0 || failed.RetryAfter <= 0:
					t.Errorf("the explorer got %v", failed)
				default:
					refused.Add(1)
				}
			}
		})
	}
	await := func(n int64) { eventually(t, func() bool { return looped.Load() >= n }) }
	await(10) // the explorer has what it may have at once
	for round := range 3 {
		for i := range 8 { // all at once, out of what was left for them
			took := time.Now()
			if _, failed := get(t.Context(), []*upstream.Client{here, there}[i%2]); failed != nil {
				t.Errorf("round %d: the agent got %v", round, failed)
			}
			if waited := time.Since(took); waited > 250*time.Millisecond {
				t.Errorf("round %d: the agent waited %s", round, waited)
			}
		}
		await(looped.Load() + 12)
	}
	close(stop)
	running.Wait()
	if most := limit.Rate*time.Since(started).Seconds() + float64(limit.Burst); float64(asked.Load()) > most {
		t.Errorf("%d calls, %f allowed", asked.Load(), most)
	}
	if status := here.Status(); status.Budget == nil || status.Budget.Left == nil || status.Budget.Limit != limit {
		t.Errorf("status %+v", status)
	}
	t.Logf("%d explored, %d refused, %d asked", looped.Load(), refused.Load(), asked.Load())
}

func TestOutOfBudgetIsTyped(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	client, seen, _ := serve(t, upstream.Config{Budgets: upstream.NewBudgets(nil), Limit: upstream.Limit{Rate: 0.1, Burst: 1, PerOperation: true}},
		script(&asked, nil, 200))
	if _, failed := get(t.Context(), client); failed != nil {
		t.Fatal(failed)
	}
	started := time.Now()
	_, failed := get(t.Context(), client)
	if failed == nil || failed.Reason != upstream.RateLimited || failed.RetryAfter != 10*time.Second || failed.Status != 0 {
		t.Errorf("got %v", failed)
	}
	if asked.Load() != 1 || time.Since(started) > time.Second {
		t.Errorf("%d calls, told after %s", asked.Load(), time.Since(started))
	}
	if calls := seen.all(); len(calls) != 2 || calls[1].Attempt != 0 {
		t.Errorf("observed %+v", calls)
	}
	if err := client.Get(t.Context(), "others.get", "/others", nil, &thing{}); err != nil { // has a bucket of its own
		t.Error(err)
	}
	if status := client.Status(); status.Breaker != upstream.Closed { // our own refusal says nothing of the vendor
		t.Errorf("status %+v", status)
	}
}

// A page of many keys waits for its budget within its deadline.
func TestABudgetIsWaitedFor(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	client, _, _ := serve(t, upstream.Config{Budgets: upstream.NewBudgets(nil), Limit: upstream.Limit{Rate: 50, Burst: 5}, Concurrency: 8},
		script(&asked, nil, 200))
	started := time.Now()
	_, failed := upstream.Each(t.Context(), client, "things.get", []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, func(ctx context.Context, _ int) (*thing, error) {
		answer := &thing{}
		return answer, client.Get(ctx, "things.get", "/things", nil, answer)
	})
	if len(failed) != 0 || asked.Load() != 15 || time.Since(started) < 190*time.Millisecond {
		t.Errorf("failed %v, %d calls in %s", failed, asked.Load(), time.Since(started))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, failed := get(ctx, client); failed == nil || failed.Reason != upstream.Canceled {
		t.Errorf("who has left got %v", failed)
	}
}
