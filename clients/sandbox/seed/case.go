package seed

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"supportgraph/clients/accounts"
	"supportgraph/clients/tickets"
)

// Case is a ticket with everything that hangs on it, each in the order of time.
type Case struct {
	Ticket       *tickets.Ticket
	Messages     []*tickets.Message
	Notes        []*tickets.InternalNote
	Events       []*Event
	Participants []*tickets.Participant
	Tags         []tickets.TagID
}

// Event is a row of what happened to a ticket.
type Event struct {
	tickets.Event
	Kind        string
	FromValue   *string
	ToValue     *string
	Reason      *string
	MessageID   *tickets.MessageID
	NoteID      *tickets.NoteID
	TagID       *tickets.TagID
	FromAgentID *accounts.AgentID
	FromTeamID  *accounts.TeamID
	ToAgentID   *accounts.AgentID
	ToTeamID    *accounts.TeamID
}

// firstNumber is the number of the oldest ticket.
const firstNumber = 1001

// statuses are the shares in a thousand of where tickets stand.
var statuses = []choice[tickets.Status]{
	{tickets.StatusNew, 40}, {tickets.StatusOpen, 110}, {tickets.StatusPendingCustomer, 60},
	{tickets.StatusOnHoldEngineering, 25}, {tickets.StatusSnoozed, 15}, {tickets.StatusSolved, 150},
	{tickets.StatusClosed, 580}, {tickets.StatusMerged, 20},
}

var priorities = []choice[tickets.Priority]{{tickets.P1, 4}, {tickets.P2, 16}, {tickets.P3, 54}, {tickets.P4, 26}}

var impacts = map[tickets.Priority][]choice[tickets.Impact]{
	tickets.P1: {{tickets.ImpactOutage, 8}, {tickets.ImpactDegraded, 2}},
	tickets.P2: {{tickets.ImpactOutage, 1}, {tickets.ImpactDegraded, 9}},
	tickets.P3: {{tickets.ImpactDegraded, 3}, {tickets.ImpactMinor, 7}},
	tickets.P4: {{tickets.ImpactMinor, 4}, {tickets.ImpactNone, 6}},
}

var channels = []choice[tickets.Channel]{
	{tickets.ChannelPortal, 50}, {tickets.ChannelEmail, 32}, {tickets.ChannelAPI, 5}, {tickets.ChannelChat, 9}, {tickets.ChannelPhone, 4},
}

// Cases makes the tickets, the oldest first. Each call makes them anew, so that nobody has to keep them.
func (w *World) Cases() []*Case {
	cases := make([]*Case, w.Scale.Tickets)
	for i := range cases {
		cases[i] = w.tell(sequence(partCases + i))
	}
	slices.SortFunc(cases, func(a, b *Case) int {
		return cmp.Or(a.Ticket.CreatedAt.Compare(b.Ticket.CreatedAt), slices.Compare(a.Ticket.ID.UUID[:], b.Ticket.ID.UUID[:]))
	})
	last := map[accounts.ID]string{} // the account's newest reference so far
	for i, c := range cases {
		c.Ticket.Number = int64(firstNumber + i)
		into := last[c.Ticket.AccountID]
		if into == "" { // the very first of its account
			into = "T-" + strconv.Itoa(firstNumber+i+1)
		}
		for _, event := range c.Events {
			if event.Kind == "LINK" && *event.Reason == "TICKET" {
				event.ToValue = &into
			}
		}
		last[c.Ticket.AccountID] = c.Ticket.Ref()
	}
	return cases
}

// ended is when a ticket of a status saw its last event.
func ended(r *random, status tickets.Status) time.Time {
	var ago time.Duration
	switch status {
	case tickets.StatusNew:
		ago = min(r.about(4*time.Hour), 3*day)
	case tickets.StatusSolved:
		ago = min(r.about(3*day), 7*day)
	case tickets.StatusClosed, tickets.StatusMerged: // more of late than long ago
		u := r.Float64()
		ago = 2*day + time.Duration(float64(330*day)*u*(0.4+0.6*u))
	default:
		ago = min(r.about(36*time.Hour), 25*day)
	}
	return Anchor.Add(-ago - time.Minute).Truncate(time.Second)
}
