package tickets

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
)

// Received is a message that was written on a ticket at a vendor. One of Contact and Agent is who wrote it.
type Received struct {
	Ticket   ID
	Contact  *accounts.ContactID
	Agent    *accounts.AgentID
	Internal bool // a note among the staff
	Body     string
	At       time.Time
}

// Claim is asked, in the transaction, whether something that a vendor sent is to be taken in under a new key. It keeps that it was,
// so that a later one is told no; nil is for what says no and is no failure.
type Claim func(ctx context.Context, tx pgx.Tx, key [16]byte) (ok bool, err error)

// Receive takes a message in, once by its claim, whatever the ticket's status: it was said, and what was said is kept. It moves the
// ticket as a reply that is written here does, but for one that has ended. It reports whether the claim and the ticket were there.
func (s *Store) Receive(ctx context.Context, in Received, claim Claim) (bool, error) {
	by := Author{Scope: accounts.Staff, Agent: in.Agent}
	if in.Contact != nil {
		by.Scope = accounts.Scope{Contact: *in.Contact}
	}
	return s.receive(ctx, in.Ticket, by, claim, func(c *changing, key [16]byte) {
		at := in.At.UTC().Truncate(time.Microsecond)
		if at.After(c.at) || at.Before(c.now.CreatedAt) {
			at = c.at
		}
		if in.Internal {
			var note NoteID
			note.UUID = key
			c.happens(event{Kind: "NOTE", NoteID: &note}).CreatedAt = at
			c.more = append(c.more, func(batch *pgx.Batch) {
				batch.Queue(`-- notes.add
					insert into internal_notes (id, ticket_id, author_agent_id, body, created_at) values ($1, $2, $3, $4, $5)`,
					note, c.ticket, in.Agent, in.Body, at)
			})
			return
		}
		message := &Message{TicketID: c.ticket, AuthorContactID: in.Contact, AuthorAgentID: in.Agent, Channel: ChannelEmail, Body: in.Body, CreatedAt: at}
		message.ID.UUID = key
		c.happens(event{Kind: "MESSAGE", MessageID: &message.ID}).CreatedAt = at
		c.more = append(c.more, func(batch *pgx.Batch) { addMessage(batch, message) })
		if c.newestAt == nil || !at.Before(*c.newestAt) {
			c.next.LastMessageID = &message.ID
		}
		answered := Reply(c.now.Status, c.now.StatusSince, c.at, in.Agent != nil)
		if !answered.Refused && !answered.FollowUp && answered.To != c.now.Status {
			c.move(answered.To, nil, nil)
		}
	})
}

// ReceiveStatus brings a ticket to where a vendor says that it stands, once by its claim. One that has ended, or stands there already,
// stays as it is.
func (s *Store) ReceiveStatus(ctx context.Context, ticket ID, to Status, reason string, claim Claim) (bool, error) {
	return s.receive(ctx, ticket, Author{Scope: accounts.Staff}, claim, func(c *changing, _ [16]byte) {
		if c.now.Status != to && !c.now.Status.Ended() {
			c.move(to, &reason, nil)
		}
	})
}

// receive changes a ticket for a vendor: nobody's permission is asked, as it has happened already.
func (s *Store) receive(ctx context.Context, ticket ID, by Author, claim Claim, apply func(c *changing, key [16]byte)) (done bool, err error) {
	_, err = s.attempts(ctx, func(tx pgx.Tx) (*Outcome, error) {
		key := postgres.NewUUID(time.Now())
		ok, err := claim(ctx, tx, key)
		if done = ok; !ok || err != nil {
			return &Outcome{}, err
		}
		var found []*arrived
		batch := &pgx.Batch{}
		postgres.Queue(batch, arrive(ticket), func(rows []*arrived, err error) { found = rows })
		if err := send(ctx, tx, batch); err != nil {
			return nil, err
		}
		if len(found) == 0 {
			done = false
			return &Outcome{}, nil
		}
		now := &found[0].Ticket
		c := &changing{change: change{by: by, ticket: ticket}, now: now, next: *now, at: later(now.UpdatedAt), newestAt: found[0].NewestAt}
		apply(c, key)
		batch = &pgx.Batch{}
		c.write(batch)
		if batch.Len() == 0 {
			return &Outcome{}, nil
		}
		return &Outcome{}, settle(ctx, tx, &settlement{tickets: c.touched}, batch)
	})
	return done && err == nil, err
}

// arrived is a ticket that something from a vendor is about, with the time of its newest message.
type arrived struct {
	Ticket
	NewestAt *time.Time
}

// arrive reads a ticket and holds its row, whoever may see it.
func arrive(ticket ID) postgres.Query[*arrived] {
	return postgres.Query[*arrived]{
		SQL: `-- tickets.arrive
			select` + ticketColumns + `, (select m.created_at from messages m where m.id = t.last_message_id) as newest_at
			from tickets t
			where t.id = $1
			for update of t`,
		Args: []any{ticket},
		Row:  pgx.RowToAddrOfStructByName[arrived],
	}
}
