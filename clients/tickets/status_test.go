package tickets_test

import (
	"slices"
	"testing"
	"time"

	"supportgraph/clients/tickets"
)

var statuses = []tickets.Status{
	tickets.StatusNew, tickets.StatusOpen, tickets.StatusPendingCustomer, tickets.StatusOnHoldEngineering, tickets.StatusSnoozed,
	tickets.StatusSolved, tickets.StatusClosed, tickets.StatusMerged,
}

// TestMoves holds the whole table: rows are where a ticket stands, columns where it may go, in the order of statuses. S is
// for staff alone, B for both sides.
func TestMoves(t *testing.T) {
	t.Parallel()
	table := []string{
		//NOPHZSCM
		"·SSSSB··", // NEW
		"··SSSB··", // OPEN
		"·S·SSB··", // PENDING_CUSTOMER
		"·SS·SB··", // ON_HOLD_ENGINEERING
		"·SSS·B··", // SNOOZED
		"·S····S·", // SOLVED
		"········", // CLOSED
		"········", // MERGED
	}
	for i, from := range statuses {
		for j, to := range statuses {
			mark := []rune(table[i])[j]
			if got := slices.Contains(tickets.Moves(from, true), to); got != (mark != '·') {
				t.Errorf("staff, %s to %s: %v", from, to, got)
			}
			if got := slices.Contains(tickets.Moves(from, false), to); got != (mark == 'B') {
				t.Errorf("customers, %s to %s: %v", from, to, got)
			}
		}
		for i, answer := 0, tickets.Moves(from, true); i < len(answer); i++ { // the answer is the caller's
			answer[i] = tickets.StatusMerged
		}
		if slices.Contains(tickets.Moves(from, true), tickets.StatusMerged) {
			t.Errorf("the moves from %s can be changed from outside", from)
		}
		if from.Ended() != (len(tickets.Moves(from, true)) == 0) {
			t.Errorf("%s has moves although it has ended, or has ended although it has none", from)
		}
	}
}

// TestReply holds what a reply does, for both sides, before and after the time in which a solved ticket opens again.
func TestReply(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	stays := func(s tickets.Status) tickets.Answered { return tickets.Answered{To: s} }
	opens := tickets.Answered{To: tickets.StatusOpen}
	follows := func(s tickets.Status) tickets.Answered { return tickets.Answered{To: s, FollowUp: true} }
	refuses := func(s tickets.Status) tickets.Answered { return tickets.Answered{To: s, Refused: true} }
	for _, test := range []struct {
		from                  tickets.Status
		customer, late, staff tickets.Answered
	}{
		{tickets.StatusNew, stays(tickets.StatusNew), stays(tickets.StatusNew), opens},
		{tickets.StatusOpen, opens, opens, opens},
		{tickets.StatusPendingCustomer, opens, opens, stays(tickets.StatusPendingCustomer)},
		{tickets.StatusOnHoldEngineering, stays(tickets.StatusOnHoldEngineering), stays(tickets.StatusOnHoldEngineering), stays(tickets.StatusOnHoldEngineering)},
		{tickets.StatusSnoozed, opens, opens, stays(tickets.StatusSnoozed)},
		{tickets.StatusSolved, opens, follows(tickets.StatusSolved), stays(tickets.StatusSolved)},
		{tickets.StatusClosed, follows(tickets.StatusClosed), follows(tickets.StatusClosed), refuses(tickets.StatusClosed)},
		{tickets.StatusMerged, refuses(tickets.StatusMerged), refuses(tickets.StatusMerged), refuses(tickets.StatusMerged)},
	} {
		in, late := now.Add(-tickets.ReopenFor), now.Add(-tickets.ReopenFor-time.Microsecond)
		for what, pair := range map[string][2]tickets.Answered{
			"a customer in time": {test.customer, tickets.Reply(test.from, in, now, false)},
			"a customer later":   {test.late, tickets.Reply(test.from, late, now, false)},
			"staff in time":      {test.staff, tickets.Reply(test.from, in, now, true)},
			"staff later":        {test.staff, tickets.Reply(test.from, late, now, true)},
		} {
			if pair[0] != pair[1] {
				t.Errorf("%s replies on %s: %+v, want %+v", what, test.from, pair[1], pair[0])
			}
		}
	}
}
