package resolvers

import (
	"context"

	"supportgraph/clients/tickets"
	"supportgraph/graph"
	"supportgraph/graph/model"
	"supportgraph/loaders"
)

type relationEntryResolver struct{ *Resolver }

// RelationEntry answers for RelationEntry.
func (r *Resolver) RelationEntry() graph.RelationEntryResolver { return &relationEntryResolver{r} }

func (r *ticketResolver) RelatedTickets(ctx context.Context, obj *tickets.Ticket) ([]*tickets.Ticket, error) {
	l := loaders.From(ctx)
	relations, err := l.Relations.Load(ctx, obj.ID)
	if err != nil {
		return nil, err
	}
	related := make([]*tickets.Ticket, 0, len(relations))
	for _, relation := range relations {
		ticket, err := l.Ticket.Load(ctx, relation.OtherID)
		if err != nil {
			return nil, err
		}
		if ticket != nil { // it was deleted
			related = append(related, ticket)
		}
	}
	return related, nil
}

func (r *mutationResolver) RelateTickets(ctx context.Context, input tickets.Relating) (*tickets.Outcome, error) {
	return changed(ctx, r.clients.Tickets.Relate, input)
}

func (r *mutationResolver) UnrelateTickets(ctx context.Context, input tickets.Relating) (*tickets.Outcome, error) {
	return changed(ctx, r.clients.Tickets.Unrelate, input)
}

func (r *relationEntryResolver) Actor(ctx context.Context, obj *tickets.RelationEntry) (model.Actor, error) {
	return actor(ctx, obj.ActorContactID, obj.ActorAgentID)
}

func (r *relationEntryResolver) Ticket(ctx context.Context, obj *tickets.RelationEntry) (*tickets.Ticket, error) {
	return loaders.From(ctx).Ticket.Load(ctx, obj.OtherID)
}
