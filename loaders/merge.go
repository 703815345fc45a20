package loaders

import (
	"supportgraph/clients/tickets"
)

func mergeEdges() []*edge {
	return []*edge{
		one("Ticket", "mergedInto", "Ticket", ticketByID, ticketLoader,
			func(_ *Loaders, t *tickets.Ticket) (tickets.ID, bool) { return optional(t.MergedIntoID) }),
		one("MergePayload", "into", "Ticket", ticketByID, ticketLoader,
			func(_ *Loaders, o *tickets.Outcome) (tickets.ID, bool) { return optional(o.OtherID) }),
	}
}
