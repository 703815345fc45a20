package tickets

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
)

// VisibilityChange is who sees a text since.
type VisibilityChange string

// The changes of who sees a text.
const (
	MadePublic   VisibilityChange = "MADE_PUBLIC"   // a note became a message
	MadeInternal VisibilityChange = "MADE_INTERNAL" // a message became a note
)

// VisibilityEntry is a note that was made public, or a message that was made internal; staff only. One of the two is
// shown, the other has no text any more.
type VisibilityEntry struct {
	Event
	Change    VisibilityChange
	MessageID MessageID
	NoteID    NoteID
}

// Publication makes an internal note public.
type Publication struct {
	IdempotencyKey  string
	Ticket          ID
	ExpectedVersion int
	Note            NoteID
}

// Withdrawal makes a message internal.
type Withdrawal struct {
	IdempotencyKey  string
	Ticket          ID
	ExpectedVersion int
	Message         MessageID
}

// twin is a text that is shown, and the one that stood, or will stand, in its place.
type twin struct {
	MessageID *MessageID
	NoteID    *NoteID
	AgentID   *accounts.AgentID // who wrote it; nil: a customer
}

// Publish makes an internal note a message: customers see it from now on, at the time when it was written. Only staff may.
func (s *Store) Publish(ctx context.Context, by Author, input Publication) (*Outcome, error) {
	var message MessageID
	message.UUID = postgres.NewUUID(time.Now())
	return s.flip(ctx, by, change{
		op: "makeNotePublic", key: input.IdempotencyKey, input: input, ticket: input.Ticket, expected: &input.ExpectedVersion, answer: message.UUID,
		replay: func(ctx context.Context, tx pgx.Tx, _ [16]byte) (*Outcome, error) {
			var shown MessageID
			err := tx.QueryRow(ctx, `-- messages.of_note
				select coalesce(n.message_id, m.id) from internal_notes n left join messages m on m.note_id = n.id where n.id = $1`, input.Note).Scan(&shown)
			if err != nil {
				return nil, fmt.Errorf("read which message a note became: %w", err)
			}
			return &Outcome{TicketID: &input.Ticket, MessageID: &shown}, nil
		},
	}, nil, &input.Note, func(c *changing, of twin) UserError {
		if of.MessageID != nil { // the one that it was before
			message = *of.MessageID
		}
		c.shows(MadePublic, message, input.Note)
		c.made.MessageID = &message
		c.more = append(c.more, func(batch *pgx.Batch) {
			batch.Queue(`-- messages.publish
				insert into messages (id, ticket_id, author_agent_id, channel, body, created_at, redacted_at, redacted_by_id, redaction_reason)
				select $1, ticket_id, author_agent_id, $3, body, created_at, redacted_at, redacted_by_id, redaction_reason
				from internal_notes where id = $2
				on conflict (id) do update set ticket_id = excluded.ticket_id, body = excluded.body, note_id = null, redacted_at = excluded.redacted_at,
					redacted_by_id = excluded.redacted_by_id, redaction_reason = excluded.redaction_reason`, message, input.Note, c.writesBy())
			batch.Queue(`-- notes.publish
				update internal_notes set body = '', message_id = $2 where id = $1`, input.Note, message)
		})
		return nil
	})
}

// Withdraw makes an agent's message an internal note: customers do not see it any more. What customers wrote stays theirs
// to see. Only staff may.
func (s *Store) Withdraw(ctx context.Context, by Author, input Withdrawal) (*Outcome, error) {
	var note NoteID
	note.UUID = postgres.NewUUID(time.Now())
	return s.flip(ctx, by, change{
		op: "makeMessageInternal", key: input.IdempotencyKey, input: input, ticket: input.Ticket, expected: &input.ExpectedVersion, answer: note.UUID,
		replay: func(ctx context.Context, tx pgx.Tx, _ [16]byte) (*Outcome, error) {
			var shown NoteID
			err := tx.QueryRow(ctx, `-- notes.of_message
				select coalesce(m.note_id, n.id) from messages m left join internal_notes n on n.message_id = m.id where m.id = $1`, input.Message).Scan(&shown)
			if err != nil {
				return nil, fmt.Errorf("read which note a message became: %w", err)
			}
			return &Outcome{TicketID: &input.Ticket, NoteID: &shown}, nil
		},
	}, &input.Message, nil, func(c *changing, of twin) UserError {
		if of.AgentID == nil {
			return forbidden("What a customer wrote stays theirs to see.", "message")
		}
		if of.NoteID != nil {
			note = *of.NoteID
		}
		c.shows(MadeInternal, input.Message, note)
		c.made.NoteID = &note
		c.more = append(c.more, func(batch *pgx.Batch) {
			batch.Queue(`-- notes.withdraw
				insert into internal_notes (id, ticket_id, author_agent_id, body, created_at, redacted_at, redacted_by_id, redaction_reason)
				select $1, ticket_id, author_agent_id, body, created_at, redacted_at, redacted_by_id, redaction_reason
				from messages where id = $2
				on conflict (id) do update set ticket_id = excluded.ticket_id, body = excluded.body, message_id = null, redacted_at = excluded.redacted_at,
					redacted_by_id = excluded.redacted_by_id, redaction_reason = excluded.redaction_reason`, note, input.Message)
			batch.Queue(`-- messages.withdraw
				update messages set body = '', note_id = $2 where id = $1`, input.Message, note)
		})
		return nil
	})
}

func (s *Store) flip(ctx context.Context, by Author, ch change, message *MessageID, note *NoteID, apply func(*changing, twin) UserError) (*Outcome, error) {
	var found []twin
	ch.by = by
	ch.checks.staff(by)
	ch.lookup = func(batch *pgx.Batch, _ *changing) {
		postgres.Queue(batch, twinOf(ch.ticket, message, note), func(rows []twin, err error) { found = rows })
	}
	ch.apply = func(c *changing) UserError {
		switch {
		case len(found) == 0 && note != nil:
			return missing("The ticket has no such internal note.", "note")
		case len(found) == 0:
			return missing("The ticket has no such message.", "message")
		}
		return apply(c, found[0])
	}
	return s.change(ctx, ch)
}

// shows notes that one of the two is shown from now on, and has what the timeline tells of them follow.
func (c *changing) shows(to VisibilityChange, message MessageID, note NoteID) {
	c.happens(event{Kind: "VISIBILITY", ToValue: text(to), MessageID: &message, NoteID: &note})
	c.relast = true
	as := map[VisibilityChange]string{MadePublic: "MESSAGE", MadeInternal: "NOTE"}[to]
	c.after = append(c.after, func(batch *pgx.Batch) {
		batch.Queue(`-- events.flip
			update ticket_events set shown_as = nullif($3, kind), message_id = $1, note_id = $2
			where kind in ('MESSAGE', 'NOTE') and (message_id = $1 or note_id = $2)`, message, note, as)
	})
}

// twinOf reads a text that a ticket shows, and what stood in its place before. Neither is there without the other's key.
func twinOf(ticket ID, message *MessageID, note *NoteID) postgres.Query[twin] {
	return postgres.Query[twin]{
		SQL: `-- messages.twin
			select m.id as message_id, n.id as note_id, m.author_agent_id as agent_id
			from messages m left join internal_notes n on n.message_id = m.id
			where m.id = $2 and m.ticket_id = $1 and m.note_id is null
			union all
			select m.id, n.id, n.author_agent_id
			from internal_notes n left join messages m on m.note_id = n.id
			where n.id = $3 and n.ticket_id = $1 and n.message_id is null
			limit 1`,
		Args: []any{ticket, message, note},
		Row:  pgx.RowToStructByName[twin],
	}
}
