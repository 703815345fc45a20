package resolvers

import (
	"context"

	"supportgraph/clients/stripe"
	"supportgraph/clients/upstream"
	"supportgraph/graph"
	"supportgraph/graph/model"
	"supportgraph/loaders"
)

type billingProfileResolver struct{ *Resolver }

// BillingProfile answers for BillingProfile.
func (r *Resolver) BillingProfile() graph.BillingProfileResolver { return &billingProfileResolver{r} }

func (r *billingProfileResolver) Invoices(ctx context.Context, obj *stripe.BillingProfile) (model.InvoicesResult, error) {
	list, err := loaders.From(ctx).Invoices.Load(ctx, obj.CustomerID)
	if list == nil && err == nil { // deleted between the two calls
		return &stripe.InvoiceList{Nodes: []*stripe.Invoice{}, Source: obj.Source}, nil
	}
	return result(upstream.Stripe, list, err), nil
}
