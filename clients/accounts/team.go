package accounts

import (
	"time"

	"supportgraph/clients/postgres"
)

type teamKind struct{}

func (teamKind) Prefix() string { return "team" }

// TeamID is the key of a team.
type TeamID struct{ postgres.Key[teamKind] }

// Team is a group of agents to which tickets are assigned.
type Team struct {
	ID          TeamID
	Name        string
	Description string
	CreatedAt   time.Time
}

const teamColumns = `t.id, t.name, t.description, t.created_at`

// Teams reads teams by key. Everybody may know their names: tickets are assigned to them.
func Teams(ids []TeamID) postgres.Query[*Team] {
	return postgres.Query[*Team]{
		SQL: `-- teams.by_id
			select ` + teamColumns + ` from teams t where t.id = any($1) order by t.id`,
		Args: []any{ids},
		Row:  postgres.ToAddr[Team],
	}
}

// ListTeams reads every team, by name; there are few. Only staff may list them.
func ListTeams(scope Scope) postgres.Query[*Team] {
	return postgres.Query[*Team]{
		SQL: `-- teams.list
			select ` + teamColumns + ` from teams t where $1 order by t.name, t.id limit 1000`,
		Args: []any{scope.Staff},
		Row:  postgres.ToAddr[Team],
	}
}
