package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"

	"supportgraph/clients/postgres"
	"supportgraph/clients/sandbox/pg"
	"supportgraph/clients/upstream"
)

var server *pg.Server

func TestMain(m *testing.M) {
	var err error
	if server, err = pg.Start(context.Background(), pg.Options{}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	server.Stop()
	if err := goleak.Find(); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// database is a pool on an empty database of the test's own.
func database(t *testing.T, observe upstream.Observer) *postgres.Pool {
	t.Helper()
	config, err := server.Database(t.Context(), strings.ToLower(t.Name()), "")
	if err != nil {
		t.Fatal(err)
	}
	pool, err := postgres.Open(t.Context(), config, observe)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

func TestMigrateTwice(t *testing.T) {
	t.Parallel()
	pool := database(t, nil)
	if err := postgres.Migrated(t.Context(), pool); err == nil {
		t.Error("an empty database counts as migrated")
	}
	for range 2 {
		if err := postgres.Migrate(t.Context(), pool); err != nil {
			t.Fatal(err)
		}
		if err := postgres.Migrated(t.Context(), pool); err != nil {
			t.Error(err)
		}
	}
	var tiers int
	if err := pool.QueryRow(t.Context(), "select count(*) from tiers").Scan(&tiers); err != nil || tiers != 3 {
		t.Errorf("%d tiers, %v", tiers, err)
	}
	if _, err := pool.Exec(t.Context(), "delete from goose_db_version where version_id = (select max(version_id) from goose_db_version)"); err != nil {
		t.Fatal(err)
	}
	if err := postgres.Migrated(t.Context(), pool); err == nil || !strings.Contains(err.Error(), "needs") {
		t.Errorf("a database that lacks the last migration: %v", err)
	}
}

func TestMigrateAtOnce(t *testing.T) {
	t.Parallel()
	pool := database(t, nil)
	var running sync.WaitGroup
	for range 3 {
		running.Go(func() {
			if err := postgres.Migrate(t.Context(), pool); err != nil {
				t.Error(err)
			}
		})
	}
	running.Wait()
	if err := postgres.Migrated(t.Context(), pool); err != nil {
		t.Error(err)
	}
}

// TestMigrationsWaitLongerThanReads: the deadline of a statement is one for reads, an index may take its time.
func TestMigrationsWaitLongerThanReads(t *testing.T) {
	t.Parallel()
	config, err := server.Database(t.Context(), strings.ToLower(t.Name()), "")
	if err != nil {
		t.Fatal(err)
	}
	config.Timeout = time.Millisecond
	pool, err := postgres.Open(t.Context(), config, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if err := postgres.Migrate(t.Context(), pool); err != nil {
		t.Error(err)
	}
	if _, err := pool.Exec(t.Context(), "select pg_sleep(5)"); err == nil {
		t.Error("a read has no deadline")
	}
}

func TestOpenFails(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"postgres://me:opensesame@%zz/x", "postgres://me:opensesame@127.0.0.1:1/x?connect_timeout=2"} {
		pool, err := postgres.Open(t.Context(), postgres.Config{URL: postgres.Secret(address)}, nil)
		if err == nil {
			pool.Close()
			t.Errorf("%q opens", address)
		} else if strings.Contains(err.Error(), "opensesame") {
			t.Errorf("the error repeats the password: %v", err)
		}
	}
}

func TestSecretIsNotPrinted(t *testing.T) {
	t.Parallel()
	config := postgres.Config{URL: "opensesame"}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "url", config.URL, "config", config)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "url", config.URL, "config", config)
	printed := log.String()
	for _, verb := range []string{"%v", "%+v", "%s", "%#v", "%q", "%x"} {
		printed += fmt.Sprintf(verb, config) + fmt.Sprintf(verb, config.URL)
	}
	if strings.Contains(printed, "opensesame") || strings.Contains(printed, fmt.Sprintf("%x", "opensesame")) {
		t.Errorf("the secret is printed: %s", printed)
	}
}

func TestQueriesAreObserved(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	seen := map[string]int{}
	pool := database(t, func(_ context.Context, call upstream.Call) {
		mu.Lock()
		defer mu.Unlock()
		name := call.Source + " " + call.Op
		if call.Err != nil {
			name += " failed"
		}
		seen[name]++
	})
	numbers := postgres.Query[int]{SQL: "-- test.numbers\nselect * from generate_series(1, $1::int)", Args: []any{3}, Row: pgx.RowTo[int]}
	none := postgres.Query[int]{SQL: "-- test.none\nselect 1 where false", Row: pgx.RowTo[int]}
	broken := postgres.Query[int]{SQL: "-- test.broken\nselect 1 / $1::int", Args: []any{0}, Row: pgx.RowTo[int]}

	if found, err := postgres.Select(t.Context(), pool, numbers); err != nil || len(found) != 3 {
		t.Errorf("%v, %v", found, err)
	}
	if found, err := postgres.Select(t.Context(), pool, none); err != nil || found == nil || len(found) != 0 {
		t.Errorf("%v, %v: no rows are an empty slice", found, err)
	}
	if _, err := postgres.Select(t.Context(), pool, broken); err == nil || !strings.Contains(err.Error(), "test.broken") {
		t.Errorf("%v does not name the statement", err)
	}

	batch, told := &pgx.Batch{}, 0
	postgres.Queue(batch, numbers, func(rows []int, err error) {
		told++
		if err != nil || len(rows) != 3 {
			t.Errorf("%v, %v", rows, err)
		}
	})
	postgres.Queue(batch, broken, func(_ []int, err error) {
		told++
		if err == nil {
			t.Error("a broken statement of a batch has no error")
		}
	})
	if err := pool.SendBatch(t.Context(), batch).Close(); err == nil {
		t.Error("a batch with a broken statement has no error")
	}
	if told != 2 {
		t.Errorf("%d of 2 were told", told)
	}
	mu.Lock()
	defer mu.Unlock()
	for name, want := range map[string]int{
		"postgres test.numbers": 2, "postgres test.none": 1, "postgres test.broken failed": 2,
	} {
		if seen[name] != want {
			t.Errorf("%s: %d, want %d", name, seen[name], want)
		}
	}
	if len(seen) != 3 {
		t.Errorf("seen: %v", seen)
	}
}

func TestKeysInSQL(t *testing.T) {
	t.Parallel()
	pool := database(t, nil)
	want := []testKey{key(1), key(2, 3)}
	var got []testKey
	var none *testKey
	err := pool.QueryRow(t.Context(), "select array(select unnest($1::uuid[]) order by 1), $2::uuid", want, (*testKey)(nil)).Scan(&got, &none)
	if err != nil || len(got) != 2 || got[0] != want[0] || got[1] != want[1] || none != nil {
		t.Errorf("%v, %v, %v", got, none, err)
	}
	var required testKey
	if err := pool.QueryRow(t.Context(), "select null::uuid").Scan(&required); err == nil {
		t.Error("a null fills a required key")
	}
}

func TestName(t *testing.T) {
	t.Parallel()
	for sql, want := range map[string]string{
		"-- tickets.page\nselect 1": "tickets.page", "select 1": "unnamed", "-- nothing below": "unnamed", "": "unnamed",
		"-- name: JobGetAvailable :many\nselect 1": "queue.JobGetAvailable",
	} {
		if got := postgres.Name(sql); got != want {
			t.Errorf("%q is %q, want %q", sql, got, want)
		}
	}
}

func TestCheckText(t *testing.T) {
	t.Parallel()
	for text, fits := range map[string]bool{
		"": true, "dns": true, strings.Repeat("語", 200): true, strings.Repeat("語", 201): false, "a\x00b": false, "a\xffb": false,
	} {
		if err := postgres.CheckText(text); (err == nil) != fits || err != nil && !errors.Is(err, postgres.ErrText) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
