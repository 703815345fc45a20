package tickets

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
)

// Participant is a contact who reads along on a ticket.
type Participant struct {
	TicketID  ID
	ContactID accounts.ContactID
	AddedAt   time.Time
}

// ParticipantsOf reads who takes part in each of the tickets that the scope covers, in the order they were added.
func ParticipantsOf(scope accounts.Scope, ids []ID) postgres.Query[*Participant] {
	condition, args := visible(scope, []any{ids})
	return postgres.Query[*Participant]{
		SQL: `-- participants.of_tickets
			select p.ticket_id, p.contact_id, p.added_at
			from ticket_participants p join tickets t on t.id = p.ticket_id
			where p.ticket_id = any($1) and ` + condition + `
			order by p.ticket_id, p.added_at, p.contact_id
			limit 10000`,
		Args: args,
		Row:  postgres.ToAddr[Participant],
	}
}

// Participation adds somebody to those who take part, or removes them.
type Participation struct {
	IdempotencyKey  string
	Ticket          ID
	ExpectedVersion int
	Contact         accounts.ContactID
}

// standing is what a contact is to a ticket.
type standing struct {
	Member bool // of its account today
	Taking bool
	Count  int // of those who take part
}

// AddParticipant lets a member of the ticket's account take part.
func (s *Store) AddParticipant(ctx context.Context, by Author, input Participation) (*Outcome, error) {
	return s.participate(ctx, by, "addParticipant", input, func(c *changing, is standing) UserError {
		switch {
		case is.Taking:
			return nil
		case !is.Member:
			return missing("The ticket's account has no such contact.", "contact")
		case c.now.RequesterID == input.Contact:
			return invalid(Invalid, "Whoever asks takes part already.", "contact")
		case is.Count >= MaxParticipants:
			return invalid(TooMany, fmt.Sprintf("At most %d contacts take part in a ticket.", MaxParticipants), "contact")
		}
		e := c.happens(event{Kind: "PARTICIPANT", ContactID: &input.Contact, ToValue: text(ParticipantAdded)})
		at := e.CreatedAt
		c.more = append(c.more, func(batch *pgx.Batch) {
			batch.Queue(`-- participants.add
				insert into ticket_participants (ticket_id, contact_id, added_at) values ($1, $2, $3)`, c.ticket, input.Contact, at)
		})
		return nil
	})
}

// RemoveParticipant ends that somebody takes part.
func (s *Store) RemoveParticipant(ctx context.Context, by Author, input Participation) (*Outcome, error) {
	return s.participate(ctx, by, "removeParticipant", input, func(c *changing, is standing) UserError {
		if !is.Taking {
			if is.Member {
				return nil
			}
			return missing("No such contact takes part.", "contact")
		}
		c.happens(event{Kind: "PARTICIPANT", ContactID: &input.Contact, ToValue: text(ParticipantRemoved)})
		c.more = append(c.more, func(batch *pgx.Batch) {
			batch.Queue(`-- participants.remove
				delete from ticket_participants where ticket_id = $1 and contact_id = $2`, c.ticket, input.Contact)
		})
		return nil
	})
}

func (s *Store) participate(ctx context.Context, by Author, op string, input Participation, apply func(*changing, standing) UserError) (*Outcome, error) {
	var is standing
	return s.change(ctx, change{
		by: by, op: op, key: input.IdempotencyKey, input: input,
		ticket: input.Ticket, expected: &input.ExpectedVersion, touches: []part{{field: FieldParticipants, contact: input.Contact}},
		lookup: func(batch *pgx.Batch, _ *changing) {
			postgres.Queue(batch, standingOf(input.Ticket, input.Contact), func(rows []standing, err error) {
				if err == nil {
					is = rows[0]
				}
			})
		},
		apply: func(c *changing) UserError {
			if denied := c.denied(); denied != nil {
				return denied
			}
			return apply(c, is)
		},
	})
}

// standingOf reads what a contact is to a ticket. The membership stays until the transaction ends.
func standingOf(ticket ID, contact accounts.ContactID) postgres.Query[standing] {
	return postgres.Query[standing]{
		SQL: `-- participants.standing
			with member as (
				select m.contact_id from account_memberships m
				where m.contact_id = $2 and m.account_id = (select account_id from tickets where id = $1) and m.ended_at is null
				for share
			)
			select exists (select from member) as member,
				exists (select from ticket_participants p where p.ticket_id = $1 and p.contact_id = $2) as taking,
				(select count(*) from ticket_participants p where p.ticket_id = $1) as count`,
		Args: []any{ticket, contact},
		Row:  postgres.ToStruct[standing],
	}
}
