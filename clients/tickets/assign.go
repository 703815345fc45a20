package tickets

import (
	"context"

	"github.com/jackc/pgx/v5"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
)

// Assignment gives a ticket to an agent, to a team, or, with neither, to nobody.
type Assignment struct {
	IdempotencyKey  string
	Ticket          ID
	ExpectedVersion int
	Agent           *accounts.AgentID
	Team            *accounts.TeamID
}

// Assign gives a ticket to somebody, or to nobody. An agent's ticket is their team's too.
func (s *Store) Assign(ctx context.Context, by Author, input Assignment) (*Outcome, error) {
	check := checks{}
	check.staff(by)
	if input.Agent != nil && input.Team != nil {
		check.refuse(Invalid, "Name an agent or a team, not both: an agent brings the team along.", "team")
	}
	var team *accounts.TeamID
	return s.change(ctx, change{
		by: by, op: "assignTicket", key: input.IdempotencyKey, input: input, checks: check,
		ticket: input.Ticket, expected: &input.ExpectedVersion, touches: []part{{field: FieldAssignee}},
		lookup: func(batch *pgx.Batch, _ *changing) {
			postgres.Queue(batch, assignable(input.Agent, input.Team, true), func(rows []*accounts.TeamID, err error) {
				if team = nil; len(rows) > 0 {
					team = rows[0]
				}
			})
		},
		apply: func(c *changing) UserError {
			denied := c.denied()
			switch {
			case denied != nil:
				return denied
			case input.Agent != nil && team == nil:
				return missing("No such agent works here today.", "agent")
			case input.Team != nil && team == nil:
				return missing("There is no such team.", "team")
			case equal(c.now.AssigneeAgentID, input.Agent) && equal(c.now.AssigneeTeamID, team):
				return nil
			}
			c.assign(input.Agent, team)
			return nil
		},
	})
}

// assignable reads the team of an agent who works here today, or the team itself. Held, the agent stays until the
// transaction ends.
func assignable(agent *accounts.AgentID, team *accounts.TeamID, hold bool) postgres.Query[*accounts.TeamID] {
	var share string
	if hold {
		share = " for share"
	}
	return postgres.Query[*accounts.TeamID]{
		SQL: `-- agents.assignable
			with agent as (select team_id from agents where id = $1 and deactivated_at is null` + share + `)
			select team_id from agent union all select id from teams where id = $2 limit 1`,
		Args: []any{agent, team},
		Row:  pgx.RowToAddrOf[accounts.TeamID],
	}
}

func equal[T comparable](a, b *T) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}
