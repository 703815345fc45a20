package tickets_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
	"supportgraph/clients/tickets"
)

// stored is a ticket's due times as its row has them.
type stored struct {
	ID              tickets.ID
	ResponseDueAt   *time.Time
	ResolutionDueAt *time.Time
	NextDueAt       time.Time
}

// settled holds that each ticket's row has the due times of its clocks, and tells how many have any.
func settled(t *testing.T, db *postgres.Pool) (due int) {
	t.Helper()
	var left int
	if err := db.QueryRow(t.Context(), "select count(*) from tickets where settled_version is distinct from version").Scan(&left); err != nil || left > 0 {
		t.Errorf("%d tickets are not settled, %v", left, err)
	}
	rows := read(t, db, postgres.Query[stored]{
		SQL: "select id, response_due_at, resolution_due_at, next_due_at from tickets order by id", Row: pgx.RowToStructByName[stored],
	})
	var ids []tickets.ID
	for _, row := range rows {
		ids = append(ids, row.ID)
	}
	rules, err := tickets.NewSlaRules(read(t, db, tickets.Slas()))
	if err != nil {
		t.Fatal(err)
	}
	same := func(a, b *time.Time) bool { return a == b || a != nil && b != nil && a.Equal(*b) }
	for i, history := range read(t, db, tickets.SlaHistories(accounts.Staff, ids)) {
		response, resolution := rules.Sla(history, time.Now()).Due()
		row, next := rows[i], time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
		for _, at := range []*time.Time{response, resolution} {
			if at != nil && at.Before(next) {
				next = *at
			}
		}
		if !same(row.ResponseDueAt, response) || !same(row.ResolutionDueAt, resolution) || !row.NextDueAt.Equal(next) {
			t.Errorf("%s is due at %v, %v and %v, and its row has %+v", row.ID, response, resolution, next, row)
		}
		if response != nil || resolution != nil {
			due++
		}
	}
	return due
}

// TestWorldIsSettled holds the due times of the whole world to its clocks.
func TestWorldIsSettled(t *testing.T) {
	t.Parallel()
	if due := settled(t, pool); due < 100 {
		t.Errorf("only %d of %d tickets are due", due, len(cases))
	}
}

// TestChangesMoveDueTimes changes a ticket in every way that its clocks go by: the row has the new due times at once.
func TestChangesMoveDueTimes(t *testing.T) {
	t.Parallel()
	db := cloned(t)
	store := tickets.NewStore(db)
	jonas := contact(t, "jonas.petersen@blauwal-logistik.example")
	customer := tickets.Author{Scope: accounts.NewScope(jonas, read(t, pool, accounts.ScopeOf(jonas)))}
	outcome, err := store.Create(t.Context(), customer, tickets.NewTicket{
		IdempotencyKey: "new", Account: customer.Scope.All[0], Category: world.Categories[len(world.Categories)-1].ID,
		Impact: tickets.ImpactDegraded, Subject: "Slow", Body: "It is slow.",
	})
	if err != nil || outcome.TicketID == nil {
		t.Fatalf("%v %+v", err, outcome)
	}
	id := *outcome.TicketID
	var before *tickets.Ticket
	now := func() *tickets.Ticket { return read(t, db, tickets.ByID(accounts.Staff, []tickets.ID{id}))[0] }
	begun := now()
	if begun.Tier != "PREMIUM" || begun.ResponseDueAt == nil || !begun.ResponseDueAt.Equal(begun.CreatedAt.Add(time.Hour)) || !begun.NextDueAt.Equal(*begun.ResponseDueAt) {
		t.Errorf("a premium ticket of P2 is %+v", begun)
	}
	for _, step := range []struct {
		what   string
		change func(version int) (*tickets.Outcome, error)
		moved  func(now *tickets.Ticket) bool
	}{
		{"a priority", func(version int) (*tickets.Outcome, error) {
			return store.Update(t.Context(), agent(), tickets.Update{IdempotencyKey: "1", Ticket: id, ExpectedVersion: version, Priority: new(tickets.P1)})
		}, func(now *tickets.Ticket) bool { return now.ResponseDueAt.Equal(begun.CreatedAt.Add(30 * time.Minute)) }},
		{"a note, which moves nothing", func(int) (*tickets.Outcome, error) {
			return store.AddNote(t.Context(), agent(), tickets.NewNote{IdempotencyKey: "2", Ticket: id, Body: "note"})
		}, func(now *tickets.Ticket) bool { return now.ResponseDueAt.Equal(*before.ResponseDueAt) }},
		{"waiting", func(version int) (*tickets.Outcome, error) {
			return store.SetStatus(t.Context(), agent(), tickets.StatusChange{IdempotencyKey: "3", Ticket: id, ExpectedVersion: version, Status: tickets.StatusPendingCustomer})
		}, func(now *tickets.Ticket) bool { return now.ResponseDueAt == nil && now.NextDueAt == nil }},
		{"the customer's word", func(version int) (*tickets.Outcome, error) {
			return store.Reply(t.Context(), customer, tickets.NewReply{IdempotencyKey: "4", Ticket: id, ExpectedVersion: version, Body: "and?"})
		}, func(now *tickets.Ticket) bool { return now.ResponseDueAt.After(begun.CreatedAt.Add(30 * time.Minute)) }},
		{"an answer", func(version int) (*tickets.Outcome, error) {
			return store.Reply(t.Context(), agent(), tickets.NewReply{IdempotencyKey: "5", Ticket: id, ExpectedVersion: version, Body: "yes"})
		}, func(now *tickets.Ticket) bool {
			return now.ResponseDueAt == nil && now.NextDueAt.After(begun.CreatedAt.Add(8*time.Hour)) // the solution
		}},
		{"another word", func(version int) (*tickets.Outcome, error) {
			return store.Reply(t.Context(), customer, tickets.NewReply{IdempotencyKey: "6", Ticket: id, ExpectedVersion: version, Body: "thanks"})
		}, func(now *tickets.Ticket) bool { return now.ResponseDueAt.Equal(now.UpdatedAt.Add(time.Hour)) }},
		{"the solution", func(version int) (*tickets.Outcome, error) {
			return store.SetStatus(t.Context(), agent(), tickets.StatusChange{IdempotencyKey: "7", Ticket: id, ExpectedVersion: version, Status: tickets.StatusSolved})
		}, func(now *tickets.Ticket) bool { return now.ResponseDueAt == nil && now.NextDueAt == nil }},
	} {
		before = now()
		outcome, err := step.change(before.Version)
		if err != nil || len(outcome.UserErrors) > 0 {
			t.Fatalf("%s: %v %+v", step.what, err, outcome)
		}
		if !step.moved(now()) {
			t.Errorf("%s: %+v", step.what, now())
		}
	}
	settled(t, db)
}

// TestRulesMoveDueTimes changes the rules: the tickets that wait are settled anew, and the others left alone.
func TestRulesMoveDueTimes(t *testing.T) {
	t.Parallel()
	db := cloned(t)
	store := tickets.NewStore(db)
	if _, err := db.Exec(t.Context(), "update business_hours set ends = 1140 where calendar = 'AMERICAS' and ends = 1200"); err != nil {
		t.Fatal(err)
	}
	all := 0
	for {
		n, err := store.Settle(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			break
		}
		all += n
	}
	if all < 100 || all > len(cases)/2 {
		t.Errorf("%d of %d tickets were settled anew", all, len(cases))
	}
	settled(t, db)
}
