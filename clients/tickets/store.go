package tickets

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
	"supportgraph/clients/sync/jobs"
)

// Author is who changes something. The scope of an agent is accounts.Staff.
type Author struct {
	Scope accounts.Scope
	Agent *accounts.AgentID
}

// contact is the customer who acts, nil for staff.
func (a Author) contact() *accounts.ContactID {
	if a.Scope.Staff {
		return nil
	}
	return &a.Scope.Contact
}

// viewer is the author as idempotency keys know them.
func (a Author) viewer() string {
	if a.Agent != nil {
		return a.Agent.String()
	}
	return a.Scope.Contact.String()
}

// Outcome is what a change answers with: what it made or changed, or why it was refused.
type Outcome struct {
	TicketID  *ID
	OtherID   *ID // the second ticket
	MessageID *MessageID
	NoteID    *NoteID
	DraftID   *DraftID
	ViewID    *ViewID

	CannedReplyID *CannedReplyID
	MacroID       *MacroID
	OperationID   *OperationID
	Preview       *Preview

	UserErrors []UserError
}

func refused(errs ...UserError) *Outcome { return &Outcome{UserErrors: errs} }

// The bounds of a change.
const (
	maxRetries = 4                     // after the first attempt, where Postgres ended a transaction for the sake of another
	retryDelay = 5 * time.Millisecond  // before the first of them, doubled from then on
	mostDelay  = 80 * time.Millisecond // before any
)

// Store changes tickets. Each change is one transaction, which first takes its idempotency key, then locks the ticket's
// row, then what the change refers to, always in this order: changes of one ticket happen one after the other. A refused
// change leaves nothing behind. Close ends the wake-up of snoozed tickets.
type Store struct {
	pool  *postgres.Pool
	queue *jobs.Queue // of what is more than a request does; nil: requests do all
	retry failsafe.Executor[*Outcome]
	end   context.CancelFunc
	awake sync.WaitGroup
}

// NewStore returns a store over the pool.
func NewStore(pool *postgres.Pool) *Store {
	policy := retrypolicy.NewBuilder[*Outcome]().
		HandleIf(func(_ *Outcome, err error) bool { return undone(err) }).
		WithMaxRetries(maxRetries).WithBackoff(retryDelay, mostDelay).WithJitterFactor(0.5).ReturnLastFailure().Build()
	return &Store{pool: pool, retry: failsafe.With[*Outcome](policy), end: func() {}}
}

// undone tells whether Postgres undid a transaction for the sake of another: https://www.postgresql.org/docs/current/mvcc-serialization-failure-handling.html.
func undone(err error) bool {
	var refused *pgconn.PgError
	return errors.As(err, &refused) && (refused.Code == "40001" || refused.Code == "40P01")
}

// attempts runs a transaction until Postgres does not undo it for the sake of another.
func (s *Store) attempts(ctx context.Context, do func(tx pgx.Tx) (*Outcome, error)) (*Outcome, error) {
	return s.retry.WithContext(ctx).Get(func() (*Outcome, error) {
		tx, err := s.pool.Begin(ctx)
		if err != nil {
			return nil, fmt.Errorf("begin a change: %w", err)
		}
		defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }() // does nothing after the commit
		outcome, err := do(tx)
		if err != nil || len(outcome.UserErrors) > 0 {
			return outcome, err
		}
		if err := tx.Commit(ctx); err != nil {
			return nil, fmt.Errorf("commit a change: %w", err)
		}
		return outcome, nil
	})
}

// send runs a batch of statements to its end.
func send(ctx context.Context, tx pgx.Tx, batch *pgx.Batch) error {
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("change a ticket: %w", err)
	}
	return nil
}
