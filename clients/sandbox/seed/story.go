package seed

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"supportgraph/clients/accounts"
	"supportgraph/clients/tickets"
)

// longest is how long a ticket takes at most, from its first message to its last event.
const longest = 60 * day

// story is a ticket while it is told: moments are counted from its beginning, which is known only at its end.
type story struct {
	w        *World
	r        *random
	topic    *topic
	scenario int // of the topic
	facts    facts
	used     map[string]bool // what was said already
	account  *Account
	ticket   *tickets.Ticket
	asker    *accounts.Contact
	others   []*accounts.Contact // those who take part
	agent    *accounts.Agent     // who works on it
	now      time.Duration
	moments  []moment
	messages int
}

// moment is an event and the row that it is about.
type moment struct {
	at      time.Duration
	event   *Event
	message *tickets.Message
	note    *tickets.InternalNote
}

// tell makes one ticket: first its outcome is drawn, then the way there.
func (w *World) tell(r *random) *Case {
	s := &story{w: w, r: r, ticket: &tickets.Ticket{}, used: map[string]bool{}}
	t := s.ticket
	t.Status = draw(r, statuses)
	t.Priority = draw(r, priorities)
	t.Impact = draw(r, impacts[t.Priority])
	t.Channel = draw(r, channels)
	end := ended(r, t.Status)
	s.topic = weighted(r, w.library.topics, func(t *topic) int { return t.weight })
	s.account = weighted(r, w.Accounts, func(a *Account) int { return a.weight })
	s.scenario = r.between(1, s.topic.scenarios)
	t.AccountID, t.Tier = s.account.ID, s.account.TierKey
	for i, category := range w.Categories {
		if category.Key == s.topic.key {
			t.CategoryID = w.Categories[i].ID
		}
	}
	s.cast(end)
	zone := s.account.Domain
	if len(s.account.Zones) > 0 {
		zone = pick(r, s.account.Zones)
		for range r.between(0, 2) {
			if other := pick(r, s.account.Zones); other != zone && !slices.Contains(t.AffectedZones, other) {
				t.AffectedZones = append(t.AffectedZones, other)
			}
		}
		t.AffectedZones = append([]string{zone}, t.AffectedZones...)
	}
	if t.AffectedZones == nil {
		t.AffectedZones = []string{}
	}
	s.facts = newFacts(r, zone)
	s.facts["customer"] = called(s.asker.Name, s.asker.Locale)
	t.Subject = s.say(s.said("subject"))

	s.open()
	if t.Status != tickets.StatusNew {
		s.take()
		s.talk()
		s.finish()
	} else if r.chance(25) {
		s.pass(3 * time.Hour)
		s.customer("nudge", s.general("nudge"))
	}
	return s.written(end)
}

// said is what fits the story and was not said yet; of anything that fits where all of it was.
func (s *story) said(section string) []string {
	fits := s.w.library.fitting(s.topic, section, s.scenario)
	for _, lines := range [][]string{fits, s.w.library.general[section]} {
		if fresh := s.fresh(lines); len(fresh) > 0 {
			return fresh
		}
	}
	return fits
}

// general is what fits every story and was not said in this one yet, all of it where that is nothing.
func (s *story) general(section string) []string {
	if fresh := s.fresh(s.w.library.general[section]); len(fresh) > 0 {
		return fresh
	}
	return s.w.library.general[section]
}

func (s *story) fresh(lines []string) []string {
	var fresh []string
	for _, line := range lines {
		if !s.used[line] {
			fresh = append(fresh, line)
		}
	}
	return fresh
}

// say picks a line and remembers it.
func (s *story) say(lines []string) string {
	line := pick(s.r, lines)
	s.used[line] = true
	return s.facts.fill(s.r, line)
}

// cast chooses who is in the story: people who were members, and staff who worked here, until its end.
func (s *story) cast(end time.Time) {
	r := s.r
	var members []*accounts.Contact
	for _, m := range s.w.members[s.account.ID] {
		contact := s.w.people[m.ContactID]
		if (m.EndedAt == nil || m.EndedAt.After(end)) && (contact.DeactivatedAt == nil || contact.DeactivatedAt.After(end)) {
			members = append(members, contact)
		}
	}
	s.asker = weighted(r, members, func(c *accounts.Contact) int {
		switch c.Email {
		case groupContact, singleContact, ownContact:
			return 3
		}
		return 1
	})
	s.ticket.RequesterID = s.asker.ID
	if r.chance(25) {
		for range r.between(1, 3) {
			if other := pick(r, members); other != s.asker && !slices.Contains(s.others, other) {
				s.others = append(s.others, other)
			}
		}
	}
	var team accounts.TeamID
	for i, t := range teams {
		if slices.Contains(t.topics, s.topic.key) {
			team = s.w.Teams[i].ID
		}
	}
	if r.chance(8) {
		team = s.w.Teams[len(teams)-1].ID
	}
	s.ticket.AssigneeTeamID = &team
	var staff []*accounts.Agent
	for _, agent := range s.w.Agents {
		if agent.TeamID == team && (agent.DeactivatedAt == nil || agent.DeactivatedAt.After(end)) {
			staff = append(staff, agent)
		}
	}
	s.agent = pick(r, staff)
}

// pass lets about so much time go by.
func (s *story) pass(mean time.Duration) {
	s.now += s.r.about(mean) + time.Duration(s.r.between(1, 59_000))*time.Millisecond
}

// happens adds an event; the actor is a contact, an agent, or nil for the system.
func (s *story) happens(kind string, actor any) *Event {
	event := &Event{Kind: kind}
	switch actor := actor.(type) {
	case *accounts.Contact:
		event.ActorContactID = &actor.ID
	case *accounts.Agent:
		event.ActorAgentID = &actor.ID
	}
	s.moments = append(s.moments, moment{at: s.now, event: event})
	return event
}

func (s *story) status(actor any, from, to tickets.Status, reason string) {
	event := s.happens("STATUS", actor)
	event.ToValue = ptr(string(to))
	if from != "" {
		event.FromValue = ptr(string(from))
	}
	if reason != "" {
		event.Reason = &reason
	}
}

// signed is a text as a letter.
func (s *story) signed(greeting, text, goodbye, name string) string {
	var letter strings.Builder
	if s.ticket.Channel != tickets.ChannelChat {
		letter.WriteString(s.facts.fill(s.r, greeting) + "\n\n")
	}
	letter.WriteString(text)
	if s.ticket.Channel != tickets.ChannelChat {
		letter.WriteString("\n\n" + goodbye + "\n" + name)
	}
	return letter.String()
}

// customer lets the requester write, or now and then somebody who takes part.
func (s *story) customer(kind string, said []string) {
	r, author := s.r, s.asker
	if kind != "opening" && len(s.others) > 0 && r.chance(30) {
		author = pick(r, s.others)
	}
	text := s.say(said)
	general := s.w.library.general
	switch {
	case kind == "opening" && r.chance(35):
		text += "\n\n" + pick(r, general["urgency"])
	case kind == "answer" && r.chance(7):
		text += "\n\n" + s.facts.transcript(r)
	}
	body := s.signed(pick(r, general["greeting"]), text, pick(r, general["sign-off"]), author.Name)
	if kind == "opening" && r.chance(4) { // in a language of their own
		body = s.facts.fill(r, pick(r, general["foreign"])) + "\n\n" + author.Name
	}
	s.says(&tickets.Message{AuthorContactID: &author.ID, Body: body}, author)
}

// staff lets the agent write, or now and then a colleague.
func (s *story) staff(said []string) {
	r, author := s.r, s.agent
	if r.chance(10) {
		author = s.colleague()
	}
	general := s.w.library.general
	body := s.signed(pick(r, general["agent greeting"]), s.say(said), pick(r, general["agent sign-off"]), author.Name)
	s.says(&tickets.Message{AuthorAgentID: &author.ID, Body: body}, author)
}

func (s *story) says(message *tickets.Message, author any) {
	message.Channel = s.ticket.Channel
	if s.ticket.Channel == tickets.ChannelPhone && s.messages > 0 {
		message.Channel = tickets.ChannelEmail
	}
	s.happens("MESSAGE", author)
	s.moments[len(s.moments)-1].message = message
	s.messages++
}

// canary stands in every internal note, and nowhere else; what follows it is the note's own.
const canary = "CANARY-NOTE-"

func (s *story) note() {
	r, author := s.r, s.agent
	if r.chance(25) {
		author = s.colleague()
	}
	said := s.said("note")
	if r.chance(40) {
		said = s.general("note")
	}
	body := fmt.Sprintf("%s\n\n%s%s", s.say(said), canary, r.word(alphanumeric[:36], 12))
	s.happens("NOTE", author)
	s.moments[len(s.moments)-1].note = &tickets.InternalNote{AuthorAgentID: author.ID, Body: body}
}

// colleague is somebody else of the team who works here today, the agent where there is nobody.
func (s *story) colleague() *accounts.Agent {
	for range 8 {
		if other := pick(s.r, s.w.Agents); other.DeactivatedAt == nil && other.TeamID == s.agent.TeamID {
			return other
		}
	}
	return s.agent
}
