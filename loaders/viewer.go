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

// here declares an edge to something that is read from nowhere, and whose only row is the request's loaders.
func here(typ, field, target string) *edge {
	return &edge{typ: typ, field: field, target: target, expand: func(_ *level, parents []any, _ any, _ uint64) reached {
		return reached{foreign: func() []<-chan struct{} { return nil }, rows: func() []any { return parents }}
	}}
}
