package stripe_test

import (
	"context"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"supportgraph/clients/cache"
	"supportgraph/clients/postgres"
	"supportgraph/clients/sandbox/vendors"
	"supportgraph/clients/stripe"
	"supportgraph/clients/upstream"
)

// times are quick enough to grow old in a test.
var times = cache.Times{Fresh: 20 * time.Millisecond, Revalidate: 0, Stale: time.Hour, Absent: 10 * time.Millisecond,
	Patience: 200 * time.Millisecond, Rest: time.Millisecond}

// keep gives a world's Stripe to one more process, which keeps what it reads in the Redis.
func (w *world) keep(t *testing.T, redis *miniredis.Miniredis, times cache.Times, cfg upstream.Config) *stripe.Client {
	t.Helper()
	server := httptest.NewServer(w.Server)
	cfg.BaseURL, cfg.Token = server.URL+vendors.StripePath, "rk_test"
	shared, err := cache.Open(cache.Config{URL: postgres.Secret("redis://" + redis.Addr()), Patience: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	store := cache.NewStore(shared)
	store.Start()
	client := stripe.New(cfg, nil, stripe.Keep(store, stripe.Times{Profiles: times, Invoices: times}))
	t.Cleanup(func() { store.Close(); client.Close(); shared.Close(); server.CloseClientConnections(); server.Close() })
	return client
}

func (w *world) strike(t *testing.T, fault vendors.Fault) {
	t.Helper()
	fault.Vendor = vendors.Stripe
	if err := w.Break(fault); err != nil {
		t.Fatal(err)
	}
}

func (w *world) calls() int { return w.Stats()[vendors.Stripe].Calls }

// What comes back from Redis is what Stripe said.
func TestKeptProfilesAreThoseThatWereRead(t *testing.T) {
	t.Parallel()
	w, redis := serve(t, upstream.Config{}), miniredis.RunT(t)
	ids := append(many(), "cus_acme", "cus_bare", "cus_gone", "cus_many", "..")
	long := cache.Usual()
	here, there := w.keep(t, redis, long, upstream.Config{}), w.keep(t, redis, long, upstream.Config{})
	live, failed := here.Profiles(t.Context(), upstream.Agents, ids)
	if len(failed) != 0 {
		t.Fatal(failed)
	}
	eventually(t, func() bool { return redis.Exists("supportgraph:stripe.billing:1:main:cus_acme") })
	calls := w.calls()
	kept, failed := there.Profiles(t.Context(), upstream.Agents, ids)
	if len(failed) != 0 || w.calls() != calls {
		t.Fatalf("failed %v, %d calls more", failed, w.calls()-calls)
	}
	if diff := cmp.Diff(live, kept, cmpopts.IgnoreTypes(upstream.Source{})); diff != "" {
		t.Error(diff)
	}
	for id, profile := range kept {
		at := live[id].Source.FetchedAt
		if *profile.Source.Freshness != upstream.Cached || profile.Source.FetchedAt.Sub(*at).Abs() > time.Microsecond || profile.Source.Reason != nil {
			t.Errorf("%s: %+v, read %s", id, profile.Source, at)
		}
	}
	if err := there.Invalidate(t.Context(), "cus_acme"); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool {
		again, _ := here.Profiles(t.Context(), upstream.Agents, []stripe.CustomerID{"cus_acme"})
		return *again["cus_acme"].Source.Freshness == upstream.Live
	})
}

// TestFaultsAreServedStale breaks Stripe in every way. The last good profile is served with its age and the reason, and
// once Stripe is well again, so is the answer.
func TestFaultsAreServedStale(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault vendors.Fault
		want  upstream.Reason
	}{
		"key refused":        {vendors.Fault{Mode: vendors.Unauthorized}, upstream.Refused},
		"throttled":          {vendors.Fault{ErrorRate: 1, Status: 429}, upstream.RateLimited},
		"throttled for long": {vendors.Fault{ErrorRate: 1, Status: 429, RetryAfter: "3600"}, upstream.RateLimited},
		"fault":              {vendors.Fault{ErrorRate: 1}, upstream.Unavailable},
		"a proxy's 502":      {vendors.Fault{Mode: vendors.HTML}, upstream.Unavailable},
		"a page":             {vendors.Fault{Mode: vendors.HTML, Status: 200}, upstream.BadAnswer},
		"truncated":          {vendors.Fault{Mode: vendors.Truncate}, upstream.BadAnswer},
		"trailing":           {vendors.Fault{Mode: vendors.Trailing}, upstream.BadAnswer},
		"wrong types":        {vendors.Fault{Mode: vendors.WrongType}, upstream.BadAnswer},
		"100 MB":             {vendors.Fault{Mode: vendors.Huge}, upstream.BadAnswer},
		"reset":              {vendors.Fault{Mode: vendors.Reset}, upstream.Unavailable},
		"cut":                {vendors.Fault{Mode: vendors.Cut}, upstream.Unavailable},
		"silence":            {vendors.Fault{Mode: vendors.Hang}, upstream.Timeout},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := serve(t, upstream.Config{})
			patient := times
			if name == "100 MB" || name == "throttled" {
				patient.Patience = 5 * time.Second // for the reason, not for the profile
			}
			client := w.keep(t, miniredis.RunT(t), patient, upstream.Config{Rest: 10 * time.Millisecond, Retries: -1})
			ask := func(id stripe.CustomerID) (*stripe.BillingProfile, error) {
				found, failed := client.Profiles(t.Context(), upstream.Agents, []stripe.CustomerID{id})
				return found[id], failed[id]
			}
			first, err := ask("cus_acme")
			if err != nil {
				t.Fatal(err)
			}
			eventually(t, func() bool { return time.Since(*first.Source.FetchedAt) > times.Fresh })
			w.strike(t, test.fault)
			stale, err := ask("cus_acme")
			if err != nil || *stale.Source.Freshness != upstream.Stale || stale.Source.Reason == nil || *stale.Source.Reason != test.want ||
				!stale.Source.FetchedAt.Equal(*first.Source.FetchedAt) {
				t.Errorf("got %+v, %v", stale, err)
			} else if diff := cmp.Diff(first, stale, cmpopts.IgnoreTypes(upstream.Source{})); diff != "" {
				t.Error(diff)
			}
			if name != "silence" {
				if other, err := ask("cus_bare"); other != nil || upstream.ReasonOf(err) != test.want {
					t.Errorf("of whom nothing is known: got %+v, %v", other, err)
				}
			}
			w.Heal()
			eventually(t, func() bool {
				again, err := ask("cus_acme")
				return err == nil && again.Source.FetchedAt.After(*first.Source.FetchedAt) && again.Source.Reason == nil
			})
		})
	}
}

// TestAStormIsServedStale has a vendor that fails all through: its circuit opens, everybody still gets the last profile,
// and the vendor is left alone until it is tried once.
func TestAStormIsServedStale(t *testing.T) {
	t.Parallel()
	w := serve(t, upstream.Config{})
	client := w.keep(t, miniredis.RunT(t), times, upstream.Config{Rest: 300 * time.Millisecond})
	ids := many()
	if _, failed := client.Profiles(t.Context(), upstream.Agents, ids); len(failed) != 0 {
		t.Fatal(failed)
	}
	w.strike(t, vendors.Fault{ErrorRate: 1, Status: 503})
	calls := w.calls()
	eventually(t, func() bool {
		found, failed := client.Profiles(t.Context(), upstream.Agents, ids)
		if len(found) != len(ids) || len(failed) != 0 {
			t.Fatalf("%d found, failed %v", len(found), failed)
		}
		return client.Status().Breaker == upstream.Open
	})
	opened := w.calls()
	if opened-calls > 60 {
		t.Errorf("%d calls until the circuit opened", opened-calls)
	}
	started := time.Now()
	for range 50 {
		found, failed := client.Profiles(t.Context(), upstream.Agents, ids)
		if len(found) != len(ids) || len(failed) != 0 {
			t.Fatalf("%d found, failed %v", len(found), failed)
		}
		for id, profile := range found {
			if *profile.Source.Freshness != upstream.Stale || profile.Source.Reason == nil {
				t.Fatalf("%s: %+v", id, profile.Source)
			}
		}
	}
	if tried := w.calls() - opened; float64(tried) > 1+time.Since(started).Seconds()/0.2 {
		t.Errorf("%d calls through an open circuit in %s", tried, time.Since(started))
	}
	w.Heal()
	eventually(t, func() bool {
		found, _ := client.Profiles(t.Context(), upstream.Agents, ids)
		return client.Status().Breaker == upstream.Closed && found[ids[0]].Source.Reason == nil
	})
}

// With Stripe hanging, an operation that has seen the profile is answered in its patience, and then at once.
func TestAHangingStripeCostsThePatienceOnce(t *testing.T) {
	t.Parallel()
	w := serve(t, upstream.Config{})
	patient := times
	patient.Rest = time.Minute
	client := w.keep(t, miniredis.RunT(t), patient, upstream.Config{Timeout: 300 * time.Millisecond})
	ids := many()[:8]
	first, _ := client.Profiles(t.Context(), upstream.Agents, ids)
	eventually(t, func() bool { return time.Since(*first[ids[0]].Source.FetchedAt) > times.Fresh })
	w.strike(t, vendors.Fault{Mode: vendors.Hang})
	started := time.Now()
	if found, failed := client.Profiles(t.Context(), upstream.Agents, ids); len(found) != 8 || *found[ids[0]].Source.Reason != upstream.Timeout {
		t.Errorf("%d found, failed %v", len(found), failed)
	}
	if took := time.Since(started); took > times.Patience+150*time.Millisecond {
		t.Errorf("it took %s", took)
	}
	eventually(t, func() bool { return client.Status().InFlight == 0 })
	started = time.Now()
	for range 100 {
		if found, _ := client.Profiles(t.Context(), upstream.Agents, ids); len(found) != 8 {
			t.Errorf("%d found", len(found))
		}
	}
	if took := time.Since(started); took > 200*time.Millisecond {
		t.Errorf("100 of them took %s", took)
	}
	if status := client.Status(); float64(status.Attempts) > 1.2*float64(status.Calls)+1 {
		t.Errorf("status %+v", status)
	}
}

// 1,000 operations in two processes want the same cold customer.
func TestOneColdCustomerIsOneCall(t *testing.T) {
	t.Parallel()
	w, redis := serve(t, upstream.Config{}), miniredis.RunT(t)
	w.strike(t, vendors.Fault{Latency: vendors.Latency{P50: vendors.Duration(200 * time.Millisecond)}})
	clients := []*stripe.Client{w.keep(t, redis, cache.Usual(), upstream.Config{}), w.keep(t, redis, cache.Usual(), upstream.Config{})}
	var running sync.WaitGroup
	for i := range 1000 {
		running.Go(func() {
			found, failed := clients[i%2].Profiles(t.Context(), upstream.Agents, []stripe.CustomerID{"cus_acme"})
			if found["cus_acme"] == nil {
				t.Errorf("failed %v", failed)
			}
		})
	}
	running.Wait()
	if calls := w.calls(); calls > 2 {
		t.Errorf("%d calls", calls)
	}
}

func TestCancellationStopsTheFanOutOfAKeptRead(t *testing.T) {
	t.Parallel()
	w := serve(t, upstream.Config{})
	client := w.keep(t, miniredis.RunT(t), cache.Usual(), upstream.Config{})
	w.strike(t, vendors.Fault{Mode: vendors.Hang})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan map[stripe.CustomerID]error, 1)
	go func() { _, failed := client.Profiles(ctx, upstream.Agents, many()); done <- failed }()
	eventually(t, func() bool { return w.Stats()[vendors.Stripe].InFlight == 8 })
	cancel()
	for id, err := range <-done {
		if upstream.ReasonOf(err) != upstream.Canceled {
			t.Errorf("%s: %v", id, err)
		}
	}
	eventually(t, func() bool { return w.Stats()[vendors.Stripe].InFlight == 0 && client.Status().InFlight == 0 })
	if calls := w.calls(); calls != 8 {
		t.Errorf("%d calls", calls)
	}
}

// Out of budget, the explorer gets what is kept, with the reason.
func TestOutOfBudgetIsServedStale(t *testing.T) {
	t.Parallel()
	w := serve(t, upstream.Config{})
	client := w.keep(t, miniredis.RunT(t), times, upstream.Config{Budgets: upstream.NewBudgets(nil), Limit: upstream.Limit{Rate: 0.01, Burst: 4}})
	ask := func(lane upstream.Lane, id stripe.CustomerID) (*stripe.BillingProfile, error) {
		found, failed := client.Profiles(t.Context(), lane, []stripe.CustomerID{id})
		return found[id], failed[id]
	}
	first, err := ask(upstream.Engineers, "cus_acme")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ask(upstream.Engineers, "cus_bare"); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool { return time.Since(*first.Source.FetchedAt) > times.Fresh })
	stale, err := ask(upstream.Engineers, "cus_acme")
	if err != nil || *stale.Source.Freshness != upstream.Stale || *stale.Source.Reason != upstream.RateLimited {
		t.Errorf("got %+v, %v", stale, err)
	}
	if _, err := ask(upstream.Engineers, "cus_many"); upstream.ReasonOf(err) != upstream.RateLimited {
		t.Errorf("of whom nothing is known: %v", err)
	}
	for _, id := range []stripe.CustomerID{"cus_many", "cus_00"} { // what is left is the agents'
		if _, err := ask(upstream.Agents, id); err != nil {
			t.Error(err)
		}
	}
	if calls := w.calls(); calls != 4 {
		t.Errorf("%d calls", calls)
	}
}
