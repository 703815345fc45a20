package tickets_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
	"supportgraph/clients/sandbox"
	"supportgraph/clients/tickets"
)

var scale = flag.Int("scale", 20_000, "how many tickets TestScale has, each with five messages (200000 are what we promise, and take minutes)")

// bulk adds tickets to the world, three minutes apart, with five messages each, and events and notes: some words stand in a
// third of them and some in hardly any. One in ten waits for somebody.
const bulk = `
	drop index tickets_words, messages_words, tickets_text;
	delete from tickets;
	create table made as
	select n, at, (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || lpad(to_hex(n % 4096), 3, '0') || '8' || lpad(to_hex(n), 15, '0'))::uuid as id,
		m.contact_id, m.account_id, a.tier, g.id as agent_id, g.team_id, c.id as category_id, n % 10 = 0 as waits
	from generate_series(1, $1::int) n
	cross join lateral (select timestamptz '2027-01-01 00:00:00+00' + n * interval '3 minutes' as at) w
	join (select row_number() over (order by contact_id, account_id) - 1 as k, count(*) over () as of, * from account_memberships) m on m.k = n % m.of
	join accounts a on a.id = m.account_id
	join (select row_number() over (order by id) - 1 as k, count(*) over () as of, * from agents) g on g.k = (n / 7) % g.of
	join (select row_number() over (order by id) - 1 as k, count(*) over () as of, * from categories) c on c.k = (n / 3) % c.of;
	insert into tickets (id, account_id, requester_id, subject, status, status_since, priority, impact, category_id, channel, assignee_team_id, assignee_agent_id,
		created_at, updated_at, tier, response_due_at, resolution_due_at, settled_version)
	select id, account_id, contact_id, 'Case ' || n || ' about ' || (array['workers', 'invoices', 'certificates', 'caches', 'records'])[1 + n % 5] ||
			case when n % 3 = 0 then ' with an error' else '' end || case when n % 997 = 0 then ' and a zebra' else '' end,
		case when waits then (array['NEW', 'OPEN', 'PENDING_CUSTOMER'])[1 + n / 10 % 3] else 'CLOSED' end, at, 'P' || 1 + n % 4, 'MINOR', category_id, 'PORTAL',
		team_id, agent_id, at, at + n % 50 * interval '1 hour', tier,
		case when waits then at + n % 40 * interval '1 day' end, case when waits then at + n % 90 * interval '1 day' end, 1
	from made order by n;
	insert into messages (id, ticket_id, author_contact_id, channel, body, created_at)
	select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || lpad(to_hex(k), 3, '0') || '9' || lpad(to_hex(n), 15, '0'))::uuid, id, contact_id, 'PORTAL',
		'Message ' || k || ' of case ' || n || ': the ' || (array['worker', 'invoice', 'certificate', 'cache', 'record'])[1 + (n + k) % 5] || ' fails' ||
			case when (n + k) % 3 = 0 then ' with error ' || n % 600 else '' end || case when n % 1009 = 0 and k = 3 then ', said the giraffe' else '' end,
		at + k * interval '1 minute'
	from made, generate_series(1, 5) k order by n, k;
	insert into ticket_participants (ticket_id, contact_id)
	select id, (select m.contact_id from account_memberships m where m.account_id = made.account_id order by m.contact_id limit 1) from made where n % 3 = 0;
	insert into ticket_events (id, ticket_id, kind, to_value, created_at, version)
	select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7001a' || lpad(to_hex(n), 15, '0'))::uuid, id, 'STATUS', 'NEW', at, 1 from made order by n;
	insert into internal_notes (id, ticket_id, author_agent_id, body, created_at)
	select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7001b' || lpad(to_hex(n), 15, '0'))::uuid, id, agent_id, 'A note on case ' || n, at
	from made where n % 10 = 3 order by n;
	drop table made`

// bulkIndexes are made behind the rows, which is quicker.
const bulkIndexes = `
	create index tickets_words on tickets using gin (words);
	create index messages_words on messages using gin (words);
	create index tickets_text on tickets using gin (to_tsvector('simple', subject))`

// plan is a node of what EXPLAIN tells.
type plan struct {
	NodeType string `json:"Node Type"`
	Relation string `json:"Relation Name"`
	Filtered int    `json:"Rows Removed by Filter"`
	Hit      int    `json:"Shared Hit Blocks"`
	Read     int    `json:"Shared Read Blocks"`
	Plans    []*plan
}

// pages is how many pages of Postgres's the statement looked at.
func (p *plan) pages() int { return p.Hit + p.Read }

// scans are the large tables that are read from end to end.
func (p *plan) scans() (found []string) {
	large := []string{"tickets", "messages", "internal_notes", "ticket_events", "ticket_participants"}
	if p.NodeType == "Seq Scan" && slices.Contains(large, p.Relation) {
		found = append(found, p.Relation)
	}
	for _, below := range p.Plans {
		found = append(found, below.scans()...)
	}
	return found
}

// explain runs a statement and tells how.
func explain[T any](t *testing.T, db *postgres.Pool, query postgres.Query[T]) (*plan, string) {
	t.Helper()
	var text string
	if err := db.QueryRow(t.Context(), "explain (analyze, buffers, format json) "+query.SQL, query.Args...).Scan(&text); err != nil {
		t.Fatalf("%s: %v", postgres.Name(query.SQL), err)
	}
	var told []struct{ Plan *plan }
	if err := json.Unmarshal([]byte(text), &told); err != nil {
		t.Fatal(err)
	}
	return told[0].Plan, text
}

// TestScale reads every list and search of many tickets: none reads a large table from end to end, and the 200th page costs
// no more than the first one does, in pages of Postgres's that are looked at.
func TestScale(t *testing.T) {
	t.Parallel()
	config, err := box.Postgres.Database(t.Context(), "scale", sandbox.Template)
	if err != nil {
		t.Fatal(err)
	}
	config.Timeout = 10 * time.Minute
	db, err := postgres.Open(t.Context(), config, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	begun := time.Now()
	for _, statement := range []string{strings.Replace(bulk, "$1", strconv.Itoa(*scale), 1), bulkIndexes, "vacuum analyze"} {
		if _, err := db.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d tickets were made in %s", *scale, time.Since(begun).Round(time.Second))
	s := &scaled{db: db}
	s.lists(t)
	s.searches(t)
	s.others(t)
}

// scaled is the database with many tickets.
type scaled struct{ db *postgres.Pool }

// check holds a statement to its indexes.
func check[T any](t *testing.T, s *scaled, what string, query postgres.Query[T]) int {
	t.Helper()
	told, text := explain(t, s.db, query)
	if scans := told.scans(); len(scans) > 0 {
		t.Errorf("%s reads all of %v:\n%s", what, scans, text)
	}
	return told.pages()
}

// same tells whether a later page costs no more than the first does: within a half, and the pages that it takes to go by
// another index instead. It may cost less: what it passes over depends on what lies there.
func same(first, later int) bool { return later <= first*3/2+150 }

const deep = 199 // pages in front of the one that is held against the first

func (s *scaled) lists(t *testing.T) {
	open := []tickets.Status{tickets.StatusNew, tickets.StatusOpen, tickets.StatusPendingCustomer}
	by := func(field tickets.OrderField, direction tickets.Direction) tickets.Order {
		return tickets.Order{Field: field, Direction: direction}
	}
	due := by(tickets.OrderDue, tickets.Ascending)
	for name, list := range map[string]tickets.List{
		"newest":           {Order: tickets.Newest},
		"oldest":           {Order: by(tickets.OrderCreated, tickets.Ascending)},
		"urgent":           {Order: by(tickets.OrderPriority, tickets.Ascending)},
		"due":              {Order: due},
		"open by due":      {Order: due, Filter: &tickets.Filter{Status: open}},
		"open":             {Order: tickets.Newest, Filter: &tickets.Filter{Status: open}},
		"a team's":         {Order: due, Filter: &tickets.Filter{Status: open, Team: []accounts.TeamID{world.Teams[0].ID}}},
		"an agent's":       {Order: due, Filter: &tickets.Filter{Assignee: &tickets.AssigneeFilter{Me: new(true)}}, Me: &world.Agents[0].ID},
		"an account's":     {Order: tickets.Newest, Filter: &tickets.Filter{Account: []accounts.ID{world.Landmarks.Single}}},
		"by word":          {Order: tickets.Newest, Filter: &tickets.Filter{Text: new("zebra")}},
		"by a common word": {Order: tickets.Newest, Filter: &tickets.Filter{Text: new("error")}},
		"any of much":      {Order: tickets.Newest, Filter: &tickets.Filter{Or: []*tickets.Filter{{Priority: []tickets.Priority{tickets.P1}}, {Impact: []tickets.Impact{tickets.ImpactOutage}}}}},
	} {
		list.First = 20
		s.turn(t, name, accounts.Staff, list)
	}
	for name, scope := range scopes(t) {
		if name != "staff" && name != "nobody" {
			s.turn(t, "a customer's, "+name, scope, tickets.List{Order: tickets.Newest, First: 20})
		}
	}
}

// turn compares the first page of a list with the 200th, or with its last one where it is shorter.
func (s *scaled) turn(t *testing.T, name string, scope accounts.Scope, list tickets.List) {
	t.Helper()
	first := check(t, s, name, tickets.Page(scope, list))
	all := list
	all.First = deep * list.First
	rows := read(t, s.db, tickets.Page(scope, all))
	if len(rows) < 3*list.First {
		t.Logf("%-28s %5d pages, %d tickets", name, first, len(rows))
		return
	}
	rows = rows[:min(len(rows)-list.First-1, all.First)]
	list.After = new(list.Order.Cursor(rows[len(rows)-1]))
	later := check(t, s, name+", later", tickets.Page(scope, list))
	if t.Logf("%-28s %5d pages, %5d behind %d", name, first, later, len(rows)); !same(first, later) {
		t.Errorf("%s: the first page costs %d, that behind %d tickets %d", name, first, len(rows), later)
	}
}

func (s *scaled) searches(t *testing.T) {
	everybody := scopes(t)
	for _, name := range []string{"staff", "subtree", "account", "own"} {
		for _, text := range []string{"error", "fails", "zebra", "giraffe", "worker error", "\"case 77\"", "nothing-like-it", "zebra or giraffe", "fails -error"} {
			scope, what := everybody[name], fmt.Sprintf("search %q as %s", text, name)
			first := check(t, s, what, tickets.Search(scope, text, 20, postgres.Position{}))
			rows := read(t, s.db, tickets.Search(scope, text, deep*20, postgres.Position{}))
			if len(rows) < 60 {
				t.Logf("%-40s %5d pages, %d tickets", what, first, len(rows))
				continue
			}
			rows = rows[:min(len(rows)-21, deep*20)]
			after, err := postgres.Behind(tickets.HitOrder, new(rows[len(rows)-1].Cursor()))
			if err != nil {
				t.Fatal(err)
			}
			later := check(t, s, what+", later", tickets.Search(scope, text, 20, after))
			if t.Logf("%-40s %5d pages, %5d behind %d", what, first, later, len(rows)); !same(first, later) {
				t.Errorf("%s: the first page costs %d, that behind %d tickets %d", what, first, len(rows), later)
			}
		}
	}
}

// others are the reads of what hangs on a page of tickets.
func (s *scaled) others(t *testing.T) {
	var ids []tickets.ID
	for _, ticket := range read(t, s.db, tickets.Page(accounts.Staff, tickets.List{Order: tickets.Newest, First: 50})) {
		ids = append(ids, ticket.ID)
	}
	due := tickets.List{Order: tickets.Order{Field: tickets.OrderDue, Direction: tickets.Ascending}, First: 20, Filter: &tickets.Filter{Overdue: new(true)}}
	open := tickets.List{Order: tickets.Newest, First: 20, Filter: &tickets.Filter{Status: []tickets.Status{tickets.StatusNew}}}
	for what, pages := range map[string]int{
		"by key":     check(t, s, "by key", tickets.ByID(accounts.Staff, ids)),
		"threads":    check(t, s, "threads", tickets.MessagesOf(accounts.Staff, ids, tickets.Thread{First: 20})),
		"timelines":  check(t, s, "timelines", tickets.TimelineOf(accounts.Staff, ids, tickets.Thread{First: 20})),
		"notes":      check(t, s, "notes", tickets.NotesOf(accounts.Staff, ids, tickets.Thread{First: 20})),
		"histories":  check(t, s, "histories", tickets.SlaHistories(accounts.Staff, ids)),
		"highlights": check(t, s, "highlights", tickets.Highlights(accounts.Staff, ids, "error")),
		"similar":    check(t, s, "similar", tickets.Similar(accounts.Staff, ids[:1])),
		"counts":     check(t, s, "counts", tickets.Counts(accounts.Staff, []tickets.List{due, open})),
		"views":      check(t, s, "views", tickets.OfLists(accounts.Staff, []tickets.List{due, open})),
	} {
		t.Logf("%-28s %5d pages", what, pages)
	}
}
