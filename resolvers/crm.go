package resolvers

import (
	"context"

	"supportgraph/clients/accounts"
	"supportgraph/clients/salesforce"
	"supportgraph/clients/upstream"
	"supportgraph/graph"
	"supportgraph/graph/model"
	"supportgraph/loaders"
)

type crmAccountResolver struct{ *Resolver }

// CrmAccount answers for CrmAccount.
func (r *Resolver) CrmAccount() graph.CrmAccountResolver { return &crmAccountResolver{r} }

func (r *accountResolver) Crm(ctx context.Context, obj *accounts.Account) (model.CrmResult, error) {
	if obj.SalesforceAccountID == nil {
		return upstream.Absent(upstream.Salesforce), nil
	}
	account, err := loaders.From(ctx).Crm.Load(ctx, *obj.SalesforceAccountID)
	return result(upstream.Salesforce, account, err), nil
}

func (r *crmAccountResolver) Owner(ctx context.Context, obj *salesforce.CrmAccount) (*salesforce.CrmOwner, error) {
	if obj.OwnerID == nil {
		return nil, nil
	}
	owner, err := loaders.From(ctx).CrmOwner.Load(ctx, *obj.OwnerID)
	if err != nil {
		return nil, nil // the account is there: who looks after it is not worth an error
	}
	return owner, nil
}
