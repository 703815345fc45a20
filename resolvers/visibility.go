package resolvers

import (
	"context"

	"supportgraph/clients/tickets"
	"supportgraph/graph"
	"supportgraph/graph/model"
)

type visibilityEntryResolver struct{ *Resolver }

// VisibilityEntry answers for VisibilityEntry.
func (r *Resolver) VisibilityEntry() graph.VisibilityEntryResolver {
	return &visibilityEntryResolver{r}
}

func (r *mutationResolver) MakeNotePublic(ctx context.Context, input tickets.Publication) (*tickets.Outcome, error) {
	return changed(ctx, r.clients.Tickets.Publish, input)
}

func (r *mutationResolver) MakeMessageInternal(ctx context.Context, input tickets.Withdrawal) (*tickets.Outcome, error) {
	return changed(ctx, r.clients.Tickets.Withdraw, input)
}

func (r *visibilityEntryResolver) Actor(ctx context.Context, obj *tickets.VisibilityEntry) (model.Actor, error) {
	return actor(ctx, obj.ActorContactID, obj.ActorAgentID)
}

func (r *visibilityEntryResolver) Message(ctx context.Context, obj *tickets.VisibilityEntry) (*tickets.Message, error) {
	return message(ctx, &obj.MessageID)
}

func (r *visibilityEntryResolver) Note(ctx context.Context, obj *tickets.VisibilityEntry) (*tickets.InternalNote, error) {
	return note(ctx, &obj.NoteID)
}
