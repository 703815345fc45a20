package accounts

import (
	"time"

	"supportgraph/clients/postgres"
)

type agentKind struct{}

func (agentKind) Prefix() string { return "agt" }

// AgentID is the key of an agent.
type AgentID struct{ postgres.Key[agentKind] }

// AgentRole is what an agent may do.
type AgentRole string

// The agents' roles.
const (
	AgentRoleAgent AgentRole = "AGENT"
	AgentRoleLead  AgentRole = "LEAD"
	AgentRoleAdmin AgentRole = "ADMIN"
)

// Agent is a member of our staff who works on tickets.
type Agent struct {
	ID            AgentID
	Name          string
	Email         string
	Role          AgentRole
	TeamID        TeamID
	CreatedAt     time.Time
	DeactivatedAt *time.Time
}

// Active tells whether the agent works here today.
func (a *Agent) Active() bool { return a.DeactivatedAt == nil }

// AgentOrder marks the cursors of agent lists, which are sorted by name.
const AgentOrder = 'g'

// Cursor is the position behind an agent in a list by name.
func (a *Agent) Cursor() postgres.Cursor {
	return postgres.Cursor{Order: AgentOrder, Key: a.ID.UUID, Value: a.Name}
}

const agentColumns = `a.id, a.name, a.email, a.role, a.team_id, a.created_at, a.deactivated_at`

// Agents reads agents by key. Everybody may know them: their names stand under what they write.
func Agents(ids []AgentID) postgres.Query[*Agent] {
	return postgres.Query[*Agent]{
		SQL: `-- agents.by_id
			select ` + agentColumns + ` from agents a where a.id = any($1) order by a.id`,
		Args: []any{ids},
		Row:  postgres.ToAddr[Agent],
	}
}

// ListAgents reads a page of the agents who work here today, by name, of one team where team is not nil; one row more
// than asked for. Only staff may list them.
func ListAgents(scope Scope, team *TeamID, first int, after postgres.Position) postgres.Query[*Agent] {
	return postgres.Query[*Agent]{
		SQL: `-- agents.list
			select ` + agentColumns + `
			from agents a
			where $1 and a.deactivated_at is null and ($2::uuid is null or a.team_id = $2)
				and ($3::text is null or (a.name, a.id) > ($3, $4::uuid))
			order by a.name, a.id
			limit $5`,
		Args: []any{scope.Staff, team, after.Value, after.Key, first + 1},
		Row:  postgres.ToAddr[Agent],
	}
}

// TeamAgents reads the agents who work here today of each of the teams, by name. Only staff may list them.
func TeamAgents(scope Scope, teams []TeamID) postgres.Query[*Agent] {
	return postgres.Query[*Agent]{
		SQL: `-- agents.of_teams
			select ` + agentColumns + `
			from agents a
			where $1 and a.team_id = any($2) and a.deactivated_at is null
			order by a.team_id, a.name, a.id
			limit 10000`,
		Args: []any{scope.Staff, teams},
		Row:  postgres.ToAddr[Agent],
	}
}
