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

// Condition is how a vendor fares, in a word.
type Condition string

// The conditions.
const (
	Up      Condition = "UP"      // it answers
	Failing Condition = "FAILING" // the last call failed, and calls go on
	Resting Condition = "RESTING" // it is left alone for a while
	Unknown Condition = "UNKNOWN" // it was not asked yet
)

// Status is how a vendor's transport fares.
type Status struct {
	Name        Service
	Breaker     Breaker
	OpenFor     time.Duration // until a call is tried again; 0 unless open
	LastSuccess *time.Time    // nil: none yet
	LastFailure *time.Time    // nil: none yet
	Reason      *Reason       // of the last failure
	InFlight    int           // calls under way
	Places      int           // the most there may be
	Calls       int           // asked for so far
	Attempts    int           // sent so far, with retries and hedges
	Budget      *BudgetStatus // what we allow ourselves; nil where nothing limits
	Allowance   *Allowance    // what the vendor said that it allows; nil where it said nothing
}

// Status is how the vendor fares, in a word.
func (s *Status) Status() Condition {
	switch {
	case s.Breaker == Open:
		return Resting
	case s.LastSuccess == nil && s.LastFailure == nil:
		return Unknown
	case s.LastFailure != nil && (s.LastSuccess == nil || s.LastFailure.After(*s.LastSuccess)):
		return Failing
	default:
		return Up
	}
}

// RetryAfter is in how many seconds a call is tried again, nil where calls go through.
func (s *Status) RetryAfter() *int {
	if s.Breaker != Open {
		return nil
	}
	seconds := int((s.OpenFor + time.Second - 1) / time.Second)
	return &seconds
}

// BudgetStatus is how much of a vendor's limit is left.
type BudgetStatus struct {
	Limit
	Left *float64 // calls that could be made at once if no lane held back, by the last look; nil: not looked yet
}

// LaneBudget is a lane's part of what is left.
type LaneBudget struct {
	Lane LaneName
	Left *int // calls that it could make at once; nil: not looked yet
	Most int  // calls that it could make at once after a rest
}

// Lanes is what each lane can have of it.
func (b *BudgetStatus) Lanes() []*LaneBudget {
	lanes := make([]*LaneBudget, Lanes)
	for lane := range Lane(Lanes) {
		floor := b.floor(lane)
		lanes[lane] = &LaneBudget{Lane: lane.Name(), Most: b.Burst - int(floor)}
		if b.Left != nil {
			left := int(max(*b.Left-floor, 0))
			lanes[lane].Left = &left
		}
	}
	return lanes
}

// Status is how the transport fares at this moment.
func (c *Client) Status() *Status {
	status := &Status{
		Name:        c.vendor.Service,
		Breaker:     Closed,
		LastSuccess: c.health.success.Load(),
		InFlight:    int(c.health.inFlight.Load()),
		Places:      c.width,
		Calls:       int(c.health.calls.Load()),
		Attempts:    int(c.health.attempts.Load()),
		Allowance:   c.Allowance(),
	}
	if last := c.health.failure.Load(); last != nil {
		status.LastFailure, status.Reason = &last.at, &last.reason
	}
	if c.budgets != nil && c.limit.Rate > 0 && c.limit.Burst > 0 {
		status.Budget = &BudgetStatus{Limit: c.limit, Left: c.health.budget.Load()}
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
