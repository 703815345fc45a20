package tickets

import (
	"context"
	"slices"
	"time"
)

// The policy of ended tickets.
const (
	ReopenFor = 14 * 24 * time.Hour  // a customer's reply opens a solved ticket again for so long; later it starts a follow-up
	MaxSnooze = 366 * 24 * time.Hour // a ticket is put aside for at most so long
)

// moves are the statuses that staff may bring a ticket to, by where it stands.
var moves = map[Status][]Status{
	StatusNew:               {StatusOpen, StatusPendingCustomer, StatusOnHoldEngineering, StatusSnoozed, StatusSolved},
	StatusOpen:              {StatusPendingCustomer, StatusOnHoldEngineering, StatusSnoozed, StatusSolved},
	StatusPendingCustomer:   {StatusOpen, StatusOnHoldEngineering, StatusSnoozed, StatusSolved},
	StatusOnHoldEngineering: {StatusOpen, StatusPendingCustomer, StatusSnoozed, StatusSolved},
	StatusSnoozed:           {StatusOpen, StatusPendingCustomer, StatusOnHoldEngineering, StatusSolved},
	StatusSolved:            {StatusOpen, StatusClosed},
	StatusClosed:            {},
	StatusMerged:            {},
}

// Moves lists the statuses that a ticket may be brought to. Customers may only solve; they reopen by a reply.
func Moves(from Status, staff bool) []Status {
	if staff {
		return slices.Clone(moves[from])
	}
	if slices.Contains(moves[from], StatusSolved) {
		return []Status{StatusSolved}
	}
	return []Status{}
}

// NeedsReason tells whether a move to the status must say why: work that waits on others must tell for what.
func NeedsReason(to Status) bool { return to == StatusOnHoldEngineering }

// Ended tells whether a ticket is not worked on any more: it takes notes and tags, and nothing else.
func (s Status) Ended() bool { return s == StatusClosed || s == StatusMerged }

// Answered is what a reply does to the status of a ticket.
type Answered struct {
	To       Status // where the ticket stands afterwards; the same where nothing moves
	FollowUp bool   // the reply starts another ticket instead
	Refused  bool   // it cannot be replied to
}

// Reply tells what a reply does to a ticket that has stood in a status since a moment.
func Reply(from Status, since, now time.Time, staff bool) Answered {
	switch {
	case !replies(from, staff):
		return Answered{To: from, Refused: true}
	case from == StatusNew && staff: // somebody has looked at it
		return Answered{To: StatusOpen}
	case staff:
		return Answered{To: from}
	case from == StatusClosed, from == StatusSolved && now.Sub(since) > ReopenFor:
		return Answered{To: from, FollowUp: true}
	case from == StatusSolved, from == StatusPendingCustomer, from == StatusSnoozed:
		return Answered{To: StatusOpen}
	default:
		return Answered{To: from}
	}
}

// StatusChange brings a ticket to another status.
type StatusChange struct {
	IdempotencyKey  string
	Ticket          ID
	ExpectedVersion int
	Status          Status
	Reason          *string
}

// SetStatus brings a ticket to another status.
func (s *Store) SetStatus(ctx context.Context, by Author, input StatusChange) (*Outcome, error) {
	check := checks{}
	reason := check.reason(input.Reason)
	switch {
	case input.Status == StatusSnoozed:
		check.refuse(Invalid, "A ticket is snoozed by a mutation of its own.", "status")
	case reason == nil && NeedsReason(input.Status):
		check.refuse(Missing, "Say what the ticket waits for.", "reason")
	}
	return s.change(ctx, change{
		by: by, op: "setTicketStatus", key: input.IdempotencyKey, input: input, checks: check,
		ticket: input.Ticket, expected: &input.ExpectedVersion, touches: []part{{field: FieldStatus}},
		apply: func(c *changing) UserError {
			if c.now.Status == input.Status && same(c.now.StatusReason, reason) {
				return nil
			}
			if c.now.Status != input.Status && !c.may(input.Status) {
				return c.immovable(input.Status)
			}
			if denied := c.denied(); denied != nil {
				return denied
			}
			c.move(input.Status, reason, nil)
			return nil
		},
	})
}

// Snooze puts a ticket aside.
type Snooze struct {
	IdempotencyKey  string
	Ticket          ID
	ExpectedVersion int
	Until           *time.Time // nil: until a reply
	Reason          *string
}

// Snooze puts a ticket aside until a time or the customer's reply; again, where it is put aside already.
func (s *Store) Snooze(ctx context.Context, by Author, input Snooze) (*Outcome, error) {
	check := checks{}
	check.staff(by)
	reason := check.reason(input.Reason)
	if input.Until != nil {
		*input.Until = input.Until.Truncate(time.Microsecond) // as Postgres keeps it
	}
	return s.change(ctx, change{
		by: by, op: "snoozeTicket", key: input.IdempotencyKey, input: input, checks: check,
		ticket: input.Ticket, expected: &input.ExpectedVersion, touches: []part{{field: FieldStatus}},
		apply: func(c *changing) UserError {
			if c.denied() != nil {
				return c.immovable(StatusSnoozed)
			}
			if input.Until != nil && (!input.Until.After(c.at) || input.Until.After(c.at.Add(MaxSnooze))) {
				return invalid(Invalid, "A ticket is put aside until a time that is to come, within a year.", "until")
			}
			again := c.now.Status == StatusSnoozed && same(c.now.StatusReason, reason)
			if again && (input.Until == nil) == (c.now.SnoozedUntil == nil) && (input.Until == nil || input.Until.Equal(*c.now.SnoozedUntil)) {
				return nil
			}
			c.move(StatusSnoozed, reason, input.Until)
			return nil
		},
	})
}

// Unsnooze takes a ticket up again that was put aside.
type Unsnooze struct {
	IdempotencyKey  string
	Ticket          ID
	ExpectedVersion int
}

// Unsnooze takes a ticket up again that was put aside.
func (s *Store) Unsnooze(ctx context.Context, by Author, input Unsnooze) (*Outcome, error) {
	check := checks{}
	check.staff(by)
	return s.change(ctx, change{
		by: by, op: "unsnoozeTicket", key: input.IdempotencyKey, input: input, checks: check,
		ticket: input.Ticket, expected: &input.ExpectedVersion, touches: []part{{field: FieldStatus}},
		apply: func(c *changing) UserError {
			if c.denied() != nil {
				return c.immovable(StatusOpen)
			}
			c.move(StatusOpen, nil, nil)
			return nil
		},
	})
}

// may tells whether the author may bring the ticket to a status.
func (c *changing) may(to Status) bool {
	return slices.Contains(Moves(c.now.Status, c.by.Scope.Staff), to)
}

// immovable refuses a move, with those that are allowed.
func (c *changing) immovable(to Status) UserError {
	return &InvalidTransitionError{
		Refusal: Refusal{Code: InvalidTransition, Message: "The ticket cannot be brought from where it stands to this status.", Path: path("status")},
		From:    c.now.Status, To: to, Allowed: Moves(c.now.Status, c.by.Scope.Staff),
	}
}

// move brings the ticket to a status.
func (c *changing) move(to Status, reason *string, until *time.Time) {
	from := c.now.Status
	c.happens(event{Kind: "STATUS", FromValue: (*string)(&from), ToValue: text(to), Reason: reason, SnoozedUntil: until})
	if from != to {
		c.next.StatusSince = c.at
	}
	c.next.Status, c.next.StatusReason, c.next.SnoozedUntil = to, reason, until
}
