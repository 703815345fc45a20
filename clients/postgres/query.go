package postgres

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
)

// Query is one statement and how a row of it is read. It runs alone by Select, or beside others of its level in one
// round trip by Queue. Its SQL begins with a comment line that names it, for metrics, logs and Postgres's own views.
type Query[T any] struct {
	SQL  string
	Args []any
	Row  pgx.RowToFunc[T]
}

// Select runs one query and returns its rows, an empty slice where there are none.
func Select[T any](ctx context.Context, pool *Pool, query Query[T]) ([]T, error) {
	rows, err := pool.Query(ctx, query.SQL, query.Args...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", Name(query.SQL), err)
	}
	return collect(rows, query)
}

// Queue adds the query to a batch; done is called with its rows, or with the error, when the batch is read.
func Queue[T any](batch *pgx.Batch, query Query[T], done func(rows []T, err error)) {
	batch.Queue(query.SQL, query.Args...).Query(func(rows pgx.Rows) error {
		found, err := collect(rows, query)
		done(found, err)
		return err
	})
}

func collect[T any](rows pgx.Rows, query Query[T]) ([]T, error) {
	found, err := pgx.CollectRows(rows, query.Row)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", Name(query.SQL), err)
	}
	return found, nil
}

// Name returns the name that a statement's first line gives it, "unnamed" where it has none. The statements of the queue of
// jobs are named in the way of their generator: "-- name: JobGetAvailable :many".
func Name(sql string) string {
	if rest, ok := strings.CutPrefix(sql, "-- "); ok {
		if name, _, ok := strings.Cut(rest, "\n"); ok {
			if queue, ok := strings.CutPrefix(name, "name: "); ok {
				queue, _, _ = strings.Cut(queue, " ")
				return "queue." + queue
			}
			return name
		}
	}
	return "unnamed"
}

// MaxText is the largest number of characters of a text that is searched for.
const MaxText = 200

// ErrText is the cause of every text that cannot be searched for.
var ErrText = fmt.Errorf("not a text of at most %d characters that can be searched for", MaxText)

// CheckText returns ErrText where Postgres would refuse a text, or where it is too long to be searched for.
func CheckText(text string) error {
	if strings.ContainsRune(text, 0) || !utf8.ValidString(text) || utf8.RuneCountInString(text) > MaxText {
		return ErrText
	}
	return nil
}
