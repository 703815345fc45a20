package loaders

import (
	"supportgraph/clients/accounts"
	"supportgraph/clients/tickets"
)

// permissionEdges lead to the agent who asks, by whose role permissions go: one for all tickets. Nothing leads on from there.
func permissionEdges() []*edge {
	return []*edge{
		one("Ticket", "viewerPermissions", "", agentByID, agentLoader,
			func(l *Loaders, _ *tickets.Ticket) (accounts.AgentID, bool) { return optional(l.who.Agent) }),
		here("TicketPermissions", "actions", "TicketPermission"),
	}
}
