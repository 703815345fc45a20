package loaders

import (
	"supportgraph/clients/postgres"
	"supportgraph/clients/tickets"
)

var (
	draftByID = byKey("Draft",
		func(l *Loaders, ids []tickets.DraftID) postgres.Query[*tickets.Draft] {
			return tickets.Drafts(l.who.Scope, l.who.Agent, ids)
		},
		func(d *tickets.Draft) tickets.DraftID { return d.ID })

	ticketDrafts = byParent("TicketDrafts",
		func(l *Loaders, ids []tickets.ID) postgres.Query[*tickets.Draft] {
			return tickets.DraftsOf(l.who.Scope, l.who.Agent, ids)
		},
		func(d *tickets.Draft) tickets.ID { return d.TicketID })

	allDrafts = byParent("Drafts",
		func(l *Loaders, _ []struct{}) postgres.Query[*tickets.Draft] {
			return tickets.AllDrafts(l.who.Scope, l.who.Agent)
		},
		func(*tickets.Draft) struct{} { return struct{}{} })
)

func draftLoader(l *Loaders) *Loader[tickets.DraftID, *tickets.Draft] { return &l.Draft }

func draftEdges() []*edge {
	all := []*edge{
		many("Ticket", "drafts", "Draft", ticketDrafts,
			func(l *Loaders) *Loader[tickets.ID, []*tickets.Draft] { return &l.TicketDrafts },
			func(_ *Loaders, t *tickets.Ticket) (tickets.ID, bool) { return t.ID, true }),
		many("Query", "drafts", "Draft", allDrafts,
			func(l *Loaders) *Loader[struct{}, []*tickets.Draft] { return &l.Drafts },
			func(*Loaders, *Loaders) (struct{}, bool) { return struct{}{}, true }),
		one("Draft", "ticket", "Ticket", ticketByID, ticketLoader,
			func(_ *Loaders, d *tickets.Draft) (tickets.ID, bool) { return d.TicketID, true }),
		one("DraftPayload", "draft", "Draft", draftByID, draftLoader,
			func(_ *Loaders, o *tickets.Outcome) (tickets.DraftID, bool) { return optional(o.DraftID) }),
	}
	return append(all, showing("DraftPayload")...)
}
