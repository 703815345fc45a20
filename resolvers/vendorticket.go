package resolvers

import (
	"context"

	"supportgraph/clients/accounts"
	"supportgraph/clients/upstream"
	"supportgraph/graph/model"
	"supportgraph/loaders"
)

func (r *accountResolver) VendorTickets(ctx context.Context, obj *accounts.Account) (model.VendorTicketsResult, error) {
	if obj.ZendeskOrganizationID == nil {
		return upstream.Absent(upstream.Zendesk), nil
	}
	page, err := loaders.From(ctx).VendorTickets.Load(ctx, *obj.ZendeskOrganizationID)
	return result(upstream.Zendesk, page, err), nil
}
