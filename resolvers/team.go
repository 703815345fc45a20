package resolvers

import (
	"context"

	"supportgraph/clients/accounts"
	"supportgraph/graph"
	"supportgraph/loaders"
)

type teamResolver struct{ *Resolver }

// Team answers for Team.
func (r *Resolver) Team() graph.TeamResolver { return &teamResolver{r} }

func (r *queryResolver) Teams(ctx context.Context) ([]*accounts.Team, error) {
	return loaders.From(ctx).Teams.Load(ctx, struct{}{})
}

func (r *teamResolver) Agents(ctx context.Context, obj *accounts.Team) ([]*accounts.Agent, error) {
	return loaders.From(ctx).TeamAgents.Load(ctx, obj.ID)
}
