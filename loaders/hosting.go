package loaders

import (
	"context"

	"supportgraph/clients/accounts"
	"supportgraph/clients/cloudflare"
	"supportgraph/clients/upstream"
)

// Cloudflare is asked once per account, and once more for its subscriptions: it has no batch read of either.
var (
	hostingAccount = &source[cloudflare.AccountID, *cloudflare.HostingAccount]{
		name: "Hosting", service: upstream.Cloudflare, together: 1,
		call: func(ctx context.Context, l *Loaders, ids []cloudflare.AccountID) (map[cloudflare.AccountID]*cloudflare.HostingAccount, map[cloudflare.AccountID]error) {
			return l.factory.clients.Cloudflare.Accounts(ctx, l.lane(), ids)
		},
	}

	hostingSubscriptions = &source[cloudflare.AccountID, *cloudflare.HostingSubscriptionList]{
		name: "HostingSubscriptions", service: upstream.Cloudflare, together: 1,
		call: func(ctx context.Context, l *Loaders, ids []cloudflare.AccountID) (map[cloudflare.AccountID]*cloudflare.HostingSubscriptionList, map[cloudflare.AccountID]error) {
			return l.factory.clients.Cloudflare.Subscriptions(ctx, l.lane(), ids)
		},
	}
)

func hostingEdges() []*edge {
	return []*edge{
		one("Account", "hosting", "HostingAccount", hostingAccount,
			func(l *Loaders) *Loader[cloudflare.AccountID, *cloudflare.HostingAccount] { return &l.Hosting },
			func(_ *Loaders, a *accounts.Account) (cloudflare.AccountID, bool) {
				return optional(a.CloudflareAccountID)
			}),
		one("HostingAccount", "subscriptions", "HostingSubscriptionList", hostingSubscriptions,
			func(l *Loaders) *Loader[cloudflare.AccountID, *cloudflare.HostingSubscriptionList] {
				return &l.HostingSubscriptions
			},
			func(_ *Loaders, h *cloudflare.HostingAccount) (cloudflare.AccountID, bool) {
				return cloudflare.AccountID(h.ID), true
			}),
	}
}
