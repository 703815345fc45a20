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
	cannedReplyResolver        struct{ *Resolver }
	cannedReplyPayloadResolver struct{ *Resolver }
)

// CannedReply answers for CannedReply.
func (r *Resolver) CannedReply() graph.CannedReplyResolver { return &cannedReplyResolver{r} }

// CannedReplyPayload answers for CannedReplyPayload.
func (r *Resolver) CannedReplyPayload() graph.CannedReplyPayloadResolver {
	return &cannedReplyPayloadResolver{r}
}

func (r *queryResolver) CannedReplies(ctx context.Context) ([]*tickets.CannedReply, error) {
	return loaders.From(ctx).CannedReplies.Load(ctx, struct{}{})
}

func (r *cannedReplyResolver) Owner(ctx context.Context, obj *tickets.CannedReply) (*accounts.Agent, error) {
	return loaders.From(ctx).Agent.Load(ctx, obj.AgentID)
}

func (r *cannedReplyResolver) Text(ctx context.Context, obj *tickets.CannedReply, ticket model.GlobalID) (*string, error) {
	words, err := byID(ctx, &loaders.From(ctx).Words, ticket, "ticket", "a ticket")
	if err != nil || words == nil {
		return nil, err
	}
	text := words.Fill(obj.Body)
	return &text, nil
}

func (r *mutationResolver) SaveCannedReply(ctx context.Context, input tickets.CannedReplyText) (*tickets.Outcome, error) {
	return changed(ctx, r.clients.Tickets.SaveCannedReply, input)
}

func (r *mutationResolver) DeleteCannedReply(ctx context.Context, input tickets.CannedReplyEnd) (*tickets.Outcome, error) {
	return changed(ctx, r.clients.Tickets.DeleteCannedReply, input)
}

func (r *cannedReplyPayloadResolver) CannedReply(ctx context.Context, obj *tickets.Outcome) (*tickets.CannedReply, error) {
	if obj.CannedReplyID == nil {
		return nil, nil
	}
	return loaders.From(ctx).CannedReply.Load(ctx, *obj.CannedReplyID)
}
