package loaders

import (
	"supportgraph/clients"
	"supportgraph/clients/accounts"
	"supportgraph/clients/tickets"
)

func refreshEdges() []*edge {
	return []*edge{
		one("RefreshSourcePayload", "account", "Account", accountByID, accountLoader,
			func(_ *Loaders, r *clients.Refreshed) (accounts.ID, bool) { return optional(r.AccountID) }),
		one("RefreshSourcePayload", "ticket", "Ticket", ticketByID, ticketLoader,
			func(_ *Loaders, r *clients.Refreshed) (tickets.ID, bool) { return optional(r.TicketID) }),
		userErrors("RefreshSourcePayload", func(r *clients.Refreshed) []tickets.UserError { return r.UserErrors }),
	}
}
