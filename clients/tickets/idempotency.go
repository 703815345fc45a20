package tickets

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"supportgraph/clients/postgres"
)

// The bounds of how long idempotency keys are kept. Each change clears away some of those that are older, more than it
// adds, so that the table never grows beyond what is kept.
const (
	KeysKeptFor   = 48 * time.Hour
	keysForgotten = 10
)

// claim is a change's hold on its idempotency key.
type claim struct {
	by     Author
	op     string
	key    string
	input  any
	checks checks
	answer [16]byte
}

// attempt is one go at a change.
type attempt struct {
	read    func(*pgx.Batch) // what it depends on, locked
	decide  func() UserError
	write   func(*pgx.Batch)
	touched *[]ID                               // tickets that write has written; nil: none
	then    func(context.Context, pgx.Tx) error // what else is to happen in the transaction, nil for nothing
	outcome *Outcome
}

// kept is a key that is taken.
type kept struct {
	Operation   string
	RequestHash []byte
	Answer      ID // or the key of a message or note
}

// replay gives the outcome again of a change that was made, by what its payload shows.
type replay func(ctx context.Context, tx pgx.Tx, answer [16]byte) (*Outcome, error)

// ticketAgain is the replay of a change whose payload shows the ticket.
func ticketAgain(_ context.Context, _ pgx.Tx, answer [16]byte) (*Outcome, error) {
	var ticket ID
	ticket.UUID = answer
	return &Outcome{TicketID: &ticket}, nil
}

// once makes a change that was not made under its key yet, in one transaction with the key. One that was made is answered
// by its replay; the first of several at once is made, and the others wait for it.
func (s *Store) once(ctx context.Context, cl claim, again replay, begin func() attempt) (*Outcome, error) {
	cl.checks.key(cl.key)
	if cl.by.Scope.Staff && cl.by.Agent == nil {
		cl.checks.refused = append(cl.checks.refused, forbidden("Only agents and contacts change something."))
	}
	if len(cl.checks.refused) > 0 {
		return refused(cl.checks.refused...), nil
	}
	input, err := json.Marshal(cl.input)
	if err != nil {
		return nil, fmt.Errorf("sum up the input: %w", err)
	}
	hash := sha256.Sum256(input)
	return s.attempts(ctx, func(tx pgx.Tx) (*Outcome, error) {
		var mine bool
		var taken []kept
		a, batch := begin(), &pgx.Batch{}
		postgres.Queue(batch, claimKey(cl, hash), func(rows []bool, err error) { mine = len(rows) > 0 })
		postgres.Queue(batch, keptKey(cl), func(rows []kept, err error) { taken = rows })
		a.read(batch)
		if err := send(ctx, tx, batch); err != nil {
			return nil, err
		}
		if !mine {
			if len(taken) == 0 || taken[0].Operation != cl.op || string(taken[0].RequestHash) != string(hash[:]) {
				return refused(invalid(KeyReused, "The idempotency key belongs to another change.", "idempotencyKey")), nil
			}
			return again(ctx, tx, taken[0].Answer.UUID)
		}
		if err := a.decide(); err != nil {
			return refused(err), nil
		}
		batch = &pgx.Batch{}
		a.write(batch)
		due := &settlement{}
		if a.touched != nil {
			due.tickets = *a.touched
		}
		if len(due.tickets) > 0 {
			due.read(batch)
			if err := send(ctx, tx, batch); err != nil {
				return nil, err
			}
			batch = &pgx.Batch{}
			if err := due.write(batch, time.Now()); err != nil {
				return nil, err
			}
		}
		batch.Queue(`-- keys.forget
			delete from idempotency_keys where (viewer, key) in (
				select viewer, key from idempotency_keys where created_at < $1 order by created_at limit $2 for update skip locked)`,
			time.Now().Add(-KeysKeptFor), keysForgotten)
		if err := send(ctx, tx, batch); err != nil || a.then == nil {
			return a.outcome, err
		}
		return a.outcome, a.then(ctx, tx)
	})
}

// First tells whether an operation that changes nothing here is asked for the first time under its key, and takes the key.
// It is refused without a good key, to who changes nothing, and where the key belongs to something else.
func (s *Store) First(ctx context.Context, by Author, op, key string, input any) (first bool, refused []UserError, err error) {
	first = true
	nothing := func(*pgx.Batch) {}
	outcome, err := s.once(ctx, claim{by: by, op: op, key: key, input: input},
		func(context.Context, pgx.Tx, [16]byte) (*Outcome, error) {
			first = false
			return &Outcome{}, nil
		},
		func() attempt {
			return attempt{read: nothing, decide: func() UserError { return nil }, write: nothing, touched: &[]ID{}, outcome: &Outcome{}}
		})
	if err != nil {
		return false, nil, err
	}
	return first, outcome.UserErrors, nil
}

// claimKey takes a key; no row where it is taken. It waits for a transaction that is about to take the same.
func claimKey(cl claim, hash [sha256.Size]byte) postgres.Query[bool] {
	return postgres.Query[bool]{
		SQL: `-- keys.claim
			insert into idempotency_keys (viewer, key, operation, request_hash, answer) values ($1, $2, $3, $4, $5)
			on conflict (viewer, key) do nothing
			returning true`,
		Args: []any{cl.by.viewer(), cl.key, cl.op, hash[:], cl.answer},
		Row:  pgx.RowTo[bool],
	}
}

// keptKey reads what a key was taken for.
func keptKey(cl claim) postgres.Query[kept] {
	return postgres.Query[kept]{
		SQL: `-- keys.kept
			select operation, request_hash, answer from idempotency_keys where viewer = $1 and key = $2`,
		Args: []any{cl.by.viewer(), cl.key},
		Row:  pgx.RowToStructByName[kept],
	}
}
