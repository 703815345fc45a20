package resolvers

import (
	"context"

	"supportgraph/clients/tickets"
	"supportgraph/loaders"
)

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
