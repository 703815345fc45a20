package loaders

import (
	"context"

	"supportgraph/clients/accounts"
	"supportgraph/clients/salesforce"
	"supportgraph/clients/upstream"
)

var (
	// crmAccount asks Salesforce once for up to 2,000 accounts.
	crmAccount = &source[salesforce.AccountID, *salesforce.CrmAccount]{
		name: "Crm", service: upstream.Salesforce, together: 2000,
		call: func(ctx context.Context, l *Loaders, ids []salesforce.AccountID) (map[salesforce.AccountID]*salesforce.CrmAccount, map[salesforce.AccountID]error) {
			return l.factory.clients.Salesforce.Accounts(ctx, l.lane(), ids)
		},
	}

	crmOwner = &source[salesforce.UserID, *salesforce.CrmOwner]{
		name: "CrmOwner", service: upstream.Salesforce, together: 2000,
		call: func(ctx context.Context, l *Loaders, ids []salesforce.UserID) (map[salesforce.UserID]*salesforce.CrmOwner, map[salesforce.UserID]error) {
			return l.factory.clients.Salesforce.Owners(ctx, l.lane(), ids)
		},
	}
)

func crmEdges() []*edge {
	return []*edge{
		one("Account", "crm", "CrmAccount", crmAccount,
			func(l *Loaders) *Loader[salesforce.AccountID, *salesforce.CrmAccount] { return &l.Crm },
			func(_ *Loaders, a *accounts.Account) (salesforce.AccountID, bool) {
				return optional(a.SalesforceAccountID)
			}),
		one("CrmAccount", "owner", "CrmOwner", crmOwner,
			func(l *Loaders) *Loader[salesforce.UserID, *salesforce.CrmOwner] { return &l.CrmOwner },
			func(_ *Loaders, a *salesforce.CrmAccount) (salesforce.UserID, bool) { return optional(a.OwnerID) }),
	}
}
