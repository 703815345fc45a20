package upstream

import (
	"sync/atomic"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"
)

// Breaker is the state of a vendor's circuit.
type Breaker string

// The states of a circuit.
const (
	Closed   Breaker = "CLOSED"    // calls go through
	Open     Breaker = "OPEN"      // calls fail at once
	HalfOpen Breaker = "HALF_OPEN" // one call at a time tries whether the vendor answers again
)

// Status is how a vendor's transport fares.
type Status struct {
	Service     Service
	Breaker     Breaker
	OpenFor     time.Duration // until a call is tried again; 0 unless open
	LastSuccess *time.Time    // nil: none yet
	LastFailure *time.Time    // nil: none yet
	Reason      *Reason       // of the last failure
	InFlight    int           // calls under way
	Places      int           // the most there may be
	Calls       int64         // asked for so far
	Attempts    int64         // sent so far, with retries and hedges
	Limit       Limit         // what we allow ourselves; zero where nothing limits
	BudgetLeft  *float64      // calls that could be made at once, by the last look; nil: not looked yet
}

// Status is how the transport fares at this moment.
func (c *Client) Status() Status {
	status := Status{
		Service:     c.vendor.Service,
		Breaker:     Closed,
		LastSuccess: c.health.success.Load(),
		InFlight:    int(c.health.inFlight.Load()),
		Places:      c.width,
		Calls:       c.health.calls.Load(),
		Attempts:    c.health.attempts.Load(),
	}
	if last := c.health.failure.Load(); last != nil {
		status.LastFailure, status.Reason = &last.at, &last.reason
	}
	if c.budgets != nil {
		status.Limit, status.BudgetLeft = c.limit, c.health.budget.Load()
	}
	if _, wait, shut := c.gate.shut(); shut {
		status.Breaker, status.OpenFor = Open, wait
	} else if c.gate.breaker.State() != circuitbreaker.ClosedState {
		status.Breaker = HalfOpen
	}
	return status
}

// health is what Status tells of the past.
type health struct {
	inFlight        atomic.Int64
	calls, attempts atomic.Int64
	success         atomic.Pointer[time.Time]
	failure         atomic.Pointer[mishap]
	budget          atomic.Pointer[float64]
}

type mishap struct {
	at     time.Time
	reason Reason
}

// begin counts an attempt; what it returns ends it.
func (h *health) begin() func() {
	h.attempts.Add(1)
	h.inFlight.Add(1)
	return func() { h.inFlight.Add(-1) }
}

func (h *health) ended(failed *Error) {
	now := time.Now()
	switch {
	case failed == nil:
		h.success.Store(&now)
	case failed.Reason != Canceled && failed.Reason != NotFound:
		h.failure.Store(&mishap{now, failed.Reason})
	}
}

func (h *health) afforded(left float64) { h.budget.Store(&left) }
