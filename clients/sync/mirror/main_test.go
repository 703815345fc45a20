package mirror_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"supportgraph/clients/postgres"
	"supportgraph/clients/sandbox"
	"supportgraph/clients/sandbox/seed"
	"supportgraph/clients/sandbox/vendors"
	"supportgraph/clients/sync/jobs"
	"supportgraph/clients/sync/mirror"
	"supportgraph/clients/tickets"
	"supportgraph/clients/upstream"
	"supportgraph/clients/zendesk"
)

var (
	box    *sandbox.Sandbox
	opened atomic.Int32 // databases
)

func TestMain(m *testing.M) {
	if os.Getenv(workerEnv) != "" {
		os.Exit(worker())
	}
	var err error
	if box, err = sandbox.Start(context.Background(), sandbox.Options{Scale: seed.Small}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	box.Close()
	if err := goleak.Find(); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// clock is a time that passes only where somebody sleeps.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Now()} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(pause time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(pause)
}

func (c *clock) clock() mirror.Clock {
	return mirror.Clock{Now: c.Now, Sleep: func(ctx context.Context, pause time.Duration) error {
		c.pass(pause)
		return ctx.Err()
	}}
}

// world is a mirror of a Zendesk of its own, in a copy of the seeded database.
type world struct {
	*mirror.Zendesk
	t       testing.TB
	clock   *clock
	vendors *vendors.Server
	pool    *postgres.Pool

	database, base string // how other processes reach it
}

func open(t testing.TB, data vendors.ZendeskData, options vendors.Options) *world {
	t.Helper()
	config, err := box.Postgres.Database(t.Context(), fmt.Sprintf("%s_%d", strings.ToLower(t.Name()), opened.Add(1)), sandbox.Template)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, clock: newClock()}
	options.Now = w.clock.Now
	w.vendors = vendors.New(vendors.Data{Zendesk: data}, options)
	server := httptest.NewServer(w.vendors)
	w.database, w.base = string(config.URL), server.URL+vendors.ZendeskPath
	if w.pool, err = postgres.Open(t.Context(), config, nil); err != nil {
		t.Fatal(err)
	}
	client := zendesk.New(upstream.Config{BaseURL: server.URL + vendors.ZendeskPath, User: "u/token", Token: "t", Timeout: time.Minute}, nil)
	queue, err := jobs.New(w.pool, jobs.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w.Zendesk = mirror.NewZendesk(w.pool, queue, client, tickets.NewStore(w.pool), w.clock.clock(), true)
	t.Cleanup(func() {
		queue.Close()
		client.Close()
		w.pool.Close()
		w.vendors.Close()
		server.Close()
	})
	return w
}

// sync reads the feeds when what happened has come to be among them.
func (w *world) sync() {
	w.t.Helper()
	w.clock.pass(2 * time.Minute)
	if err := w.Sync(w.t.Context(), nil); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) changed(subjects ...string) {
	w.t.Helper()
	w.clock.pass(time.Second)
	if err := w.Changed(w.t.Context(), subjects); err != nil {
		w.t.Fatal(err)
	}
	if err := w.Threads(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// one reads one value.
func one[T any](w *world, sql string, args ...any) (value T) {
	w.t.Helper()
	if err := w.pool.QueryRow(w.t.Context(), sql, args...).Scan(&value); err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
	return value
}

func (w *world) want(n int, sql string, args ...any) {
	w.t.Helper()
	if got := one[int](w, "select count(*) from "+sql, args...); got != n {
		w.t.Errorf("%d, want %d: %s", got, n, sql)
	}
}
