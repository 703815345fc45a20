package resolvers

import (
	"context"

	"supportgraph/clients/accounts"
	"supportgraph/clients/upstream"
	"supportgraph/clients/zendesk"
	"supportgraph/graph"
	"supportgraph/graph/model"
	"supportgraph/loaders"
)

type (
	vendorTicketResolver  struct{ *Resolver }
	vendorCommentResolver struct{ *Resolver }
)

// VendorTicket answers for VendorTicket.
func (r *Resolver) VendorTicket() graph.VendorTicketResolver { return &vendorTicketResolver{r} }

// VendorComment answers for VendorComment.
func (r *Resolver) VendorComment() graph.VendorCommentResolver { return &vendorCommentResolver{r} }

func (r *accountResolver) VendorTickets(ctx context.Context, obj *accounts.Account) (model.VendorTicketsResult, error) {
	if obj.ZendeskOrganizationID == nil {
		return upstream.Absent(upstream.Zendesk), nil
	}
	page, err := loaders.From(ctx).VendorTickets.Load(ctx, *obj.ZendeskOrganizationID)
	return result(upstream.Zendesk, page, err), nil
}

func (r *queryResolver) SearchVendorTickets(ctx context.Context, text string, first int, after *string) (model.VendorTicketsResult, error) {
	if !loaders.ValidVendorText(text) {
		return nil, model.Invalid(model.BadUserInput, "text", "The text is empty or too long, or holds a character that cannot be searched for.")
	}
	position, err := vendorPage(first, after)
	if err != nil {
		return nil, err
	}
	page, err := loaders.From(ctx).VendorSearch.Load(ctx, zendesk.SearchKey{Text: text, First: first, After: position})
	return result(upstream.Zendesk, page, err), nil
}

func (r *vendorTicketResolver) Comments(ctx context.Context, obj *zendesk.VendorTicket, first int, after *string) (model.VendorCommentsResult, error) {
	position, err := vendorPage(first, after)
	if err != nil {
		return nil, err
	}
	page, err := loaders.From(ctx).VendorComments.Load(ctx, zendesk.CommentsKey{Ticket: obj.ID, First: first, After: position})
	return result(upstream.Zendesk, page, err), nil
}

func (r *vendorCommentResolver) Author(ctx context.Context, obj *zendesk.VendorComment) (*zendesk.VendorUser, error) {
	if obj.AuthorID <= 0 {
		return nil, nil
	}
	author, err := loaders.From(ctx).VendorUser.Load(ctx, obj.AuthorID)
	if err != nil {
		return nil, nil // the comment is there: who wrote it is not worth an error
	}
	return author, nil
}

// vendorPage checks the arguments `first` and `after` of a page at Zendesk.
func vendorPage(first int, after *string) (position string, err error) {
	if after != nil {
		position = *after
	}
	if !loaders.ValidVendorCursor(position) {
		return "", wrongCursor()
	}
	return position, checkFirst(first)
}
