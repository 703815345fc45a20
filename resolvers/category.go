package resolvers

import (
	"context"

	"supportgraph/clients/tickets"
	"supportgraph/graph"
	"supportgraph/loaders"
)

type categoryResolver struct{ *Resolver }

// Category answers for Category.
func (r *Resolver) Category() graph.CategoryResolver { return &categoryResolver{r} }

func (r *categoryResolver) Parent(ctx context.Context, obj *tickets.Category) (*tickets.Category, error) {
	if obj.ParentID == nil {
		return nil, nil
	}
	return loaders.From(ctx).Category.Load(ctx, *obj.ParentID)
}

func (r *queryResolver) Categories(ctx context.Context) ([]*tickets.Category, error) {
	return loaders.From(ctx).Categories.Load(ctx, struct{}{})
}

func (r *categoryResolver) Children(ctx context.Context, obj *tickets.Category) ([]*tickets.Category, error) {
	return loaders.From(ctx).CategoriesBelow.Load(ctx, obj.ID)
}

func (r *ticketResolver) Category(ctx context.Context, obj *tickets.Ticket) (*tickets.Category, error) {
	return loaders.From(ctx).Category.Load(ctx, obj.CategoryID)
}
