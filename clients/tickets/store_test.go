package tickets_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"supportgraph/clients/accounts"
	"supportgraph/clients/tickets"
)

// agent is the first agent of the world, who works here.
func agent() tickets.Author {
	return tickets.Author{Scope: accounts.Staff, Agent: &world.Agents[0].ID}
}

// open is a ticket of the world that is worked on.
func open(t *testing.T) *tickets.Ticket {
	t.Helper()
	for _, c := range cases {
		if c.Ticket.Status == tickets.StatusOpen {
			return c.Ticket
		}
	}
	t.Fatal("no ticket of the world is open")
	return nil
}

// TestWake puts tickets aside and lets two wake them at once, when their time has come: each is woken once, with an event of
// the system, and those whose time is to come sleep on.
func TestWake(t *testing.T) {
	t.Parallel()
	db := cloned(t)
	store := tickets.NewStore(db)
	ticket, until := open(t), time.Now().Add(time.Hour)
	outcome, err := store.Snooze(t.Context(), agent(), tickets.Snooze{
		IdempotencyKey: "snooze", Ticket: ticket.ID, ExpectedVersion: ticket.Version, Until: &until,
	})
	if err != nil || len(outcome.UserErrors) > 0 {
		t.Fatalf("%v %+v", err, outcome)
	}
	wake := func() (woken int) {
		var mu sync.Mutex
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() {
				n, err := store.Wake(t.Context())
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				woken += n
			})
		}
		both.Wait()
		return woken
	}
	if woken := wake(); woken != 0 {
		t.Errorf("%d tickets woke before their time", woken)
	}
	if _, err := db.Exec(t.Context(), "update tickets set snoozed_until = now() where id = $1", ticket.ID); err != nil {
		t.Fatal(err)
	}
	if woken := wake(); woken != 1 {
		t.Errorf("%d tickets woke", woken)
	}
	now := read(t, db, tickets.ByID(accounts.Staff, []tickets.ID{ticket.ID}))[0]
	if now.Status != tickets.StatusOpen || now.SnoozedUntil != nil || now.Version != ticket.Version+2 {
		t.Errorf("%+v", now)
	}
	line := read(t, db, tickets.TimelineOf(accounts.Staff, []tickets.ID{ticket.ID}, tickets.Thread{First: 100}))
	last, ok := line[len(line)-1].(*tickets.StatusEntry)
	if !ok || last.ActorAgentID != nil || last.ActorContactID != nil || *last.From != tickets.StatusSnoozed || last.To != tickets.StatusOpen {
		t.Errorf("%+v", line[len(line)-1])
	}
}

// TestStoreWakes holds that a store that is started wakes by itself, and ends.
func TestStoreWakes(t *testing.T) {
	t.Parallel()
	db := cloned(t)
	store, ticket := tickets.NewStore(db), open(t)
	_, err := db.Exec(t.Context(), "update tickets set status = 'SNOOZED', snoozed_until = now() where id = $1", ticket.ID)
	if err != nil {
		t.Fatal(err)
	}
	store.Start(t.Context())
	defer store.Close()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		now := read(t, db, tickets.ByID(accounts.Staff, []tickets.ID{ticket.ID}))[0]
		if now.Status == tickets.StatusOpen {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("it still stands at %s", now.Status)
		}
	}
}

// TestKeysAreForgotten holds that changes clear away old keys, by an index, and that a key that is gone makes a change anew.
func TestKeysAreForgotten(t *testing.T) {
	t.Parallel()
	db := cloned(t)
	store, ticket := tickets.NewStore(db), open(t)
	note := func(key string) {
		t.Helper()
		outcome, err := store.AddNote(t.Context(), agent(), tickets.NewNote{IdempotencyKey: key, Ticket: ticket.ID, Body: "note"})
		if err != nil || len(outcome.UserErrors) > 0 {
			t.Fatalf("%v %+v", err, outcome)
		}
	}
	for _, key := range []string{"one", "two", "three"} {
		note(key)
	}
	age := func(key string, by time.Duration) {
		t.Helper()
		if _, err := db.Exec(t.Context(), "update idempotency_keys set created_at = now() - $2::interval where key = $1", key, by); err != nil {
			t.Fatal(err)
		}
	}
	age("one", tickets.KeysKeptFor+time.Minute)
	age("two", tickets.KeysKeptFor-time.Minute)
	note("four")
	note("one") // is not known any more
	note("two") // is
	var keys, notes int
	err := db.QueryRow(t.Context(), "select (select count(*) from idempotency_keys), (select count(*) from internal_notes where ticket_id = $1 and body = 'note')", ticket.ID).Scan(&keys, &notes)
	if err != nil || keys != 4 || notes != 5 {
		t.Errorf("%d keys, %d notes, %v", keys, notes, err)
	}
}

// TestDeadlockIsRetried has a change run into a deadlock, which Postgres ends at its cost: it is made all the same.
func TestDeadlockIsRetried(t *testing.T) {
	t.Parallel()
	db := cloned(t)
	store, ticket := tickets.NewStore(db), open(t)
	other, err := db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Rollback(t.Context()) }()
	// It holds the ticket, and waits for the key that the change holds; the change waits for the ticket. Postgres ends
	// whoever has waited for deadlock_timeout first, so the other is made to wait longer.
	if _, err := other.Exec(t.Context(), "set local deadlock_timeout = '1min'"); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Exec(t.Context(), "select 1 from tickets where id = $1 for update", ticket.ID); err != nil {
		t.Fatal(err)
	}
	made := make(chan error, 1)
	go func() {
		outcome, err := store.AddNote(t.Context(), agent(), tickets.NewNote{IdempotencyKey: "deadlock", Ticket: ticket.ID, Body: "note"})
		if err == nil && len(outcome.UserErrors) > 0 {
			err = errors.New(outcome.UserErrors[0].Refused().Message)
		}
		made <- err
	}()
	waiting := "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		var n int
		if err := db.QueryRow(t.Context(), waiting).Scan(&n); err != nil || time.Now().After(end) {
			t.Fatalf("the change does not wait: %v", err)
		}
		if n > 0 {
			break
		}
	}
	_, err = other.Exec(t.Context(), `insert into idempotency_keys (viewer, key, operation, request_hash, answer)
		values ($1, 'deadlock', 'x', decode(repeat('00', 32), 'hex'), gen_random_uuid())`, agent().Agent.String())
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-made; err != nil {
		t.Error(err)
	}
}

// TestStoreRefusesWhatPostgresWould holds that texts are refused by name before they reach the database, and that the
// database would refuse them by itself.
func TestStoreRefusesWhatPostgresWould(t *testing.T) {
	t.Parallel()
	db := cloned(t)
	store, ticket := tickets.NewStore(db), open(t)
	for what, body := range map[string]string{"NUL": "a\x00b", "not UTF-8": "a\xffb", "long": strings.Repeat("ü", tickets.MaxBody+1), "blank": "\u2028\u200b "} {
		outcome, err := store.AddNote(t.Context(), agent(), tickets.NewNote{IdempotencyKey: "k", Ticket: ticket.ID, Body: body})
		if err != nil || len(outcome.UserErrors) != 1 {
			t.Fatalf("%s: %v %+v", what, err, outcome)
		}
		if _, ok := outcome.UserErrors[0].(*tickets.ValidationError); !ok || outcome.UserErrors[0].Refused().Path[1] != "body" {
			t.Errorf("%s: %+v", what, outcome.UserErrors[0])
		}
	}
	var refused *pgconn.PgError
	_, err := db.Exec(t.Context(), "update messages set body = repeat('ü', $2) where ticket_id = $1", ticket.ID, tickets.MaxBody+1)
	if !errors.As(err, &refused) || refused.Code != "23514" {
		t.Errorf("a message that is too long: %v", err)
	}
	var kept string
	body := "שלום " + strings.Repeat("🚢", 1000) + "\u202eabc\u202c\r\n\t"
	if outcome, err := store.AddNote(t.Context(), agent(), tickets.NewNote{IdempotencyKey: "k", Ticket: ticket.ID, Body: body}); err != nil || outcome.NoteID == nil {
		t.Fatalf("%v %+v", err, outcome)
	} else if err := db.QueryRow(t.Context(), "select body from internal_notes where id = $1", outcome.NoteID).Scan(&kept); err != nil || kept != body {
		t.Errorf("%q is kept as %q: %v", body, kept, err)
	}
}

// TestPlansOfChanges holds what runs with each change to indexes.
func TestPlansOfChanges(t *testing.T) {
	t.Parallel()
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(t.Context()) }()
	if _, err := tx.Exec(t.Context(), "set local enable_seqscan = off"); err != nil {
		t.Fatal(err)
	}
	for statement, index := range map[string]string{
		"select viewer, key from idempotency_keys where created_at < now() order by created_at limit 10 for update skip locked": "idempotency_keys_created",
		"select kind from ticket_events where ticket_id = gen_random_uuid() and version > 3 order by version":                   "ticket_events_version",
		"select id from tickets t where t.snoozed_until <= now() order by t.snoozed_until limit 100 for update skip locked":     "tickets_snoozed",
	} {
		var plan string
		rows, err := tx.Query(t.Context(), "explain "+statement)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				t.Fatal(err)
			}
			plan += line + "\n"
		}
		if rows.Err() != nil || !strings.Contains(plan, index) {
			t.Errorf("%s does not use %s: %v\n%s", statement, index, rows.Err(), plan)
		}
	}
}
