package seed

import (
	"time"

	"supportgraph/clients/tickets"
)

// written gives every row of the story its time and its id, so that the last event happens at the end.
func (s *story) written(end time.Time) *Case {
	t, c := s.ticket, &Case{Ticket: s.ticket}
	length := max(s.now, time.Millisecond)
	scale := min(1, float64(longest)/float64(length))
	begin := end.Add(-time.Duration(float64(length) * scale)).Truncate(time.Second)
	t.ID.UUID = s.r.id(begin)
	t.CreatedAt = begin

	last := begin.Add(-time.Millisecond)
	for i, m := range s.moments {
		at := begin.Add(time.Duration(float64(m.at) * scale)).Truncate(time.Millisecond)
		if !at.After(last) { // no two at once: their order is to be seen
			at = last.Add(time.Millisecond)
		}
		last = at
		event := m.event
		event.ID.UUID, event.TicketID, event.CreatedAt = s.r.id(at), t.ID, at
		switch event.Kind {
		case "MESSAGE":
			m.message.ID.UUID, m.message.TicketID, m.message.CreatedAt = s.r.id(at), t.ID, at
			event.MessageID, t.LastMessageID = &m.message.ID, &m.message.ID
			c.Messages = append(c.Messages, m.message)
		case "NOTE":
			m.note.ID.UUID, m.note.TicketID, m.note.CreatedAt = s.r.id(at), t.ID, at
			event.NoteID = &m.note.ID
			c.Notes = append(c.Notes, m.note)
		case "STATUS":
			t.StatusSince, t.StatusReason = at, event.Reason
		case "TAG":
			c.tag(*event.TagID, tickets.TagChange(*event.ToValue))
		}
		if i >= 3 { // the message, status and priority that it began with
			t.Version++
		}
		c.Events = append(c.Events, event)
	}
	t.Version++
	t.UpdatedAt = last
	for i, other := range s.others {
		c.Participants = append(c.Participants, &tickets.Participant{
			TicketID: t.ID, ContactID: other.ID, AddedAt: begin.Add(time.Duration(i) * time.Second),
		})
	}
	return c
}

func (c *Case) tag(tag tickets.TagID, change tickets.TagChange) {
	if change == tickets.TagAdded {
		c.Tags = append(c.Tags, tag)
		return
	}
	for i, hung := range c.Tags {
		if hung == tag {
			c.Tags = append(c.Tags[:i], c.Tags[i+1:]...)
			return
		}
	}
}
