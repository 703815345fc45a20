package loaders

import "supportgraph/clients/tickets"

// Incidents are no edges: the status page is read in the background, and a query only looks at what is there. Which of
// them touch a ticket depends on its category.
func incidentEdges() []*edge {
	return []*edge{
		one("Ticket", "relatedIncidents", "", categoryByID, categoryLoader,
			func(_ *Loaders, t *tickets.Ticket) (tickets.CategoryID, bool) { return t.CategoryID, true }),
	}
}
