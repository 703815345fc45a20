package seed

import (
	"time"

	"supportgraph/clients/tickets"
)

// firstResponse is the promise of the first answer.
var firstResponse = map[tickets.Priority]time.Duration{
	tickets.P1: 15 * time.Minute, tickets.P2: time.Hour, tickets.P3: 4 * time.Hour, tickets.P4: 8 * time.Hour,
}

// open is how each ticket begins: a message, its status and priority, and mostly a team in charge.
func (s *story) open() {
	s.customer("opening", s.said("opening"))
	s.status(s.asker, "", tickets.StatusNew, "")
	event := s.happens("PRIORITY", nil)
	event.ToValue = ptr(string(s.ticket.Priority))
	if s.ticket.Status == tickets.StatusNew && s.r.chance(45) {
		s.ticket.AssigneeTeamID = nil // nobody has looked at it yet
		return
	}
	s.pass(20 * time.Second)
	s.happens("ASSIGNMENT", nil).ToTeamID = s.ticket.AssigneeTeamID
}

// take is an agent who begins to work on it.
func (s *story) take() {
	r, t := s.r, s.ticket
	promise := firstResponse[t.Priority]
	s.pass(promise / 3)
	if s.now > promise {
		late := s.now
		s.now = promise
		s.sla("BREACHED")
		s.now = late
	}
	met := s.now <= promise
	assignment := s.happens("ASSIGNMENT", s.agent)
	assignment.FromTeamID, assignment.ToTeamID, assignment.ToAgentID = t.AssigneeTeamID, t.AssigneeTeamID, &s.agent.ID
	t.AssigneeAgentID = &s.agent.ID
	s.status(s.agent, tickets.StatusNew, tickets.StatusOpen, "")
	if met {
		s.sla("MET")
	}
	if r.chance(8) { // it was not what it looked like
		first := draw(r, priorities)
		if first != t.Priority {
			s.firstPriority(first)
			changed := s.happens("PRIORITY", s.agent)
			changed.FromValue, changed.ToValue = ptr(string(first)), ptr(string(t.Priority))
		}
	}
	for range r.between(0, 3) {
		s.tag(tickets.TagAdded)
	}
}

// firstPriority changes what the ticket came in with.
func (s *story) firstPriority(priority tickets.Priority) {
	for _, m := range s.moments {
		if m.event.Kind == "PRIORITY" {
			m.event.ToValue = ptr(string(priority))
			return
		}
	}
}

func (s *story) sla(state string) {
	event := s.happens("SLA", nil)
	event.Reason, event.ToValue = ptr("FIRST_RESPONSE"), &state
}

func (s *story) tag(change tickets.TagChange) {
	names := append(moreTags[:len(moreTags):len(moreTags)], s.topic.tags...)
	names = append(names, s.topic.tags...)
	wanted := pick(s.r, names)
	for _, tag := range s.w.Tags {
		if tag.Name == wanted && !s.tagged(tag.ID) {
			event := s.happens("TAG", s.agent)
			event.TagID, event.ToValue = &tag.ID, ptr(string(change))
			if s.r.chance(8) {
				s.pass(time.Hour)
				event := s.happens("TAG", s.agent)
				event.TagID, event.ToValue = &tag.ID, ptr(string(tickets.TagRemoved))
			}
		}
	}
}

// tagged tells whether the tag was ever on the ticket.
func (s *story) tagged(tag tickets.TagID) bool {
	for _, m := range s.moments {
		if m.event.TagID != nil && *m.event.TagID == tag {
			return true
		}
	}
	return false
}

// talk is the conversation: questions and answers, work in between, notes beside it. It begins and ends with an open
// ticket on which the customer wrote last or the agent reports progress.
func (s *story) talk() {
	r, general := s.r, s.w.library.general
	mean := float64(s.w.Scale.Messages)/float64(s.w.Scale.Tickets) - 2.2 // the opening, the closing words
	for left := int(min(r.ExpFloat64()*mean+0.9, 22)); left > 0; {
		if r.chance(24) {
			s.pass(15 * time.Minute)
			s.note()
		}
		switch {
		case left >= 2 && r.chance(70):
			s.pass(time.Hour)
			s.staff(s.said("ask"))
			s.status(s.agent, tickets.StatusOpen, tickets.StatusPendingCustomer, pick(r, general["status reason"]))
			s.pass(5 * time.Hour)
			s.customer("answer", s.said("answer"))
			s.status(s.asker, tickets.StatusPendingCustomer, tickets.StatusOpen, "")
			left -= 2
		case r.chance(12):
			s.hold()
			s.pass(20 * time.Hour)
			s.status(nil, tickets.StatusOnHoldEngineering, tickets.StatusOpen, "")
			s.staff(s.said("progress"))
			left--
		case r.chance(35):
			s.pass(8 * time.Hour)
			s.customer("nudge", s.general("nudge"))
			left--
		case r.chance(40):
			s.pass(2 * time.Hour)
			s.staff(s.general("reassure"))
			left--
		default:
			s.pass(3 * time.Hour)
			s.staff(s.said("progress"))
			left--
		}
	}
}

// hold hands the work to engineering.
func (s *story) hold() {
	s.pass(time.Hour)
	link := s.happens("LINK", s.agent)
	link.Reason, link.ToValue = ptr("JIRA"), ptr(s.facts["jira"])
	s.status(s.agent, tickets.StatusOpen, tickets.StatusOnHoldEngineering, pick(s.r, s.w.library.general["hold reason"]))
}

// finish brings the ticket from open to the status that was drawn for it.
func (s *story) finish() {
	r, t, general := s.r, s.ticket, s.w.library.general
	switch t.Status {
	case tickets.StatusOpen:
		if r.chance(15) { // the shift ends, the team keeps it
			s.pass(2 * time.Hour)
			handover := s.happens("ASSIGNMENT", s.agent)
			handover.FromTeamID, handover.FromAgentID, handover.ToTeamID = t.AssigneeTeamID, t.AssigneeAgentID, t.AssigneeTeamID
			t.AssigneeAgentID = nil
		}
	case tickets.StatusPendingCustomer:
		s.pass(2 * time.Hour)
		s.staff(s.said("ask"))
		s.status(s.agent, tickets.StatusOpen, t.Status, pick(r, general["status reason"]))
	case tickets.StatusOnHoldEngineering:
		s.staff(s.said("progress"))
		s.hold()
	case tickets.StatusSnoozed:
		s.pass(time.Hour)
		s.status(s.agent, tickets.StatusOpen, t.Status, pick(r, general["snooze reason"]))
	case tickets.StatusMerged:
		s.pass(time.Hour)
		link := s.happens("LINK", s.agent)
		link.Reason, link.ToValue = ptr("TICKET"), ptr("") // its number is not known yet
		s.status(s.agent, tickets.StatusOpen, t.Status, "")
	default:
		s.pass(4 * time.Hour)
		s.staff(s.said("fix"))
		s.status(s.agent, tickets.StatusOpen, tickets.StatusSolved, "")
		if r.chance(45) {
			s.pass(6 * time.Hour)
			s.customer("thanks", s.general("thanks"))
		} else if r.chance(10) {
			s.pass(time.Hour)
			s.note()
		}
		if t.Status == tickets.StatusClosed {
			s.now += time.Duration(r.between(3, 7)) * day
			s.status(nil, tickets.StatusSolved, t.Status, "")
		}
	}
}
