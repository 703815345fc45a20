package tickets

import (
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
	Body          string
	CreatedAt     time.Time
}

// NoteOrder marks the cursors of a ticket's internal notes, which are sorted by time, the oldest first.
const NoteOrder = 'n'

// Cursor is the position behind a note on its ticket.
func (n *InternalNote) Cursor() postgres.Cursor {
	return postgres.TimeCursor(NoteOrder, n.CreatedAt, n.ID.UUID)
}

// Notes reads internal notes by key; nothing for others than staff.
func Notes(scope accounts.Scope, ids []NoteID) postgres.Query[*InternalNote] {
	return postgres.Query[*InternalNote]{
		SQL: `-- notes.by_id
			select n.id, n.ticket_id, n.author_agent_id, n.body, n.created_at
			from internal_notes n
			where $1 and n.id = any($2)
			order by n.id`,
		Args: []any{scope.Staff, ids},
		Row:  pgx.RowToAddrOfStructByName[InternalNote],
	}
}

// NotesOf reads the same page of internal notes for each of the tickets, the oldest first; one row more than asked for
// each; nothing for others than staff. The thread must have passed Check.
func NotesOf(scope accounts.Scope, ids []ID, thread Thread) postgres.Query[*InternalNote] {
	at, key, limit := thread.args()
	return postgres.Query[*InternalNote]{
		SQL: `-- notes.of_tickets
			select n.id, n.ticket_id, n.author_agent_id, n.body, n.created_at
			from unnest($2::uuid[]) as t (id)
			cross join lateral (
				select * from internal_notes
				where ticket_id = t.id and ($3::timestamptz is null or (created_at, id) > ($3, $4::uuid))
				order by created_at, id
				limit $5
			) n
			where $1
			order by n.ticket_id, n.created_at, n.id`,
		Args: []any{scope.Staff, ids, at, key, limit},
		Row:  pgx.RowToAddrOfStructByName[InternalNote],
	}
}
