package resolvers

import (
	"context"

	"supportgraph/clients/postgres"
	"supportgraph/clients/tickets"
	"supportgraph/graph"
	"supportgraph/graph/model"
	"supportgraph/loaders"
)

type (
	ticketHitResolver struct{ *Resolver }
	highlightResolver struct{ *Resolver }
)

// TicketHit answers for TicketHit.
func (r *Resolver) TicketHit() graph.TicketHitResolver { return &ticketHitResolver{r} }

// Highlight answers for Highlight.
func (r *Resolver) Highlight() graph.HighlightResolver { return &highlightResolver{r} }

func (r *queryResolver) SearchTickets(ctx context.Context, text string, first int, after *postgres.Cursor) (*model.TicketHitConnection, error) {
	page, err := stretch(first, after, tickets.HitOrder)
	if err != nil {
		return nil, err
	}
	if postgres.CheckText(text) != nil {
		return nil, wrongText()
	}
	return model.Connect(loaders.From(ctx).Search.Load(ctx, loaders.SearchKey{Text: text, Stretch: page}))
}

func wrongText() error {
	return model.Invalid(model.BadUserInput, "text", "The text is too long, or holds a character that cannot be searched for.")
}

func (r *queryResolver) SimilarTickets(ctx context.Context, ticket model.GlobalID) ([]*tickets.Ticket, error) {
	of, err := model.Key[tickets.ID](ticket, "ticket", "a ticket")
	if err != nil {
		return nil, err
	}
	found, err := loaders.From(ctx).Similar.Load(ctx, of)
	similar := make([]*tickets.Ticket, len(found))
	for i := range found {
		similar[i] = &found[i].Ticket
	}
	return similar, err
}

func (r *ticketHitResolver) Ticket(ctx context.Context, obj *tickets.Hit) (*tickets.Ticket, error) {
	return loaders.From(ctx).Ticket.Load(ctx, obj.TicketID)
}

func (r *ticketHitResolver) Highlights(ctx context.Context, obj *tickets.Hit) ([]*tickets.Highlight, error) {
	return loaders.From(ctx).Highlights.Load(ctx, loaders.HighlightKey{Ticket: obj.TicketID, Text: obj.Text})
}

func (r *highlightResolver) Message(ctx context.Context, obj *tickets.Highlight) (*tickets.Message, error) {
	if obj.MessageID == nil {
		return nil, nil
	}
	return loaders.From(ctx).Message.Load(ctx, *obj.MessageID)
}

func (r *highlightResolver) Note(ctx context.Context, obj *tickets.Highlight) (*tickets.InternalNote, error) {
	if obj.NoteID == nil {
		return nil, nil
	}
	return loaders.From(ctx).Note.Load(ctx, *obj.NoteID)
}
