package loaders

import (
	"context"

	"supportgraph/clients/accounts"
	"supportgraph/clients/upstream"
	"supportgraph/clients/zendesk"
)

// vendorTickets asks Zendesk once for each organisation: it has no list of several organisations' tickets.
var vendorTickets = &source[zendesk.OrganizationID, *zendesk.VendorTicketPage]{
	name: "VendorTickets", service: upstream.Zendesk, together: 1,
	call: func(ctx context.Context, l *Loaders, ids []zendesk.OrganizationID) (map[zendesk.OrganizationID]*zendesk.VendorTicketPage, map[zendesk.OrganizationID]error) {
		return l.factory.clients.Zendesk.OfOrganizations(ctx, l.lane(), ids)
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
