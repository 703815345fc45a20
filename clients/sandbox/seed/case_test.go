package seed

import (
	"slices"
	"testing"

	"supportgraph/clients/tickets"
)

// TestChains follows each ticket through its events and finds it as it is.
func TestChains(t *testing.T) {
	t.Parallel()
	w := small(t)
	numbers := map[string]bool{}
	for i, c := range smallCases(t) {
		ticket := c.Ticket
		if ticket.Number != int64(firstNumber+i) {
			t.Fatalf("%s is number %d", ticket.Ref(), i)
		}
		numbers[ticket.Ref()] = true
		end := follow(t, c)
		if end.Status != ticket.Status || !end.StatusSince.Equal(ticket.StatusSince) || text(end.StatusReason) != text(ticket.StatusReason) {
			t.Errorf("%s is %s since %v, its events say %s since %v", ticket.Ref(), ticket.Status, ticket.StatusSince, end.Status, end.StatusSince)
		}
		if end.Priority != ticket.Priority {
			t.Errorf("%s is %s, its events say %s", ticket.Ref(), ticket.Priority, end.Priority)
		}
		if !equal(end.AssigneeAgentID, ticket.AssigneeAgentID) || !equal(end.AssigneeTeamID, ticket.AssigneeTeamID) {
			t.Errorf("%s: its events assign it to somebody else", ticket.Ref())
		}
		if end.Version != ticket.Version {
			t.Errorf("%s is version %d after %d changes", ticket.Ref(), ticket.Version, end.Version)
		}
		first, last := c.Events[0], c.Events[len(c.Events)-1]
		if !first.CreatedAt.Equal(ticket.CreatedAt) || !last.CreatedAt.Equal(ticket.UpdatedAt) || last.CreatedAt.After(Anchor) {
			t.Errorf("%s is from %v to %v, its events from %v to %v", ticket.Ref(), ticket.CreatedAt, ticket.UpdatedAt, first.CreatedAt, last.CreatedAt)
		}
		if *ticket.LastMessageID != c.Messages[len(c.Messages)-1].ID {
			t.Errorf("%s has another last message", ticket.Ref())
		}
		checkPeople(t, w, c)
	}
	for _, c := range smallCases(t) {
		for _, e := range c.Events {
			if e.Kind == "LINK" && *e.Reason == "TICKET" && (!numbers[*e.ToValue] || *e.ToValue == c.Ticket.Ref()) {
				t.Errorf("%s is merged into %s", c.Ticket.Ref(), *e.ToValue)
			}
		}
	}
}

// follow is the ticket as its events make it.
func follow(t *testing.T, c *Case) tickets.Ticket {
	t.Helper()
	var end tickets.Ticket
	messages, notes, tags := c.Messages, c.Notes, map[tickets.TagID]bool{}
	for i, e := range c.Events {
		if e.TicketID != c.Ticket.ID || i > 0 && !e.CreatedAt.After(c.Events[i-1].CreatedAt) {
			t.Errorf("%s: event %d is out of order", c.Ticket.Ref(), i)
		}
		switch e.Kind {
		case "MESSAGE":
			m := messages[0]
			messages = messages[1:]
			if m.ID != *e.MessageID || !m.CreatedAt.Equal(e.CreatedAt) || !equal(m.AuthorContactID, e.ActorContactID) || !equal(m.AuthorAgentID, e.ActorAgentID) {
				t.Errorf("%s: event %d is about another message", c.Ticket.Ref(), i)
			}
		case "NOTE":
			n := notes[0]
			notes = notes[1:]
			if n.ID != *e.NoteID || !n.CreatedAt.Equal(e.CreatedAt) || n.AuthorAgentID != *e.ActorAgentID {
				t.Errorf("%s: event %d is about another note", c.Ticket.Ref(), i)
			}
		case "STATUS":
			if from := text(e.FromValue); from != string(end.Status) {
				t.Errorf("%s: event %d leads from %q, it was %q", c.Ticket.Ref(), i, from, end.Status)
			}
			end.Status, end.StatusSince, end.StatusReason = tickets.Status(*e.ToValue), e.CreatedAt, e.Reason
		case "PRIORITY":
			if from := text(e.FromValue); from != string(end.Priority) {
				t.Errorf("%s: event %d leads from %q, it was %q", c.Ticket.Ref(), i, from, end.Priority)
			}
			end.Priority = tickets.Priority(*e.ToValue)
		case "ASSIGNMENT":
			if !equal(e.FromAgentID, end.AssigneeAgentID) || !equal(e.FromTeamID, end.AssigneeTeamID) {
				t.Errorf("%s: event %d leads from another assignee", c.Ticket.Ref(), i)
			}
			end.AssigneeAgentID, end.AssigneeTeamID = e.ToAgentID, e.ToTeamID
		case "TAG":
			added := *e.ToValue == string(tickets.TagAdded)
			if tags[*e.TagID] == added {
				t.Errorf("%s: event %d changes nothing", c.Ticket.Ref(), i)
			}
			tags[*e.TagID] = added
		}
		if i >= 2 {
			end.Version++
		}
	}
	hung := 0
	for tag, on := range tags {
		if on {
			hung++
		}
		if on != slices.Contains(c.Tags, tag) {
			t.Errorf("%s: its events and its tags differ", c.Ticket.Ref())
		}
	}
	if len(messages)+len(notes) > 0 || hung != len(c.Tags) {
		t.Errorf("%s: %d messages, %d notes without an event; %d of %d tags", c.Ticket.Ref(), len(messages), len(notes), hung, len(c.Tags))
	}
	return end
}

// checkPeople: who writes was a member then, or worked here.
func checkPeople(t *testing.T, w *World, c *Case) {
	t.Helper()
	for _, m := range c.Messages {
		if m.AuthorContactID == nil {
			continue
		}
		member := slices.ContainsFunc(w.members[c.Ticket.AccountID], func(of *Membership) bool {
			left := w.people[of.ContactID].DeactivatedAt
			return of.ContactID == *m.AuthorContactID && of.CreatedAt.Before(m.CreatedAt) &&
				(of.EndedAt == nil || of.EndedAt.After(m.CreatedAt)) && (left == nil || left.After(m.CreatedAt))
		})
		taking := *m.AuthorContactID == c.Ticket.RequesterID || slices.ContainsFunc(c.Participants, func(p *tickets.Participant) bool {
			return p.ContactID == *m.AuthorContactID
		})
		if !member || !taking {
			t.Errorf("%s: a message by a stranger", c.Ticket.Ref())
		}
	}
	if c.Ticket.AssigneeAgentID == nil {
		return
	}
	for _, agent := range w.Agents {
		if agent.ID == *c.Ticket.AssigneeAgentID && (agent.TeamID != *c.Ticket.AssigneeTeamID || agent.DeactivatedAt != nil && agent.DeactivatedAt.Before(c.Ticket.UpdatedAt)) {
			t.Errorf("%s is assigned to %s, who is of another team or has left", c.Ticket.Ref(), agent.Name)
		}
	}
}

func equal[T comparable](a, b *T) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
