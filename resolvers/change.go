package resolvers

import (
	"context"

	"supportgraph/clients/tickets"
	"supportgraph/graph"
	"supportgraph/graph/model"
	"supportgraph/loaders"
)

type (
	mutationResolver             struct{ *Resolver }
	ticketPayloadResolver        struct{ *Resolver }
	versionConflictErrorResolver struct{ *Resolver }
	crossingReplyErrorResolver   struct{ *Resolver }
)

// Mutation answers for Mutation.
func (r *Resolver) Mutation() graph.MutationResolver { return &mutationResolver{r} }

// TicketPayload answers for TicketPayload.
func (r *Resolver) TicketPayload() graph.TicketPayloadResolver { return &ticketPayloadResolver{r} }

// VersionConflictError answers for VersionConflictError.
func (r *Resolver) VersionConflictError() graph.VersionConflictErrorResolver {
	return &versionConflictErrorResolver{r}
}

// CrossingReplyError answers for CrossingReplyError.
func (r *Resolver) CrossingReplyError() graph.CrossingReplyErrorResolver {
	return &crossingReplyErrorResolver{r}
}

// changed makes a change as the viewer, and has its payload read from what is there afterwards.
func changed[I any](ctx context.Context, change func(context.Context, tickets.Author, I) (*tickets.Outcome, error), input I) (*tickets.Outcome, error) {
	who := loaders.From(ctx).Who()
	outcome, err := change(ctx, tickets.Author{Scope: who.Scope, Agent: who.Agent}, input)
	if err != nil {
		return nil, err
	}
	loaders.Changed(ctx, outcome)
	return outcome, nil
}

func (r *ticketPayloadResolver) Ticket(ctx context.Context, obj *tickets.Outcome) (*tickets.Ticket, error) {
	return changedTicket(ctx, obj)
}

// changedTicket is the ticket that a change leads to, nil where it was refused.
func changedTicket(ctx context.Context, outcome *tickets.Outcome) (*tickets.Ticket, error) {
	if outcome.TicketID == nil {
		return nil, nil
	}
	return loaders.From(ctx).Ticket.Load(ctx, *outcome.TicketID)
}

// otherTicket is the second ticket of a change, nil where there is none.
func otherTicket(ctx context.Context, outcome *tickets.Outcome) (*tickets.Ticket, error) {
	if outcome.OtherID == nil {
		return nil, nil
	}
	return loaders.From(ctx).Ticket.Load(ctx, *outcome.OtherID)
}

func (r *versionConflictErrorResolver) Ticket(ctx context.Context, obj *tickets.VersionConflictError) (*tickets.Ticket, error) {
	return loaders.From(ctx).Ticket.Load(ctx, obj.TicketID)
}

func (r *versionConflictErrorResolver) ChangedBy(ctx context.Context, obj *tickets.VersionConflictError) (model.Actor, error) {
	return actor(ctx, obj.ChangedByContactID, obj.ChangedByAgentID)
}

func (r *crossingReplyErrorResolver) Crossing(ctx context.Context, obj *tickets.CrossingReplyError) (*tickets.Message, error) {
	return loaders.From(ctx).Message.Load(ctx, obj.MessageID)
}
