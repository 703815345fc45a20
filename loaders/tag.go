package loaders

import (
	"supportgraph/clients/postgres"
	"supportgraph/clients/tickets"
)

var (
	tagByID = byKey("Tag",
		func(l *Loaders, ids []tickets.TagID) postgres.Query[*tickets.Tag] {
			return tickets.Tags(l.who.Scope, ids)
		},
		func(t *tickets.Tag) tickets.TagID { return t.ID })

	ticketTags = byParent("Tags",
		func(l *Loaders, ids []tickets.ID) postgres.Query[*tickets.TicketTag] {
			return tickets.TagsOf(l.who.Scope, ids)
		},
		func(t *tickets.TicketTag) tickets.ID { return t.TicketID })
)

var allTags = byParent("AllTags",
	func(l *Loaders, _ []struct{}) postgres.Query[*tickets.Tag] { return tickets.AllTags(l.who.Scope) },
	func(*tickets.Tag) struct{} { return struct{}{} })

// tagRow is a row that is a tag, by itself or as it hangs on a ticket.
type tagRow interface{ Above() *tickets.TagID }

func tagLoader(l *Loaders) *Loader[tickets.TagID, *tickets.Tag] { return &l.Tag }

func tagEdges() []*edge {
	return append([]*edge{
		many("Query", "tags", "Tag", allTags,
			func(l *Loaders) *Loader[struct{}, []*tickets.Tag] { return &l.AllTags },
			func(*Loaders, *Loaders) (struct{}, bool) { return struct{}{}, true }),
		one("Tag", "parent", "Tag", tagByID, tagLoader,
			func(_ *Loaders, t tagRow) (tickets.TagID, bool) { return optional(t.Above()) }),
		many("Ticket", "tags", "Tag", ticketTags,
			func(l *Loaders) *Loader[tickets.ID, []*tickets.TicketTag] { return &l.Tags },
			func(_ *Loaders, t *tickets.Ticket) (tickets.ID, bool) { return t.ID, true }),
	}, node[tickets.TagID]("Tag", tagByID, tagLoader)...)
}
