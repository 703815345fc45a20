package resolvers

import (
	"context"

	"supportgraph/clients/accounts"
	"supportgraph/graph"
	"supportgraph/graph/model"
	"supportgraph/loaders"
)

type viewerResolver struct{ *Resolver }

// Viewer answers for Viewer.
func (r *Resolver) Viewer() graph.ViewerResolver { return &viewerResolver{r} }

func (r *viewerResolver) Contact(ctx context.Context, obj *model.Viewer) (*accounts.Contact, error) {
	if obj.ContactID == nil {
		return nil, nil
	}
	return loaders.From(ctx).Contact.Load(ctx, *obj.ContactID)
}

func (r *viewerResolver) Agent(ctx context.Context, obj *model.Viewer) (*accounts.Agent, error) {
	if obj.AgentID == nil {
		return nil, nil
	}
	return loaders.From(ctx).Agent.Load(ctx, *obj.AgentID)
}
