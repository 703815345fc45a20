package resolvers

import (
	"context"
	"time"

	"supportgraph/clients/accounts"
	"supportgraph/clients/tickets"
	"supportgraph/loaders"
)

func (r *accountResolver) Health(ctx context.Context, obj *accounts.Account) (*tickets.AccountHealth, error) {
	l := loaders.From(ctx)
	facts := tickets.HealthFacts{Now: time.Now(), Products: obj.Products}
	workload, err := l.Workload.Load(ctx, obj.ID)
	if err != nil {
		return nil, err
	}
	if workload != nil {
		facts.Workload = *workload
	}
	if obj.StripeCustomerID != nil {
		facts.Billing, facts.BillingErr = l.Billing.Load(ctx, *obj.StripeCustomerID)
	}
	if obj.SalesforceAccountID != nil {
		facts.Crm, facts.CrmErr = l.Crm.Load(ctx, *obj.SalesforceAccountID)
	}
	facts.Page, facts.PageErr = r.clients.Statuspage.Snapshot(ctx)
	return tickets.Health(facts), nil
}
