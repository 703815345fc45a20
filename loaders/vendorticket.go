package loaders

import (
	"context"

	"supportgraph/clients/accounts"
	"supportgraph/clients/zendesk"
)

// mostVendorTickets is how many of an account's tickets at the vendor are shown.
const mostVendorTickets = 20

// vendorTickets asks Zendesk once for each organisation: it has no list of several organisations' tickets.
var vendorTickets = &source[zendesk.OrganizationID, *zendesk.VendorTicketPage]{
	name: "VendorTickets",
	call: func(ctx context.Context, l *Loaders, ids []zendesk.OrganizationID) (map[zendesk.OrganizationID]*zendesk.VendorTicketPage, map[zendesk.OrganizationID]error) {
		return l.factory.clients.Zendesk.OfOrganizations(ctx, ids, mostVendorTickets)
	},
}

func vendorTicketEdges() []*edge {
	return []*edge{
		one("Account", "vendorTickets", "VendorTicketList", vendorTickets,
			func(l *Loaders) *Loader[zendesk.OrganizationID, *zendesk.VendorTicketPage] { return &l.VendorTickets },
			func(_ *Loaders, a *accounts.Account) (zendesk.OrganizationID, bool) {
				return optional(a.ZendeskOrganizationID)
			}),
	}
}
