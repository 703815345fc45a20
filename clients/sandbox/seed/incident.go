package seed

import (
	"slices"
	"time"

	"supportgraph/clients/accounts"
	"supportgraph/clients/sandbox/vendors"
	"supportgraph/clients/tickets"
)

// IncidentLink is an incident that a ticket is about.
type IncidentLink struct {
	TicketID tickets.ID
	Incident vendors.Incident
	LinkedBy *accounts.AgentID
	LinkedAt time.Time
}

// forgotten is an incident that the status page does not tell of any more.
var forgotten = vendors.Incident{ID: "a1zzq04c8r7d", Name: "Logs were late", Started: Anchor.Add(-200 * day)}

// incidents are those that the case is linked to: of a case that is worked on, the first that touches its product; of every
// fifth, one that is forgotten.
func (w *World) incidents(c *Case) []*IncidentLink {
	if c.Ticket.Status.Ended() || c.Ticket.AssigneeAgentID == nil {
		return nil
	}
	link := func(incident vendors.Incident) *IncidentLink {
		at := incident.Started.Add(10 * time.Minute)
		if c.Ticket.CreatedAt.After(at) {
			at = c.Ticket.CreatedAt
		}
		return &IncidentLink{TicketID: c.Ticket.ID, Incident: incident, LinkedBy: c.Ticket.AssigneeAgentID, LinkedAt: at.Truncate(time.Second)}
	}
	var links []*IncidentLink
	if c.Ticket.Number%5 == 0 {
		links = append(links, link(forgotten))
	}
	for _, incident := range slices.Concat(w.Vendors.Page.Incidents, w.Vendors.Page.Past) {
		if w.touches(incident, c.Ticket.CategoryID) {
			return append(links, link(incident))
		}
	}
	return links
}

// touches tells whether an incident is about what a category is about.
func (w *World) touches(incident vendors.Incident, category tickets.CategoryID) bool {
	at := slices.IndexFunc(w.Categories, func(c *tickets.Category) bool { return c.ID == category })
	return w.Categories[at].Product != nil && slices.ContainsFunc(w.Vendors.Page.Components, func(c vendors.Component) bool {
		return c.Name == *w.Categories[at].Product && slices.Contains(incident.Components, c.ID)
	})
}

func (w *World) incidentTable(cases []*Case) table {
	links := all(cases, w.incidents)
	return table{"ticket_incidents", "ticket_id incident_id name linked_by_agent_id linked_at", rows(links, func(l *IncidentLink) []any {
		return []any{l.TicketID, l.Incident.ID, l.Incident.Name, l.LinkedBy, l.LinkedAt}
	})}
}
