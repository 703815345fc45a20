package loaders

import (
	"supportgraph/clients/accounts"
	"supportgraph/clients/tickets"
)

// redacted is a row that may have been redacted: a message or an internal note.
type redacted interface{ Redaction() *tickets.Redaction }

func redactionEdges() []*edge {
	return []*edge{
		here("Message", "redaction", "Redaction"),
		here("InternalNote", "redaction", "Redaction"),
		one("Redaction", "by", "Agent", agentByID, agentLoader,
			func(_ *Loaders, row redacted) (agent accounts.AgentID, ok bool) {
				if r := row.Redaction(); r != nil {
					return r.ByID, true
				}
				return agent, false
			}),
		one("RedactionEntry", "message", "Message", messageByID, messageLoader,
			func(_ *Loaders, e *tickets.RedactionEntry) (tickets.MessageID, bool) { return optional(e.MessageID) }),
		one("RedactionEntry", "note", "InternalNote", noteByID, noteLoader,
			func(_ *Loaders, e *tickets.RedactionEntry) (tickets.NoteID, bool) { return optional(e.NoteID) }),
		one("RedactionPayload", "message", "Message", messageByID, messageLoader,
			func(_ *Loaders, o *tickets.Outcome) (tickets.MessageID, bool) { return optional(o.MessageID) }),
		one("RedactionPayload", "note", "InternalNote", noteByID, noteLoader,
			func(_ *Loaders, o *tickets.Outcome) (tickets.NoteID, bool) { return optional(o.NoteID) }),
	}
}
