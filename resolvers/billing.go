package resolvers

import (
	"context"

	"supportgraph/clients/accounts"
	"supportgraph/clients/upstream"
	"supportgraph/graph/model"
	"supportgraph/loaders"
)

func (r *accountResolver) Billing(ctx context.Context, obj *accounts.Account) (model.BillingResult, error) {
	l := loaders.From(ctx)
	switch {
	case !l.Who().Scope.MayBill(obj.ID):
		return &upstream.NotPermitted{Source: upstream.Source{Name: upstream.Stripe}}, nil
	case obj.StripeCustomerID == nil:
		return upstream.Absent(upstream.Stripe), nil
	}
	profile, err := l.Billing.Load(ctx, *obj.StripeCustomerID)
	return result(upstream.Stripe, profile, err), nil
}
