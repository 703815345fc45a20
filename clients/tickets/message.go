package tickets

import (
	"time"

	"github.com/jackc/pgx/v5"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
)

type messageKind struct{}

func (messageKind) Prefix() string { return "msg" }

// MessageID is the key of a message.
type MessageID struct{ postgres.Key[messageKind] }

// Message is what a customer or an agent wrote on a ticket, visible to both sides.
type Message struct {
	ID              MessageID
	TicketID        ID
	AuthorContactID *accounts.ContactID // this or
	AuthorAgentID   *accounts.AgentID   // this
	Channel         Channel
	Body            string // what was redacted is left out, or all
	CreatedAt       time.Time
	RedactedAt      *time.Time // nil: it is as it was written
	RedactedByID    *accounts.AgentID
	RedactionReason *string
}

// MessageOrder marks the cursors of a ticket's messages, which are sorted by time, the oldest first.
const MessageOrder = 'm'

// Cursor is the position behind a message on its ticket.
func (m *Message) Cursor() postgres.Cursor {
	return postgres.TimeCursor(MessageOrder, m.CreatedAt, m.ID.UUID)
}

const messageColumns = `m.id, m.ticket_id, m.author_contact_id, m.author_agent_id, m.channel, m.body, m.created_at,
	m.redacted_at, m.redacted_by_id, m.redaction_reason`

// Messages reads messages by key, of tickets that the scope covers.
func Messages(scope accounts.Scope, ids []MessageID) postgres.Query[*Message] {
	condition, args := visible(scope, []any{ids})
	return postgres.Query[*Message]{
		SQL: `-- messages.by_id
			select ` + messageColumns + `
			from messages m join tickets t on t.id = m.ticket_id
			where m.id = any($1) and m.note_id is null and ` + condition + `
			order by m.id`,
		Args: args,
		Row:  postgres.ToAddr[Message],
	}
}

// Thread selects a page of what hangs on a ticket in the order of time, the oldest first.
type Thread struct {
	First int
	After *postgres.Cursor
}

// Check returns postgres.ErrCursor where the cursor is not of the given order.
func (t Thread) Check(order byte) error {
	if t.After == nil {
		return nil
	}
	if t.After.Order != order {
		return postgres.ErrCursor
	}
	_, err := t.After.Time()
	return err
}

// args are the thread's arguments in SQL: where it goes on (nulls: at the beginning) and how many rows it has at most.
func (t Thread) args() (at *time.Time, key *[16]byte, limit int) {
	if t.After == nil {
		return nil, nil, t.First + 1
	}
	after, _ := t.After.Time() // Check has read it
	return &after, &t.After.Key, t.First + 1
}

// MessagesOf reads the same page of messages for each of the tickets that the scope covers, the oldest first; one row
// more than asked for each. The thread must have passed Check.
func MessagesOf(scope accounts.Scope, ids []ID, thread Thread) postgres.Query[*Message] {
	at, key, limit := thread.args()
	condition, args := visible(scope, []any{ids, at, key, limit})
	return postgres.Query[*Message]{
		SQL: `-- messages.of_tickets
			select ` + messageColumns + `
			from tickets t
			cross join lateral (
				select * from messages
				where ticket_id = t.id and note_id is null and ($2::timestamptz is null or (created_at, id) > ($2, $3::uuid))
				order by created_at, id
				limit $4
			) m
			where t.id = any($1) and ` + condition + `
			order by m.ticket_id, m.created_at, m.id`,
		Args: args,
		Row:  postgres.ToAddr[Message],
	}
}

// findLast queues that a ticket's newest message is looked for.
func findLast(batch *pgx.Batch, ticket ID) {
	batch.Queue(`-- messages.last
		update tickets set last_message_id = (
			select id from messages where ticket_id = $1 and note_id is null order by created_at desc, id desc limit 1)
		where id = $1`, ticket)
}
