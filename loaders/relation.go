package loaders

import (
	"supportgraph/clients/postgres"
	"supportgraph/clients/tickets"
)

var ticketRelations = byParent("Relations",
	func(l *Loaders, ids []tickets.ID) postgres.Query[*tickets.Relation] {
		return tickets.RelationsOf(l.who.Scope, ids)
	},
	func(r *tickets.Relation) tickets.ID { return r.TicketID })

func relationEdges() []*edge {
	related := many("Ticket", "relatedTickets", "Relation", ticketRelations,
		func(l *Loaders) *Loader[tickets.ID, []*tickets.Relation] { return &l.Relations },
		func(_ *Loaders, t *tickets.Ticket) (tickets.ID, bool) { return t.ID, true })
	related.next = one("Relation", "other", "Ticket", ticketByID, ticketLoader,
		func(_ *Loaders, r *tickets.Relation) (tickets.ID, bool) { return r.OtherID, true })
	return []*edge{
		related,
		one("RelationEntry", "ticket", "Ticket", ticketByID, ticketLoader,
			func(_ *Loaders, e *tickets.RelationEntry) (tickets.ID, bool) { return e.OtherID, true }),
	}
}
