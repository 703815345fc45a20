package loaders

import (
	"supportgraph/clients/postgres"
	"supportgraph/clients/tickets"
)

var (
	categoryByID = byKey("Category",
		func(_ *Loaders, ids []tickets.CategoryID) postgres.Query[*tickets.Category] {
			return tickets.Categories(ids)
		},
		func(c *tickets.Category) tickets.CategoryID { return c.ID })

	categoriesBelow = byParent("CategoriesBelow",
		func(_ *Loaders, ids []tickets.CategoryID) postgres.Query[*tickets.Category] {
			return tickets.CategoriesBelow(ids)
		},
		func(c *tickets.Category) tickets.CategoryID { return *c.ParentID })

	allCategories = byParent("Categories",
		func(*Loaders, []struct{}) postgres.Query[*tickets.Category] { return tickets.AllCategories() },
		func(*tickets.Category) struct{} { return struct{}{} })
)

func categoryLoader(l *Loaders) *Loader[tickets.CategoryID, *tickets.Category] { return &l.Category }

func categoryEdges() []*edge {
	return append([]*edge{
		one("Ticket", "category", "Category", categoryByID, categoryLoader,
			func(_ *Loaders, t *tickets.Ticket) (tickets.CategoryID, bool) { return t.CategoryID, true }),
		many("Category", "children", "Category", categoriesBelow,
			func(l *Loaders) *Loader[tickets.CategoryID, []*tickets.Category] { return &l.CategoriesBelow },
			func(_ *Loaders, c *tickets.Category) (tickets.CategoryID, bool) { return c.ID, true }),
		many("Query", "categories", "Category", allCategories,
			func(l *Loaders) *Loader[struct{}, []*tickets.Category] { return &l.Categories },
			func(*Loaders, *Loaders) (struct{}, bool) { return struct{}{}, true }),
		one("Category", "parent", "Category", categoryByID, categoryLoader,
			func(_ *Loaders, c *tickets.Category) (tickets.CategoryID, bool) { return optional(c.ParentID) }),
	}, node[tickets.CategoryID]("Category", categoryByID, categoryLoader)...)
}
