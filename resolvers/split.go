package resolvers

import (
	"context"

	"supportgraph/clients/tickets"
	"supportgraph/graph"
)

type splitPayloadResolver struct{ *Resolver }

// SplitPayload answers for SplitPayload.
func (r *Resolver) SplitPayload() graph.SplitPayloadResolver { return &splitPayloadResolver{r} }

func (r *mutationResolver) SplitTicket(ctx context.Context, input tickets.Split) (*tickets.Outcome, error) {
	return changed(ctx, r.clients.Tickets.Split, input)
}

func (r *splitPayloadResolver) Ticket(ctx context.Context, obj *tickets.Outcome) (*tickets.Ticket, error) {
	return changedTicket(ctx, obj)
}

func (r *splitPayloadResolver) Created(ctx context.Context, obj *tickets.Outcome) (*tickets.Ticket, error) {
	return otherTicket(ctx, obj)
}
