// Package postgres is our own database: the pool, the embedded migrations, and the shapes of keyed and paged reads that
// the stores share.
package postgres

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"supportgraph/clients/upstream"
)

// Config says how to reach the database.
type Config struct {
	URL            Secret        // postgres://user:password@host/database
	MaxConnections int32         // 0: twice the cores, at least 8
	Timeout        time.Duration // a statement's longest time; 0: 5 s
}

// Secret is a text that is never printed.
type Secret string

// String hides the secret.
func (Secret) String() string { return "(secret)" }

// GoString hides the secret.
func (Secret) GoString() string { return "(secret)" }

// MarshalText hides the secret, in JSON too.
func (Secret) MarshalText() ([]byte, error) { return []byte("(secret)"), nil }

// LogValue hides the secret.
func (Secret) LogValue() slog.Value { return slog.StringValue("(secret)") }

// Pool is a pool of connections to the database.
type Pool struct{ *pgxpool.Pool }

// Open connects to the database and fails where it does not answer. Every statement is told to observe, which may be nil.
func Open(ctx context.Context, config Config, observe upstream.Observer) (*Pool, error) {
	parsed, err := pgxpool.ParseConfig(string(config.URL))
	if err != nil {
		return nil, fmt.Errorf("database: the address cannot be read") // pgx's text repeats parts of it
	}
	parsed.MaxConns = config.MaxConnections
	if parsed.MaxConns <= 0 {
		parsed.MaxConns = int32(max(8, 2*runtime.NumCPU()))
	}
	timeout := config.Timeout
	if timeout == 0 {
		timeout = 5 * time.Second
	}
	parsed.ConnConfig.RuntimeParams["statement_timeout"] = fmt.Sprint(timeout.Milliseconds())
	parsed.ConnConfig.RuntimeParams["application_name"] = "support-graph"
	if observe != nil {
		parsed.ConnConfig.Tracer = tracer{observe}
	}
	pool, err := pgxpool.NewWithConfig(ctx, parsed)
	if err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("database does not answer: %w", err)
	}
	return &Pool{pool}, nil
}

// tracer tells the observer of every statement, alone or in a batch.
type tracer struct{ observe upstream.Observer }

type startedKey struct{}

type started struct {
	sql string
	at  time.Time
}

func (t tracer) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	return context.WithValue(ctx, startedKey{}, started{data.SQL, time.Now()})
}

func (t tracer) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryEndData) {
	if begun, ok := ctx.Value(startedKey{}).(started); ok {
		t.tell(ctx, begun.sql, begun.at, data.Err)
	}
}

func (t tracer) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return context.WithValue(ctx, startedKey{}, started{at: time.Now()})
}

func (t tracer) TraceBatchQuery(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchQueryData) {
	if begun, ok := ctx.Value(startedKey{}).(started); ok {
		t.tell(ctx, data.SQL, begun.at, data.Err)
	}
}

func (t tracer) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

func (t tracer) tell(ctx context.Context, sql string, at time.Time, err error) {
	name := Name(sql)
	if name == "unnamed" {
		return // BEGIN, COMMIT, migrations: not a read of ours
	}
	t.observe(ctx, upstream.Call{Source: "postgres", Op: name, Took: time.Since(at), Err: err})
}
