package tickets_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
	"supportgraph/clients/sandbox"
	"supportgraph/clients/tickets"
)

var storm = flag.Duration("storm", 3*time.Second, "how long the workers change the same tickets")

const (
	stormWorkers = 32
	stormTickets = 4
)

// TestStorm has many workers change the same few tickets at once, with versions that are mostly out of date, and send again
// what they have sent. Then it holds the database to what they were told: nothing lost, nothing twice, nothing of what was
// refused, and a chain of events that leads to what the tickets are.
func TestStorm(t *testing.T) {
	t.Parallel()
	config, err := box.Postgres.Database(t.Context(), "storm", sandbox.Template)
	if err != nil {
		t.Fatal(err)
	}
	config.MaxConnections = 16
	db, err := postgres.Open(t.Context(), config, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	w := &weather{store: tickets.NewStore(db), db: db, told: map[string]told{}}
	w.cast(t)
	w.prepare(t)
	for n := range stormTickets {
		outcome, err := w.store.Create(t.Context(), w.authors[len(w.authors)-1], tickets.NewTicket{
			IdempotencyKey: fmt.Sprint("begin ", n), Account: w.account, Category: world.Categories[len(world.Categories)-1].ID,
			Impact: tickets.ImpactMinor, Subject: fmt.Sprint("Storm ", n), Body: fmt.Sprint("It begins ", n),
		})
		if err != nil || outcome.TicketID == nil {
			t.Fatalf("no ticket: %v %+v", err, outcome)
		}
		w.tickets = append(w.tickets, *outcome.TicketID)
	}
	ctx, cancel := context.WithTimeout(t.Context(), *storm)
	defer cancel()
	var working sync.WaitGroup
	for n := range stormWorkers {
		working.Go(func() {
			r := rand.New(rand.NewPCG(uint64(n), 7))
			for i := 0; ctx.Err() == nil; i++ {
				if err := w.blow(t.Context(), db, r, fmt.Sprintf("%d-%d", n, i)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	working.Wait()
	w.look(t, db)
}

// weather is what the workers share.
type weather struct {
	store   *tickets.Store
	account accounts.ID
	authors []tickets.Author // agents, then contacts
	mates   []accounts.ContactID
	macro   tickets.MacroID
	db      *postgres.Pool

	mu      sync.Mutex
	tickets []tickets.ID
	told    map[string]told // by what was sent, which is unique
	made    int             // changes that were made
	said    int             // changes that were refused
}

// told is what a worker was told of a change that only one makes.
type told struct {
	kind     string // "message", "note" or "subject"
	ticket   tickets.ID
	expected int
	made     bool
}

func (w *weather) cast(t *testing.T) {
	for _, agent := range world.Agents {
		if agent.DeactivatedAt == nil && len(w.authors) < 4 {
			w.authors = append(w.authors, tickets.Author{Scope: accounts.Staff, Agent: &agent.ID})
		}
	}
	jonas := contact(t, "jonas.petersen@blauwal-logistik.example")
	scope := accounts.NewScope(jonas, read(t, pool, accounts.ScopeOf(jonas)))
	w.authors = append(w.authors, tickets.Author{Scope: scope})
	w.account = scope.All[0]
	w.mates = []accounts.ContactID{contact(t, "anke.mueller@blauwal-logistik.example"), contact(t, "juergen.vogel@blauwal-logistik.example")}
}

// blow makes one change, which may be refused, and sends it again at the same time or later, which must be told the same.
func (w *weather) blow(ctx context.Context, db *postgres.Pool, r *rand.Rand, name string) error {
	by, ticket := w.authors[r.IntN(len(w.authors))], w.any(r)
	var version int
	if err := db.QueryRow(ctx, "select version from tickets where id = $1", ticket).Scan(&version); err != nil {
		return err
	}
	version = max(1, version-r.IntN(4))
	change, kind := w.choose(r, by, ticket, version, name)
	if by.Scope.Staff && r.IntN(3) == 0 {
		change, kind = w.mix(r, by, ticket, version, name)
	}

	answers, errs := make([]*tickets.Outcome, 2), make([]error, 2)
	if again := r.IntN(3); again == 0 { // beside each other
		var both sync.WaitGroup
		for i := range answers {
			both.Go(func() { answers[i], errs[i] = change(ctx) })
		}
		both.Wait()
	} else {
		answers[0], errs[0] = change(ctx)
		answers[1] = answers[0]
		if again == 1 && errs[0] == nil && len(answers[0].UserErrors) == 0 {
			answers[1], errs[1] = change(ctx)
		}
	}
	made := 0
	for i, answer := range answers {
		if errs[i] != nil {
			return fmt.Errorf("%s of %s: %w", kind, name, errs[i])
		}
		if len(answer.UserErrors) == 0 {
			made++
		}
	}
	// Where both were sent at once, the first may have been refused and the second made: nothing else may differ.
	// A message or note may have gone to another ticket meanwhile: the answer names that.
	if made == 2 && (kind != "message" && kind != "note" && !equal(answers[0].TicketID, answers[1].TicketID) || !equal(answers[0].MessageID, answers[1].MessageID) || !equal(answers[0].NoteID, answers[1].NoteID)) {
		return fmt.Errorf("%s of %s is answered with %+v and then with %+v", kind, name, answers[0], answers[1])
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.told[name] = (told{kind, ticket, version, made > 0}); made > 0 {
		w.made++
	} else {
		w.said++
	}
	return nil
}

func equal[T comparable](a, b *T) bool { return a == b || a != nil && b != nil && *a == *b }

func (w *weather) choose(r *rand.Rand, by tickets.Author, ticket tickets.ID, version int, name string) (change func(context.Context) (*tickets.Outcome, error), kind string) {
	staff := by.Scope.Staff
	switch n := r.IntN(10); {
	case n < 3:
		return func(ctx context.Context) (*tickets.Outcome, error) {
			input := tickets.NewReply{IdempotencyKey: name, Ticket: ticket, ExpectedVersion: version, Body: name}
			outcome, err := w.store.Reply(ctx, by, input)
			if err == nil && len(outcome.UserErrors) > 0 {
				if crossing, ok := outcome.UserErrors[0].(*tickets.CrossingReplyError); ok {
					input.Crossing = &crossing.MessageID
					if confirmed, err := w.store.Reply(ctx, by, input); err != nil || len(confirmed.UserErrors) == 0 {
						return confirmed, err
					}
				}
			}
			return outcome, err
		}, "message"
	case n < 4 && staff:
		return func(ctx context.Context) (*tickets.Outcome, error) {
			return w.store.AddNote(ctx, by, tickets.NewNote{IdempotencyKey: name, Ticket: ticket, Body: name})
		}, "note"
	case n < 6:
		return func(ctx context.Context) (*tickets.Outcome, error) {
			return w.store.Update(ctx, by, tickets.Update{IdempotencyKey: name, Ticket: ticket, ExpectedVersion: version, Subject: &name})
		}, "subject"
	case n < 7:
		to := []tickets.Status{tickets.StatusOpen, tickets.StatusPendingCustomer, tickets.StatusSolved}[r.IntN(3)]
		return func(ctx context.Context) (*tickets.Outcome, error) {
			return w.store.SetStatus(ctx, by, tickets.StatusChange{IdempotencyKey: name, Ticket: ticket, ExpectedVersion: version, Status: to})
		}, "status"
	case n < 8 && staff:
		agent := w.authors[r.IntN(len(w.authors)-1)].Agent
		return func(ctx context.Context) (*tickets.Outcome, error) {
			return w.store.Assign(ctx, by, tickets.Assignment{IdempotencyKey: name, Ticket: ticket, ExpectedVersion: version, Agent: agent})
		}, "assignment"
	case n < 9 && staff:
		input := tickets.Tagging{IdempotencyKey: name, Ticket: ticket, ExpectedVersion: version, Tags: []string{world.Tags[r.IntN(3)].Name, world.Tags[r.IntN(3)].Name}}
		if r.IntN(2) == 0 {
			return func(ctx context.Context) (*tickets.Outcome, error) { return w.store.AddTags(ctx, by, input) }, "tags"
		}
		return func(ctx context.Context) (*tickets.Outcome, error) { return w.store.RemoveTags(ctx, by, input) }, "tags"
	default:
		input := tickets.Participation{IdempotencyKey: name, Ticket: ticket, ExpectedVersion: version, Contact: w.mates[r.IntN(len(w.mates))]}
		if r.IntN(2) == 0 {
			return func(ctx context.Context) (*tickets.Outcome, error) { return w.store.AddParticipant(ctx, by, input) }, "participant"
		}
		return func(ctx context.Context) (*tickets.Outcome, error) { return w.store.RemoveParticipant(ctx, by, input) }, "participant"
	}
}

// prepare makes a macro that all agents do.
func (w *weather) prepare(t *testing.T) {
	t.Helper()
	p4 := tickets.P4
	outcome, err := w.store.SaveMacro(t.Context(), w.authors[0], tickets.MacroText{
		IdempotencyKey: "macro", Name: "Storm", Actions: tickets.Actions{Priority: &p4, ToMe: true, AddTags: []string{world.Tags[0].Name}},
	})
	if err != nil || outcome.MacroID == nil {
		t.Fatalf("no macro: %v %+v", err, outcome)
	}
	w.macro = *outcome.MacroID
}

// any is one of the tickets, also of those that were split off.
func (w *weather) any(r *rand.Rand) tickets.ID {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.tickets[r.IntN(len(w.tickets))]
}

// mix is a change of several tickets, or of what stands on one.
func (w *weather) mix(r *rand.Rand, by tickets.Author, ticket tickets.ID, version int, name string) (change func(context.Context) (*tickets.Outcome, error), kind string) {
	other := w.any(r)
	var last *tickets.MessageID
	var note *tickets.NoteID
	var into *tickets.ID
	read := func(ctx context.Context) error {
		return w.db.QueryRow(ctx, `select last_message_id, merged_into_id,
			(select id from internal_notes where ticket_id = t.id and message_id is null order by created_at desc limit 1)
			from tickets t where id = $1`, ticket).Scan(&last, &into, &note)
	}
	if err := read(context.Background()); err != nil {
		return func(context.Context) (*tickets.Outcome, error) { return nil, err }, "reading"
	}
	switch r.IntN(9) {
	case 0:
		return func(ctx context.Context) (*tickets.Outcome, error) {
			return w.store.Merge(ctx, by, tickets.Merge{IdempotencyKey: name, Ticket: ticket, ExpectedVersion: version, Into: other})
		}, "merge"
	case 1, 2:
		if into != nil {
			other = *into
		}
		return func(ctx context.Context) (*tickets.Outcome, error) {
			return w.store.Unmerge(ctx, by, tickets.Unmerge{IdempotencyKey: name, Ticket: ticket, ExpectedVersion: version, From: other})
		}, "unmerge"
	case 3:
		return func(ctx context.Context) (*tickets.Outcome, error) {
			by := w.authors[0]
			return w.store.ApplyMacro(ctx, by, tickets.Application{IdempotencyKey: name, Ticket: ticket, ExpectedVersion: version, Macro: w.macro})
		}, "macro"
	case 4:
		status := []tickets.Status{tickets.StatusOpen, tickets.StatusSolved}[r.IntN(2)]
		chosen := []tickets.ID{ticket}
		if other != ticket {
			chosen = append(chosen, other)
		}
		return func(ctx context.Context) (*tickets.Outcome, error) {
			return w.store.BulkUpdate(ctx, by, tickets.Bulk{
				IdempotencyKey: name, Tickets: chosen,
				Actions: &tickets.Actions{Status: &status, RemoveTags: []string{world.Tags[0].Name}, ToNobody: true},
			})
		}, "bulk"
	case 5:
		if note != nil {
			return func(ctx context.Context) (*tickets.Outcome, error) {
				return w.store.Publish(ctx, by, tickets.Publication{IdempotencyKey: name, Ticket: ticket, ExpectedVersion: version, Note: *note})
			}, "publication"
		}
	case 6:
		if last != nil {
			return func(ctx context.Context) (*tickets.Outcome, error) {
				return w.store.Withdraw(ctx, by, tickets.Withdrawal{IdempotencyKey: name, Ticket: ticket, ExpectedVersion: version, Message: *last})
			}, "withdrawal"
		}
	case 7:
		w.mu.Lock()
		room := len(w.tickets) < 3*stormTickets
		w.mu.Unlock()
		if last != nil && room && r.IntN(4) == 0 {
			return func(ctx context.Context) (*tickets.Outcome, error) {
				outcome, err := w.store.Split(ctx, by, tickets.Split{IdempotencyKey: name, Ticket: ticket, ExpectedVersion: version, Message: *last, Subject: "Split " + name})
				if err == nil && outcome.OtherID != nil {
					w.mu.Lock()
					defer w.mu.Unlock()
					if !slices.Contains(w.tickets, *outcome.OtherID) {
						w.tickets = append(w.tickets, *outcome.OtherID)
					}
				}
				return outcome, err
			}, "split"
		}
	}
	return func(ctx context.Context) (*tickets.Outcome, error) {
		return w.store.SaveDraft(ctx, by, tickets.DraftText{IdempotencyKey: name, Ticket: ticket, Form: tickets.DraftReply, Body: name})
	}, "draft"
}

// happened is an event as the table has it.
type happened struct {
	Version          int
	Kind             string
	Field, From, To  *string
	Thing            *string // the tag, contact or message
	FromWhom, ToWhom *string
	CreatedAt        time.Time
}

// look holds the database to what the workers were told.
func (w *weather) look(t *testing.T, db *postgres.Pool) {
	t.Helper()
	ctx := t.Context()
	texts := func(query string, args ...any) []string {
		rows, err := db.Query(ctx, query, args...)
		if err != nil {
			t.Fatal(err)
		}
		found, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	count := map[string]int{}
	for kind, query := range map[string]string{
		"message": "select body from messages where body <> '' union all select body from internal_notes where body <> ''",
		"note":    "select body from messages where body <> '' union all select body from internal_notes where body <> ''",
		"subject": "select to_value from ticket_events where field = 'SUBJECT' and ticket_id = any($1)",
	} {
		args := []any{w.tickets}
		if kind != "subject" {
			args = nil // wherever it was moved to
		}
		for _, text := range texts(query, args...) {
			count[kind+" "+text]++
		}
	}
	for name, told := range w.told {
		if told.kind != "message" && told.kind != "note" && told.kind != "subject" {
			continue
		}
		want := 0
		if told.made {
			want = 1
		}
		if got := count[told.kind+" "+name]; got != want {
			t.Errorf("%s %s was told to be made: %v, and is there %d times", told.kind, name, told.made, got)
		}
	}
	settled(t, db)
	for _, ticket := range w.tickets {
		rows, err := db.Query(ctx, `select version, kind, field, from_value as "from", to_value as "to",
				coalesce(tag_id, contact_id, message_id)::text as thing, from_agent_id::text as from_whom, to_agent_id::text as to_whom, created_at
			from ticket_events where ticket_id = $1 order by created_at, id`, ticket)
		if err != nil {
			t.Fatal(err)
		}
		events, err := pgx.CollectRows(rows, pgx.RowToStructByNameLax[happened])
		if err != nil {
			t.Fatal(err)
		}
		w.follow(t, db, ticket, events)
	}
	var keys int
	if err := db.QueryRow(ctx, "select count(*) from idempotency_keys").Scan(&keys); err != nil {
		t.Fatal(err)
	}
	if keys != w.made+stormTickets+1 { // and the macro's
		t.Errorf("%d keys are kept of %d changes", keys, w.made+stormTickets+1)
	}
	if rest := texts("select state from operations where state not in ('FINISHED', 'UNDONE') union all select state from operation_items where state = 'WAITING'"); len(rest) > 0 {
		t.Errorf("bulk changes that were answered stand at %q", rest)
	}
	if wrong := texts(`select m.id::text from messages m left join internal_notes n on n.id = m.note_id
		where m.note_id is not null and (n.message_id is not null or n.ticket_id <> m.ticket_id)`); len(wrong) > 0 {
		t.Errorf("%d messages are neither shown nor hidden whole", len(wrong))
	}
	if w.made < 50 || w.said == 0 {
		t.Errorf("%d changes were made and %d refused: too few to prove anything", w.made, w.said)
	}
	t.Logf("%d changes made, %d refused", w.made, w.said)
}

// follow goes along the events of a ticket: each begins where the one before it of the same field ended, and the last
// leads to what the ticket is.
func (w *weather) follow(t *testing.T, db *postgres.Pool, ticket tickets.ID, events []happened) {
	t.Helper()
	now := read(t, db, tickets.ByID(accounts.Staff, []tickets.ID{ticket}))[0]
	version, last := 0, map[string]string{"SUBJECT": "", "STATUS": "", "PRIORITY": "", "ASSIGNMENT": ""}
	hanging := map[string]bool{}
	subjects := map[string][2]int{} // the versions before and of each change of the subject
	before := 1
	var at time.Time
	for i, e := range events {
		if e.Version != version && e.Version != version+1 || !e.CreatedAt.After(at) {
			t.Fatalf("event %d of %s has version %d after %d, at %s after %s", i, ticket, e.Version, version, e.CreatedAt, at)
		}
		version, at = e.Version, e.CreatedAt
		step := func(field string, from, to *string) {
			if was := value(from); was != last[field] && !(field == "SUBJECT" && last[field] == "") {
				t.Errorf("event %d of %s leads from %q, and the one before it to %q", i, ticket, was, last[field])
			}
			last[field] = value(to)
		}
		switch e.Kind {
		case "STATUS", "PRIORITY":
			step(e.Kind, e.From, e.To)
		case "ASSIGNMENT":
			step(e.Kind, e.FromWhom, e.ToWhom)
		case "FIELD":
			step(*e.Field, e.From, e.To)
			subjects[*e.To] = [2]int{before, version}
			before = version
		case "TAG", "PARTICIPANT":
			if hanging[*e.Thing] == (*e.To == "ADDED") {
				t.Errorf("event %d of %s says %s of what is so already", i, ticket, *e.To)
			}
			hanging[*e.Thing] = *e.To == "ADDED"
		}
	}
	if version != now.Version || !at.Equal(now.UpdatedAt) {
		t.Errorf("%s is at version %d, at %s, and its events at %d, at %s", ticket, now.Version, now.UpdatedAt, version, at)
	}
	for name, versions := range subjects {
		if told := w.told[name]; told.expected < versions[0] {
			t.Errorf("subject %s was made against version %d, and lost that of version %d", name, told.expected, versions[0])
		}
	}
	if last["SUBJECT"] != "" && last["SUBJECT"] != now.Subject || last["STATUS"] != string(now.Status) || last["PRIORITY"] != string(now.Priority) {
		t.Errorf("the events of %s lead to %v, and it is %+v", ticket, last, now)
	}
	var newest string
	var there []string
	err := db.QueryRow(t.Context(), `select coalesce((select id::text from messages where ticket_id = $1 and note_id is null order by created_at desc, id desc limit 1), ''),
		array(select tag_id::text from ticket_tags where ticket_id = $1 union all select contact_id::text from ticket_participants where ticket_id = $1)`,
		ticket).Scan(&newest, &there)
	if err != nil {
		t.Fatal(err)
	}
	var shown string
	if err := db.QueryRow(t.Context(), "select coalesce(last_message_id::text, '') from tickets where id = $1", ticket).Scan(&shown); err != nil {
		t.Fatal(err)
	}
	if newest != shown {
		t.Errorf("the newest message of %s is %s by itself and %s by the ticket", ticket, newest, shown)
	}
	for thing, hangs := range hanging {
		if hangs != slices.Contains(there, thing) {
			t.Errorf("%s hangs on %s: %v by the events", thing, ticket, hangs)
		}
	}
}

func value(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
