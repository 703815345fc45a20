package resolvers_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"

	"supportgraph/clients"
	"supportgraph/clients/cache"
	"supportgraph/clients/postgres"
	"supportgraph/clients/upstream"
)

// TestRedisMayDoWhatItWants asks for what every vendor knows, from two processes at once, while their Redis is killed, comes
// back, is slow, flushed, full and gone again: what is kept and all budgets live in it, and no answer differs by a byte.
func TestRedisMayDoWhatItWants(t *testing.T) {
	t.Parallel()
	redis := miniredis.RunT(t)
	box := *theHouse.sandbox
	brief := cache.Times{Fresh: 20 * time.Millisecond, Revalidate: 20 * time.Millisecond, Stale: time.Hour, Absent: 10 * time.Millisecond, Rest: time.Second}
	unstable := func(config *clients.Config) {
		config.Redis.URL, config.Redis.Patience = postgres.Secret("redis://"+redis.Addr()), 0 // as patient as in production
		kept := &config.Cache
		kept.Issues, kept.Tenant = brief, "one"
		kept.Cloudflare.Zones, kept.Cloudflare.Accounts, kept.Cloudflare.Subscriptions = brief, brief, brief
		kept.Stripe.Profiles, kept.Stripe.Invoices = brief, brief
		kept.Salesforce.Accounts, kept.Salesforce.Owners = brief, brief
		kept.Zendesk.Users, kept.Zendesk.Tickets, kept.Zendesk.Comments = brief, brief, brief
		patient(config)
		config.Budgets = true
		for _, vendor := range []*upstream.Config{&config.Cloudflare, &config.Stripe, &config.Statuspage, &config.Salesforce.Config, &config.Jira, &config.Zendesk} {
			vendor.Limit = upstream.Limit{Rate: 1e6, Burst: 1e6} // asked of Redis for each call, and never used up
		}
	}
	houses := []*neighbour{among(t, box, box.World.Vendors, unstable), among(t, box, box.World.Vendors, unstable)}
	want := theHouse.ask(t, theHouse.planned, "agent", everyVendor, nil)

	var operations, failures atomic.Int64
	var running sync.WaitGroup
	stop := make(chan struct{})
	for i := range 4 {
		running.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				h := houses[i%2]
				got := h.ask(t, h.planned, "agent", everyVendor, nil)
				operations.Add(1)
				if string(got.body) != string(want.body) && failures.Add(1) == 1 {
					t.Errorf("got %s\nwant %s", got.body, want.body)
				}
			}
		})
	}
	for _, phase := range []struct {
		name   string
		change func()
	}{
		{"well", func() {}},
		{"killed", redis.Close},
		{"back", func() {
			if err := redis.Restart(); err != nil {
				t.Error(err)
			}
		}},
		{"slow", func() {
			redis.Server().SetPreHook(func(*server.Peer, string, ...string) bool {
				time.Sleep(300 * time.Millisecond) // the fault itself
				return false
			})
		}},
		{"quick", func() { redis.Server().SetPreHook(nil) }},
		{"flushed", redis.FlushAll},
		{"full", func() { redis.SetError("OOM command not allowed when used memory > 'maxmemory'.") }},
		{"gone", redis.Close},
	} {
		phase.change()
		before := operations.Load()
		await(t, func() bool { return operations.Load() >= before+20 })
		t.Logf("%-8s %d failed so far", phase.name, failures.Load())
	}
	close(stop)
	running.Wait()
	if failures.Load() != 0 {
		t.Errorf("%d of %d operations failed", failures.Load(), operations.Load())
	}
}
