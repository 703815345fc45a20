package seed

import (
	"supportgraph/clients/accounts"
	"supportgraph/clients/tickets"
)

// worked is where tickets stand that somebody works on.
var worked = []tickets.Status{tickets.StatusNew, tickets.StatusOpen}

// makeViews makes the views of everybody, of each team, and some of the first agent's own.
func (w *World) makeViews() {
	r := sequence(partViews)
	add := func(name string, agent *accounts.AgentID, team *accounts.TeamID, field tickets.OrderField, direction tickets.Direction, filter *tickets.Filter) {
		view := &tickets.TicketView{
			Version: 1, Name: name, AgentID: agent, TeamID: team, Kept: filter, Field: field, Direction: direction,
			CreatedAt: Anchor.Add(-r.age(30, 300)),
		}
		view.ID.UUID, view.UpdatedAt = r.id(view.CreatedAt), view.CreatedAt
		w.Views = append(w.Views, view)
	}
	yes := true
	add("Due next", nil, nil, tickets.OrderDue, tickets.Ascending, &tickets.Filter{Status: worked})
	add("Mine", nil, nil, tickets.OrderDue, tickets.Ascending,
		&tickets.Filter{Assignee: &tickets.AssigneeFilter{Me: &yes}, Not: &tickets.Filter{Status: []tickets.Status{tickets.StatusSolved, tickets.StatusClosed, tickets.StatusMerged}}})
	add("Nobody has it", nil, nil, tickets.OrderCreated, tickets.Ascending, &tickets.Filter{Status: worked, Assignee: &tickets.AssigneeFilter{Unassigned: &yes}})
	add("Waiting for engineering", nil, nil, tickets.OrderUpdated, tickets.Ascending, &tickets.Filter{Status: []tickets.Status{tickets.StatusOnHoldEngineering}})
	for _, team := range w.Teams {
		add("Team "+team.Name, nil, &team.ID, tickets.OrderDue, tickets.Ascending, &tickets.Filter{Status: worked, Team: []accounts.TeamID{team.ID}})
	}
	add("Urgent or down", &w.Agents[0].ID, nil, tickets.OrderPriority, tickets.Ascending, &tickets.Filter{
		Status: worked, Or: []*tickets.Filter{{Priority: []tickets.Priority{tickets.P1}}, {Impact: []tickets.Impact{tickets.ImpactOutage}}},
	})
}
