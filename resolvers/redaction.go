package resolvers

import (
	"context"

	"supportgraph/clients/accounts"
	"supportgraph/clients/tickets"
	"supportgraph/graph"
	"supportgraph/graph/model"
	"supportgraph/loaders"
)

type (
	redactionResolver        struct{ *Resolver }
	redactionEntryResolver   struct{ *Resolver }
	redactionPayloadResolver struct{ *Resolver }
)

// Redaction answers for Redaction.
func (r *Resolver) Redaction() graph.RedactionResolver { return &redactionResolver{r} }

// RedactionEntry answers for RedactionEntry.
func (r *Resolver) RedactionEntry() graph.RedactionEntryResolver { return &redactionEntryResolver{r} }

// RedactionPayload answers for RedactionPayload.
func (r *Resolver) RedactionPayload() graph.RedactionPayloadResolver {
	return &redactionPayloadResolver{r}
}

func (r *mutationResolver) RedactMessage(ctx context.Context, input tickets.Redact) (*tickets.Outcome, error) {
	return changed(ctx, r.clients.Tickets.Redact, input)
}

func (r *redactionResolver) By(ctx context.Context, obj *tickets.Redaction) (*accounts.Agent, error) {
	return loaders.From(ctx).Agent.Load(ctx, obj.ByID)
}

func (r *redactionEntryResolver) Actor(ctx context.Context, obj *tickets.RedactionEntry) (model.Actor, error) {
	return actor(ctx, obj.ActorContactID, obj.ActorAgentID)
}

func (r *redactionEntryResolver) Message(ctx context.Context, obj *tickets.RedactionEntry) (*tickets.Message, error) {
	return message(ctx, obj.MessageID)
}

func (r *redactionEntryResolver) Note(ctx context.Context, obj *tickets.RedactionEntry) (*tickets.InternalNote, error) {
	return note(ctx, obj.NoteID)
}

func (r *redactionPayloadResolver) Ticket(ctx context.Context, obj *tickets.Outcome) (*tickets.Ticket, error) {
	return changedTicket(ctx, obj)
}

func (r *redactionPayloadResolver) Message(ctx context.Context, obj *tickets.Outcome) (*tickets.Message, error) {
	return message(ctx, obj.MessageID)
}

func (r *redactionPayloadResolver) Note(ctx context.Context, obj *tickets.Outcome) (*tickets.InternalNote, error) {
	return note(ctx, obj.NoteID)
}
