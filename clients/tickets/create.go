package tickets

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
)

// priorities are what tickets come in with, where no agent says otherwise.
var priorities = map[Impact]Priority{ImpactOutage: P1, ImpactDegraded: P2, ImpactMinor: P3, ImpactNone: P4}

// PriorityOf is the priority that a ticket of an impact comes in with.
func PriorityOf(impact Impact) Priority { return priorities[impact] }

// NewTicket is a ticket to be made. Requester, Priority and Channel are for agents, who write on behalf of the requester.
type NewTicket struct {
	IdempotencyKey string
	Account        accounts.ID
	Category       CategoryID
	AffectedZones  []string
	Impact         Impact
	Subject        string
	Body           string
	Requester      *accounts.ContactID
	Priority       *Priority
	Channel        *Channel
}

// creating is a ticket on its way.
type creating struct {
	by      Author
	ticket  Ticket
	body    string
	message MessageID
	author  *accounts.ContactID // of the message
	moved   *ID                 // the ticket that the message comes from; nil: it is a new one
	place   place
	events  []event
	touched []ID
	made    Outcome
}

// place tells whether a ticket can be made where it is wanted.
type place struct {
	Account  bool    // whether the author may know of it
	Category bool    // whether there is such a category
	Agent    bool    // whether the agent who writes works here today; true for customers
	Role     *string // what the requester is to the account today, nil where nothing
}

// Create makes a ticket with its first message.
func (s *Store) Create(ctx context.Context, by Author, input NewTicket) (*Outcome, error) {
	check := checks{}
	c := &creating{by: by, body: input.Body}
	t := &c.ticket
	t.Subject = check.line(input.Subject, MaxSubject, "subject")
	check.text(input.Body, MaxBody, "body")
	t.AffectedZones = check.zones(input.AffectedZones)
	t.AccountID, t.CategoryID, t.Impact, t.Priority = input.Account, input.Category, input.Impact, PriorityOf(input.Impact)
	t.Channel, t.RequesterID = ChannelPortal, by.Scope.Contact
	if by.Scope.Staff {
		t.Channel = ChannelPhone
		if input.Channel != nil {
			t.Channel = *input.Channel
		}
		if input.Priority != nil {
			t.Priority = *input.Priority
		}
		if input.Requester == nil {
			check.refuse(Missing, "Say who asks.", "requester")
		} else {
			t.RequesterID = *input.Requester
		}
	} else if input.Requester != nil || input.Priority != nil || input.Channel != nil {
		check.refused = append(check.refused, forbidden("Only staff may say who asks, how soon and by which way."))
	}
	t.ID.UUID, c.message.UUID = postgres.NewUUID(time.Now()), postgres.NewUUID(time.Now())
	c.author = &t.RequesterID // what a customer said to an agent is the customer's message
	return s.once(ctx, claim{by, "createTicket", input.IdempotencyKey, input, check, t.ID.UUID}, ticketAgain, func() attempt {
		c := *c // each attempt its own
		return attempt{read: c.read, decide: c.decide, write: c.write, touched: &c.touched, outcome: &c.made}
	})
}

// read looks at what the ticket refers to. The requester's membership cannot end before the transaction does.
func (c *creating) read(batch *pgx.Batch) {
	postgres.Queue(batch, placeOf(c.by, &c.ticket), func(rows []place, err error) {
		if err == nil {
			c.place = rows[0]
		}
	})
}

func placeOf(by Author, t *Ticket) postgres.Query[place] {
	all, own := by.Scope.Accounts()
	return postgres.Query[place]{
		SQL: `-- tickets.place
			with requester as (
				select role from account_memberships where contact_id = $2 and account_id = $1 and ended_at is null for share
			)
			select exists (select from accounts a where a.id = $1 and ($4 or a.id = any($5))) as account,
				exists (select from categories c where c.id = $3) as category,
				not $4 or exists (select from agents g where g.id = $6 and g.deactivated_at is null) as agent,
				(select role from requester) as role`,
		Args: []any{t.AccountID, t.RequesterID, t.CategoryID, by.Scope.Staff, append(all, own...), by.Agent},
		Row:  pgx.RowToStructByName[place],
	}
}

func (c *creating) decide() UserError {
	switch {
	case !c.place.Agent:
		return forbidden("You do not work here any more.")
	case !c.place.Account:
		return missing("There is no such account.", "account")
	case !c.place.Category:
		return missing("There is no such category.", "category")
	case c.place.Role == nil && c.by.Scope.Staff:
		return missing("The account has no such contact.", "requester")
	case c.place.Role == nil:
		return forbidden("Only members of the account itself may ask for it.", "account")
	case accounts.Role(*c.place.Role) == accounts.RoleReadOnly && !c.by.Scope.Staff:
		return forbidden("You may read the tickets of this account, but not make any.", "account")
	}
	c.made = Outcome{TicketID: &c.ticket.ID}
	c.begin(later(time.Time{}))
	return nil
}

// begin gives the ticket its first message and events.
func (c *creating) begin(at time.Time) {
	t := &c.ticket
	t.Version, t.Status, t.StatusSince, t.CreatedAt, t.LastMessageID = 1, StatusNew, at, at, &c.message
	events := []event{{Kind: "MESSAGE", MessageID: &c.message}, {Kind: "STATUS", ToValue: text(StatusNew)}, {Kind: "PRIORITY", ToValue: text(t.Priority)}}
	if c.moved != nil {
		events[0] = event{Kind: "TRANSFER", ToValue: text(SplitFrom), OtherID: c.moved}
	}
	if t.AssigneeTeamID != nil {
		events = append(events, event{Kind: "ASSIGNMENT", ToAgentID: t.AssigneeAgentID, ToTeamID: t.AssigneeTeamID})
	}
	for _, e := range events {
		e.version, e.CreatedAt = t.Version, at.Add(time.Duration(len(c.events))*time.Microsecond)
		e.ID.UUID, e.TicketID = postgres.NewUUID(e.CreatedAt), t.ID
		e.ActorContactID, e.ActorAgentID = c.by.contact(), c.by.Agent
		c.events = append(c.events, e)
		t.UpdatedAt = e.CreatedAt
	}
}

// write queues the ticket.
func (c *creating) write(batch *pgx.Batch) {
	t := &c.ticket
	batch.Queue(`-- tickets.create
		insert into tickets (id, version, account_id, requester_id, subject, status, status_since, priority, impact, category_id, channel,
			affected_zones, created_at, updated_at, last_message_id, follow_up_of_id, assignee_team_id, assignee_agent_id, tier)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
			(select tier from accounts where id = $3))`,
		t.ID, t.Version, t.AccountID, t.RequesterID, t.Subject, t.Status, t.StatusSince, t.Priority, t.Impact, t.CategoryID, t.Channel,
		t.AffectedZones, t.CreatedAt, t.UpdatedAt, t.LastMessageID, t.FollowUpOfID, t.AssigneeTeamID, t.AssigneeAgentID)
	if c.moved == nil {
		addMessage(batch, &Message{
			ID: c.message, TicketID: t.ID, AuthorContactID: c.author, Channel: t.Channel, Body: c.body, CreatedAt: t.CreatedAt,
		})
	}
	addEvents(batch, c.events)
	c.touched = append(c.touched, t.ID)
}

// addMessage queues a message.
func addMessage(batch *pgx.Batch, m *Message) {
	batch.Queue(`-- messages.add
		insert into messages (id, ticket_id, author_contact_id, author_agent_id, channel, body, created_at)
		values ($1, $2, $3, $4, $5, $6, $7)`,
		m.ID, m.TicketID, m.AuthorContactID, m.AuthorAgentID, m.Channel, m.Body, m.CreatedAt)
}
