package resolvers_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"supportgraph/clients"
	"supportgraph/clients/sandbox/vendors"
	"supportgraph/clients/upstream"
)

// withoutVendors asks for our own data alone, withBilling for what only Stripe knows.
const (
	withoutVendors = `{ tickets(first: 10) { nodes { ref subject status requester { name } account { name } assignee { __typename } lastMessage { text } } } }`
	withBilling    = `query ($id: ID!) { account(id: $id) { name billing { __typename ... on SourceUnavailable { reason } } } }`
)

// hanging is a house whose Stripe hangs, with the account to ask for.
func hanging(t testing.TB, adjust ...func(*clients.Config)) (h *neighbour, variables map[string]any) {
	t.Helper()
	box := *theHouse.sandbox
	h = among(t, box, box.World.Vendors, adjust...)
	if err := h.vendors.Break(vendors.Fault{Vendor: vendors.Stripe, Mode: vendors.Hang}); err != nil {
		t.Fatal(err)
	}
	return h, map[string]any{"id": h.named(t, "<account Blauwal Logistik SE>")}
}

// An operation that does not need the vendor that hangs is answered, whole and by the same calls, while those that do are
// still waiting.
func TestAHangingVendorHoldsUpNobodyElse(t *testing.T) {
	t.Parallel()
	h, variables := hanging(t)
	want := theHouse.ask(t, theHouse.planned, "agent", withoutVendors, nil)
	var waiting sync.WaitGroup
	answered := make(chan answer, 8)
	for range cap(answered) {
		waiting.Go(func() { answered <- h.ask(t, h.planned, "agent", withBilling, variables) })
	}
	await(t, func() bool { return h.vendors.Stats()[vendors.Stripe].InFlight > 0 })
	for range 20 {
		got := h.ask(t, h.planned, "agent", withoutVendors, nil)
		if string(got.body) != string(want.body) || got.calls.String() != want.calls.String() {
			t.Fatalf("got %s\nby\n%s", got.body, got.calls)
		}
	}
	select {
	case early := <-answered:
		t.Errorf("who asked for billing did not wait: %s", early.body)
	default:
	}
	waiting.Wait()
	for range cap(answered) {
		if got := <-answered; !strings.Contains(string(got.body), `"SourceUnavailable","reason":"TIMEOUT"`) {
			t.Errorf("got %s", got.body)
		}
	}
}

// While the vendor hangs, who needs it is answered when its time is over, and at once when its circuit is open; no more than a fifth more is sent than was asked for.
func TestAHangingVendorIsGivenUp(t *testing.T) {
	t.Parallel()
	const deadline = time.Second // of a call: what is left of an operation's is shorter only for one that began late
	h, _ := hanging(t, func(c *clients.Config) {
		c.Stripe.Timeout, c.Stripe.Rest = deadline, time.Minute
		c.Cache.Stripe.Profiles.Fresh = 0 // nobody shares a call: each asks
	})
	everyone := h.linked(t)
	// Only as many calls are under way as there are places, so that it takes some rounds to fail 20 times.
	for round := 0; h.clients.Stripe.Status().Breaker == upstream.Closed; round++ {
		if round == 10 {
			t.Fatal("the circuit stays closed")
		}
		var asking sync.WaitGroup
		for _, id := range everyone {
			asking.Go(func() {
				started := time.Now()
				got := h.ask(t, h.planned, "agent", withBilling, map[string]any{"id": id})
				if took := time.Since(started); took > deadline+2*time.Second { // of ten; BenchmarkAHangingVendor is exact
					t.Errorf("an answer took %s", took)
				}
				if got.status != http.StatusOK || !strings.Contains(string(got.body), `"SourceUnavailable"`) {
					t.Errorf("got %s", got.body)
				}
			})
		}
		asking.Wait()
	}
	sent := h.clients.Stripe.Status().Attempts
	var took []time.Duration
	for _, id := range everyone {
		started := time.Now()
		got := h.ask(t, h.planned, "agent", withBilling, map[string]any{"id": id})
		took = append(took, time.Since(started))
		if !strings.Contains(string(got.body), `"SourceUnavailable","reason":"UNAVAILABLE"`) {
			t.Errorf("the circuit is open: %s", got.body)
		}
	}
	if now := h.clients.Stripe.Status().Attempts; now != sent {
		t.Errorf("%d calls through an open circuit", now-sent)
	}
	if slices.Sort(took); took[len(took)/2] > deadline/2 {
		t.Errorf("with the circuit open an answer takes %s", took[len(took)/2])
	}
	status := h.clients.Stripe.Status()
	if float64(status.Attempts) > 1.2*float64(status.Calls)+1 {
		t.Errorf("%d attempts for %d calls", status.Attempts, status.Calls)
	}
	t.Logf("%d operations: %d calls, %d attempts, then %s with the circuit open", len(everyone), status.Calls, status.Attempts, took[len(took)/2])
}

// BenchmarkAHangingVendor measures in turn, in a house where all are well and in one whose Stripe hangs and is asked all the
// time, an operation that does not need it: p50 and p99 are those of the second by the first, and are to be 1.1 at most.
// Late is how long after the end of Stripe's time the last of 16 came that do need it, and is to be 50 ms at most.
func BenchmarkAHangingVendor(b *testing.B) {
	const deadline = time.Second
	box := *theHouse.sandbox
	well := among(b, box, box.World.Vendors)
	sick, variables := hanging(b, func(c *clients.Config) { c.Stripe.Timeout = deadline })
	var late time.Duration
	var mu sync.Mutex
	ask := func() {
		started := time.Now()
		sick.ask(b, sick.planned, "agent", withBilling, variables)
		mu.Lock()
		defer mu.Unlock()
		late = max(late, time.Since(started)-deadline)
	}
	stop := make(chan struct{})
	var load sync.WaitGroup
	for range 16 {
		load.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					ask()
					time.Sleep(10 * time.Millisecond) // a pace: an open circuit answers at once
				}
			}
		})
	}
	defer load.Wait()
	defer close(stop)
	await(b, func() bool { return sick.vendors.Stats()[vendors.Stripe].InFlight > 0 })
	var took [2][]time.Duration
	for b.Loop() {
		for i, h := range []*neighbour{well, sick} {
			started := time.Now()
			h.ask(b, h.planned, "agent", withoutVendors, nil)
			took[i] = append(took[i], time.Since(started))
		}
	}
	for _, part := range []struct {
		name string
		of   float64
	}{{"p50", 0.5}, {"p99", 0.99}} {
		var at [2]float64
		for i := range took {
			slices.Sort(took[i])
			at[i] = float64(took[i][int(part.of*float64(len(took[i])-1))])
		}
		b.ReportMetric(at[1]/at[0], part.name)
	}
	mu.Lock()
	defer mu.Unlock()
	b.ReportMetric(float64(late.Milliseconds()), "late-ms")
}

// linked are the accounts that have a customer at Stripe.
func (h *house) linked(t *testing.T) []string {
	t.Helper()
	var ids [][16]byte
	if err := h.clients.Postgres.QueryRow(t.Context(), "-- test.linked\nselect array_agg(id order by id) from accounts where stripe_customer_id is not null").Scan(&ids); err != nil {
		t.Fatal(err)
	}
	linked := make([]string, len(ids))
	for i, id := range ids {
		linked[i] = keyed[accountKind](id)
	}
	return linked
}

func await(t testing.TB, condition func() bool) {
	t.Helper()
	for until := time.Now().Add(time.Minute); !condition(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatal("it never came")
		}
	}
}
