package tickets

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
)

// Actions is what a macro or a bulk change does to a ticket. What is nil or empty stays. It is kept as JSON.
type Actions struct {
	Reply        *string           `json:"reply,omitzero"` // with placeholders
	Note         *string           `json:"note,omitzero"`  // with placeholders
	Status       *Status           `json:"status,omitzero"`
	StatusReason *string           `json:"statusReason,omitzero"`
	Priority     *Priority         `json:"priority,omitzero"`
	Category     *CategoryID       `json:"category,omitzero"`
	Agent        *accounts.AgentID `json:"agent,omitzero"` // at most one of these four
	Team         *accounts.TeamID  `json:"team,omitzero"`
	ToMe         bool              `json:"toMe,omitzero"` // whoever applies the actions
	ToNobody     bool              `json:"toNobody,omitzero"`
	AddTags      []string          `json:"addTags,omitzero"`
	RemoveTags   []string          `json:"removeTags,omitzero"`
}

// assigns tells whether the actions give the ticket to somebody, or to nobody.
func (a *Actions) assigns() bool { return a.Agent != nil || a.Team != nil || a.ToMe || a.ToNobody }

// to is the agent whom the actions of an author give the ticket to, nil for none.
func (a *Actions) to(by Author) *accounts.AgentID {
	if a.ToMe {
		return by.Agent
	}
	return a.Agent
}

// tags are the names of all tags that the actions add or remove.
func (a *Actions) tags() []string { return slices.Concat(a.AddTags, a.RemoveTags) }

// actions checks actions, and returns them as they are to be kept.
func (c *checks) actions(a Actions) Actions {
	count := 0
	for _, given := range []bool{a.ToMe, a.ToNobody, a.Agent != nil, a.Team != nil} {
		if given {
			count++
		}
	}
	if count > 1 {
		c.refuse(Invalid, "Name an agent or a team, the one who applies it, or nobody: only one of them.", "actions", "team")
	}
	for _, text := range []struct {
		body *string
		name string
	}{{a.Reply, "reply"}, {a.Note, "note"}} {
		if text.body != nil {
			c.template(*text.body, "actions", text.name)
		}
	}
	if a.StatusReason != nil {
		line := c.line(*a.StatusReason, MaxReason, "actions", "statusReason")
		a.StatusReason = &line
	}
	switch {
	case a.Status == nil && a.StatusReason != nil:
		c.refuse(Invalid, "A reason goes with a status.", "actions", "statusReason")
	case a.Status == nil:
	case *a.Status == StatusSnoozed || *a.Status == StatusMerged || *a.Status == StatusNew:
		c.refuse(Invalid, "Tickets are not brought to this status by actions.", "actions", "status")
	case NeedsReason(*a.Status) && a.StatusReason == nil:
		c.refuse(Missing, "Say what the ticket waits for.", "actions", "statusReason")
	}
	for _, list := range []struct {
		tags []string
		name string
	}{{a.AddTags, "addTags"}, {a.RemoveTags, "removeTags"}} {
		if len(list.tags) > MaxTags {
			c.refuse(TooMany, fmt.Sprintf("At most %d tags can be changed at once.", MaxTags), "actions", list.name)
			continue
		}
		for i, name := range list.tags {
			if postgres.CheckText(name) != nil {
				c.refuse(Invalid, "The name is not that of a tag.", "actions", list.name, strconv.Itoa(i))
			}
		}
	}
	if !a.assigns() && a.Reply == nil && a.Note == nil && a.Status == nil && a.Priority == nil && a.Category == nil && len(a.tags()) == 0 {
		c.refuse(Missing, "Say what is to be done.", "actions")
	}
	return a
}

// grounds are what actions refer to, beside their tickets.
type grounds struct {
	tags    map[string]*Tag
	team    *accounts.TeamID      // of whom the ticket is given to; nil: there is no such agent or team
	keys    map[CategoryID]string // of the category that tickets get, and of those that they have
	words   map[ID]*Words         // by ticket
	hanging map[ID]map[TagID]bool // of the tags in question, by ticket
}

// stand queues the reads of what actions refer to on tickets, held where they are to be done: as many statements for one
// ticket as for many.
func (g *grounds) stand(batch *pgx.Batch, by Author, a *Actions, tickets []ID, hold bool) {
	*g = grounds{tags: map[string]*Tag{}, keys: map[CategoryID]string{}, words: map[ID]*Words{}, hanging: map[ID]map[TagID]bool{}}
	if names := a.tags(); len(names) > 0 {
		postgres.Queue(batch, tagsByName(names), func(rows []*Tag, err error) {
			for _, tag := range rows {
				g.tags[tag.Name] = tag
			}
		})
		postgres.Queue(batch, tagsHanging(tickets, names), func(rows []hanging, err error) {
			for _, row := range rows {
				if g.hanging[row.TicketID] == nil {
					g.hanging[row.TicketID] = map[TagID]bool{}
				}
				g.hanging[row.TicketID][row.TagID] = true
			}
		})
	}
	if to := a.to(by); to != nil || a.Team != nil {
		postgres.Queue(batch, assignable(to, a.Team, hold), func(rows []*accounts.TeamID, err error) {
			if len(rows) > 0 {
				g.team = rows[0]
			}
		})
	}
	if a.Category != nil {
		postgres.Queue(batch, categoriesOf(tickets, *a.Category), func(rows []*Category, err error) {
			for _, category := range rows {
				g.keys[category.ID] = category.Key
			}
		})
	}
	if a.Reply != nil || a.Note != nil {
		postgres.Queue(batch, WordsOf(by.Scope, by.Agent, tickets), func(rows []*Words, err error) {
			for _, words := range rows {
				g.words[words.TicketID] = words
			}
		})
	}
}

// refuse refuses actions that refer to what is not there, whatever the ticket.
func (g *grounds) refuse(a *Actions) UserError {
	for i, name := range a.AddTags {
		if g.tags[name] == nil {
			return missing("There is no such tag.", "actions", "addTags", strconv.Itoa(i))
		}
		if g.tags[name].ArchivedAt != nil {
			return invalid(Invalid, "The tag is archived.", "actions", "addTags", strconv.Itoa(i))
		}
	}
	for i, name := range a.RemoveTags {
		if g.tags[name] == nil {
			return missing("There is no such tag.", "actions", "removeTags", strconv.Itoa(i))
		}
	}
	switch {
	case (a.Agent != nil || a.ToMe) && g.team == nil:
		return missing("No such agent works here today.", "actions", "agent")
	case a.Team != nil && g.team == nil:
		return missing("There is no such team.", "actions", "team")
	case a.Category != nil && g.keys[*a.Category] == "":
		return missing("There is no such category.", "actions", "category")
	}
	return nil
}

// touches are the parts of a ticket that actions change, for conflicts.
func (g *grounds) touches(a *Actions) (parts []part) {
	if a.Status != nil {
		parts = append(parts, part{field: FieldStatus})
	}
	if a.Priority != nil {
		parts = append(parts, part{field: FieldPriority})
	}
	if a.Category != nil {
		parts = append(parts, part{field: FieldCategory})
	}
	if a.assigns() {
		parts = append(parts, part{field: FieldAssignee})
	}
	for _, name := range a.tags() {
		if tag := g.tags[name]; tag != nil {
			parts = append(parts, part{field: FieldTags, tag: tag.ID})
		}
	}
	return parts
}

// done is what actions did to a ticket beside its own columns.
type done struct {
	messages []*Message
	notes    []*InternalNote
	hung     []TagID
	taken    []TagID
}

// act does the actions to the ticket, in memory, or refuses them.
func (c *changing) act(a *Actions, g *grounds) UserError {
	if c.now.Status.Ended() && (a.Reply != nil || a.Status != nil || a.Priority != nil || a.Category != nil || a.assigns()) {
		return c.ended()
	}
	if a.Reply != nil {
		c.actReply(*a.Reply, g)
	}
	if a.Note != nil {
		n := &InternalNote{TicketID: c.ticket, AuthorAgentID: *c.by.Agent, Body: g.fill(c.ticket, *a.Note)}
		n.ID.UUID = postgres.NewUUID(c.at)
		n.CreatedAt = c.happens(event{Kind: "NOTE", NoteID: &n.ID}).CreatedAt
		c.done.notes = append(c.done.notes, n)
	}
	c.actTags(a, g)
	if p := a.Priority; p != nil && *p != c.now.Priority {
		c.happens(event{Kind: "PRIORITY", FromValue: text(c.now.Priority), ToValue: text(*p)})
		c.next.Priority = *p
	}
	if a.Category != nil {
		c.set(FieldCategory, g.keys[c.now.CategoryID], g.keys[*a.Category])
		c.next.CategoryID = *a.Category
	}
	if agent := a.to(c.by); a.assigns() && (!equal(c.now.AssigneeAgentID, agent) || !equal(c.now.AssigneeTeamID, g.team)) {
		c.assign(agent, g.team)
	}
	return c.actStatus(a)
}

func (g *grounds) fill(ticket ID, template string) string {
	if words := g.words[ticket]; words != nil {
		return words.Fill(template)
	}
	return template
}

func (c *changing) actReply(template string, g *grounds) {
	m := &Message{
		TicketID: c.ticket, AuthorAgentID: c.by.Agent, Channel: c.writesBy(), Body: g.fill(c.ticket, template),
	}
	m.ID.UUID = postgres.NewUUID(c.at)
	m.CreatedAt = c.happens(event{Kind: "MESSAGE", MessageID: &m.ID}).CreatedAt
	c.next.LastMessageID = &m.ID
	c.done.messages = append(c.done.messages, m)
	if to := Reply(c.now.Status, c.now.StatusSince, c.at, true).To; to != c.now.Status {
		c.move(to, nil, nil)
	}
}

func (c *changing) actTags(a *Actions, g *grounds) {
	hangs := g.hanging[c.ticket]
	for _, name := range a.AddTags {
		if id := g.tags[name].ID; !hangs[id] && !slices.Contains(c.done.hung, id) {
			c.happens(event{Kind: "TAG", TagID: &id, ToValue: text(TagAdded)})
			c.done.hung = append(c.done.hung, id)
		}
	}
	for _, name := range a.RemoveTags {
		if id := g.tags[name].ID; hangs[id] && !slices.Contains(c.done.taken, id) && !slices.Contains(a.AddTags, name) {
			c.happens(event{Kind: "TAG", TagID: &id, ToValue: text(TagRemoved)})
			c.done.taken = append(c.done.taken, id)
		}
	}
}

func (c *changing) actStatus(a *Actions) UserError {
	switch to := a.Status; {
	case to == nil || *to == c.next.Status && same(c.next.StatusReason, a.StatusReason):
		return nil
	case *to != c.next.Status && !slices.Contains(Moves(c.next.Status, true), *to):
		return c.immovable(*to)
	default:
		c.move(*to, a.StatusReason, nil)
		return nil
	}
}

// assign gives the ticket to somebody, or to nobody.
func (c *changing) assign(agent *accounts.AgentID, team *accounts.TeamID) {
	c.happens(event{
		Kind: "ASSIGNMENT", FromAgentID: c.now.AssigneeAgentID, FromTeamID: c.now.AssigneeTeamID, ToAgentID: agent, ToTeamID: team,
	})
	c.next.AssigneeAgentID, c.next.AssigneeTeamID = agent, team
}

// writeAll queues what actions did to tickets, and tells which it changed: as many statements for one as for many.
func writeAll(batch *pgx.Batch, all []*changing) (written []ID) {
	var changed []*changing
	var events []event
	var d struct {
		messages            []*Message
		notes               []*InternalNote
		hungOn, takenFrom   []ID
		hungTags, takenTags []TagID
	}
	for _, c := range all {
		if len(c.events) == 0 {
			continue
		}
		changed = append(changed, c)
		c.next.Version++
		c.next.UpdatedAt = c.events[len(c.events)-1].CreatedAt
		for _, e := range c.events {
			e.version = c.next.Version
			events = append(events, e)
		}
		d.messages, d.notes = append(d.messages, c.done.messages...), append(d.notes, c.done.notes...)
		for _, tag := range c.done.hung {
			d.hungOn, d.hungTags = append(d.hungOn, c.ticket), append(d.hungTags, tag)
		}
		for _, tag := range c.done.taken {
			d.takenFrom, d.takenTags = append(d.takenFrom, c.ticket), append(d.takenTags, tag)
		}
	}
	if len(changed) == 0 {
		return nil
	}
	if len(d.messages) > 0 {
		addMessages(batch, d.messages)
	}
	if len(d.notes) > 0 {
		batch.Queue(`-- notes.add_all
			insert into internal_notes (id, ticket_id, author_agent_id, body, created_at)
			select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[])`,
			each(d.notes, func(n *InternalNote) NoteID { return n.ID }), each(d.notes, func(n *InternalNote) ID { return n.TicketID }),
			each(d.notes, func(n *InternalNote) accounts.AgentID { return n.AuthorAgentID }),
			each(d.notes, func(n *InternalNote) string { return n.Body }), each(d.notes, func(n *InternalNote) time.Time { return n.CreatedAt }))
	}
	if len(d.hungOn) > 0 {
		batch.Queue(`-- tags.add_all
			insert into ticket_tags (ticket_id, tag_id) select * from unnest($1::uuid[], $2::uuid[])`, d.hungOn, d.hungTags)
	}
	if len(d.takenFrom) > 0 {
		batch.Queue(`-- tags.remove_all
			delete from ticket_tags x using unnest($1::uuid[], $2::uuid[]) as r (ticket_id, tag_id)
			where x.ticket_id = r.ticket_id and x.tag_id = r.tag_id`, d.takenFrom, d.takenTags)
	}
	changeAll(batch, changed)
	addEvents(batch, events)
	return each(changed, func(c *changing) ID { return c.ticket })
}

func addMessages(batch *pgx.Batch, messages []*Message) {
	batch.Queue(`-- messages.add_all
		insert into messages (id, ticket_id, author_agent_id, channel, body, created_at)
		select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::timestamptz[])`,
		each(messages, func(m *Message) MessageID { return m.ID }), each(messages, func(m *Message) ID { return m.TicketID }),
		each(messages, func(m *Message) *accounts.AgentID { return m.AuthorAgentID }),
		each(messages, func(m *Message) string { return string(m.Channel) }), each(messages, func(m *Message) string { return m.Body }),
		each(messages, func(m *Message) time.Time { return m.CreatedAt }))
}

// changeAll queues the columns of tickets that actions change.
func changeAll(batch *pgx.Batch, changed []*changing) {
	batch.Queue(`-- tickets.change_all
		update tickets t set version = n.version, status = n.status, status_reason = n.status_reason, status_since = n.status_since,
			priority = n.priority, category_id = n.category_id, assignee_team_id = n.assignee_team_id,
			assignee_agent_id = n.assignee_agent_id, updated_at = n.updated_at, last_message_id = n.last_message_id, snoozed_until = n.snoozed_until
		from unnest($1::uuid[], $2::integer[], $3::text[], $4::text[], $5::timestamptz[], $6::text[], $7::uuid[], $8::uuid[], $9::uuid[],
				$10::timestamptz[], $11::uuid[], $12::timestamptz[])
			as n (id, version, status, status_reason, status_since, priority, category_id, assignee_team_id, assignee_agent_id, updated_at,
				last_message_id, snoozed_until)
		where t.id = n.id`,
		each(changed, func(c *changing) ID { return c.ticket }), each(changed, func(c *changing) int { return c.next.Version }),
		each(changed, func(c *changing) string { return string(c.next.Status) }), each(changed, func(c *changing) *string { return c.next.StatusReason }),
		each(changed, func(c *changing) time.Time { return c.next.StatusSince }), each(changed, func(c *changing) string { return string(c.next.Priority) }),
		each(changed, func(c *changing) CategoryID { return c.next.CategoryID }),
		each(changed, func(c *changing) *accounts.TeamID { return c.next.AssigneeTeamID }),
		each(changed, func(c *changing) *accounts.AgentID { return c.next.AssigneeAgentID }),
		each(changed, func(c *changing) time.Time { return c.next.UpdatedAt }),
		each(changed, func(c *changing) *MessageID { return c.next.LastMessageID }),
		each(changed, func(c *changing) *time.Time { return c.next.SnoozedUntil }))
}

// each gives one value of each element.
func each[E, T any](of []E, value func(E) T) []T {
	values := make([]T, len(of))
	for i, e := range of {
		values[i] = value(e)
	}
	return values
}

// hanging is a tag as it hangs on a ticket.
type hanging struct {
	TicketID ID
	TagID    TagID
}

// tagsHanging reads which of the tags hang on which of the tickets.
func tagsHanging(tickets []ID, names []string) postgres.Query[hanging] {
	return postgres.Query[hanging]{
		SQL: `-- tags.hanging
			select x.ticket_id, x.tag_id
			from ticket_tags x join tags g on g.id = x.tag_id
			where x.ticket_id = any($1) and g.name = any($2)
			order by x.ticket_id, x.tag_id
			limit 10000`,
		Args: []any{tickets, names},
		Row:  pgx.RowToStructByName[hanging],
	}
}

// categoriesOf reads the categories of tickets, and one that they may get.
func categoriesOf(tickets []ID, wanted CategoryID) postgres.Query[*Category] {
	return postgres.Query[*Category]{
		SQL: `-- categories.of_actions
			select c.id, c.key, c.name, c.parent_id, c.product
			from categories c
			where c.id = $2 or c.id in (select category_id from tickets where id = any($1))
			order by c.id
			limit 1000`,
		Args: []any{tickets, wanted},
		Row:  pgx.RowToAddrOfStructByName[Category],
	}
}
