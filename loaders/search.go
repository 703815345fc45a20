package loaders

import (
	"supportgraph/clients/postgres"
	"supportgraph/clients/tickets"
)

// HitPage is a page of what a search found.
type HitPage = postgres.Page[*tickets.Hit]

// SearchKey is a page of the tickets with the words of a text.
type SearchKey struct {
	Text string
	Stretch
}

// HighlightKey is where the words of a text stand on a ticket.
type HighlightKey struct {
	Ticket tickets.ID
	Text   string
}

var (
	searchPage = byPage("Search",
		func(key SearchKey) (struct{}, SearchKey) { return struct{}{}, key },
		func(_ struct{}, key SearchKey) SearchKey { return key },
		func(l *Loaders, _ []struct{}, key SearchKey) postgres.Query[*tickets.Hit] {
			return tickets.Search(l.who.Scope, key.Text, key.First, key.position(tickets.HitOrder))
		},
		func(*tickets.Hit) struct{} { return struct{}{} },
		func(rows []*tickets.Hit, key SearchKey) *HitPage {
			return postgres.NewPage(rows, key.First, key.Cursor(), (*tickets.Hit).Cursor)
		})

	highlights = byGroup("Highlights",
		func(key HighlightKey) (tickets.ID, string) { return key.Ticket, key.Text },
		func(ticket tickets.ID, text string) HighlightKey { return HighlightKey{ticket, text} },
		func(l *Loaders, ids []tickets.ID, text string) postgres.Query[*tickets.Highlight] {
			return tickets.Highlights(l.who.Scope, ids, text)
		},
		func(h *tickets.Highlight) tickets.ID { return h.TicketID })

	similarTickets = byParent("Similar",
		func(l *Loaders, ids []tickets.ID) postgres.Query[*tickets.SimilarTicket] {
			return tickets.Similar(l.who.Scope, ids)
		},
		func(s *tickets.SimilarTicket) tickets.ID { return s.OfID })
)

func searchEdges() []*edge {
	search := lead("Query", "searchTickets", searchPage,
		func(l *Loaders) *Loader[SearchKey, *HitPage] { return &l.Search },
		func(_ *Loaders, _ *Loaders, args any, claim func(SearchKey)) { claim(args.(SearchKey)) },
		items[*tickets.Hit])
	search.target, search.paged = "TicketHit", true
	search.bind = func(raw map[string]any) (any, bool) {
		text, ok := raw["text"].(string)
		page, whole := stretch(raw, byText(tickets.HitOrder))
		return SearchKey{text, page}, ok && whole && postgres.CheckText(text) == nil
	}
	similar := lead("Query", "similarTickets", similarTickets,
		func(l *Loaders) *Loader[tickets.ID, []*tickets.SimilarTicket] { return &l.Similar },
		func(_ *Loaders, _ *Loaders, args any, claim func(tickets.ID)) { claim(args.(tickets.ID)) },
		func(list []*tickets.SimilarTicket, add func(any)) {
			for _, similar := range list {
				add(&similar.Ticket)
			}
		})
	similar.target = "Ticket"
	similar.bind = func(raw map[string]any) (any, bool) { return bound(keyed[tickets.ID](raw["ticket"])) }
	return []*edge{
		search,
		similar,
		one("TicketHit", "ticket", "Ticket", ticketByID, ticketLoader,
			func(_ *Loaders, h *tickets.Hit) (tickets.ID, bool) { return h.TicketID, true }),
		many("TicketHit", "highlights", "Highlight", highlights,
			func(l *Loaders) *Loader[HighlightKey, []*tickets.Highlight] { return &l.Highlights },
			func(_ *Loaders, h *tickets.Hit) (HighlightKey, bool) { return HighlightKey{h.TicketID, h.Text}, true }),
		one("Highlight", "message", "Message", messageByID, messageLoader,
			func(_ *Loaders, h *tickets.Highlight) (tickets.MessageID, bool) { return optional(h.MessageID) }),
		one("Highlight", "note", "InternalNote", noteByID, noteLoader,
			func(_ *Loaders, h *tickets.Highlight) (tickets.NoteID, bool) { return optional(h.NoteID) }),
	}
}
