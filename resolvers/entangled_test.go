package resolvers_test

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"supportgraph/clients/postgres"
	"supportgraph/clients/sandbox"
)

// entanglements make it harder to tell what is theirs, for a customer of one company.
var entanglements = map[string]string{
	"an account below theirs, whose tickets they do not see": `update accounts set parent_id = @theirs, path = array[@theirs, id] where id = @below`,
	"an account that they left": `insert into account_memberships (contact_id, account_id, role, visibility, ended_at)
		values (@me, @left, 'ADMIN', 'SUBTREE', now())`,
	"an account of which they see their own cases": `insert into account_memberships (contact_id, account_id, role, visibility)
		values (@me, @some, 'TECHNICAL', 'OWN')`,
	"cases there in which they take part": `insert into ticket_participants (ticket_id, contact_id)
		select id, @me from tickets where account_id = @some order by id limit 2`,
	"cases of strangers in which they take part": `insert into ticket_participants (ticket_id, contact_id)
		select id, @me from tickets where account_id in (@left, @other) order by id limit 4`,
	"a colleague who works for strangers": `insert into account_memberships (contact_id, account_id, role, visibility)
		select contact_id, @other, 'TECHNICAL', 'ACCOUNT' from account_memberships
		where account_id = @theirs and contact_id <> @me and ended_at is null order by contact_id limit 3 on conflict do nothing`,
	"strangers who take part in their cases": `insert into ticket_participants (ticket_id, contact_id)
		select t.id, m.contact_id from (select id from tickets where account_id = @theirs order by id desc limit 20) t,
			(select contact_id from account_memberships where account_id = @other order by contact_id limit 2) m on conflict do nothing`,
	"strangers who write on their cases": `with written as (
		insert into messages (id, ticket_id, author_contact_id, channel, body, created_at)
		select gen_random_uuid(), t.id, m.contact_id, 'EMAIL', 'I was asked to help.', t.updated_at
		from (select id, updated_at from tickets where account_id = @theirs order by id desc limit 5) t,
			(select contact_id from account_memberships where account_id = @other order by contact_id limit 1) m
		returning *)
		insert into ticket_events (id, ticket_id, kind, actor_contact_id, message_id, created_at)
		select gen_random_uuid(), ticket_id, 'MESSAGE', author_contact_id, id, created_at from written`,
}

// TestEntangledCustomersSeeOnlyTheirs walks the contract as a customer who has to do with others in every way, and asks
// again when that customer is none any more.
func TestEntangledCustomersSeeOnlyTheirs(t *testing.T) {
	t.Parallel()
	h := entangled(t)
	inspected := newInspection(portal(t), theirsOf(t, h, "company"))
	walkAll(t, h, inspected, "company")
	walkPages(t, h, inspected, "company")
	report(t, inspected)

	if _, err := h.clients.Postgres.Exec(t.Context(), `update contacts set deactivated_at = now() where id = $1`, contactOf(t, h, "company")); err != nil {
		t.Fatal(err)
	}
	got := h.ask(t, h.planned, "company", `{viewer {name} accounts {nodes {id}}}`, nil)
	if got.status != 401 || !strings.Contains(string(got.body), `"code":"VIEWER_UNKNOWN"`) || strings.Contains(string(got.body), "data") {
		t.Errorf("who was deactivated is answered: HTTP %d %s", got.status, got.body)
	}
}

func entangled(t *testing.T) *house {
	t.Helper()
	box := theHouse.sandbox
	config, err := box.Postgres.Database(t.Context(), "entangled", sandbox.Template)
	if err != nil {
		t.Fatal(err)
	}
	pool, err := postgres.Open(t.Context(), config, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	marks := box.World.Landmarks
	args := pgx.NamedArgs{
		"me": contactOf(t, theHouse, "company"), "theirs": marks.Single, "below": marks.PastDue, "left": marks.Clinic,
		"some": marks.UnknownCustomer, "other": marks.ManyZones,
	}
	for what, sql := range entanglements {
		if done, err := pool.Exec(t.Context(), sql, args); err != nil || done.RowsAffected() == 0 {
			t.Fatalf("%s: %v, %s", what, err, done)
		}
	}
	own := &sandbox.Sandbox{Config: box.Config, Issuers: box.Issuers, Personas: box.Personas, World: box.World}
	own.Config.Postgres = config
	h, err := open(own, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.clients.Close)
	return h
}
