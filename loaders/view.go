package loaders

import (
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/jackc/pgx/v5"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
	"supportgraph/clients/tickets"
)

// maxLists is how many lists one statement reads.
const maxLists = 50

var (
	viewByID = byKey("View",
		func(l *Loaders, ids []tickets.ViewID) postgres.Query[*tickets.TicketView] {
			return tickets.Views(l.who.Scope, l.who.Agent, ids)
		},
		func(v *tickets.TicketView) tickets.ViewID { return v.ID })

	viewsOfViewer = byList("Views",
		func(l *Loaders, _ struct{}) postgres.Query[*tickets.TicketView] {
			return tickets.ViewsOf(l.who.Scope, l.who.Agent)
		})

	// viewTickets reads the pages of all views in one statement, however their filters differ.
	viewTickets = &source[TicketsKey, *TicketPage]{
		name: "ViewTickets",
		queue: func(l *Loaders, batch *pgx.Batch, keys []TicketsKey, fill fill[TicketsKey, *TicketPage]) {
			for chunk := range slices.Chunk(keys, maxLists) {
				postgres.Queue(batch, tickets.OfLists(l.who.Scope, l.lists(chunk)), func(rows []*tickets.ListedTicket, err error) {
					fill(chunk, func(put func(TicketsKey, *TicketPage)) {
						of := make([][]*tickets.Ticket, len(chunk))
						for _, row := range rows {
							of[row.Index] = append(of[row.Index], &row.Ticket)
						}
						for i, key := range chunk {
							put(key, ticketPageOf(slices.Concat([]*tickets.Ticket{}, of[i]), key.spec))
						}
					}, err)
				})
			}
		},
	}

	// ticketCounts counts the tickets of all views in one statement.
	ticketCounts = &source[TicketsKey, *tickets.Count]{
		name: "TicketCounts",
		queue: func(l *Loaders, batch *pgx.Batch, keys []TicketsKey, fill fill[TicketsKey, *tickets.Count]) {
			for chunk := range slices.Chunk(keys, maxLists) {
				postgres.Queue(batch, tickets.Counts(l.who.Scope, l.lists(chunk)), func(rows []*tickets.Count, err error) {
					fill(chunk, func(put func(TicketsKey, *tickets.Count)) {
						for _, row := range rows {
							put(chunk[row.Index], row)
						}
					}, err)
				})
			}
		},
	}
)

func (l *Loaders) lists(keys []TicketsKey) []tickets.List {
	lists := make([]tickets.List, len(keys))
	for i, key := range keys {
		lists[i] = l.list(key.spec)
	}
	return lists
}

// ViewKey is the key of a page of a view's tickets, and of their number; false where the page cannot be read.
func (l *Loaders) ViewKey(view *tickets.TicketView, page Stretch) (TicketsKey, bool) {
	list := tickets.List{Filter: view.Kept, Order: view.Order(), First: page.First, After: page.Cursor()}
	if list.Check() != nil {
		return TicketsKey{}, false
	}
	return l.TicketsKey(accounts.ID{}, list), true
}

func viewLoader(l *Loaders) *Loader[tickets.ViewID, *tickets.TicketView] { return &l.View }

func viewEdges() []*edge {
	count := func(typ, field string) *edge {
		return one(typ, field, "", ticketCounts,
			func(l *Loaders) *Loader[TicketsKey, *tickets.Count] { return &l.TicketCounts },
			func(l *Loaders, v *tickets.TicketView) (TicketsKey, bool) { return l.ViewKey(v, Stretch{First: 1}) })
	}
	counts := lead("Query", "ticketCounts", viewByID, viewLoader,
		func(_ *Loaders, _ *Loaders, args any, claim func(tickets.ViewID)) {
			for _, id := range args.([]tickets.ViewID) {
				claim(id)
			}
		},
		found[tickets.TicketView])
	counts.target, counts.next = "TicketView", count("TicketView", "counted")
	counts.bind = func(raw map[string]any) (any, bool) {
		ids, ok := graphql.CoerceList(raw["views"]), true // one value stands for a list of it
		keys := make([]tickets.ViewID, 0, len(ids))
		for _, id := range ids {
			key, valid := keyed[tickets.ViewID](id)
			keys, ok = append(keys, key), ok && valid
		}
		return keys, ok && len(keys) > 0 && len(keys) <= postgres.MaxPage
	}
	page := lead("TicketView", "tickets", viewTickets,
		func(l *Loaders) *Loader[TicketsKey, *TicketPage] { return &l.ViewTickets },
		func(l *Loaders, v *tickets.TicketView, args any, claim func(TicketsKey)) {
			if key, ok := l.ViewKey(v, args.(Stretch)); ok {
				claim(key)
			}
		},
		items[*tickets.Ticket])
	page.target, page.paged = "Ticket", true
	page.bind = stretches(func(postgres.Cursor) error { return nil }) // the view knows its order
	return append([]*edge{
		counts,
		page,
		count("TicketView", "count"),
		many("Query", "ticketViews", "TicketView", viewsOfViewer,
			func(l *Loaders) *Loader[struct{}, []*tickets.TicketView] { return &l.Views },
			func(*Loaders, *Loaders) (struct{}, bool) { return struct{}{}, true }),
		byID[tickets.ViewID]("ticketView", "TicketView", viewByID, viewLoader),
		one("TicketView", "agent", "Agent", agentByID, agentLoader,
			func(_ *Loaders, v *tickets.TicketView) (accounts.AgentID, bool) { return optional(v.AgentID) }),
		one("TicketView", "team", "Team", teamByID, teamLoader,
			func(_ *Loaders, v *tickets.TicketView) (accounts.TeamID, bool) { return optional(v.TeamID) }),
		one("TicketViewPayload", "ticketView", "TicketView", viewByID, viewLoader,
			func(_ *Loaders, o *tickets.Outcome) (tickets.ViewID, bool) { return optional(o.ViewID) }),
	}, node[tickets.ViewID]("TicketView", viewByID, viewLoader)...)
}
