package clients

import (
	"sync"
	"testing"

	"supportgraph/clients/upstream"
)

func TestTallyCountsWhereAsked(t *testing.T) {
	t.Parallel()
	Tally(t.Context(), upstream.Call{Source: "stripe", Op: "customers.get"}) // nobody counts

	ctx, calls := Count(t.Context())
	inner, others := Count(ctx)
	var running sync.WaitGroup
	for range 50 {
		running.Go(func() { Tally(ctx, upstream.Call{Source: "stripe", Op: "customers.get"}) })
		running.Go(func() { Tally(ctx, upstream.Call{Source: "postgres", Op: "tickets.page"}) })
	}
	Tally(inner, upstream.Call{Source: "postgres", Op: "tickets.page"})
	running.Wait()

	if got, want := calls.String(), "postgres tickets.page 50\nstripe customers.get 50\n"; got != want {
		t.Errorf("calls are %q, want %q", got, want)
	}
	if calls.Of("") != 100 || calls.Of("stripe customers.get") != 50 || calls.Of("stripe nothing") != 0 {
		t.Errorf("%d, %d, %d calls", calls.Of(""), calls.Of("stripe customers.get"), calls.Of("stripe nothing"))
	}
	if others.Of("") != 1 {
		t.Errorf("the inner count is %d", others.Of(""))
	}
}
