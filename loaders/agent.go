package loaders

import (
	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
)

// AgentPage is a page of agents.
type AgentPage = postgres.Page[*accounts.Agent]

// AgentsKey is a page of all agents, or of those of a team.
type AgentsKey struct {
	Team    accounts.TeamID
	HasTeam bool
	Stretch
}

var (
	agentByID = byKey("Agent",
		func(_ *Loaders, ids []accounts.AgentID) postgres.Query[*accounts.Agent] { return accounts.Agents(ids) },
		func(a *accounts.Agent) accounts.AgentID { return a.ID })

	agentPage = byPage("Agents",
		func(key AgentsKey) (struct{}, AgentsKey) { return struct{}{}, key },
		func(_ struct{}, key AgentsKey) AgentsKey { return key },
		func(l *Loaders, _ []struct{}, key AgentsKey) postgres.Query[*accounts.Agent] {
			var team *accounts.TeamID
			if key.HasTeam {
				team = &key.Team
			}
			return accounts.ListAgents(l.who.Scope, team, key.First, key.position(accounts.AgentOrder))
		},
		func(*accounts.Agent) struct{} { return struct{}{} },
		func(rows []*accounts.Agent, key AgentsKey) *AgentPage {
			return postgres.NewPage(rows, key.First, key.Cursor(), (*accounts.Agent).Cursor)
		})
)

func agentLoader(l *Loaders) *Loader[accounts.AgentID, *accounts.Agent] { return &l.Agent }

func agentEdges() []*edge {
	all := lead("Query", "agents", agentPage,
		func(l *Loaders) *Loader[AgentsKey, *AgentPage] { return &l.Agents },
		func(_ *Loaders, _ *Loaders, args any, claim func(AgentsKey)) { claim(args.(AgentsKey)) },
		items[*accounts.Agent])
	all.target, all.paged = "Agent", true
	all.bind = func(raw map[string]any) (any, bool) {
		key, valid := AgentsKey{}, true
		if raw["team"] != nil {
			key.Team, valid = keyed[accounts.TeamID](raw["team"])
			key.HasTeam = true
		}
		var ok bool
		key.Stretch, ok = stretch(raw, byText(accounts.AgentOrder))
		return key, ok && valid
	}
	return append([]*edge{
		all,
		one("Agent", "team", "Team", teamByID, teamLoader,
			func(_ *Loaders, a *accounts.Agent) (accounts.TeamID, bool) { return a.TeamID, true }),
	}, node[accounts.AgentID]("Agent", agentByID, agentLoader)...)
}
