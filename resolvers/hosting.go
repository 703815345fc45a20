package resolvers

import (
	"context"

	"supportgraph/clients/accounts"
	"supportgraph/clients/cloudflare"
	"supportgraph/clients/upstream"
	"supportgraph/graph"
	"supportgraph/graph/model"
	"supportgraph/loaders"
)

type hostingAccountResolver struct{ *Resolver }

// HostingAccount answers for HostingAccount.
func (r *Resolver) HostingAccount() graph.HostingAccountResolver { return &hostingAccountResolver{r} }

func (r *accountResolver) Hosting(ctx context.Context, obj *accounts.Account) (model.HostingResult, error) {
	if obj.CloudflareAccountID == nil {
		return upstream.Absent(upstream.Cloudflare), nil
	}
	account, err := loaders.From(ctx).Hosting.Load(ctx, *obj.CloudflareAccountID)
	return result(upstream.Cloudflare, account, err), nil
}

func (r *hostingAccountResolver) Subscriptions(ctx context.Context, obj *cloudflare.HostingAccount) (model.HostingSubscriptionsResult, error) {
	list, err := loaders.From(ctx).HostingSubscriptions.Load(ctx, cloudflare.AccountID(obj.ID))
	if list == nil && err == nil { // the account went between the two calls
		return &cloudflare.HostingSubscriptionList{Nodes: []*cloudflare.HostingSubscription{}, Source: obj.Source}, nil
	}
	return result(upstream.Cloudflare, list, err), nil
}
