package loaders

import (
	"supportgraph/clients/tickets"
)

func splitEdges() []*edge {
	return []*edge{
		one("SplitPayload", "created", "Ticket", ticketByID, ticketLoader,
			func(_ *Loaders, o *tickets.Outcome) (tickets.ID, bool) { return optional(o.OtherID) }),
	}
}
