package tickets

import (
	"slices"
	"time"

	"supportgraph/clients/accounts"
)

// SlaPolicy is what is promised to tickets of a tier and a priority.
type SlaPolicy struct {
	TierKey       string
	TierName      string
	Priority      Priority
	Calendar      *BusinessCalendar
	FirstResponse *int     // minutes in which people are there; nil: nothing is promised
	NextResponse  *int     // from the customer's word to the answer
	Resolution    *int     // until the ticket is solved
	PausesIn      []Status // while the ticket stands in one of these, all clocks stand
}

// Tier is the level of support that the policy is for.
func (p *SlaPolicy) Tier() *accounts.Tier { return &accounts.Tier{Key: p.TierKey, Name: p.TierName} }

// SlaState is how a clock fares.
type SlaState string

// The states of a clock.
const (
	SlaPending  SlaState = "PENDING"  // it runs
	SlaImminent SlaState = "IMMINENT" // it runs, and a fifth of its time is left at most
	SlaBreached SlaState = "BREACHED" // it ran out before what it waits for, which may have come since
	SlaAchieved SlaState = "ACHIEVED" // what it waited for came in time
	SlaPaused   SlaState = "PAUSED"   // it stands, because of where the ticket stands
)

// imminent is the part of a clock's time at whose beginning it becomes imminent.
const imminent = 5

// SlaGoal is what a clock waits for.
type SlaGoal string

// The goals.
const (
	GoalFirstResponse SlaGoal = "FIRST_RESPONSE"
	GoalNextResponse  SlaGoal = "NEXT_RESPONSE"
	GoalResolution    SlaGoal = "RESOLUTION"
)

// SlaClock is one promise on one ticket. Whatever it counts is time in which people are there.
type SlaClock struct {
	Goal            SlaGoal
	State           SlaState
	StartedAt       time.Time
	EndedAt         *time.Time // when what it waits for came; nil while it waits
	DueAt           *time.Time // nil while it stands
	Target          int        // seconds
	Remaining       int        // seconds; negative: for so long it is, or was, too late
	PausedIntervals []*Interval
	Explanation     *SlaExplanation
}

// TicketSla is what is promised on a ticket, and how it fares. A clock is nil where nothing is promised, or nothing has
// started it.
type TicketSla struct {
	Policy        *SlaPolicy
	FirstResponse *SlaClock
	NextResponse  *SlaClock // of the customer's last word that is, or was, to be answered
	Resolution    *SlaClock
}

// Due is when the responses and the solution are due of the clocks that run; nil where none runs.
func (s *TicketSla) Due() (response, resolution *time.Time) {
	if s == nil {
		return nil, nil
	}
	for _, clock := range []*SlaClock{s.FirstResponse, s.NextResponse} {
		if clock != nil && clock.EndedAt == nil {
			response = clock.DueAt
		}
	}
	if s.Resolution != nil && s.Resolution.EndedAt == nil {
		resolution = s.Resolution.DueAt
	}
	return response, resolution
}

// SlaHistory is all of a ticket that its clocks go by, in the order of time.
type SlaHistory struct {
	TicketID     ID
	Version      int
	Tier         string
	Priority     Priority
	CreatedAt    time.Time
	Statuses     []Status // which it came to
	StatusTimes  []time.Time
	FromStaff    []bool // of each message
	MessageTimes []time.Time
}

// run is when a clock was started and stopped.
type run struct {
	from  time.Time
	until *time.Time
}

// runs works out when each of the clocks ran: nil where it never did. A ticket that is solved, closed or merged waits for
// nothing; opened again, it goes on as if it had been paused.
func (h *SlaHistory) runs() (first, next, resolution *run) {
	first, resolution = &run{from: h.CreatedAt}, &run{from: h.CreatedAt}
	waiting := first // the response that runs
	var unanswered, over bool
	stop := func(at time.Time) {
		if waiting != nil {
			waiting.until, waiting = &at, nil
		}
		unanswered = false
	}
	start := func(at time.Time) {
		if waiting == nil && !over && unanswered {
			next = &run{from: at}
			waiting = next
		}
	}
	message := func(at time.Time, staff bool) {
		if staff {
			stop(at)
			return
		}
		unanswered = true
		start(at)
	}
	status := func(at time.Time, to Status) {
		switch ended := to.over(); {
		case ended && !over:
			stop(at)
			resolution.until, over = &at, true
		case !ended && over:
			resolution.until, over = nil, false
			start(at)
		}
	}
	m := 0
	for s, at := range h.StatusTimes {
		for ; m < len(h.MessageTimes) && !h.MessageTimes[m].After(at); m++ {
			message(h.MessageTimes[m], h.FromStaff[m])
		}
		status(at, h.Statuses[s])
	}
	for ; m < len(h.MessageTimes); m++ {
		message(h.MessageTimes[m], h.FromStaff[m])
	}
	return first, next, resolution
}

// over tells whether nobody waits for anything on a ticket of the status.
func (s Status) over() bool { return s == StatusSolved || s.Ended() }

// pauses are the stretches of a run in which the ticket stood where clocks stand.
func (h *SlaHistory) pauses(in []Status, r *run) []*Interval {
	pauses := []*Interval{}
	for i, status := range h.Statuses {
		if !status.over() && !slices.Contains(in, status) {
			continue
		}
		pause := &Interval{From: h.StatusTimes[i], Until: r.until}
		if i+1 < len(h.StatusTimes) && (r.until == nil || h.StatusTimes[i+1].Before(*r.until)) {
			pause.Until = &h.StatusTimes[i+1]
		}
		if pause.From.Before(r.from) {
			pause.From = r.from
		}
		if pause.Until != nil && !pause.From.Before(*pause.Until) {
			continue
		}
		if last := len(pauses) - 1; last >= 0 && pauses[last].Until.Equal(pause.From) {
			pauses[last].Until = pause.Until
		} else {
			pauses = append(pauses, pause)
		}
	}
	return pauses
}

// Sla works out what is promised on a ticket, and how it fares at a moment; nil where the rules promise nothing to
// tickets like it. What is promised goes by the priority that the ticket has now, from its beginning on.
func (r *SlaRules) Sla(h *SlaHistory, now time.Time) *TicketSla {
	policy := r.policy(h.Tier, h.Priority)
	if policy == nil {
		return nil
	}
	first, next, resolution := h.runs()
	return &TicketSla{
		Policy:        policy,
		FirstResponse: policy.clock(h, GoalFirstResponse, policy.FirstResponse, first, now),
		NextResponse:  policy.clock(h, GoalNextResponse, policy.NextResponse, next, now),
		Resolution:    policy.clock(h, GoalResolution, policy.Resolution, resolution, now),
	}
}

// clock is a clock with so many minutes that ran when it says, as it is seen at a moment.
func (p *SlaPolicy) clock(h *SlaHistory, goal SlaGoal, minutes *int, r *run, now time.Time) *SlaClock {
	if minutes == nil || r == nil {
		return nil
	}
	target := time.Duration(*minutes) * time.Minute
	c := &SlaClock{Goal: goal, StartedAt: r.from, EndedAt: r.until, Target: int(target / time.Second), PausedIntervals: h.pauses(p.PausesIn, r)}
	segments := p.Calendar.count(r.from, time.Time{}, target, c.PausedIntervals)
	if total(segments) == target {
		c.DueAt = &segments[len(segments)-1].Until
	}
	seen := now
	if r.until != nil {
		seen = *r.until
	}
	var used time.Duration
	if seen.After(r.from) {
		used = total(p.Calendar.count(r.from, seen, unlimited, c.PausedIntervals))
	}
	c.Remaining = int((target - used) / time.Second)
	last := len(c.PausedIntervals) - 1
	switch {
	case c.DueAt != nil && (seen.After(*c.DueAt) || r.until == nil && seen.Equal(*c.DueAt)):
		c.State = SlaBreached
	case r.until != nil:
		c.State = SlaAchieved
	case last >= 0 && c.PausedIntervals[last].Until == nil:
		c.State = SlaPaused
	case target-used <= target/imminent:
		c.State = SlaImminent
	default:
		c.State = SlaPending
	}
	c.Explanation = p.explain(h, c, segments)
	return c
}
