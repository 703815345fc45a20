package tickets

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
)

// Split makes a ticket of its own of a message.
type Split struct {
	IdempotencyKey  string
	Ticket          ID
	ExpectedVersion int
	Message         MessageID
	Subject         string
}

// splitting is a message that may go, and where it stands.
type splitting struct {
	ID        MessageID
	Only      bool                // whether the ticket shows no other
	Requester *accounts.ContactID // its author, where that is a contact of the account today
}

// Split takes a message from a ticket and begins a new one with it, which has the account, category, zones, impact,
// priority and assignee of the first. Only staff may.
func (s *Store) Split(ctx context.Context, by Author, input Split) (*Outcome, error) {
	check := checks{}
	check.staff(by)
	subject := check.line(input.Subject, MaxSubject, "subject")
	var made ID
	made.UUID = postgres.NewUUID(time.Now())
	var found []splitting
	return s.change(ctx, change{
		by: by, op: "splitTicket", key: input.IdempotencyKey, input: input, checks: check, answer: made.UUID,
		ticket: input.Ticket, expected: &input.ExpectedVersion,
		replay: func(_ context.Context, _ pgx.Tx, answer [16]byte) (*Outcome, error) {
			var made ID
			made.UUID = answer
			return &Outcome{TicketID: &input.Ticket, OtherID: &made}, nil
		},
		lookup: func(batch *pgx.Batch, _ *changing) {
			postgres.Queue(batch, splittable(input.Ticket, input.Message), func(rows []splitting, err error) { found = rows })
		},
		apply: func(c *changing) UserError {
			denied := c.denied()
			switch {
			case denied != nil:
				return denied
			case len(found) == 0:
				return missing("The ticket has no such message.", "message")
			case found[0].Only:
				return invalid(Invalid, "It is the ticket's only message.", "message")
			}
			c.splitOff(made, found[0], subject)
			return nil
		},
	})
}

// splitOff begins a ticket with a message of this one.
func (c *changing) splitOff(id ID, message splitting, subject string) {
	f := &creating{by: c.by, message: message.ID, moved: &c.ticket}
	f.ticket = Ticket{
		ID: id, AccountID: c.now.AccountID, RequesterID: c.now.RequesterID, Subject: subject, Priority: c.now.Priority, Impact: c.now.Impact,
		CategoryID: c.now.CategoryID, Channel: c.now.Channel, AffectedZones: c.now.AffectedZones, AssigneeTeamID: c.now.AssigneeTeamID,
		AssigneeAgentID: c.now.AssigneeAgentID,
	}
	if message.Requester != nil {
		f.ticket.RequesterID = *message.Requester
	}
	c.happens(event{Kind: "TRANSFER", ToValue: text(SplitOff), OtherID: &id})
	c.relast, c.made.OtherID = true, &id
	f.begin(c.at)
	c.more = append(c.more, func(batch *pgx.Batch) {
		f.write(batch)
		c.touched = append(c.touched, f.touched...)
		batch.Queue(`-- messages.split
			update messages set ticket_id = $2 where id = $1`, message.ID, id)
		batch.Queue(`-- notes.split
			update internal_notes set ticket_id = $2 where message_id = $1`, message.ID, id) // which it was before
		batch.Queue(`-- events.split
			update ticket_events set shown_on_id = nullif($2, ticket_id) where message_id = $1 and kind in ('MESSAGE', 'NOTE')`, message.ID, id)
	})
}

// splittable reads a message that a ticket shows. The author's membership stays until the transaction ends.
func splittable(ticket ID, message MessageID) postgres.Query[splitting] {
	return postgres.Query[splitting]{
		SQL: `-- messages.splittable
			with author as (
				select m.contact_id from account_memberships m
				where m.contact_id = (select author_contact_id from messages where id = $2)
					and m.account_id = (select account_id from tickets where id = $1) and m.ended_at is null
				for share
			)
			select m.id, (select contact_id from author) as requester,
				not exists (select from messages o where o.ticket_id = $1 and o.note_id is null and o.id <> $2) as only
			from messages m
			where m.id = $2 and m.ticket_id = $1 and m.note_id is null`,
		Args: []any{ticket, message},
		Row:  pgx.RowToStructByName[splitting],
	}
}

// whereTo reads on which ticket a message is by now.
func whereTo(ctx context.Context, tx pgx.Tx, message MessageID) (ID, error) {
	var on ID
	if err := tx.QueryRow(ctx, "-- messages.ticket\nselect ticket_id from messages where id = $1", message).Scan(&on); err != nil {
		return on, fmt.Errorf("read where a message is: %w", err)
	}
	return on, nil
}
