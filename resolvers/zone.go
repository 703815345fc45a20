package resolvers

import (
	"context"

	"supportgraph/clients/accounts"
	"supportgraph/clients/upstream"
	"supportgraph/graph/model"
	"supportgraph/loaders"
)

func (r *accountResolver) Zones(ctx context.Context, obj *accounts.Account) (model.ZonesResult, error) {
	if obj.CloudflareAccountID == nil {
		return upstream.Absent(upstream.Cloudflare), nil
	}
	zones, err := loaders.From(ctx).Zones.Load(ctx, *obj.CloudflareAccountID)
	return result(upstream.Cloudflare, zones, err), nil
}
