package tickets

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// DeletionChange is what happened to a ticket as a whole.
type DeletionChange string

// The changes of a ticket as a whole.
const (
	Deleted  DeletionChange = "DELETED"
	Restored DeletionChange = "RESTORED"
)

// DeletionEntry is a ticket that was deleted, or restored; staff only.
type DeletionEntry struct {
	Event
	Change DeletionChange
	Reason *string
}

// Deletion deletes a ticket.
type Deletion struct {
	IdempotencyKey  string
	Ticket          ID
	ExpectedVersion int
	Reason          string
}

// Delete makes a ticket disappear, with all that hangs on it, from whatever anybody reads. Nothing of it is lost. Only leads
// and administrators may.
func (s *Store) Delete(ctx context.Context, by Author, input Deletion) (*Outcome, error) {
	check := checks{}
	check.staff(by)
	reason := check.line(input.Reason, MaxReason, "reason")
	return s.change(ctx, change{
		by: by, op: "deleteTicket", key: input.IdempotencyKey, input: input, checks: check, ticket: input.Ticket, expected: &input.ExpectedVersion,
		apply: func(c *changing) UserError { return c.deletes(Deleted, &reason) },
	})
}

// Restoration restores a ticket that was deleted. It has the version that the deletion made: nobody could change it since.
type Restoration struct {
	IdempotencyKey string
	Ticket         ID
}

// Restore brings a deleted ticket back as it was. Only leads and administrators may.
func (s *Store) Restore(ctx context.Context, by Author, input Restoration) (*Outcome, error) {
	check := checks{}
	check.staff(by)
	return s.change(ctx, change{
		by: by, op: "restoreTicket", key: input.IdempotencyKey, input: input, checks: check, ticket: input.Ticket, deleted: true,
		apply: func(c *changing) UserError { return c.deletes(Restored, nil) },
	})
}

func (c *changing) deletes(to DeletionChange, reason *string) UserError {
	if denied := c.denied(); denied != nil {
		return denied
	}
	at := c.happens(event{Kind: "DELETION", ToValue: text(to), Reason: reason}).CreatedAt
	c.more = append(c.more, func(batch *pgx.Batch) {
		batch.Queue(`-- tickets.delete
			update tickets set deleted_at = case when $2 then $3::timestamptz end where id = $1`, c.ticket, to == Deleted, at)
	})
	return nil
}
