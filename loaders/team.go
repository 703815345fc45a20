package loaders

import (
	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
)

var (
	teamByID = byKey("Team",
		func(_ *Loaders, ids []accounts.TeamID) postgres.Query[*accounts.Team] { return accounts.Teams(ids) },
		func(t *accounts.Team) accounts.TeamID { return t.ID })

	teamAgents = byParent("TeamAgents",
		func(l *Loaders, teams []accounts.TeamID) postgres.Query[*accounts.Agent] {
			return accounts.TeamAgents(l.who.Scope, teams)
		},
		func(a *accounts.Agent) accounts.TeamID { return a.TeamID })

	allTeams = byParent("Teams",
		func(l *Loaders, _ []struct{}) postgres.Query[*accounts.Team] { return accounts.ListTeams(l.who.Scope) },
		func(*accounts.Team) struct{} { return struct{}{} })
)

func teamLoader(l *Loaders) *Loader[accounts.TeamID, *accounts.Team] { return &l.Team }

func teamEdges() []*edge {
	return append([]*edge{
		many("Query", "teams", "Team", allTeams,
			func(l *Loaders) *Loader[struct{}, []*accounts.Team] { return &l.Teams },
			func(*Loaders, *Loaders) (struct{}, bool) { return struct{}{}, true }),
		many("Team", "agents", "Agent", teamAgents,
			func(l *Loaders) *Loader[accounts.TeamID, []*accounts.Agent] { return &l.TeamAgents },
			func(_ *Loaders, t *accounts.Team) (accounts.TeamID, bool) { return t.ID, true }),
	}, node[accounts.TeamID]("Team", teamByID, teamLoader)...)
}
