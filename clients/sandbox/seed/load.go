package seed

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/jackc/pgx/v5"

	"supportgraph/clients/postgres"
	"supportgraph/clients/tickets"
)

// Load writes the world into a migrated database, all of it or nothing, and reports whether it had to: a database that
// holds this very world stays as it is, with everything that was changed in it since. Another world is replaced.
func (w *World) Load(ctx context.Context, pool *postgres.Pool) (loaded bool, err error) {
	mark, err := w.fingerprint()
	if err != nil {
		return false, err
	}
	err = pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if loaded, err = prepare(ctx, tx, mark); err != nil || !loaded {
			return err
		}
		for _, table := range w.tables(w.Cases()) {
			if _, err := tx.CopyFrom(ctx, pgx.Identifier{table.name}, strings.Fields(table.columns), table.rows); err != nil {
				return fmt.Errorf("fill %s: %w", table.name, err)
			}
		}
		_, err := tx.Exec(ctx, "select setval(pg_get_serial_sequence('tickets', 'number'), (select max(number) from tickets))")
		return err
	})
	if err != nil {
		return false, fmt.Errorf("seed the database: %w", err)
	}
	if loaded {
		store := tickets.NewStore(pool)
		for settled := 1; settled > 0; {
			if settled, err = store.Settle(ctx); err != nil {
				return false, fmt.Errorf("settle the seed: %w", err)
			}
		}
		if err := analyze(ctx, pool); err != nil {
			return false, fmt.Errorf("analyze the seed: %w", err)
		}
	}
	return loaded, nil
}

// prepare empties the tables for the world and notes that it is there. It reports false where it is already.
func prepare(ctx context.Context, tx pgx.Tx, mark string) (bool, error) {
	const begin = `set local statement_timeout = 0;
		create table if not exists sandbox_seed (world text not null, seeded_at timestamptz not null default now())`
	if _, err := tx.Exec(ctx, begin); err != nil {
		return false, err
	}
	var found string
	err := tx.QueryRow(ctx, "select world from sandbox_seed").Scan(&found)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return false, err
	}
	if found == mark {
		return false, nil
	}
	if _, err := tx.Exec(ctx, `truncate sandbox_seed, accounts, contacts, account_memberships, teams, agents, categories,
		tags, ticket_views, articles, tickets, ticket_merges, ticket_relations, drafts, canned_replies, macros, operations, operation_items,
		ticket_participants, ticket_tags, ticket_issues, ticket_incidents, messages, internal_notes, ticket_events, idempotency_keys`); err != nil {
		return false, err
	}
	_, err = tx.Exec(ctx, "insert into sandbox_seed (world) values ($1)", mark)
	return true, err
}

// analyze tells the planner what the tables hold now.
func analyze(ctx context.Context, pool *postgres.Pool) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	_, err = conn.Exec(ctx, "set statement_timeout = 0")
	if err == nil {
		_, err = conn.Exec(ctx, "analyze")
	}
	if _, reset := conn.Exec(ctx, "reset statement_timeout"); err == nil {
		err = reset
	}
	return err
}

// sampled is how many stories stand for all in a fingerprint.
const sampled = 150

// fingerprint tells worlds apart: it changes with the scale, with the texts, and with the way in which the world and its
// stories are made, for which the small world and some of its stories stand.
func (w *World) fingerprint() (string, error) {
	small, err := New(Small)
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	err = fs.WalkDir(texts, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := texts.ReadFile(path)
		hash.Write(content) // never fails
		return err
	})
	if err != nil {
		return "", fmt.Errorf("sum up the texts: %w", err)
	}
	small.Scale.Tickets = sampled
	if err := small.encode(hash); err != nil {
		return "", err
	}
	return fmt.Sprintf("%+v %x", w.Scale, hash.Sum(nil)), nil
}

// encode writes all that there is in the world.
func (w *World) encode(to io.Writer) error {
	encoder := json.NewEncoder(to)
	if err := encoder.Encode(w); err != nil {
		return fmt.Errorf("encode the world: %w", err)
	}
	for _, c := range w.Cases() {
		if err := encoder.Encode(c); err != nil {
			return fmt.Errorf("encode the tickets: %w", err)
		}
	}
	return nil
}
