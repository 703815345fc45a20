package loaders

import (
	"time"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
	"supportgraph/clients/salesforce"
	"supportgraph/clients/stripe"
	"supportgraph/clients/tickets"
)

var workload = byKey("Workload",
	func(l *Loaders, ids []accounts.ID) postgres.Query[*tickets.Workload] {
		return tickets.WorkloadOf(l.who.Scope, ids, time.Now())
	},
	func(w *tickets.Workload) accounts.ID { return w.AccountID })

// healthEdges are what the health of an account is told by; the status page is only looked at.
func healthEdges() []*edge {
	return []*edge{
		one("Account", "health", "", workload,
			func(l *Loaders) *Loader[accounts.ID, *tickets.Workload] { return &l.Workload },
			func(_ *Loaders, a *accounts.Account) (accounts.ID, bool) { return a.ID, true }),
		one("Account", "health", "", billingProfile,
			func(l *Loaders) *Loader[stripe.CustomerID, *stripe.BillingProfile] { return &l.Billing },
			func(_ *Loaders, a *accounts.Account) (stripe.CustomerID, bool) { return optional(a.StripeCustomerID) }),
		one("Account", "health", "", crmAccount,
			func(l *Loaders) *Loader[salesforce.AccountID, *salesforce.CrmAccount] { return &l.Crm },
			func(_ *Loaders, a *accounts.Account) (salesforce.AccountID, bool) {
				return optional(a.SalesforceAccountID)
			}),
	}
}
