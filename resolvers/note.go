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

type (
	internalNoteResolver struct{ *Resolver }
	notePayloadResolver  struct{ *Resolver }
)

// InternalNote answers for InternalNote.
func (r *Resolver) InternalNote() graph.InternalNoteResolver { return &internalNoteResolver{r} }

// NotePayload answers for NotePayload.
func (r *Resolver) NotePayload() graph.NotePayloadResolver { return &notePayloadResolver{r} }

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

func (r *mutationResolver) AddInternalNote(ctx context.Context, input tickets.NewNote) (*tickets.Outcome, error) {
	return changed(ctx, r.clients.Tickets.AddNote, input)
}

func (r *notePayloadResolver) Ticket(ctx context.Context, obj *tickets.Outcome) (*tickets.Ticket, error) {
	return changedTicket(ctx, obj)
}

func (r *notePayloadResolver) Note(ctx context.Context, obj *tickets.Outcome) (*tickets.InternalNote, error) {
	return note(ctx, obj.NoteID)
}

// note is an internal note that there may be none of, or that is not shown.
func note(ctx context.Context, id *tickets.NoteID) (*tickets.InternalNote, error) {
	if id == nil {
		return nil, nil
	}
	return loaders.From(ctx).Note.Load(ctx, *id)
}
