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
	messageResolver      struct{ *Resolver }
	replyPayloadResolver struct{ *Resolver }
)

// Message answers for Message.
func (r *Resolver) Message() graph.MessageResolver { return &messageResolver{r} }

// ReplyPayload answers for ReplyPayload.
func (r *Resolver) ReplyPayload() graph.ReplyPayloadResolver { return &replyPayloadResolver{r} }

func (r *messageResolver) Ticket(ctx context.Context, obj *tickets.Message) (*tickets.Ticket, error) {
	return loaders.From(ctx).Ticket.Load(ctx, obj.TicketID)
}

func (r *messageResolver) Author(ctx context.Context, obj *tickets.Message) (model.Actor, error) {
	return actor(ctx, obj.AuthorContactID, obj.AuthorAgentID)
}

func (r *ticketResolver) LastMessage(ctx context.Context, obj *tickets.Ticket) (*tickets.Message, error) {
	return message(ctx, obj.LastMessageID)
}

func (r *ticketResolver) Messages(ctx context.Context, obj *tickets.Ticket, first int, after *postgres.Cursor) (*model.MessageConnection, error) {
	key, err := thread(obj.ID, first, after, tickets.MessageOrder)
	if err != nil {
		return nil, err
	}
	return model.Connect(loaders.From(ctx).Messages.Load(ctx, key))
}

func (r *mutationResolver) ReplyToTicket(ctx context.Context, input tickets.NewReply) (*tickets.Outcome, error) {
	return changed(ctx, r.clients.Tickets.Reply, input)
}

func (r *replyPayloadResolver) Ticket(ctx context.Context, obj *tickets.Outcome) (*tickets.Ticket, error) {
	return changedTicket(ctx, obj)
}

func (r *replyPayloadResolver) Message(ctx context.Context, obj *tickets.Outcome) (*tickets.Message, error) {
	return message(ctx, obj.MessageID)
}

// message is a message that there may be none of, or that is not shown.
func message(ctx context.Context, id *tickets.MessageID) (*tickets.Message, error) {
	if id == nil {
		return nil, nil
	}
	return loaders.From(ctx).Message.Load(ctx, *id)
}
