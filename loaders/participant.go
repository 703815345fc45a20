package loaders

import (
	"supportgraph/clients/accounts"
	"supportgraph/clients/tickets"
)

func participantEdges() []*edge {
	return []*edge{
		one("ParticipantEntry", "contact", "Contact", contactByID, contactLoader,
			func(_ *Loaders, e *tickets.ParticipantEntry) (accounts.ContactID, bool) { return e.ContactID, true }),
	}
}
