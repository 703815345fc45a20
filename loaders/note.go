package loaders

import (
	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
	"supportgraph/clients/tickets"
)

// NotePage is a page of internal notes.
type NotePage = postgres.Page[*tickets.InternalNote]

var (
	noteByID = byKey("Note",
		func(l *Loaders, ids []tickets.NoteID) postgres.Query[*tickets.InternalNote] {
			return tickets.Notes(l.who.Scope, ids)
		},
		func(n *tickets.InternalNote) tickets.NoteID { return n.ID })

	notePage = byPage("Notes", splitThread, joinThread,
		func(l *Loaders, ids []tickets.ID, stretch Stretch) postgres.Query[*tickets.InternalNote] {
			return tickets.NotesOf(l.who.Scope, ids, stretch.thread())
		},
		func(n *tickets.InternalNote) tickets.ID { return n.TicketID },
		func(rows []*tickets.InternalNote, stretch Stretch) *NotePage {
			return postgres.NewPage(rows, stretch.First, stretch.Cursor(), (*tickets.InternalNote).Cursor)
		})
)

func noteLoader(l *Loaders) *Loader[tickets.NoteID, *tickets.InternalNote] { return &l.Note }

func noteEdges() []*edge {
	return append([]*edge{
		thread("internalNotes", "InternalNote", tickets.NoteOrder, notePage,
			func(l *Loaders) *Loader[ThreadKey, *NotePage] { return &l.Notes }),
		one("InternalNote", "ticket", "Ticket", ticketByID, ticketLoader,
			func(_ *Loaders, n *tickets.InternalNote) (tickets.ID, bool) { return n.TicketID, true }),
		one("InternalNote", "author", "Agent", agentByID, agentLoader,
			func(_ *Loaders, n *tickets.InternalNote) (accounts.AgentID, bool) { return n.AuthorAgentID, true }),
	}, node[tickets.NoteID]("InternalNote", noteByID, noteLoader)...)
}
