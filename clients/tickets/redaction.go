package tickets

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
)

// The bounds and the form of what is redacted.
const (
	MaxPassages = 20
	blackout    = "█████" // stands in the place of a passage
)

// Redaction is what stays of a text that was taken out: who did it, when and why.
type Redaction struct {
	At     time.Time
	ByID   accounts.AgentID
	Reason string
}

// Redaction is how the message was redacted, nil where it was not.
func (m *Message) Redaction() *Redaction {
	return redaction(m.RedactedAt, m.RedactedByID, m.RedactionReason)
}

// Redaction is how the note was redacted, nil where it was not.
func (n *InternalNote) Redaction() *Redaction {
	return redaction(n.RedactedAt, n.RedactedByID, n.RedactionReason)
}

func redaction(at *time.Time, by *accounts.AgentID, reason *string) *Redaction {
	if at == nil {
		return nil
	}
	return &Redaction{*at, *by, *reason}
}

// RedactionEntry is a message or note that was redacted; staff only.
type RedactionEntry struct {
	Event
	Reason    string
	MessageID *MessageID // this or
	NoteID    *NoteID    // this
}

// Redact takes out the text of a message or of an internal note, or passages of it.
type Redact struct {
	IdempotencyKey  string
	Ticket          ID
	ExpectedVersion int
	Message         *MessageID // this or
	Note            *NoteID    // this
	Passages        []string   // nil: the whole text
	Reason          string
}

// redacting is a text of a ticket that is shown.
type redacting struct{ Body string }

// Redact takes out what must not be kept: it is gone from the message or note, and with it from whatever searches there.
// Who did it, when and why stays. Only staff may.
func (s *Store) Redact(ctx context.Context, by Author, input Redact) (*Outcome, error) {
	check := checks{}
	check.staff(by)
	reason := check.line(input.Reason, MaxReason, "reason")
	check.passages(input.Passages)
	at, statement := "message", `-- messages.redact
		update messages set body = $2, redacted_at = $3, redacted_by_id = $4, redaction_reason = $5 where id = $1`
	switch {
	case input.Message == nil && input.Note == nil:
		check.refuse(Missing, "Name a message or an internal note.", "message")
	case input.Message != nil && input.Note != nil:
		check.refuse(Invalid, "Name a message or an internal note, not both.", "note")
	case input.Note != nil:
		at, statement = "note", `-- notes.redact
			update internal_notes set body = $2, redacted_at = $3, redacted_by_id = $4, redaction_reason = $5 where id = $1`
	}
	again := func(ticket ID) *Outcome {
		return &Outcome{TicketID: &ticket, MessageID: input.Message, NoteID: input.Note}
	}
	var found []redacting
	return s.change(ctx, change{
		by: by, op: "redactMessage", key: input.IdempotencyKey, input: input, checks: check, ticket: input.Ticket, expected: &input.ExpectedVersion,
		replay: func(context.Context, pgx.Tx, [16]byte) (*Outcome, error) { return again(input.Ticket), nil },
		lookup: func(batch *pgx.Batch, _ *changing) {
			postgres.Queue(batch, textOf(input.Ticket, input.Message, input.Note), func(rows []redacting, err error) { found = rows })
		},
		apply: func(c *changing) UserError {
			if len(found) == 0 {
				return missing("The ticket has no such "+map[string]string{"message": "message", "note": "internal note"}[at]+".", at)
			}
			body, refused := without(found[0].Body, input.Passages)
			if refused != nil {
				return refused
			}
			c.made = *again(c.ticket)
			if body == found[0].Body {
				return nil // nothing is left to be taken out
			}
			when := c.happens(event{Kind: "REDACTION", MessageID: input.Message, NoteID: input.Note, Reason: &reason}).CreatedAt
			key := any(input.Message)
			if input.Note != nil {
				key = input.Note
			}
			c.more = append(c.more, func(batch *pgx.Batch) { batch.Queue(statement, key, body, when, by.Agent, reason) })
			return nil
		},
	})
}

// passages checks what is to be taken out of a text.
func (c *checks) passages(passages []string) {
	if passages != nil && len(passages) == 0 {
		c.refuse(Missing, "Name at least one passage, or none of them for the whole text.", "passages")
	}
	if len(passages) > MaxPassages {
		c.refuse(TooMany, fmt.Sprintf("At most %d passages are taken out at once.", MaxPassages), "passages")
		return
	}
	for i, passage := range passages {
		c.text(passage, MaxBody, "passages", strconv.Itoa(i))
	}
}

// without takes passages out of a text, the longest first, so that one within another goes with it; all of it where no
// passages are named.
func without(body string, passages []string) (string, UserError) {
	if passages == nil {
		return "", nil
	}
	for i, passage := range passages {
		if !strings.Contains(body, passage) {
			return "", invalid(Invalid, "The text does not have this passage.", "passages", strconv.Itoa(i))
		}
	}
	marks := make([]bool, len(body))
	for _, passage := range passages {
		for from := 0; ; {
			n := strings.Index(body[from:], passage)
			if n < 0 {
				break
			}
			for k := from + n; k < from+n+len(passage); k++ {
				marks[k] = true
			}
			from += n + 1
		}
	}
	var left strings.Builder
	for k := range len(body) {
		switch {
		case !marks[k]:
			left.WriteByte(body[k])
		case k == 0 || !marks[k-1]:
			left.WriteString(blackout)
		}
	}
	if length(left.String()) > MaxBody {
		return "", invalid(TooLong, "What is left of the text would be too long: take out the whole.", "passages")
	}
	return left.String(), nil
}

// textOf reads the text of a message or note that a ticket shows.
func textOf(ticket ID, message *MessageID, note *NoteID) postgres.Query[redacting] {
	return postgres.Query[redacting]{
		SQL: `-- messages.text
			select body from messages where id = $2 and ticket_id = $1 and note_id is null
			union all
			select body from internal_notes where id = $3 and ticket_id = $1 and message_id is null
			limit 1`,
		Args: []any{ticket, message, note},
		Row:  pgx.RowToStructByName[redacting],
	}
}
