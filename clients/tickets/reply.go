package tickets

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"supportgraph/clients/postgres"
)

// NewReply is a message to be written on a ticket.
type NewReply struct {
	IdempotencyKey  string
	Ticket          ID
	ExpectedVersion int
	Body            string
	Crossing        *MessageID // the newest message that the author has not seen and knows of: the reply goes out all the same
}

// newest is the newest message of others than the author of a reply.
type newest struct {
	ID      MessageID
	Version *int // of the ticket, which it made, or which brought it or made it public; nil where it is older than versions
}

// Reply writes a message on a ticket. The customer's reply takes up again what waits for it; where the ticket has ended,
// it starts a follow-up, which the outcome then names instead.
func (s *Store) Reply(ctx context.Context, by Author, input NewReply) (*Outcome, error) {
	check := checks{}
	check.text(input.Body, MaxBody, "body")
	message := &Message{Body: input.Body}
	message.ID.UUID = postgres.NewUUID(time.Now())
	return s.change(ctx, change{
		by: by, op: "replyToTicket", key: input.IdempotencyKey, input: input, checks: check, answer: message.ID.UUID,
		ticket: input.Ticket, expected: &input.ExpectedVersion,
		replay: func(ctx context.Context, tx pgx.Tx, answer [16]byte) (*Outcome, error) {
			var written MessageID
			written.UUID = answer
			on, err := whereTo(ctx, tx, written)
			if err != nil {
				return nil, err
			}
			return &Outcome{TicketID: &on, MessageID: &written}, nil
		},
		lookup: func(batch *pgx.Batch, c *changing) {
			postgres.Queue(batch, newestOfOthers(by, input.Ticket), func(rows []newest, err error) {
				if len(rows) > 0 {
					c.newest = &rows[0]
				}
			})
		},
		apply: func(c *changing) UserError {
			answered := Reply(c.now.Status, c.now.StatusSince, c.at, by.Scope.Staff)
			if c.denied() != nil {
				return &InvalidTransitionError{
					Refusal: Refusal{Code: InvalidTransition, Message: "The ticket has ended and takes no replies.", Path: path("ticket")},
					From:    c.now.Status, To: StatusOpen, Allowed: Moves(c.now.Status, by.Scope.Staff),
				}
			}
			if crossing := c.crossing(); crossing != nil && !equal(crossing, input.Crossing) {
				return crossed(*crossing)
			}
			message := *message // each attempt its own
			if answered.FollowUp {
				c.followUp(&message)
				return nil
			}
			c.says(&message)
			c.sent(DraftReply)
			if answered.To != c.now.Status {
				c.move(answered.To, nil, nil)
			}
			return nil
		},
	})
}

// newestOfOthers reads the newest message of a ticket that the author has not written. The ticket must be locked by a
// statement before, which has looked at the scope.
func newestOfOthers(by Author, ticket ID) postgres.Query[newest] {
	return postgres.Query[newest]{
		SQL: `-- messages.newest
			select m.id, case when exists (select from ticket_events e where e.message_id = m.id and e.ticket_id <> $1 and e.kind in ('MESSAGE', 'NOTE'))
				then (select max(e.version) from ticket_events e where e.ticket_id = $1 and e.kind = 'TRANSFER')
				else (select max(e.version) from ticket_events e where e.message_id = m.id and e.kind <> 'REDACTION') end as version
			from messages m
			where m.ticket_id = $1 and m.note_id is null and m.author_contact_id is distinct from $2 and m.author_agent_id is distinct from $3
			order by m.created_at desc, m.id desc
			limit 1`,
		Args: []any{ticket, by.contact(), by.Agent},
		Row:  pgx.RowToStructByName[newest],
	}
}

// crossing is the newest message of somebody else that was written after the version that the author saw.
func (c *changing) crossing() *MessageID {
	switch {
	case c.newest == nil || *c.expected == c.now.Version:
		return nil
	case c.newest.Version == nil && c.whole(): // from before the version
		return nil
	case c.newest.Version != nil && *c.newest.Version <= *c.expected:
		return nil
	default:
		return &c.newest.ID
	}
}

// crossed refuses a reply whose author has not seen a message.
func crossed(by MessageID) UserError {
	return &CrossingReplyError{
		Refusal:   Refusal{Code: CrossingReply, Message: "Somebody else has written since the version that you saw.", Path: path("expectedVersion")},
		MessageID: by,
	}
}

// says puts a message on the ticket.
func (c *changing) says(m *Message) {
	m.TicketID, m.AuthorContactID, m.AuthorAgentID, m.Channel = c.ticket, c.by.contact(), c.by.Agent, c.writesBy()
	m.CreatedAt = c.happens(event{Kind: "MESSAGE", MessageID: &m.ID}).CreatedAt
	c.next.LastMessageID, c.made.MessageID = &m.ID, &m.ID
	c.more = append(c.more, func(batch *pgx.Batch) { addMessage(batch, m) })
}

// writesBy is the way by which the author's words go out.
func (c *changing) writesBy() Channel {
	switch {
	case !c.by.Scope.Staff:
		return ChannelPortal
	case c.now.Channel == ChannelPhone: // nobody is called back by writing
		return ChannelEmail
	default:
		return c.now.Channel
	}
}

// followUp makes a ticket of a message that came too late, and leaves the one that has ended as it is.
func (c *changing) followUp(m *Message) {
	f := &creating{by: c.by, body: m.Body}
	f.ticket = Ticket{
		AccountID: c.now.AccountID, RequesterID: c.now.RequesterID, Subject: c.now.Subject, Priority: c.now.Priority, Impact: c.now.Impact,
		CategoryID: c.now.CategoryID, Channel: ChannelPortal, AffectedZones: c.now.AffectedZones, FollowUpOfID: &c.ticket,
	}
	f.ticket.ID.UUID = postgres.NewUUID(c.at)
	f.message, f.author = m.ID, c.by.contact()
	f.begin(later(time.Time{}))
	c.made = Outcome{TicketID: &f.ticket.ID, MessageID: &m.ID}
	c.more = append(c.more, func(batch *pgx.Batch) {
		f.write(batch)
		c.touched = append(c.touched, f.touched...)
	})
}
