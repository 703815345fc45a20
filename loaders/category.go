package loaders

import (
	"supportgraph/clients/postgres"
	"supportgraph/clients/tickets"
)

var categoryByID = byKey("Category",
	func(_ *Loaders, ids []tickets.CategoryID) postgres.Query[*tickets.Category] {
		return tickets.Categories(ids)
	},
	func(c *tickets.Category) tickets.CategoryID { return c.ID })

func categoryLoader(l *Loaders) *Loader[tickets.CategoryID, *tickets.Category] { return &l.Category }

func categoryEdges() []*edge {
	return append([]*edge{
		one("Ticket", "category", "Category", categoryByID, categoryLoader,
			func(_ *Loaders, t *tickets.Ticket) (tickets.CategoryID, bool) { return t.CategoryID, true }),
		one("Category", "parent", "Category", categoryByID, categoryLoader,
			func(_ *Loaders, c *tickets.Category) (tickets.CategoryID, bool) { return optional(c.ParentID) }),
	}, node[tickets.CategoryID]("Category", categoryByID, categoryLoader)...)
}
