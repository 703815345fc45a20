package tickets

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
)

// Field is a part of a ticket that changes by itself. Changes of different fields never conflict; of tags, participants and
// linked incidents, only changes of the same one do.
type Field string

// The fields.
const (
	FieldSubject       Field = "SUBJECT"
	FieldStatus        Field = "STATUS"
	FieldPriority      Field = "PRIORITY"
	FieldImpact        Field = "IMPACT"
	FieldCategory      Field = "CATEGORY"
	FieldAffectedZones Field = "AFFECTED_ZONES"
	FieldAssignee      Field = "ASSIGNEE"
	FieldParticipants  Field = "PARTICIPANTS"
	FieldTags          Field = "TAGS"             // staff only
	FieldIncidents     Field = "LINKED_INCIDENTS" // staff only
)

// part is what a change touches: a field, or one of the things in it.
type part struct {
	field    Field
	tag      TagID
	contact  accounts.ContactID
	incident string
}

// change is a change of a ticket that is there.
type change struct {
	by       Author
	op       string // the mutation's name, under which its idempotency keys are kept
	key      string
	input    any
	checks   checks
	ticket   ID
	other    *ID      // a second ticket that changes too
	otherAt  string   // the argument that names it
	many     bool     // whether it is actions, which write as they do to many tickets
	deleted  bool     // whether the ticket is one that was deleted
	answer   [16]byte // what the payload shows; zero: the ticket
	expected *int     // the version that the change was made against, nil where that does not matter
	touches  []part
	lookup   func(batch *pgx.Batch, c *changing) // what apply needs to know beside the ticket
	replay   replay                              // nil: the ticket
	apply    func(c *changing) UserError
}

// changing is a change under way: the ticket as it is, locked, and as it will be.
type changing struct {
	change
	allowed bool               // whether the author may change the ticket, and not only see it
	role    accounts.AgentRole // of an agent
	now     *Ticket
	next    Ticket
	beside  *changing // of the second ticket, nil where there is none
	relast  bool      // whether the newest message has to be looked for
	at      time.Time // later than all that has happened to the ticket
	since   []changed // what happened after the expected version
	events  []event
	tags    []*named           // those that a change of tags names
	newest  *newest            // the newest message of others, for replies
	more    []func(*pgx.Batch) // statements before those of the ticket and its events
	after   []func(*pgx.Batch) // statements behind them
	touched []ID               // tickets that were written: their due times are worked out in the same transaction
	done    done               // what actions did beside the ticket
	made    Outcome

	newestAt *time.Time // when the ticket's newest message was written, for what comes from a vendor
}

// change makes a change, once for its idempotency key.
func (s *Store) change(ctx context.Context, ch change) (*Outcome, error) {
	if ch.answer == [16]byte{} {
		ch.answer = ch.ticket.UUID
	}
	if ch.replay == nil {
		ch.replay = ticketAgain
	}
	return s.once(ctx, claim{ch.by, ch.op, ch.key, ch.input, ch.checks, ch.answer}, ch.replay, func() attempt {
		c := &changing{change: ch}
		return attempt{read: c.read, decide: c.decide, write: c.write, touched: &c.touched, outcome: &c.made}
	})
}

// read locks the tickets and reads what the change depends on.
func (c *changing) read(batch *pgx.Batch) {
	ids := []ID{c.ticket}
	if c.other != nil {
		ids = append(ids, *c.other)
	}
	postgres.Queue(batch, lock(c.by, ids, c.deleted), func(rows []*locked, err error) {
		if err != nil {
			return
		}
		for _, row := range rows {
			at := c
			if row.ID != c.ticket {
				c.beside = &changing{change: change{by: c.by, ticket: row.ID}}
				at = c.beside
			}
			at.starts(row)
		}
	})
	if c.expected != nil {
		postgres.Queue(batch, changesSince(c.ticket, *c.expected), func(rows []changed, err error) { c.since = rows })
	}
	if c.lookup != nil {
		c.lookup(batch, c)
	}
}

// starts begins the change with the ticket as it is.
func (c *changing) starts(row *locked) {
	c.now, c.allowed, c.role = &row.Ticket, row.MayChange, accounts.AgentRole(value(row.AgentRole))
	c.next, c.at = row.Ticket, later(row.UpdatedAt)
}

// locked is a ticket whose row the transaction holds.
type locked struct {
	Ticket
	MayChange bool
	AgentRole *string // nil for customers, and for agents who do not work here any more
}

// lock reads tickets that the author's scope covers, and holds their rows until the transaction ends. All changes take
// their tickets in the same order.
func lock(by Author, tickets []ID, deleted bool) postgres.Query[*locked] {
	return changeable(by, tickets, deleted, "for update of t")
}

// changeable reads tickets that the author's scope covers, or deleted ones, and whether the author may change them.
func changeable(by Author, tickets []ID, deleted bool, hold string) postgres.Query[*locked] {
	condition, args := visible(by.Scope, []any{tickets})
	if deleted { // which only staff name
		condition, args = strconv.FormatBool(by.Scope.Staff)+" and t.deleted_at is not null", []any{tickets}
	}
	may, role, args := may(by, args)
	return postgres.Query[*locked]{
		SQL: `-- tickets.lock
			select` + ticketColumns + `, ` + may + ` as may_change, ` + role + ` as agent_role
			from tickets t
			where t.id = any($1) and ` + condition + `
			order by t.id
			` + hold,
		Args: args,
		Row:  pgx.RowToAddrOfStructByName[locked],
	}
}

// may appends the conditions under which the author changes the ticket t, and the role of an agent.
func may(by Author, args []any) (may, role string, _ []any) {
	if by.Scope.Staff {
		args = append(args, by.Agent)
		role = `(select g.role from agents g where g.id = $` + strconv.Itoa(len(args)) + ` and g.deactivated_at is null)`
		return role + ` is not null`, role, args
	}
	args = append(args, by.Scope.Contact)
	return `exists (select from account_memberships m join accounts a on a.id = t.account_id
		where m.contact_id = $` + strconv.Itoa(len(args)) + ` and m.ended_at is null and m.role <> 'READ_ONLY'
			and (m.account_id = a.id or m.visibility = 'SUBTREE' and m.account_id = any(a.path)))`, `null::text`, args
}

// decide applies the change to the ticket, in memory, or refuses it.
func (c *changing) decide() UserError {
	if c.now == nil {
		return missing("There is no such ticket.", "ticket")
	}
	if !c.allowed {
		return forbidden(onlyReads, "ticket")
	}
	if c.other != nil && c.beside == nil {
		return missing("There is no such ticket.", c.otherAt)
	}
	if c.beside != nil && c.beside.at.After(c.at) { // one moment for both
		c.at = c.beside.at
	} else if c.beside != nil {
		c.beside.at = c.at
	}
	if refused := c.conflict(); refused != nil {
		return refused
	}
	c.made = Outcome{TicketID: &c.ticket, OtherID: c.other}
	return c.apply(c)
}

// later is now, or just behind a moment that is not over yet by this clock.
func later(than time.Time) time.Time {
	now := time.Now().UTC().Truncate(time.Microsecond)
	if now.After(than) {
		return now
	}
	return than.Add(time.Microsecond)
}

func (c *changing) ended() UserError { return forbidden(hasEnded, "ticket") }

// denied refuses the change where the viewer's permissions say that the author may not make it.
func (c *changing) denied() UserError {
	denial := Denied(c.op, c.now, Hand{Staff: c.by.Scope.Staff, Changes: c.allowed, Role: c.role})
	if denial == nil {
		return nil
	}
	return forbidden(denial.Message, "ticket")
}

// happens notes an event of the change. The events of a change are a microsecond apart, so that their order is to be seen.
func (c *changing) happens(e event) *event {
	at := c.at.Add(time.Duration(len(c.events)) * time.Microsecond)
	e.ID.UUID, e.TicketID, e.CreatedAt = postgres.NewUUID(at), c.next.ID, at
	e.ActorContactID, e.ActorAgentID = c.by.contact(), c.by.Agent
	c.events = append(c.events, e)
	return &c.events[len(c.events)-1]
}

// write queues what the change does; nothing of a ticket where it changes nothing there.
func (c *changing) write(batch *pgx.Batch) {
	for _, queue := range c.more {
		queue(batch)
	}
	if c.many {
		c.touched = append(c.touched, writeAll(batch, []*changing{c})...)
	} else {
		c.writeTicket(batch)
	}
	if c.beside != nil {
		c.beside.write(batch)
		c.touched = append(c.touched, c.beside.touched...)
	}
	for _, queue := range c.after {
		queue(batch)
	}
}

func (c *changing) writeTicket(batch *pgx.Batch) {
	if len(c.events) == 0 {
		return
	}
	c.next.Version++
	c.next.UpdatedAt = c.at.Add(time.Duration(len(c.events)-1) * time.Microsecond)
	t := &c.next
	batch.Queue(`-- tickets.change
		update tickets set version = $2, subject = $3, status = $4, status_reason = $5, status_since = $6, priority = $7, impact = $8,
			category_id = $9, affected_zones = $10, assignee_team_id = $11, assignee_agent_id = $12, updated_at = $13,
			last_message_id = $14, snoozed_until = $15, merged_into_id = $16
		where id = $1`,
		t.ID, t.Version, t.Subject, t.Status, t.StatusReason, t.StatusSince, t.Priority, t.Impact, t.CategoryID, t.AffectedZones,
		t.AssigneeTeamID, t.AssigneeAgentID, t.UpdatedAt, t.LastMessageID, t.SnoozedUntil, t.MergedIntoID)
	if c.relast {
		findLast(batch, t.ID)
	}
	for i := range c.events {
		c.events[i].version = t.Version
	}
	addEvents(batch, c.events)
	c.touched = append(c.touched, t.ID)
}

// addEvents queues events with the versions that their changes made.
func addEvents(batch *pgx.Batch, events []event) {
	batch.Queue(`-- events.add
		insert into ticket_events (version, id, ticket_id, kind, actor_contact_id, actor_agent_id, from_value, to_value, reason, message_id,
			note_id, tag_id, from_agent_id, from_team_id, to_agent_id, to_team_id, field, contact_id, other_id, snoozed_until, created_at,
			incident_id, unlinked)
		select * from unnest($1::integer[], $2::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::uuid[], $7::text[], $8::text[], $9::text[], $10::uuid[],
			$11::uuid[], $12::uuid[], $13::uuid[], $14::uuid[], $15::uuid[], $16::uuid[], $17::text[], $18::uuid[], $19::uuid[],
			$20::timestamptz[], $21::timestamptz[], $22::text[], $23::boolean[])`,
		column(events, func(e *event) int { return e.version }),
		column(events, func(e *event) EventID { return e.ID }),
		column(events, func(e *event) ID { return e.TicketID }),
		column(events, func(e *event) string { return e.Kind }),
		column(events, func(e *event) *accounts.ContactID { return e.ActorContactID }),
		column(events, func(e *event) *accounts.AgentID { return e.ActorAgentID }),
		column(events, func(e *event) *string { return e.FromValue }),
		column(events, func(e *event) *string { return e.ToValue }),
		column(events, func(e *event) *string { return e.Reason }),
		column(events, func(e *event) *MessageID { return e.MessageID }),
		column(events, func(e *event) *NoteID { return e.NoteID }),
		column(events, func(e *event) *TagID { return e.TagID }),
		column(events, func(e *event) *accounts.AgentID { return e.FromAgentID }),
		column(events, func(e *event) *accounts.TeamID { return e.FromTeamID }),
		column(events, func(e *event) *accounts.AgentID { return e.ToAgentID }),
		column(events, func(e *event) *accounts.TeamID { return e.ToTeamID }),
		column(events, func(e *event) *string { return (*string)(e.Field) }),
		column(events, func(e *event) *accounts.ContactID { return e.ContactID }),
		column(events, func(e *event) *ID { return e.OtherID }),
		column(events, func(e *event) *time.Time { return e.SnoozedUntil }),
		column(events, func(e *event) time.Time { return e.CreatedAt }),
		column(events, func(e *event) *string { return e.IncidentID }),
		column(events, func(e *event) bool { return e.Unlinked }))
}

func column[T any](events []event, of func(*event) T) []T {
	values := make([]T, len(events))
	for i := range events {
		values[i] = of(&events[i])
	}
	return values
}

// changed is an event after the version that a change was made against.
type changed struct {
	Version        int
	Kind           string
	Field          *Field
	TagID          *TagID
	ContactID      *accounts.ContactID
	IncidentID     *string
	ActorContactID *accounts.ContactID
	ActorAgentID   *accounts.AgentID
}

// changesSince reads what happened to a ticket after a version, the oldest first. The ticket must be locked by a statement
// before, which has looked at the scope.
func changesSince(ticket ID, version int) postgres.Query[changed] {
	return postgres.Query[changed]{
		SQL: `-- events.since
			select version, kind, field, tag_id, contact_id, incident_id, actor_contact_id, actor_agent_id
			from ticket_events
			where ticket_id = $1 and version > $2
			order by version, created_at, id
			limit 10000`,
		Args: []any{ticket, version},
		Row:  pgx.RowToStructByName[changed],
	}
}

// part is what an event has touched; false where that is nothing that another change could touch.
func (e changed) part() (part, bool) {
	switch e.Kind {
	case "STATUS", "PRIORITY":
		return part{field: Field(e.Kind)}, true
	case "ASSIGNMENT":
		return part{field: FieldAssignee}, true
	case "FIELD":
		return part{field: *e.Field}, true
	case "TAG":
		return part{field: FieldTags, tag: *e.TagID}, true
	case "PARTICIPANT":
		return part{field: FieldParticipants, contact: *e.ContactID}, true
	case "LINK":
		if e.IncidentID != nil {
			return part{field: FieldIncidents, incident: *e.IncidentID}, true
		}
		return part{}, false
	default:
		return part{}, false
	}
}

// whole tells whether all that happened after the expected version is known: each version has an event, but for those
// from before there were versions in events.
func (c *changing) whole() bool {
	versions := map[int]bool{}
	for _, e := range c.since {
		versions[e.Version] = true
	}
	return len(versions) == c.now.Version-*c.expected
}

// conflict refuses a change that touches what was changed after the version that it was made against.
func (c *changing) conflict() UserError {
	if c.expected == nil || *c.expected == c.now.Version {
		return nil
	}
	if *c.expected > c.now.Version || *c.expected < 1 {
		return invalid(Invalid, "The ticket has not come to this version.", "expectedVersion")
	}
	found := &VersionConflictError{
		Refusal: Refusal{
			Code: VersionConflict, Message: "Somebody else has changed the same since the version that you saw.", Path: path("expectedVersion"),
		},
		TicketID: c.ticket,
	}
	add := func(list *[]Field, field Field) {
		if !slices.Contains(*list, field) && (c.by.Scope.Staff || field != FieldTags && field != FieldIncidents) {
			*list = append(*list, field)
		}
	}
	if !c.whole() { // nobody knows: it may have been the same
		for _, touched := range c.touches {
			add(&found.ChangedFields, touched.field)
			add(&found.Yours, touched.field)
		}
	}
	for _, e := range c.since {
		part, ok := e.part()
		if !ok {
			continue
		}
		add(&found.ChangedFields, part.field)
		if slices.Contains(c.touches, part) {
			add(&found.Yours, part.field)
			found.ChangedByContactID, found.ChangedByAgentID = e.ActorContactID, e.ActorAgentID
		}
	}
	if len(found.Yours) == 0 {
		return nil
	}
	return found
}
