package tickets_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"supportgraph/clients/postgres"
	"supportgraph/clients/tickets"
)

// everywhere counts the rows of all tables that hold a text.
func everywhere(t *testing.T, db *postgres.Pool, text string) (found []string) {
	t.Helper()
	tables := read(t, db, postgres.Query[string]{
		SQL: `select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by relname`, Row: pgx.RowTo[string],
	})
	if len(tables) < 10 {
		t.Fatalf("only these tables: %q", tables)
	}
	for _, table := range tables {
		for _, row := range read(t, db, postgres.Query[string]{
			SQL:  `select r::text from ` + pgx.Identifier{table}.Sanitize() + ` r where position($1 in r::text) > 0`,
			Args: []any{text}, Row: pgx.RowTo[string],
		}) {
			found = append(found, table+": "+row)
		}
	}
	return found
}

// TestRedactedTextIsNowhere holds that a text that was redacted is in no table, after all that may happen to a message.
func TestRedactedTextIsNowhere(t *testing.T) {
	t.Parallel()
	db := cloned(t)
	store, ticket := tickets.NewStore(db), open(t)
	made := func(outcome *tickets.Outcome, err error) *tickets.Outcome {
		t.Helper()
		if err != nil || len(outcome.UserErrors) > 0 {
			t.Fatalf("%v %+v", err, outcome)
		}
		return outcome
	}
	version := func() (version int) {
		t.Helper()
		if err := db.QueryRow(t.Context(), "select version from tickets where id = $1", ticket.ID).Scan(&version); err != nil {
			t.Fatal(err)
		}
		return version
	}
	const secret = "gaudeamus-Igitur-77"
	reply := made(store.Reply(t.Context(), agent(), tickets.NewReply{
		IdempotencyKey: "1", Ticket: ticket.ID, ExpectedVersion: version(), Body: "The key is " + secret + ", " + secret,
	}))
	withdrawn := made(store.Withdraw(t.Context(), agent(), tickets.Withdrawal{
		IdempotencyKey: "2", Ticket: ticket.ID, ExpectedVersion: version(), Message: *reply.MessageID,
	}))
	if found := everywhere(t, db, secret); len(found) != 1 || !strings.HasPrefix(found[0], "internal_notes: ") {
		t.Errorf("an internal text stands in %q", found)
	}
	made(store.Publish(t.Context(), agent(), tickets.Publication{
		IdempotencyKey: "3", Ticket: ticket.ID, ExpectedVersion: version(), Note: *withdrawn.NoteID,
	}))
	if found := everywhere(t, db, secret); len(found) != 1 || !strings.HasPrefix(found[0], "messages: ") {
		t.Errorf("a public text stands in %q", found)
	}
	made(store.Redact(t.Context(), agent(), tickets.Redact{
		IdempotencyKey: "4", Ticket: ticket.ID, ExpectedVersion: version(), Message: reply.MessageID, Passages: []string{secret}, Reason: "A key",
	}))
	if found := everywhere(t, db, secret); len(found) > 0 {
		t.Errorf("a redacted text stands in %q", found)
	}
	if found := everywhere(t, db, "The key is █████, █████"); len(found) != 1 {
		t.Errorf("what is left stands in %q", found)
	}
}
