package tickets_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
	"supportgraph/clients/sandbox/seed"
	"supportgraph/clients/tickets"
)

// longThreads are some tickets with much on them.
func longThreads() []*seed.Case {
	list := slices.Clone(cases)
	slices.SortStableFunc(list, func(a, b *seed.Case) int { return len(b.Events) - len(a.Events) })
	return list[:12]
}

// thread pages through what hangs on one ticket.
func thread[T any](t *testing.T, id tickets.ID, order byte, cursor func(T) postgres.Cursor, query func([]tickets.ID, tickets.Thread) postgres.Query[T]) []T {
	t.Helper()
	at := tickets.Thread{First: 3}
	var found []T
	for {
		if err := at.Check(order); err != nil {
			t.Fatal(err)
		}
		page := postgres.NewPage(read(t, pool, query([]tickets.ID{id}, at)), at.First, at.After, cursor)
		found = append(found, page.Nodes...)
		if !page.HasNext {
			return found
		}
		at.After = new(cursor(page.Nodes[at.First-1]))
	}
}

func TestThreadsPage(t *testing.T) {
	t.Parallel()
	for _, c := range longThreads() {
		id := c.Ticket.ID
		messages := thread(t, id, tickets.MessageOrder, (*tickets.Message).Cursor, func(ids []tickets.ID, at tickets.Thread) postgres.Query[*tickets.Message] {
			return tickets.MessagesOf(accounts.Staff, ids, at)
		})
		if diff := gocmp.Diff(c.Messages, messages); diff != "" {
			t.Errorf("messages of %s: %s", c.Ticket.Ref(), diff)
		}
		notes := thread(t, id, tickets.NoteOrder, (*tickets.InternalNote).Cursor, func(ids []tickets.ID, at tickets.Thread) postgres.Query[*tickets.InternalNote] {
			return tickets.NotesOf(accounts.Staff, ids, at)
		})
		if diff := gocmp.Diff(c.Notes, notes); diff != "" {
			t.Errorf("notes of %s: %s", c.Ticket.Ref(), diff)
		}
		entries := thread(t, id, tickets.TimelineOrder, func(e tickets.TimelineEntry) postgres.Cursor { return e.Happened().Cursor() },
			func(ids []tickets.ID, at tickets.Thread) postgres.Query[tickets.TimelineEntry] {
				return tickets.TimelineOf(accounts.Staff, ids, at)
			})
		if diff := gocmp.Diff(timeline(c, accounts.Staff), entries); diff != "" {
			t.Errorf("timeline of %s: %s", c.Ticket.Ref(), diff)
		}
	}
}

// timeline is what a scope sees of a ticket's events.
func timeline(c *seed.Case, scope accounts.Scope) []tickets.TimelineEntry {
	var entries []tickets.TimelineEntry
	for _, e := range c.Events {
		switch e.Kind {
		case "MESSAGE":
			entries = append(entries, &tickets.MessageEntry{Event: e.Event, MessageID: *e.MessageID})
		case "STATUS":
			entries = append(entries, &tickets.StatusEntry{Event: e.Event, From: (*tickets.Status)(e.FromValue), To: tickets.Status(*e.ToValue), Reason: e.Reason})
		case "ASSIGNMENT":
			entries = append(entries, &tickets.AssignmentEntry{Event: e.Event, FromAgentID: e.FromAgentID, FromTeamID: e.FromTeamID, ToAgentID: e.ToAgentID, ToTeamID: e.ToTeamID})
		case "PRIORITY":
			entries = append(entries, &tickets.PriorityEntry{Event: e.Event, From: (*tickets.Priority)(e.FromValue), To: tickets.Priority(*e.ToValue)})
		}
		if !scope.Staff {
			continue
		}
		switch e.Kind {
		case "NOTE":
			entries = append(entries, &tickets.NoteEntry{Event: e.Event, NoteID: *e.NoteID})
		case "TAG":
			entries = append(entries, &tickets.TagEntry{Event: e.Event, TagID: *e.TagID, Change: tickets.TagChange(*e.ToValue)})
		case "SLA":
			entries = append(entries, &tickets.SlaEntry{Event: e.Event, Clock: *e.Reason, State: *e.ToValue})
		case "LINK":
			entries = append(entries, &tickets.LinkEntry{Event: e.Event, Change: tickets.Linked, System: *e.Reason, Reference: *e.ToValue})
		}
	}
	return entries
}

// TestThreadsOfEverybody reads what hangs on all tickets at once, as each of the viewers.
func TestThreadsOfEverybody(t *testing.T) {
	t.Parallel()
	every := ids(cases)
	for name, scope := range scopes(t) {
		visible := seen(scope)
		messages, events := map[tickets.ID][]*tickets.Message{}, map[tickets.ID][]tickets.TimelineEntry{}
		for some := range slices.Chunk(every, 250) { // all at once is long for a statement on a busy machine
			for _, m := range read(t, pool, tickets.MessagesOf(scope, some, tickets.Thread{First: 100})) {
				messages[m.TicketID] = append(messages[m.TicketID], m)
			}
			for _, e := range read(t, pool, tickets.TimelineOf(scope, some, tickets.Thread{First: 200})) {
				events[e.Happened().TicketID] = append(events[e.Happened().TicketID], e)
			}
		}
		if len(messages) != len(visible) || len(events) != len(visible) {
			t.Errorf("%s: messages of %d and events of %d tickets, want %d", name, len(messages), len(events), len(visible))
		}
		var last []tickets.MessageID
		for i, c := range visible {
			if len(c.Messages) != len(messages[c.Ticket.ID]) || len(timeline(c, scope)) != len(events[c.Ticket.ID]) {
				t.Errorf("%s: %d messages and %d events of %s", name, len(messages[c.Ticket.ID]), len(events[c.Ticket.ID]), c.Ticket.Ref())
			}
			if i%25 > 0 {
				continue // each of them to the letter takes long
			}
			if diff := gocmp.Diff(c.Messages, messages[c.Ticket.ID]); diff != "" {
				t.Errorf("%s, messages of %s: %s", name, c.Ticket.Ref(), diff)
			}
			if diff := gocmp.Diff(timeline(c, scope), events[c.Ticket.ID]); diff != "" {
				t.Errorf("%s, timeline of %s: %s", name, c.Ticket.Ref(), diff)
			}
		}
		for _, c := range cases {
			last = append(last, *c.Ticket.LastMessageID)
		}
		for _, m := range read(t, pool, tickets.Messages(scope, last)) {
			if strings.Contains(m.Body, "CANARY") {
				t.Errorf("%s reads a note", name)
			}
		}
		if got := len(read(t, pool, tickets.Messages(scope, last))); got != len(visible) {
			t.Errorf("%s reads %d last messages, want %d", name, got, len(visible))
		}
		checkNotes(t, name, scope)
		checkParticipants(t, name, scope)
	}
}

// checkNotes: staff read every note, nobody else one.
func checkNotes(t *testing.T, name string, scope accounts.Scope) {
	t.Helper()
	var every []tickets.NoteID
	for _, c := range cases {
		for _, n := range c.Notes {
			every = append(every, n.ID)
		}
	}
	want := 0
	if scope.Staff {
		want = len(every)
	}
	byID, of := len(read(t, pool, tickets.Notes(scope, every))), len(read(t, pool, tickets.NotesOf(scope, ids(cases), tickets.Thread{First: 100})))
	if byID != want || of != want || len(every) == 0 {
		t.Errorf("%s reads %d notes by key and %d by ticket, want %d", name, byID, of, want)
	}
}

func checkParticipants(t *testing.T, name string, scope accounts.Scope) {
	t.Helper()
	got := map[tickets.ID][]*tickets.Participant{}
	for _, p := range read(t, pool, tickets.ParticipantsOf(scope, ids(cases))) {
		got[p.TicketID] = append(got[p.TicketID], p)
	}
	for _, c := range cases {
		var want []*tickets.Participant
		if sees(scope, c) {
			want = c.Participants
		}
		if !slices.EqualFunc(want, got[c.Ticket.ID], func(a, b *tickets.Participant) bool {
			return a.ContactID == b.ContactID && a.AddedAt.Equal(b.AddedAt)
		}) {
			t.Errorf("%s, participants of %s: %v, want %v", name, c.Ticket.Ref(), got[c.Ticket.ID], want)
		}
	}
}

func TestThreadCheck(t *testing.T) {
	t.Parallel()
	message := cases[0].Messages[0].Cursor()
	if err := (tickets.Thread{First: 1, After: &message}).Check(tickets.MessageOrder); err != nil {
		t.Error(err)
	}
	broken := postgres.Cursor{Order: tickets.MessageOrder, Value: "soon"}
	for cursor, order := range map[*postgres.Cursor]byte{&message: tickets.TimelineOrder, {}: tickets.NoteOrder, &broken: tickets.MessageOrder} {
		if err := (tickets.Thread{First: 1, After: cursor}).Check(order); !errors.Is(err, postgres.ErrCursor) {
			t.Errorf("%+v of order %c: %v", cursor, order, err)
		}
	}
}
