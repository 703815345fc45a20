package cloudflare_test

import (
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"supportgraph/clients/cache"
	"supportgraph/clients/cloudflare"
	"supportgraph/clients/sandbox/vendors"
	"supportgraph/clients/upstream"
)

// keep is a world whose client keeps what it reads.
func keep(t *testing.T, data vendors.Data, times cache.Times) *world {
	t.Helper()
	w := &world{Server: vendors.New(data, vendors.Options{CloudflareToken: "cf_test"})}
	server := httptest.NewServer(w.Server)
	store := cache.NewStore(nil)
	w.client = cloudflare.New(upstream.Config{BaseURL: server.URL + vendors.CloudflarePath, Token: "cf_test"}, nil, cloudflare.Keep(store, cloudflare.Times{Zones: times, Accounts: times, Subscriptions: times}))
	t.Cleanup(func() { store.Close(); w.client.Close(); w.Close(); server.Close() })
	return w
}

func zones(t *testing.T, w *world, ids []cloudflare.AccountID) map[cloudflare.AccountID]*cloudflare.ZoneList {
	t.Helper()
	found, failed := w.client.Zones(t.Context(), upstream.Agents, ids)
	if len(failed) != 0 || len(found) != len(ids) {
		t.Errorf("%d of %d found, failed %v", len(found), len(ids), failed)
	}
	return found
}

// What a sweep brings along is kept, so that whoever asks for other accounts costs nothing.
func TestASweepIsKeptForAll(t *testing.T) {
	t.Parallel()
	data := accounts(40, func(i int) int { return 3 + i%2 }) // 140 zones, 3 pages
	w := keep(t, data, cache.Usual())
	zones(t, w, ids(0, 10))
	if w.calls() != 3 {
		t.Errorf("%d calls", w.calls())
	}
	kept := zones(t, w, ids(0, 40))
	if w.calls() != 3 {
		t.Errorf("%d calls after all accounts", w.calls())
	}
	alone := serve(t, data, vendors.Options{}, upstream.Config{})
	if diff := cmp.Diff(zones(t, alone, ids(0, 40)), kept, cmpopts.IgnoreTypes(upstream.Source{})); diff != "" {
		t.Error(diff)
	}
	for account, list := range kept {
		if list.Source.Name != upstream.Cloudflare || *list.Source.Freshness != upstream.Cached {
			t.Errorf("%s: %+v", account, list.Source)
		}
	}
}

// Those who ask for different accounts at the same time share one sweep.
func TestSweepsAreShared(t *testing.T) {
	t.Parallel()
	w := keep(t, accounts(100, func(int) int { return 3 }), cache.Usual()) // 6 pages
	w.strike(t, vendors.Fault{Latency: vendors.Latency{P50: vendors.Duration(100 * time.Millisecond)}})
	var running sync.WaitGroup
	for i := range 10 {
		running.Go(func() { zones(t, w, ids(10*i, 10*i+10)) })
	}
	running.Wait()
	if w.calls() > 12 { // one, and one more where somebody came just after it
		t.Errorf("%d calls", w.calls())
	}
}

// Throttled, Cloudflare refuses everything for minutes: it is told once and then left alone, and zones are shown as they
// were.
func TestAThrottledTokenRests(t *testing.T) {
	t.Parallel()
	w := keep(t, accounts(10, func(int) int { return 1 }), cache.Times{Fresh: time.Nanosecond, Stale: time.Hour})
	zones(t, w, ids(0, 2))
	w.strike(t, vendors.Fault{ErrorRate: 1, Status: 429, RetryAfter: "300"})
	calls := w.calls()
	for range 20 {
		for account, list := range zones(t, w, ids(0, 2)) {
			if *list.Source.Freshness != upstream.Stale || *list.Source.Reason != upstream.RateLimited || len(list.Nodes) != 1 {
				t.Errorf("%s: %+v", account, list)
			}
		}
	}
	if got := w.calls() - calls; got > 2 { // two were on their way at once
		t.Errorf("%d calls", got)
	}
	_, failed := w.client.Zones(t.Context(), upstream.Agents, ids(5, 6))
	if down := upstream.Down(upstream.Cloudflare, failed[id(5)]); down.Reason != upstream.RateLimited || down.RetryAfter == nil || *down.RetryAfter < 290 {
		t.Errorf("of which nothing is known: %+v", down)
	}
	if status := w.client.Status(); status.Breaker != upstream.Open || status.OpenFor < 290*time.Second {
		t.Errorf("status %+v", status)
	}
}
