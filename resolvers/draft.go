package resolvers

import (
	"context"

	"supportgraph/clients/tickets"
	"supportgraph/graph"
	"supportgraph/loaders"
)

type (
	draftResolver        struct{ *Resolver }
	draftPayloadResolver struct{ *Resolver }
)

// Draft answers for Draft.
func (r *Resolver) Draft() graph.DraftResolver { return &draftResolver{r} }

// DraftPayload answers for DraftPayload.
func (r *Resolver) DraftPayload() graph.DraftPayloadResolver { return &draftPayloadResolver{r} }

func (r *queryResolver) Drafts(ctx context.Context) ([]*tickets.Draft, error) {
	return loaders.From(ctx).Drafts.Load(ctx, struct{}{})
}

func (r *ticketResolver) Drafts(ctx context.Context, obj *tickets.Ticket) ([]*tickets.Draft, error) {
	return loaders.From(ctx).TicketDrafts.Load(ctx, obj.ID)
}

func (r *draftResolver) Ticket(ctx context.Context, obj *tickets.Draft) (*tickets.Ticket, error) {
	return loaders.From(ctx).Ticket.Load(ctx, obj.TicketID)
}

func (r *mutationResolver) SaveDraft(ctx context.Context, input tickets.DraftText) (*tickets.Outcome, error) {
	return changed(ctx, r.clients.Tickets.SaveDraft, input)
}

func (r *mutationResolver) DiscardDraft(ctx context.Context, input tickets.DraftEnd) (*tickets.Outcome, error) {
	return changed(ctx, r.clients.Tickets.DiscardDraft, input)
}

func (r *draftPayloadResolver) Draft(ctx context.Context, obj *tickets.Outcome) (*tickets.Draft, error) {
	if obj.DraftID == nil {
		return nil, nil
	}
	return loaders.From(ctx).Draft.Load(ctx, *obj.DraftID)
}

func (r *draftPayloadResolver) Ticket(ctx context.Context, obj *tickets.Outcome) (*tickets.Ticket, error) {
	return changedTicket(ctx, obj)
}
