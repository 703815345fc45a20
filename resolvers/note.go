package resolvers

import (
	"context"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
	"supportgraph/clients/tickets"
	"supportgraph/graph"
	"supportgraph/graph/model"
	"supportgraph/loaders"
)

type internalNoteResolver struct{ *Resolver }

// InternalNote answers for InternalNote.
func (r *Resolver) InternalNote() graph.InternalNoteResolver { return &internalNoteResolver{r} }

func (r *internalNoteResolver) Ticket(ctx context.Context, obj *tickets.InternalNote) (*tickets.Ticket, error) {
	return loaders.From(ctx).Ticket.Load(ctx, obj.TicketID)
}

func (r *internalNoteResolver) Author(ctx context.Context, obj *tickets.InternalNote) (*accounts.Agent, error) {
	return loaders.From(ctx).Agent.Load(ctx, obj.AuthorAgentID)
}

func (r *ticketResolver) InternalNotes(ctx context.Context, obj *tickets.Ticket, first int, after *postgres.Cursor) (*model.InternalNoteConnection, error) {
	key, err := thread(obj.ID, first, after, tickets.NoteOrder)
	if err != nil {
		return nil, err
	}
	return model.Connect(loaders.From(ctx).Notes.Load(ctx, key))
}
