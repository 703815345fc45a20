package resolvers

import (
	"context"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
	"supportgraph/graph"
	"supportgraph/graph/model"
	"supportgraph/loaders"
)

type agentResolver struct{ *Resolver }

// Agent answers for Agent.
func (r *Resolver) Agent() graph.AgentResolver { return &agentResolver{r} }

func (r *queryResolver) Agents(ctx context.Context, team *model.GlobalID, first int, after *postgres.Cursor) (*model.AgentConnection, error) {
	page, err := stretch(first, after, accounts.AgentOrder)
	if err != nil {
		return nil, err
	}
	key := loaders.AgentsKey{Stretch: page}
	if team != nil {
		if key.Team, err = model.Key[accounts.TeamID](*team, "team", "a team"); err != nil {
			return nil, err
		}
		key.HasTeam = true
	}
	return model.Connect(loaders.From(ctx).Agents.Load(ctx, key))
}

func (r *agentResolver) Team(ctx context.Context, obj *accounts.Agent) (*accounts.Team, error) {
	return loaders.From(ctx).Team.Load(ctx, obj.TeamID)
}
