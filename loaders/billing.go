package loaders

import (
	"context"

	"supportgraph/clients/accounts"
	"supportgraph/clients/stripe"
	"supportgraph/clients/upstream"
)

// billingProfile asks Stripe once per customer, which has no batch read; a customer unknown there or deleted has no value.
var billingProfile = &source[stripe.CustomerID, *stripe.BillingProfile]{
	name: "Billing", service: upstream.Stripe, together: 1,
	call: func(ctx context.Context, l *Loaders, ids []stripe.CustomerID) (map[stripe.CustomerID]*stripe.BillingProfile, map[stripe.CustomerID]error) {
		return l.factory.clients.Stripe.Profiles(ctx, l.lane(), ids)
	},
}

func billingEdges() []*edge {
	return []*edge{
		one("Account", "billing", "BillingProfile", billingProfile,
			func(l *Loaders) *Loader[stripe.CustomerID, *stripe.BillingProfile] { return &l.Billing },
			func(l *Loaders, a *accounts.Account) (id stripe.CustomerID, ok bool) {
				if !l.who.Scope.MayBill(a.ID) {
					return id, false // its resolver says so
				}
				return optional(a.StripeCustomerID)
			}),
	}
}
