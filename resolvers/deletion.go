package resolvers

import (
	"context"

	"supportgraph/clients/tickets"
	"supportgraph/graph"
	"supportgraph/graph/model"
)

type deletionEntryResolver struct{ *Resolver }

// DeletionEntry answers for DeletionEntry.
func (r *Resolver) DeletionEntry() graph.DeletionEntryResolver { return &deletionEntryResolver{r} }

func (r *mutationResolver) DeleteTicket(ctx context.Context, input tickets.Deletion) (*tickets.Outcome, error) {
	return changed(ctx, r.clients.Tickets.Delete, input)
}

func (r *mutationResolver) RestoreTicket(ctx context.Context, input tickets.Restoration) (*tickets.Outcome, error) {
	return changed(ctx, r.clients.Tickets.Restore, input)
}

func (r *deletionEntryResolver) Actor(ctx context.Context, obj *tickets.DeletionEntry) (model.Actor, error) {
	return actor(ctx, obj.ActorContactID, obj.ActorAgentID)
}
