package loaders

import (
	"context"

	"supportgraph/clients/accounts"
	"supportgraph/clients/cloudflare"
	"supportgraph/clients/upstream"
)

var zoneList = &source[cloudflare.AccountID, *cloudflare.ZoneList]{
	name: "Zones", service: upstream.Cloudflare, together: 1,
	call: func(ctx context.Context, l *Loaders, ids []cloudflare.AccountID) (map[cloudflare.AccountID]*cloudflare.ZoneList, map[cloudflare.AccountID]error) {
		return l.factory.clients.Cloudflare.Zones(ctx, l.lane(), ids)
	},
}

func zoneEdges() []*edge {
	return []*edge{
		one("Account", "zones", "ZoneList", zoneList,
			func(l *Loaders) *Loader[cloudflare.AccountID, *cloudflare.ZoneList] { return &l.Zones },
			func(_ *Loaders, a *accounts.Account) (cloudflare.AccountID, bool) {
				return optional(a.CloudflareAccountID)
			}),
	}
}
