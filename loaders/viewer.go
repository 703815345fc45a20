package loaders

import "supportgraph/clients/accounts"

func viewerEdges() []*edge {
	return []*edge{
		here("Query", "viewer", "Viewer"),
		one("Viewer", "contact", "Contact", contactByID, contactLoader, func(l *Loaders, _ *Loaders) (accounts.ContactID, bool) {
			return l.who.Scope.Contact, !l.who.Scope.Staff
		}),
		one("Viewer", "agent", "Agent", agentByID, agentLoader, func(l *Loaders, _ *Loaders) (accounts.AgentID, bool) {
			return optional(l.who.Agent)
		}),
	}
}

// here declares an edge to something that is read from nowhere: what it leads to is read with the level that it is in.
// A resolver that loads nothing has one too, so that it is known to cost no call for each row.
func here(typ, field, target string) *edge {
	return &edge{typ: typ, field: field, target: target}
}
