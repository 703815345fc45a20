package tickets

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
)

type noteKind struct{}

func (noteKind) Prefix() string { return "note" }

// NoteID is the key of an internal note.
type NoteID struct{ postgres.Key[noteKind] }

// InternalNote is what agents write for each other. No customer ever sees one: its reads answer staff only.
type InternalNote struct {
	ID            NoteID
	TicketID      ID
	AuthorAgentID accounts.AgentID
	Body          string // what was redacted is left out, or all
	CreatedAt     time.Time

	RedactedAt      *time.Time // nil: it is as it was written
	RedactedByID    *accounts.AgentID
	RedactionReason *string
}

// NoteOrder marks the cursors of a ticket's internal notes, which are sorted by time, the oldest first.
const NoteOrder = 'n'

// Cursor is the position behind a note on its ticket.
func (n *InternalNote) Cursor() postgres.Cursor {
	return postgres.TimeCursor(NoteOrder, n.CreatedAt, n.ID.UUID)
}

const noteColumns = `n.id, n.ticket_id, n.author_agent_id, n.body, n.created_at, n.redacted_at, n.redacted_by_id, n.redaction_reason`

// Notes reads internal notes by key; nothing for others than staff.
func Notes(scope accounts.Scope, ids []NoteID) postgres.Query[*InternalNote] {
	return postgres.Query[*InternalNote]{
		SQL: `-- notes.by_id
			select ` + noteColumns + `
			from internal_notes n join tickets t on t.id = n.ticket_id
			where $1 and n.id = any($2) and n.message_id is null and t.deleted_at is null
			order by n.id`,
		Args: []any{scope.Staff, ids},
		Row:  postgres.ToAddr[InternalNote],
	}
}

// NotesOf reads the same page of internal notes for each of the tickets, the oldest first; one row more than asked for
// each; nothing for others than staff. The thread must have passed Check.
func NotesOf(scope accounts.Scope, ids []ID, thread Thread) postgres.Query[*InternalNote] {
	at, key, limit := thread.args()
	return postgres.Query[*InternalNote]{
		SQL: `-- notes.of_tickets
			select ` + noteColumns + `
			from unnest($2::uuid[]) as t (id)
			cross join lateral (
				select * from internal_notes
				where ticket_id = t.id and message_id is null and ($3::timestamptz is null or (created_at, id) > ($3, $4::uuid))
				order by created_at, id
				limit $5
			) n
			where $1
			order by n.ticket_id, n.created_at, n.id`,
		Args: []any{scope.Staff, ids, at, key, limit},
		Row:  postgres.ToAddr[InternalNote],
	}
}

// NewNote is an internal note to be written.
type NewNote struct {
	IdempotencyKey string
	Ticket         ID
	Body           string
}

// AddNote writes an internal note on a ticket, whatever its status. Only staff may.
func (s *Store) AddNote(ctx context.Context, by Author, input NewNote) (*Outcome, error) {
	check := checks{}
	check.staff(by)
	check.text(input.Body, MaxBody, "body")
	var note NoteID
	note.UUID = postgres.NewUUID(time.Now())
	return s.change(ctx, change{
		by: by, op: "addInternalNote", key: input.IdempotencyKey, input: input, checks: check, answer: note.UUID, ticket: input.Ticket,
		replay: func(ctx context.Context, tx pgx.Tx, answer [16]byte) (*Outcome, error) {
			var written NoteID
			written.UUID = answer
			var on ID
			err := tx.QueryRow(ctx, "-- notes.ticket\nselect ticket_id from internal_notes where id = $1", written).Scan(&on)
			if err != nil {
				return nil, fmt.Errorf("read where a note went: %w", err)
			}
			return &Outcome{TicketID: &on, NoteID: &written}, nil
		},
		apply: func(c *changing) UserError {
			at := c.happens(event{Kind: "NOTE", NoteID: &note}).CreatedAt
			c.made.NoteID = &note
			c.sent(DraftNote)
			c.more = append(c.more, func(batch *pgx.Batch) {
				batch.Queue(`-- notes.add
					insert into internal_notes (id, ticket_id, author_agent_id, body, created_at) values ($1, $2, $3, $4, $5)`,
					note, c.ticket, by.Agent, input.Body, at)
			})
			return nil
		},
	})
}
