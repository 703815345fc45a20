package resolvers

import (
	"context"
	"slices"

	"supportgraph/clients/tickets"
	"supportgraph/graph"
	"supportgraph/loaders"
)

type tagResolver struct{ *Resolver }

// Tag answers for Tag.
func (r *Resolver) Tag() graph.TagResolver { return &tagResolver{r} }

func (r *queryResolver) Tags(ctx context.Context, archived bool) ([]*tickets.Tag, error) {
	all, err := loaders.From(ctx).AllTags.Load(ctx, struct{}{})
	if err != nil || archived {
		return all, err
	}
	return slices.DeleteFunc(slices.Clone(all), func(tag *tickets.Tag) bool { return tag.ArchivedAt != nil }), nil
}

func (r *tagResolver) Parent(ctx context.Context, obj *tickets.Tag) (*tickets.Tag, error) {
	if obj.ParentID == nil {
		return nil, nil
	}
	return loaders.From(ctx).Tag.Load(ctx, *obj.ParentID)
}

func (r *ticketResolver) Tags(ctx context.Context, obj *tickets.Ticket) ([]*tickets.Tag, error) {
	hanging, err := loaders.From(ctx).Tags.Load(ctx, obj.ID)
	if err != nil {
		return nil, err
	}
	tags := make([]*tickets.Tag, len(hanging))
	for i, tag := range hanging {
		tags[i] = &tag.Tag
	}
	return tags, nil
}

func (r *mutationResolver) AddTags(ctx context.Context, input tickets.Tagging) (*tickets.Outcome, error) {
	return changed(ctx, r.clients.Tickets.AddTags, input)
}

func (r *mutationResolver) RemoveTags(ctx context.Context, input tickets.Tagging) (*tickets.Outcome, error) {
	return changed(ctx, r.clients.Tickets.RemoveTags, input)
}
