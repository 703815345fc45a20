package tickets

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
)

// Merge makes a ticket part of another of the same account.
type Merge struct {
	IdempotencyKey  string
	Ticket          ID
	ExpectedVersion int
	Into            ID
}

// merged is a merge that is in force.
type merged struct {
	ID             OperationID
	TargetID       ID
	Status         Status
	StatusReason   *string
	SnoozedUntil   *time.Time
	ParticipantIDs []accounts.ContactID
}

// Merge makes a ticket part of another: its messages and notes are shown there, whoever takes part takes part there, and
// it stands at StatusMerged itself. Only staff may.
func (s *Store) Merge(ctx context.Context, by Author, input Merge) (*Outcome, error) {
	check := checks{}
	check.staff(by)
	check.apart(input.Ticket, input.Into, "into")
	var joining []accounts.ContactID
	var id OperationID
	id.UUID = postgres.NewUUID(time.Now())
	return s.change(ctx, change{
		by: by, op: "mergeTickets", key: input.IdempotencyKey, input: input, checks: check,
		ticket: input.Ticket, other: &input.Into, otherAt: "into", expected: &input.ExpectedVersion, touches: []part{{field: FieldStatus}},
		answer: id.UUID,
		replay: func(_ context.Context, _ pgx.Tx, answer [16]byte) (*Outcome, error) {
			var made OperationID
			made.UUID = answer
			return &Outcome{TicketID: &input.Ticket, OtherID: &input.Into, OperationID: &made}, nil
		},
		lookup: func(batch *pgx.Batch, _ *changing) {
			postgres.Queue(batch, joiningWith(input.Ticket, input.Into), func(rows []accounts.ContactID, err error) { joining = rows })
		},
		apply: func(c *changing) UserError {
			into, denied := c.beside, c.denied()
			switch {
			case denied != nil:
				return denied
			case into.now.AccountID != c.now.AccountID:
				return invalid(Invalid, "Tickets of different accounts are not merged: customers would see each other's.", "into")
			case into.now.Status.Ended():
				return forbidden("The other ticket has ended and takes nothing in.", "into")
			}
			c.mergeInto(id, joining)
			return nil
		},
	})
}

// mergeInto moves what hangs on the ticket to the one beside it.
func (c *changing) mergeInto(id OperationID, joining []accounts.ContactID) {
	before, into := c.next, c.beside
	at := c.happens(event{Kind: "TRANSFER", ToValue: text(MergedInto), OtherID: &into.ticket}).CreatedAt
	c.move(StatusMerged, nil, nil)
	c.next.MergedIntoID, c.next.LastMessageID = &into.ticket, nil
	into.happens(event{Kind: "TRANSFER", ToValue: text(TookIn), OtherID: &c.ticket})
	for _, contact := range joining {
		into.happens(event{Kind: "PARTICIPANT", ContactID: &contact, ToValue: text(ParticipantAdded)})
	}
	into.relast = true
	version := c.now.Version + 1
	c.made.OperationID = &id
	c.more = append(c.more, func(batch *pgx.Batch) {
		addOperation(batch, id, OperationMerge, c.by, nil, OperationFinished)
		addItems(batch, id, []ID{c.ticket}, ItemDone, &version)
		batch.Queue(`-- merges.add
			insert into ticket_merges (id, source_id, target_id, status, status_reason, snoozed_until, message_ids, note_ids, participant_ids, merged_at)
			select $1, $2, $3, $4, $5, $6, array(select id from messages where ticket_id = $2), array(select id from internal_notes where ticket_id = $2),
				$7, $8`,
			id, c.ticket, into.ticket, before.Status, before.StatusReason, before.SnoozedUntil, joining, at)
		batch.Queue(`-- merges.join
			insert into ticket_participants (ticket_id, contact_id, added_at) select $1, unnest($2::uuid[]), $3`, into.ticket, joining, at)
		transfer(batch, id, c.ticket, into.ticket)
	})
}

// Unmerge makes a ticket one by itself again.
type Unmerge struct {
	IdempotencyKey  string
	Ticket          ID
	ExpectedVersion int
	From            ID // the ticket that it is part of
}

// Unmerge takes a merge back: what it brought goes back, and the ticket stands where it stood. What was written on the
// other ticket since stays there. Only staff may.
func (s *Store) Unmerge(ctx context.Context, by Author, input Unmerge) (*Outcome, error) {
	check := checks{}
	check.staff(by)
	check.apart(input.Ticket, input.From, "from")
	var found []merged
	return s.change(ctx, change{
		by: by, op: "unmergeTickets", key: input.IdempotencyKey, input: input, checks: check,
		ticket: input.Ticket, other: &input.From, otherAt: "from", expected: &input.ExpectedVersion, touches: []part{{field: FieldStatus}},
		replay: func(context.Context, pgx.Tx, [16]byte) (*Outcome, error) {
			return &Outcome{TicketID: &input.Ticket, OtherID: &input.From}, nil
		},
		lookup: func(batch *pgx.Batch, _ *changing) {
			postgres.Queue(batch, mergeOf(input.Ticket, input.From), func(rows []merged, err error) { found = rows })
		},
		apply: func(c *changing) UserError { return c.unmerge(found, "from") },
	})
}

// unmerge moves what a merge brought back from the ticket beside.
func (c *changing) unmerge(found []merged, at string) UserError {
	from := c.beside
	switch {
	case c.now.Status != StatusMerged || !equal(c.now.MergedIntoID, &from.ticket) || len(found) == 0:
		return invalid(Invalid, "The ticket is not part of that one.", at)
	case from.now.Status == StatusMerged:
		return forbidden("That ticket became part of another itself: take that back first.", at)
	}
	was := found[0]
	now := c.happens(event{Kind: "TRANSFER", ToValue: text(UnmergedFrom), OtherID: &from.ticket}).CreatedAt
	c.move(was.Status, was.StatusReason, was.SnoozedUntil)
	c.next.MergedIntoID = nil
	from.happens(event{Kind: "TRANSFER", ToValue: text(GaveBack), OtherID: &c.ticket})
	for _, contact := range was.ParticipantIDs {
		from.happens(event{Kind: "PARTICIPANT", ContactID: &contact, ToValue: text(ParticipantRemoved)})
	}
	c.relast, from.relast = true, true
	c.more = append(c.more, func(batch *pgx.Batch) {
		batch.Queue(`-- merges.end
			update ticket_merges set unmerged_at = $2 where id = $1`, was.ID, now)
		batch.Queue(`-- operations.unmerged
			update operations set state = 'UNDONE', undone_at = $2 where id = $1`, was.ID, now)
		batch.Queue(`-- operations.unmerged_items
			update operation_items set state = 'UNDONE' where operation_id = $1`, was.ID)
		batch.Queue(`-- merges.leave
			delete from ticket_participants where ticket_id = $1 and contact_id = any($2)`, from.ticket, was.ParticipantIDs)
		transfer(batch, was.ID, from.ticket, c.ticket)
	})
	return nil
}

// transfer queues that what a merge brought goes from one ticket to another, as far as it is still there, and with it what
// stands in the place of a message or note since.
func transfer(batch *pgx.Batch, id OperationID, from, to ID) {
	const messages, notes = `array(select unnest(message_ids) from ticket_merges where id = $1)`, `array(select unnest(note_ids) from ticket_merges where id = $1)`
	batch.Queue(`-- messages.transfer
		update messages set ticket_id = $3
		where ticket_id = $2 and (id = any(`+messages+`) or id = any(array(
			select message_id from internal_notes where message_id is not null and id = any(`+notes+`))))`, id, from, to)
	batch.Queue(`-- notes.transfer
		update internal_notes set ticket_id = $3
		where ticket_id = $2 and (id = any(`+notes+`) or id = any(array(
			select note_id from messages where note_id is not null and id = any(`+messages+`))))`, id, from, to)
	batch.Queue(`-- events.transfer
		update ticket_events set shown_on_id = nullif($2, ticket_id)
		where kind in ('MESSAGE', 'NOTE') and id = any(array(
			select e.id from messages m join ticket_events e on e.message_id = m.id where m.ticket_id = $2 and m.id = any(`+messages+`)
			union
			select e.id from internal_notes n join ticket_events e on e.note_id = n.id where n.ticket_id = $2 and n.id = any(`+notes+`)))`, id, to)
}

// joiningWith reads who takes part in a ticket, or asks there, and not yet in another one.
func joiningWith(ticket, into ID) postgres.Query[accounts.ContactID] {
	return postgres.Query[accounts.ContactID]{
		SQL: `-- merges.joining
			select contact_id
			from (
				select contact_id from ticket_participants where ticket_id = $1
				union
				select requester_id from tickets where id = $1
			) p
			where contact_id not in (select contact_id from ticket_participants where ticket_id = $2 union all select requester_id from tickets where id = $2)
			order by contact_id
			limit 1000`,
		Args: []any{ticket, into},
		Row:  pgx.RowTo[accounts.ContactID],
	}
}

// mergeOf reads the merge by which a ticket is part of another. Of who joined by it, it reads those who are still there.
func mergeOf(ticket, target ID) postgres.Query[merged] {
	return postgres.Query[merged]{
		SQL: `-- merges.of_ticket
			select g.id, g.target_id, g.status, g.status_reason, g.snoozed_until, array(
				select contact_id from ticket_participants where ticket_id = g.target_id and contact_id = any(g.participant_ids) order by contact_id
			) as participant_ids
			from ticket_merges g
			where g.source_id = $1 and g.target_id = $2 and g.unmerged_at is null`,
		Args: []any{ticket, target},
		Row:  pgx.RowToStructByName[merged],
	}
}
