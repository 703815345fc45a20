package resolvers

import (
	"context"

	"supportgraph/clients/accounts"
	"supportgraph/clients/tickets"
	"supportgraph/graph"
	"supportgraph/graph/model"
	"supportgraph/loaders"
)

type participantEntryResolver struct{ *Resolver }

// ParticipantEntry answers for ParticipantEntry.
func (r *Resolver) ParticipantEntry() graph.ParticipantEntryResolver {
	return &participantEntryResolver{r}
}

func (r *mutationResolver) AddParticipant(ctx context.Context, input tickets.Participation) (*tickets.Outcome, error) {
	return changed(ctx, r.clients.Tickets.AddParticipant, input)
}

func (r *mutationResolver) RemoveParticipant(ctx context.Context, input tickets.Participation) (*tickets.Outcome, error) {
	return changed(ctx, r.clients.Tickets.RemoveParticipant, input)
}

func (r *participantEntryResolver) Actor(ctx context.Context, obj *tickets.ParticipantEntry) (model.Actor, error) {
	return actor(ctx, obj.ActorContactID, obj.ActorAgentID)
}

func (r *participantEntryResolver) Contact(ctx context.Context, obj *tickets.ParticipantEntry) (*accounts.Contact, error) {
	return loaders.From(ctx).Contact.Load(ctx, obj.ContactID)
}
