package resolvers

import (
	"context"

	"supportgraph/clients/tickets"
)

func (r *mutationResolver) SetTicketStatus(ctx context.Context, input tickets.StatusChange) (*tickets.Outcome, error) {
	return changed(ctx, r.clients.Tickets.SetStatus, input)
}

func (r *mutationResolver) SnoozeTicket(ctx context.Context, input tickets.Snooze) (*tickets.Outcome, error) {
	return changed(ctx, r.clients.Tickets.Snooze, input)
}

func (r *mutationResolver) UnsnoozeTicket(ctx context.Context, input tickets.Unsnooze) (*tickets.Outcome, error) {
	return changed(ctx, r.clients.Tickets.Unsnooze, input)
}
