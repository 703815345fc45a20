package loaders

import (
	"context"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
	"supportgraph/clients/statuspage"
	"supportgraph/clients/tickets"
	"supportgraph/clients/upstream"
)

var (
	linkedIncidents = byParent("LinkedIncidents",
		func(l *Loaders, ids []tickets.ID) postgres.Query[*tickets.IncidentLink] {
			return tickets.IncidentsOf(l.who.Scope, ids)
		},
		func(i *tickets.IncidentLink) tickets.ID { return i.TicketID })

	// incidentByID looks at what the status page told last, and asks it at most once, for incidents that are over.
	incidentByID = &source[string, *statuspage.Incident]{
		name: "Incident", service: upstream.Statuspage, together: 500,
		call: func(ctx context.Context, l *Loaders, ids []string) (map[string]*statuspage.Incident, map[string]error) {
			return l.factory.clients.Statuspage.Incidents(ctx, ids)
		},
	}
)

// The incidents of today are no edges: the status page is read in the background, and a query only looks at what is there.
// Which of them touch a ticket depends on its category.
func incidentEdges() []*edge {
	return []*edge{
		suggested[accounts.ID]("account", accountByID, accountLoader),
		suggested[tickets.CategoryID]("category", categoryByID, categoryLoader),
		one("Ticket", "relatedIncidents", "", categoryByID, categoryLoader,
			func(_ *Loaders, t *tickets.Ticket) (tickets.CategoryID, bool) { return t.CategoryID, true }),
		many("Ticket", "linkedIncidents", "LinkedIncident", linkedIncidents,
			func(l *Loaders) *Loader[tickets.ID, []*tickets.IncidentLink] { return &l.LinkedIncidents },
			func(_ *Loaders, t *tickets.Ticket) (tickets.ID, bool) { return t.ID, true }),
		one("LinkedIncident", "incident", "Incident", incidentByID,
			func(l *Loaders) *Loader[string, *statuspage.Incident] { return &l.Incident },
			func(_ *Loaders, i *tickets.IncidentLink) (string, bool) { return i.IncidentID, true }),
		one("LinkedIncident", "linkedBy", "Agent", agentByID, agentLoader,
			func(_ *Loaders, i *tickets.IncidentLink) (accounts.AgentID, bool) { return optional(i.LinkedByAgentID) }),
		here("Account", "incidents", ""),
	}
}

// suggested declares the edge of a part of suggestIncident's input, which is read with the first level.
func suggested[K comparable, V any, P interface {
	*K
	UnmarshalText([]byte) error
}](part string, source *source[K, *V], loader at[K, *V]) *edge {
	e := byID[K, V, P]("suggestIncident", "", source, loader)
	e.bind = func(raw map[string]any) (any, bool) {
		input, _ := raw["input"].(map[string]any)
		return bound(keyed[K, P](input[part]))
	}
	return e
}
