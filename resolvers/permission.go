package resolvers

import (
	"context"

	"supportgraph/clients/accounts"
	"supportgraph/clients/tickets"
	"supportgraph/loaders"
)

func (r *ticketResolver) ViewerPermissions(ctx context.Context, obj *tickets.Ticket) (*tickets.TicketPermissions, error) {
	l := loaders.From(ctx)
	who := l.Who()
	var agent *accounts.Agent
	if who.Agent != nil {
		var err error
		if agent, err = l.Agent.Load(ctx, *who.Agent); err != nil {
			return nil, err
		}
	}
	return tickets.Permissions(obj, tickets.HandOf(who.Scope, agent, obj.AccountID)), nil
}
