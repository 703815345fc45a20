package tickets_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
	"supportgraph/clients/tickets"
)

// searched are texts to be looked for: common words and rare ones, several, quoted, left out, and none at all.
var searched = []string{
	"invoice", "error worker", "\"error 1101\"", "dnssec or certificate", "worker -error", "canary", "zzzznothing", "the", "", "'; drop table tickets; --",
	"https://", "日本語", "🙂", "-invoice", "a & b | !c <-> (",
}

// found is the tickets with a text that has the words, worked out text by text: with and without those of notes.
func found(t *testing.T, text string) (public, internal map[tickets.ID]bool) {
	t.Helper()
	of := func(source string) map[tickets.ID]bool {
		all := map[tickets.ID]bool{}
		for _, id := range read(t, pool, postgres.Query[tickets.ID]{
			SQL:  "select distinct ticket_id from (" + source + ") s (ticket_id, words) where words @@ websearch_to_tsquery('english', $1)",
			Args: []any{text}, Row: pgx.RowTo[tickets.ID],
		}) {
			all[id] = true
		}
		return all
	}
	return of("select id, words from tickets union all select ticket_id, words from messages"), of("select ticket_id, words from internal_notes")
}

// TestSearch turns the pages of searches: each has what the scope covers, the newest ticket first, each once.
func TestSearch(t *testing.T) {
	t.Parallel()
	hits := 0
	for _, text := range searched {
		public, internal := found(t, text)
		for name, scope := range scopes(t) {
			want := []tickets.ID{}
			for _, c := range seen(scope) {
				if public[c.Ticket.ID] || scope.Staff && internal[c.Ticket.ID] {
					want = append(want, c.Ticket.ID)
				}
			}
			slices.SortFunc(want, func(a, b tickets.ID) int { return -slices.Compare(a.UUID[:], b.UUID[:]) })
			got := []tickets.ID{}
			for after := (*postgres.Cursor)(nil); ; {
				position, err := postgres.Behind(tickets.HitOrder, after)
				if err != nil {
					t.Fatal(err)
				}
				page := postgres.NewPage(read(t, pool, tickets.Search(scope, text, 60, position)), 60, after, (*tickets.Hit).Cursor)
				for _, hit := range page.Nodes {
					got = append(got, hit.TicketID)
				}
				if !page.HasNext || len(got) > len(cases) {
					break
				}
				after = &postgres.Cursor{}
				if err := after.UnmarshalText([]byte(page.Cursor(page.Nodes[len(page.Nodes)-1]).String())); err != nil {
					t.Fatal(err)
				}
			}
			if diff := differ(want, got); diff != "" {
				t.Errorf("%q as %s: %s", text, name, diff)
			}
			hits += len(got)
		}
	}
	if hits < 1000 {
		t.Errorf("only %d hits: too few to prove anything", hits)
	}
}

// TestHighlights holds highlights to their texts: each part stands there, a word of the search is marked in each, and
// customers get none of a note.
func TestHighlights(t *testing.T) {
	t.Parallel()
	texts := map[[16]byte]string{}
	var every []tickets.ID
	for _, c := range cases {
		every = append(every, c.Ticket.ID)
		texts[c.Ticket.ID.UUID] = c.Ticket.Subject
		for _, m := range c.Messages {
			texts[m.ID.UUID] = m.Body
		}
		for _, n := range c.Notes {
			texts[n.ID.UUID] = n.Body
		}
	}
	for _, text := range []string{"invoice", "error worker", "customer", "showcerts"} {
		for name, scope := range scopes(t) {
			visible := map[tickets.ID]bool{}
			for _, c := range seen(scope) {
				visible[c.Ticket.ID] = true
			}
			of := map[tickets.HighlightSource]int{}
			for _, h := range read(t, pool, tickets.Highlights(scope, every, text)) {
				of[h.Source]++
				body := texts[h.TicketID.UUID]
				switch {
				case h.MessageID != nil:
					body = texts[h.MessageID.UUID]
				case h.NoteID != nil:
					body = texts[h.NoteID.UUID]
				}
				matches := 0
				for _, part := range h.Parts() {
					for piece := range strings.SplitSeq(part.Text, " … ") {
						if !strings.Contains(body, piece) {
							t.Errorf("%q is no part of %q", piece, body)
						}
					}
					if part.Match {
						matches++
					}
				}
				if matches == 0 || !visible[h.TicketID] {
					t.Errorf("%q as %s: %+v", text, name, h)
				}
			}
			if of[tickets.InNote] > 0 != scope.Staff && text == "customer" {
				t.Errorf("%q as %s: %v", text, name, of)
			}
		}
	}
}

// TestSearchOfDeleted holds that nobody finds a ticket that was deleted, by whatever text of it.
func TestSearchOfDeleted(t *testing.T) {
	t.Parallel()
	db := cloned(t)
	if _, err := db.Exec(t.Context(), "update tickets set deleted_at = now() where id in (select ticket_id from internal_notes)"); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"canary", "invoice", "customer"} {
		for _, hit := range read(t, db, tickets.Search(accounts.Staff, text, 100, postgres.Position{})) {
			if len(read(t, db, tickets.ByID(accounts.Staff, []tickets.ID{hit.TicketID}))) == 0 {
				t.Errorf("%q finds %s, which was deleted", text, hit.TicketID)
			}
		}
	}
}

// TestHighlightParts cuts what is marked, whatever stands there.
func TestHighlightParts(t *testing.T) {
	t.Parallel()
	for marked, want := range map[string]string{
		"": "", "plain": "plain", "\uE000word\uE001": "[word]", "a \uE000b\uE001 c \uE000d\uE001": "a |[b]| c |[d]", "\uE000open": "[open]", "close\uE001d": "closed",
		"\uE002b> \uE000word\uE001": "<b> |[word]",
	} {
		var got []string
		for _, part := range (&tickets.Highlight{Marked: marked}).Parts() {
			if part.Match {
				part.Text = "[" + part.Text + "]"
			}
			got = append(got, part.Text)
		}
		if got := strings.Join(got, "|"); got != want {
			t.Errorf("%q is cut into %q, want %q", marked, got, want)
		}
	}
}

// TestSimilar holds that similar tickets are of the same category, share a word, are not the ticket itself, and are seen.
func TestSimilar(t *testing.T) {
	t.Parallel()
	byID := map[tickets.ID]*tickets.Ticket{}
	var some []tickets.ID
	for i, c := range cases {
		byID[c.Ticket.ID] = c.Ticket
		if i%100 == 0 {
			some = append(some, c.Ticket.ID)
		}
	}
	of := map[tickets.ID]int{}
	for _, similar := range read(t, pool, tickets.Similar(accounts.Staff, some)) {
		of[similar.OfID]++
		if other := byID[similar.OfID]; other.CategoryID != similar.CategoryID || other.ID == similar.ID {
			t.Errorf("%s is not like %s", similar.Subject, other.Subject)
		}
	}
	for _, id := range some {
		if of[id] != tickets.MaxSimilar {
			t.Errorf("%d tickets are like %q", of[id], byID[id].Subject)
		}
	}
	if none := read(t, pool, tickets.Similar(accounts.Scope{}, some)); len(none) > 0 {
		t.Errorf("nobody sees %d", len(none))
	}
}
