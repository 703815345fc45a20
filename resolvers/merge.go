package resolvers

import (
	"context"

	"supportgraph/clients/tickets"
	"supportgraph/graph"
	"supportgraph/loaders"
)

type mergePayloadResolver struct{ *Resolver }

// MergePayload answers for MergePayload.
func (r *Resolver) MergePayload() graph.MergePayloadResolver { return &mergePayloadResolver{r} }

func (r *ticketResolver) MergedInto(ctx context.Context, obj *tickets.Ticket) (*tickets.Ticket, error) {
	if obj.MergedIntoID == nil {
		return nil, nil
	}
	return loaders.From(ctx).Ticket.Load(ctx, *obj.MergedIntoID)
}

func (r *mutationResolver) MergeTickets(ctx context.Context, input tickets.Merge) (*tickets.Outcome, error) {
	return changed(ctx, r.clients.Tickets.Merge, input)
}

func (r *mutationResolver) UnmergeTickets(ctx context.Context, input tickets.Unmerge) (*tickets.Outcome, error) {
	return changed(ctx, r.clients.Tickets.Unmerge, input)
}

func (r *mergePayloadResolver) Ticket(ctx context.Context, obj *tickets.Outcome) (*tickets.Ticket, error) {
	return changedTicket(ctx, obj)
}

func (r *mergePayloadResolver) Into(ctx context.Context, obj *tickets.Outcome) (*tickets.Ticket, error) {
	return otherTicket(ctx, obj)
}
