package loaders

import (
	"supportgraph/clients/tickets"
)

func visibilityEdges() []*edge {
	return []*edge{
		one("VisibilityEntry", "message", "Message", messageByID, messageLoader,
			func(_ *Loaders, e *tickets.VisibilityEntry) (tickets.MessageID, bool) { return e.MessageID, true }),
		one("VisibilityEntry", "note", "InternalNote", noteByID, noteLoader,
			func(_ *Loaders, e *tickets.VisibilityEntry) (tickets.NoteID, bool) { return e.NoteID, true }),
	}
}
