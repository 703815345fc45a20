package loaders

import "supportgraph/clients/upstream"

// lane is whose allowance at the vendors the request draws on.
func (l *Loaders) lane() upstream.Lane {
	switch {
	case l.who.Agent != nil:
		return upstream.Agents
	case !l.who.Scope.Staff:
		return upstream.Customers
	default:
		return upstream.Engineers
	}
}
