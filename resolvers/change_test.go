package resolvers_test

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"golang.org/x/tools/txtar"

	"supportgraph/clients"
	"supportgraph/clients/postgres"
	"supportgraph/clients/sandbox"
)

// TestChanges goes through the steps of each file of testdata/changes, on a copy of the world that is the file's own. A
// step is named by who asks and a sentence ("agent: solves it"), and holds the operation; the whole answer and the calls
// to each source follow. A step named "sql" changes the database itself. In an operation, <ticket T-1234> and the like
// stand for global IDs, and <long 501> for a text of so many characters. A file with a part named "kept" is asked of a house
// that keeps what the vendors answer, and holds to budgets.
func TestChanges(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/changes/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no goldens: %v", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var adjust []func(*clients.Config)
			if bytes.Contains(text, []byte("\n-- kept --\n")) {
				adjust = append(adjust, keeping)
			}
			steps(t, own(t, "changes_"+name, adjust...), file)
		})
	}
}

// keeping has a house keep what the vendors answer, and hold to budgets.
func keeping(config *clients.Config) {
	config.Cache, config.Budgets = clients.UsualCache(), true
	config.Cache.Tenant = rand.Text() // nobody else's, nor another run's
}

// own is the same house on a copy of the world, which the test may change.
func own(t *testing.T, name string, adjust ...func(*clients.Config)) *house {
	t.Helper()
	box := *theHouse.sandbox
	database, err := box.Postgres.Database(t.Context(), name, sandbox.Template)
	if err != nil {
		t.Fatal(err)
	}
	box.Config.Postgres = database
	for _, adjust := range adjust {
		adjust(&box.Config)
	}
	h, err := open(&box, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.clients.Close)
	return h
}

// rows sums up what the tables hold, by each row's place and the transaction that wrote it: whatever is added, changed or
// removed makes another sum.
func rows(t *testing.T, h *house) map[string]string {
	t.Helper()
	all, err := postgres.Select(t.Context(), h.clients.Postgres, postgres.Query[string]{
		SQL: `select format('select %L as name, coalesce(sum(hashtextextended(ctid::text || xmin::text, 0)), 0)::text as sum from %I', relname, relname)
			from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by relname`,
		Row: pgx.RowTo[string],
	})
	if err != nil || len(all) == 0 {
		t.Fatalf("no tables: %v", err)
	}
	type table struct{ Name, Sum string }
	found, err := postgres.Select(t.Context(), h.clients.Postgres, postgres.Query[table]{
		SQL: strings.Join(all, " union all "), Row: pgx.RowToStructByName[table],
	})
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string]string{}
	for _, table := range found {
		sums[table.Name] = table.Sum
	}
	return sums
}

func steps(t *testing.T, h *house, file string) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	given := map[string]string{} // by the name of the step and the part
	step := ""
	for _, part := range archive.Files {
		if part.Name != "answer" && part.Name != "calls" {
			step = part.Name
		}
		given[step+"/"+part.Name] = string(part.Data)
	}
	var written []txtar.File
	for _, part := range archive.Files {
		who, _, isStep := strings.Cut(part.Name, ": ")
		switch {
		case part.Name == "kept":
			written = append(written, part)
		case part.Name == "sql":
			if _, err := h.clients.Postgres.Exec(t.Context(), string(part.Data)); err != nil {
				t.Fatal(err)
			}
			written = append(written, part)
		case isStep:
			operation, before := h.named(t, string(part.Data)), rows(t, h)
			got := h.ask(t, h.planned, who, operation, nil)
			if strings.Contains(string(got.body), `"userErrors":[{`) && !bytes.Contains(got.body, []byte(`"userErrors":[]`)) {
				if diff := cmp.Diff(before, rows(t, h)); diff != "" {
					t.Errorf("%s: it was refused, and left something behind (-before +after):\n%s", part.Name, diff)
				}
			}
			shown := indent(t, got.body)
			if got.status != 200 {
				shown = fmt.Sprintf("HTTP %d\n%s", got.status, shown)
			}
			written = append(written, part, txtar.File{Name: "answer", Data: []byte(shown)}, txtar.File{Name: "calls", Data: []byte(got.calls.String())})
			if *update {
				continue
			}
			if diff := cmp.Diff(given[part.Name+"/answer"], shown); diff != "" {
				t.Errorf("%s: the answer differs (-golden +answer):\n%s", part.Name, diff)
			}
			if diff := cmp.Diff(given[part.Name+"/calls"], got.calls.String()); diff != "" {
				t.Errorf("%s: the calls differ (-golden +made):\n%s", part.Name, diff)
			}
		}
	}
	if *update {
		archive.Files = written
		if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

var placeholder = regexp.MustCompile(`<([a-z]+) ([^>]+)>`)

// keys are how the IDs of each kind are found, and what they begin with.
var keys = map[string]struct {
	prefix func([16]byte) string
	query  string
}{
	"ticket":   {keyed[ticketKind], "select id from tickets where 'T-' || number = $1"},
	"message":  {keyed[messageKind], "select last_message_id from tickets where 'T-' || number = $1"},
	"opening":  {keyed[messageKind], "select m.id from messages m join tickets t on t.id = m.ticket_id where 'T-' || t.number = $1 order by m.created_at limit 1"},
	"hidden":   {keyed[messageKind], "select m.id from messages m join tickets t on t.id = m.ticket_id where 'T-' || t.number = $1 and m.note_id is not null limit 1"},
	"note":     {keyed[noteKind], "select n.id from internal_notes n join tickets t on t.id = n.ticket_id where 'T-' || t.number = $1 order by n.created_at desc limit 1"},
	"draft":    {keyed[draftKind], "select d.id from drafts d join tickets t on t.id = d.ticket_id where 'T-' || t.number = $1 limit 1"},
	"canned":   {keyed[cannedKind], "select id from canned_replies where name = $1"},
	"macro":    {keyed[macroKind], "select id from macros where name = $1"},
	"done":     {keyed[operationKind], "select o.id from operations o where o.kind = $1 order by o.id desc limit 1"},
	"category": {keyed[categoryKind], "select id from categories where key = $1"},
	"account":  {keyed[accountKind], "select id from accounts where name = $1"},
	"contact":  {keyed[contactKind], "select id from contacts where email = $1"},
	"agent":    {keyed[agentKind], "select id from agents where name = $1"},
	"team":     {keyed[teamKind], "select id from teams where name = $1"},
	"view":     {keyed[viewKind], "select id from ticket_views where name = $1"},
}

type (
	ticketKind  struct{}
	messageKind struct{}
	noteKind    struct{}

	draftKind     struct{}
	cannedKind    struct{}
	macroKind     struct{}
	operationKind struct{}

	categoryKind struct{}
	accountKind  struct{}
	contactKind  struct{}
	agentKind    struct{}
	teamKind     struct{}
	viewKind     struct{}
)

func (ticketKind) Prefix() string    { return "tkt" }
func (messageKind) Prefix() string   { return "msg" }
func (noteKind) Prefix() string      { return "note" }
func (draftKind) Prefix() string     { return "drf" }
func (cannedKind) Prefix() string    { return "can" }
func (macroKind) Prefix() string     { return "mac" }
func (operationKind) Prefix() string { return "op" }

func (categoryKind) Prefix() string { return "cat" }
func (accountKind) Prefix() string  { return "acc" }
func (contactKind) Prefix() string  { return "con" }
func (agentKind) Prefix() string    { return "agt" }
func (teamKind) Prefix() string     { return "team" }
func (viewKind) Prefix() string     { return "view" }

func keyed[K postgres.Kind](uuid [16]byte) string { return postgres.Key[K]{UUID: uuid}.String() }

// named puts IDs and long texts in the place of their names.
func (h *house) named(t testing.TB, operation string) string {
	t.Helper()
	return placeholder.ReplaceAllStringFunc(operation, func(found string) string {
		parts := placeholder.FindStringSubmatch(found)
		if parts[1] == "long" {
			n, err := strconv.Atoi(parts[2])
			if err != nil {
				t.Fatal(err)
			}
			return strings.Repeat("x", n)
		}
		kind, known := keys[parts[1]]
		var uuid [16]byte
		if !known {
			t.Fatalf("nobody knows what %s is", found)
		} else if parts[2] != "nowhere" {
			if err := h.clients.Postgres.QueryRow(t.Context(), kind.query, parts[2]).Scan(&uuid); err != nil {
				t.Fatalf("%s: %v", found, err)
			}
		}
		return kind.prefix(uuid)
	})
}
