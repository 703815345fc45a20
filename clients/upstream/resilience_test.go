package upstream_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"supportgraph/clients/upstream"
)

// script answers with the statuses in turn, the last of them for ever, and counts.
func script(counted *atomic.Int64, header http.Header, statuses ...int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		n := int(counted.Add(1))
		status := statuses[min(n, len(statuses))-1]
		if status != http.StatusOK {
			for name, values := range header {
				w.Header()[name] = values
			}
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(`{"id":"1"}`))
	}
}

func TestRetriesMendAFault(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	client, seen, _ := serve(t, upstream.Config{}, script(&asked, nil, 503, 200))
	answer, failed := get(t.Context(), client)
	if failed != nil || answer.ID != "1" || asked.Load() != 2 {
		t.Fatalf("got %v, %v after %d attempts", answer, failed, asked.Load())
	}
	calls := seen.all()
	if len(calls) != 2 || calls[0].Err == nil || calls[0].Attempt != 1 || calls[1].Err != nil || calls[1].Attempt != 2 {
		t.Errorf("observed %+v", calls)
	}
	if status := client.Status(); status.Calls != 1 || status.Attempts != 2 || status.LastSuccess == nil || status.LastFailure == nil || status.InFlight != 0 {
		t.Errorf("status %+v", status)
	}
}

func TestOnceIsOnce(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	client, _, _ := serve(t, upstream.Config{}, script(&asked, nil, 503))
	if _, failed := get(t.Context(), client.Once()); failed == nil || asked.Load() != 1 {
		t.Errorf("got %v after %d attempts", failed, asked.Load())
	}
}

func TestRetryAfterIsHonouredWithinTheDeadline(t *testing.T) {
	t.Parallel()
	t.Run("room for it", func(t *testing.T) {
		t.Parallel()
		var asked atomic.Int64
		client, _, _ := serve(t, upstream.Config{Timeout: 5 * time.Second}, script(&asked, http.Header{"Retry-After": {"1"}}, 429, 200))
		started := time.Now()
		if _, failed := get(t.Context(), client); failed != nil {
			t.Fatal(failed)
		}
		if took := time.Since(started); took < time.Second || asked.Load() != 2 {
			t.Errorf("%d attempts in %s", asked.Load(), took)
		}
	})
	t.Run("no room for it", func(t *testing.T) {
		t.Parallel()
		for _, status := range []int{429, 503} {
			var asked atomic.Int64
			client, _, _ := serve(t, upstream.Config{Timeout: 5 * time.Second}, script(&asked, http.Header{"Retry-After": {"5"}}, status))
			started := time.Now()
			_, failed := get(t.Context(), client)
			if failed == nil || failed.RetryAfter != 5*time.Second || asked.Load() != 1 || time.Since(started) > time.Second {
				t.Errorf("got %v after %d attempts in %s", failed, asked.Load(), time.Since(started))
			}
		}
	})
	t.Run("the operation has no room for it", func(t *testing.T) {
		t.Parallel()
		var asked atomic.Int64
		client, _, _ := serve(t, upstream.Config{Timeout: 5 * time.Second}, script(&asked, http.Header{"Retry-After": {"1"}}, 429))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, failed := get(ctx, client); failed == nil || failed.Reason != upstream.RateLimited || asked.Load() != 1 {
			t.Errorf("got %v after %d attempts", failed, asked.Load())
		}
	})
}

func TestTheVendorsWordOnRetries(t *testing.T) {
	t.Parallel()
	said := upstream.Vendor{Service: upstream.Stripe, Timeout: 5 * time.Second, Concurrency: 2,
		Retry: func(_ int, header http.Header, _ string) (bool, bool) {
			word := header.Get("Should-Retry")
			return word == "true", word != ""
		}}
	for word, want := range map[string]struct {
		status   int
		attempts int64
	}{"true": {400, 2}, "false": {503, 1}, "": {409, 1}} {
		var asked atomic.Int64
		header := http.Header{}
		if word != "" {
			header.Set("Should-Retry", word)
		}
		_, _, server := serve(t, upstream.Config{}, script(&asked, header, want.status, 200))
		client := upstream.New(said, upstream.Config{BaseURL: server.URL}, nil)
		_, _ = get(t.Context(), client)
		client.Close()
		if asked.Load() != want.attempts {
			t.Errorf("%q with %d: %d attempts", word, want.status, asked.Load())
		}
	}
}

func TestAQuotaClosesTheGate(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	_, _, server := serve(t, upstream.Config{}, script(&asked, nil, 429, 200))
	client := upstream.New(upstream.Vendor{Service: upstream.Cloudflare, Timeout: 5 * time.Second, Concurrency: 2, Quiet: 200 * time.Millisecond,
		Quota: func(status int, _ http.Header, _ string) bool { return status == 429 }},
		upstream.Config{BaseURL: server.URL, Rest: time.Millisecond}, nil)
	defer client.Close()
	if _, failed := get(t.Context(), client); failed == nil || !failed.Quota || failed.Reason != upstream.RateLimited || failed.Status != 429 {
		t.Fatalf("got %v", failed)
	}
	_, failed := get(t.Context(), client)
	if failed == nil || failed.Reason != upstream.RateLimited || failed.Status != 0 || failed.RetryAfter != time.Second {
		t.Errorf("behind the gate: got %v", failed)
	}
	if status := client.Status(); status.Breaker != upstream.Open || status.OpenFor <= 0 {
		t.Errorf("status %+v", status)
	}
	if asked.Load() != 1 {
		t.Errorf("%d attempts", asked.Load())
	}
	eventually(t, func() bool { _, failed := get(t.Context(), client); return failed == nil })
	if status := client.Status(); status.Breaker != upstream.Closed {
		t.Errorf("status %+v", status)
	}
}

func TestAStormOpensTheCircuit(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	var healthy atomic.Bool
	client, _, _ := serve(t, upstream.Config{Rest: 150 * time.Millisecond, Concurrency: 8}, func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		if !healthy.Load() {
			w.WriteHeader(http.StatusBadGateway)
		}
		_, _ = w.Write([]byte(`{"id":"1"}`))
	})
	const demand = 300
	var open atomic.Int64
	var running sync.WaitGroup
	for range 10 {
		running.Go(func() {
			for range demand / 10 {
				_, failed := get(t.Context(), client)
				if failed == nil || failed.Reason != upstream.Unavailable {
					t.Errorf("got %v", failed)
				} else if failed.Status == 0 {
					open.Add(1)
				}
			}
		})
	}
	running.Wait()
	if asked.Load() > 60 || open.Load() < demand/2 {
		t.Errorf("%d attempts, %d turned away of %d", asked.Load(), open.Load(), demand)
	}
	if status := client.Status(); status.Breaker == upstream.Closed {
		t.Errorf("status %+v", status)
	}
	before := asked.Load()
	healthy.Store(true)
	eventually(t, func() bool { _, failed := get(t.Context(), client); return failed == nil })
	if status := client.Status(); status.Breaker != upstream.Closed {
		t.Errorf("one answer does not close the circuit: %+v", status)
	}
	if tried := asked.Load() - before; tried > 5 {
		t.Errorf("%d tries", tried)
	}
}

// A caller that leaves says nothing of the vendor, and must not leave an open circuit waiting for its answer for ever.
func TestLeavingCallersDoNotOpenTheCircuit(t *testing.T) {
	t.Parallel()
	var mode atomic.Value
	mode.Store("hang")
	entered := make(chan struct{}, 100)
	client, _, _ := serve(t, upstream.Config{Rest: 20 * time.Millisecond, Concurrency: 30, Timeout: 10 * time.Second}, func(w http.ResponseWriter, r *http.Request) {
		switch mode.Load() {
		case "hang":
			entered <- struct{}{}
			<-r.Context().Done()
		case "fail":
			w.WriteHeader(http.StatusInternalServerError)
		default:
			_, _ = w.Write([]byte(`{"id":"1"}`))
		}
	})
	leave := func(n int) {
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		for range n {
			running.Go(func() { _, _ = get(ctx, client) })
		}
		for range n {
			<-entered
		}
		cancel()
		running.Wait()
	}
	leave(30)
	if status := client.Status(); status.Breaker != upstream.Closed {
		t.Fatalf("status %+v", status)
	}
	mode.Store("fail")
	eventually(t, func() bool { _, _ = get(t.Context(), client); return client.Status().Breaker == upstream.Open })
	eventually(t, func() bool { return client.Status().Breaker == upstream.HalfOpen })
	mode.Store("hang")
	leave(1) // the one that tries
	mode.Store("well")
	eventually(t, func() bool { _, failed := get(t.Context(), client); return failed == nil })
}

func TestAttemptsStayWithinTheirShare(t *testing.T) {
	t.Parallel()
	t.Run("hang", func(t *testing.T) {
		t.Parallel()
		var asked atomic.Int64
		client, _, _ := serve(t, upstream.Config{Timeout: 50 * time.Millisecond, Concurrency: 10, Rest: 50 * time.Millisecond, Hedge: true},
			func(_ http.ResponseWriter, r *http.Request) { asked.Add(1); <-r.Context().Done() })
		within(t, client, 200, &asked)
	})
	t.Run("one in three fails", func(t *testing.T) {
		t.Parallel()
		var asked atomic.Int64
		client, _, _ := serve(t, upstream.Config{Concurrency: 10}, func(w http.ResponseWriter, _ *http.Request) {
			if asked.Add(1)%3 == 0 {
				w.WriteHeader(http.StatusInternalServerError)
			}
			_, _ = w.Write([]byte(`{"id":"1"}`))
		})
		within(t, client, 200, &asked)
	})
}

// within makes calls and demands that no more than a fifth more were sent.
func within(t *testing.T, client *upstream.Client, demand int, asked *atomic.Int64) {
	t.Helper()
	keys := make([]int, demand)
	for i := range keys {
		keys[i] = i
	}
	started := time.Now()
	upstream.Each(t.Context(), client, "things.get", keys, func(ctx context.Context, _ int) (*thing, error) {
		_, failed := get(ctx, client)
		if failed != nil {
			return nil, failed
		}
		return &thing{}, nil
	})
	status := client.Status()
	if status.Calls != demand || int64(status.Attempts) < asked.Load() || status.InFlight != 0 {
		t.Errorf("status %+v, asked %d", status, asked.Load())
	}
	if got := asked.Load(); got > int64(demand)*12/10+1 {
		t.Errorf("%d attempts for %d calls", got, demand)
	}
	t.Logf("%d attempts for %d calls in %s", asked.Load(), demand, time.Since(started))
}

func TestHedgesAnswerForAStraggler(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	var straggle atomic.Bool
	left := make(chan struct{}, 1)
	client, seen, _ := serve(t, upstream.Config{Hedge: true, Timeout: 10 * time.Second}, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if straggle.CompareAndSwap(true, false) {
			<-r.Context().Done()
			left <- struct{}{}
			return
		}
		_, _ = w.Write([]byte(`{"id":"1"}`))
	})
	for range 150 {
		if _, failed := get(t.Context(), client); failed != nil {
			t.Fatal(failed)
		}
	}
	usual := asked.Load()
	if usual > 150*106/100+3 {
		t.Errorf("%d attempts for 150 quick calls", usual)
	}
	// The share of hedges may be used up by calls that were slow by chance.
	eventually(t, func() bool {
		straggle.Store(true)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		answer, failed := get(ctx, client)
		<-left
		return failed == nil && answer.ID == "1"
	})
	for _, call := range seen.all() {
		var failed *upstream.Error
		if errors.As(call.Err, &failed) && failed.Reason != upstream.Canceled && failed.Reason != upstream.Timeout {
			t.Errorf("observed %+v", call)
		}
	}
}

func TestPanicsReachTheCaller(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	_, _, server := serve(t, upstream.Config{}, script(&asked, nil, 500))
	client := upstream.New(upstream.Vendor{Service: upstream.Stripe, Timeout: time.Second, Concurrency: 1,
		Explain: func([]byte) (string, string, bool) { panic("boom") }}, upstream.Config{BaseURL: server.URL, Hedge: true}, nil)
	defer client.Close()
	for range 2 { // the place and the circuit's permit come back
		func() {
			defer func() {
				if cause, ok := recover().(string); !ok || !strings.HasPrefix(cause, "boom\n") {
					t.Errorf("recovered %q", cause)
				}
			}()
			_, _ = get(t.Context(), client)
		}()
	}
	if status := client.Status(); status.InFlight != 0 {
		t.Errorf("status %+v", status)
	}
}

// eventually waits until something holds.
func eventually(t *testing.T, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !holds(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it never came to hold")
		}
	}
}
