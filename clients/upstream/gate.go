package upstream

import (
	"errors"
	"sync"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"
)

// The circuit breaker of a vendor.
const (
	breakerRate   = 0.5              // of the calls that fail
	breakerCalls  = 20               // at the least
	breakerWindow = 10 * time.Second // in which they are counted
	breakerRest   = 5 * time.Second  // until a call is tried again
	maxQuiet      = time.Hour        // the longest that a vendor's allowance closes the gate before a call is tried
	usualQuiet    = time.Minute      // where neither the answer nor the vendor's documentation says
)

var errOpen = errors.New("the circuit is open")

// gate keeps calls away from a vendor that fails, or that has told us to stay away. The library's breaker opens for a time
// of its own only, so the time that a vendor asks for is kept beside it.
type gate struct {
	breaker circuitbreaker.CircuitBreaker[any]

	mu    sync.Mutex
	quiet time.Time // closed until then, by the vendor's wish
}

// probe says how a call came through the gate.
type probe bool

func newGate(rest time.Duration) *gate {
	if rest <= 0 {
		rest = breakerRest
	}
	return &gate{breaker: circuitbreaker.NewBuilder[any]().
		WithFailureRateThreshold(breakerRate, breakerCalls, breakerWindow).
		WithSuccessThreshold(1).
		WithDelay(rest).
		WithJitterFactor(0.2). // so that not all processes try again at once
		Build()}
}

// enter lets a call through or tells why not and for how long. A call that came through must leave.
func (g *gate) enter() (tried probe, reason Reason, wait time.Duration, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock() // held over the permit, so that the breaker's state is that in which it was given
	if wait := time.Until(g.quiet); wait > 0 {
		return false, RateLimited, wait, false
	}
	if !g.breaker.TryAcquirePermit() {
		return false, Unavailable, g.breaker.RemainingDelay(), false
	}
	return probe(g.breaker.IsHalfOpen()), "", 0, true
}

// shut tells whether a call would be turned away now, without trying one.
func (g *gate) shut() (reason Reason, wait time.Duration, shut bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if wait := time.Until(g.quiet); wait > 0 {
		return RateLimited, wait, true
	}
	if wait := g.breaker.RemainingDelay(); wait > 0 {
		return Unavailable, wait, true
	}
	return "", 0, false
}

// leave records how a call ended. What says nothing of the vendor (nobody waits any more, too short a deadline) counts
// neither way; only the one call that tries an open circuit must always count, or no other would ever be let through.
func (g *gate) leave(tried probe, failed *Error, informative bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case failed == nil || failed.Reason == Refused || failed.Reason == NotFound:
		g.breaker.RecordSuccess() // it answers
	case failed.Quota:
		wait := failed.RetryAfter
		if wait <= 0 {
			wait = usualQuiet
		}
		g.quiet = time.Now().Add(min(wait, maxQuiet))
		g.breaker.RecordFailure()
		g.breaker.Open()
	case informative && (failed.Reason == Timeout || failed.Reason == Unavailable || failed.Reason == RateLimited):
		g.breaker.RecordFailure()
	case bool(tried):
		g.breaker.RecordFailure()
	}
}
