package loaders

import (
	"context"

	"supportgraph/clients/stripe"
	"supportgraph/clients/upstream"
)

// invoiceList asks Stripe once per customer, which has no batch read.
var invoiceList = &source[stripe.CustomerID, *stripe.InvoiceList]{
	name: "Invoices", service: upstream.Stripe, together: 1,
	call: func(ctx context.Context, l *Loaders, ids []stripe.CustomerID) (map[stripe.CustomerID]*stripe.InvoiceList, map[stripe.CustomerID]error) {
		return l.factory.clients.Stripe.Invoices(ctx, l.lane(), ids)
	},
}

func invoiceEdges() []*edge {
	return []*edge{
		one("BillingProfile", "invoices", "InvoiceList", invoiceList,
			func(l *Loaders) *Loader[stripe.CustomerID, *stripe.InvoiceList] { return &l.Invoices },
			func(_ *Loaders, b *stripe.BillingProfile) (stripe.CustomerID, bool) { return b.CustomerID, true }),
	}
}
