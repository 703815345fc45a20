package tickets

import (
	"strings"

	"github.com/jackc/pgx/v5"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
)

// Hit is a ticket that has the words of a search in its subject, in one of its messages or, for staff, of its notes.
type Hit struct {
	TicketID ID
	Text     string // that was searched for
}

// HitOrder marks the cursors of searches. The newest ticket comes first: nobody's place changes while pages are turned.
const HitOrder = 's'

// Cursor is the position behind a hit.
func (h *Hit) Cursor() postgres.Cursor { return postgres.Cursor{Order: HitOrder, Key: h.TicketID.UUID} }

// Search reads a page of the tickets that the scope covers and that have the words of a text, the newest first; one row
// more than asked for. Each kind of text gives as many tickets as the page needs, in its order, so that a page costs the
// same wherever it lies.
func Search(scope accounts.Scope, text string, first int, after postgres.Position) postgres.Query[*Hit] {
	condition, args := visible(scope, []any{text, after.Key, first + 1})
	of := func(source, words, key string) string {
		if key != "t.id" {
			source += " join tickets t on t.id = " + key + " and ($2::uuid is null or t.id < $2)" // else tickets are passed over from the first one on
		}
		return `(select distinct ` + key + ` as ticket_id from ` + source + `
				where ` + words + ` @@ websearch_to_tsquery('english', $1) and ($2::uuid is null or ` + key + ` < $2) and ` + condition + `
				order by ` + key + ` desc
				limit $3)`
	}
	kinds := []string{of("tickets t", "t.words", "t.id"), of("messages m", "m.words", "m.ticket_id")}
	if scope.Staff {
		kinds = append(kinds, of("internal_notes n", "n.message_id is null and n.words", "n.ticket_id")) // else it is a message by now
	}
	return postgres.Query[*Hit]{
		SQL: `-- tickets.search
			select ticket_id, $1::text as text
			from (` + strings.Join(kinds, " union ") + `) h
			order by ticket_id desc
			limit $3`,
		Args: args,
		Row:  pgx.RowToAddrOfStructByName[Hit],
	}
}

// HighlightSource is where the words of a search stand.
type HighlightSource string

// The sources.
const (
	InSubject HighlightSource = "SUBJECT"
	InMessage HighlightSource = "MESSAGE"
	InNote    HighlightSource = "NOTE" // staff only
)

// Highlight is a stretch of a text with the words of a search.
type Highlight struct {
	TicketID  ID
	Source    HighlightSource
	MessageID *MessageID
	NoteID    *NoteID
	Marked    string // the stretch, with marks around the words
}

// The marks around words: characters that nobody types, of Unicode's private use area.
const (
	markBegin = "\uE000"
	markEnd   = "\uE001"
)

// angle stands for "<" while Postgres marks a text: it leaves out what looks like a tag.
const angle = "\uE002"

// HighlightPart is a part of a highlight.
type HighlightPart struct {
	Text  string
	Match bool // whether it is a word of the search
}

// Parts are the stretch, cut where words of the search begin and end.
func (h *Highlight) Parts() []*HighlightPart {
	parts := []*HighlightPart{}
	add := func(text string, match bool) {
		if text = strings.NewReplacer(markBegin, "", markEnd, "", angle, "<").Replace(text); text != "" {
			parts = append(parts, &HighlightPart{text, match})
		}
	}
	for rest := h.Marked; rest != ""; {
		before, after, found := strings.Cut(rest, markBegin)
		add(before, false)
		if !found {
			break
		}
		word, behind, _ := strings.Cut(after, markEnd)
		add(word, true)
		rest = behind
	}
	return parts
}

// highlightsOf is how many messages, and how many notes, of a ticket are shown: the newest that have the words.
const highlightsOf = 2

// Highlights reads where the words of a text stand on each of the tickets that the scope covers: the subject, then the
// newest messages, then, for staff, the newest notes.
func Highlights(scope accounts.Scope, ids []ID, text string) postgres.Query[*Highlight] {
	condition, args := visible(scope, []any{ids, text, highlightsOf,
		"StartSel=" + markBegin + ", StopSel=" + markEnd + ", MaxFragments=2, MinWords=8, MaxWords=20, FragmentDelimiter=\" … \""})
	sql := `-- tickets.highlights
		select t.id as ticket_id, h.source, h.message_id, h.note_id, h.marked
		from tickets t
		cross join websearch_to_tsquery('english', $2) as q
		cross join lateral (
			select 1 as place, 'SUBJECT' as source, null::uuid as message_id, null::uuid as note_id, null::timestamptz as at,
				ts_headline('english', replace(t.subject, '<', '` + angle + `'), q, $4) as marked
			where t.words @@ q
			union all
			select 2, 'MESSAGE', m.id, null, m.created_at, ts_headline('english', replace(m.body, '<', '` + angle + `'), q, $4)
			from (
				select id, created_at, body from messages where ticket_id = t.id and words @@ q order by created_at desc, id desc limit $3
			) m`
	if scope.Staff {
		sql += `
			union all
			select 3, 'NOTE', null, n.id, n.created_at, ts_headline('english', replace(n.body, '<', '` + angle + `'), q, $4)
			from (
				select id, created_at, body from internal_notes where ticket_id = t.id and message_id is null and words @@ q order by created_at desc, id desc limit $3
			) n`
	}
	return postgres.Query[*Highlight]{
		SQL: sql + `
		) h
		where t.id = any($1) and ` + condition + `
		order by t.id, h.place, h.at desc, h.message_id, h.note_id`,
		Args: args,
		Row:  pgx.RowToAddrOfStructByName[Highlight],
	}
}

// The bounds of similar tickets.
const (
	MaxSimilar   = 5
	similarAmong = 1000 // the newest tickets of the same category
)

// SimilarTicket is a ticket that is like another.
type SimilarTicket struct {
	Ticket
	OfID ID // the other
}

// Similar reads, for each of the tickets that the scope covers, those among the newest of its category whose subjects have
// most words in common with its own.
func Similar(scope accounts.Scope, ids []ID) postgres.Query[*SimilarTicket] {
	condition, args := visible(scope, []any{ids, similarAmong, MaxSimilar})
	inner := strings.ReplaceAll(condition, "t.", "s.")
	return postgres.Query[*SimilarTicket]{
		SQL: `-- tickets.similar
			select` + ticketColumns + `, o.of_id
			from (
				select t.id as of_id, s.id, s.rank
				from tickets t
				cross join lateral (
					select string_agg('''' || replace(replace(lexeme, '\', '\\'), '''', '''''') || '''', ' | ')::tsquery as q from unnest(t.words)
				) w
				cross join lateral (
					select s.id, ts_rank(s.words, w.q) as rank
					from (
						select * from tickets s
						where s.category_id = t.category_id and s.id <> t.id and ` + inner + `
						order by s.id desc
						limit $2
					) s
					where s.words @@ w.q
					order by rank desc, s.id desc
					limit $3
				) s
				where t.id = any($1) and ` + condition + `
			) o
			join tickets t on t.id = o.id
			order by o.of_id, o.rank desc, t.id desc`,
		Args: args,
		Row:  pgx.RowToAddrOfStructByName[SimilarTicket],
	}
}
