package resolvers

import (
	"context"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
	"supportgraph/clients/tickets"
	"supportgraph/graph"
	"supportgraph/graph/model"
	"supportgraph/loaders"
)

type ticketResolver struct{ *Resolver }

// Ticket answers for Ticket.
func (r *Resolver) Ticket() graph.TicketResolver { return &ticketResolver{r} }

func (r *queryResolver) Ticket(ctx context.Context, id model.GlobalID) (*tickets.Ticket, error) {
	return byID(ctx, &loaders.From(ctx).Ticket, id, "id", "a ticket")
}

func (r *queryResolver) TicketByRef(ctx context.Context, ref string) (*tickets.Ticket, error) {
	number, ok := tickets.ParseRef(ref)
	if !ok {
		return nil, model.Invalid(model.BadUserInput, "ref", "A reference looks like T-1234.")
	}
	return loaders.From(ctx).TicketByNumber.Load(ctx, number)
}

func (r *queryResolver) Tickets(ctx context.Context, filter *tickets.Filter, orderBy tickets.Order, first int, after *postgres.Cursor) (*model.TicketConnection, error) {
	asked, err := list(filter, orderBy, first, after)
	if err != nil {
		return nil, err
	}
	l := loaders.From(ctx)
	return model.Connect(l.Tickets.Load(ctx, l.TicketsKey(accounts.ID{}, asked)))
}

func (r *accountResolver) Tickets(ctx context.Context, obj *accounts.Account, filter *tickets.Filter, orderBy tickets.Order, first int, after *postgres.Cursor) (*model.TicketConnection, error) {
	asked, err := list(filter, orderBy, first, after)
	if err != nil {
		return nil, err
	}
	l := loaders.From(ctx)
	return model.Connect(l.AccountTickets.Load(ctx, l.TicketsKey(obj.ID, asked)))
}

func (r *ticketResolver) Requester(ctx context.Context, obj *tickets.Ticket) (*accounts.Contact, error) {
	return loaders.From(ctx).Contact.Load(ctx, obj.RequesterID)
}

func (r *ticketResolver) Participants(ctx context.Context, obj *tickets.Ticket) ([]*accounts.Contact, error) {
	l := loaders.From(ctx)
	taking, err := l.Participants.Load(ctx, obj.ID)
	if err != nil {
		return nil, err
	}
	contacts := make([]*accounts.Contact, 0, len(taking))
	for _, participant := range taking {
		contact, err := l.Contact.Load(ctx, participant.ContactID)
		if err != nil {
			return nil, err
		}
		if contact != nil { // somebody of another account takes part, whom this viewer may not see
			contacts = append(contacts, contact)
		}
	}
	return contacts, nil
}

func (r *ticketResolver) Account(ctx context.Context, obj *tickets.Ticket) (*accounts.Account, error) {
	return loaders.From(ctx).Account.Load(ctx, obj.AccountID)
}

func (r *ticketResolver) Assignee(ctx context.Context, obj *tickets.Ticket) (model.Assignee, error) {
	return assignee(ctx, obj.AssigneeAgentID, obj.AssigneeTeamID)
}

// assignee is the agent, or else the team, or else nothing.
func assignee(ctx context.Context, agent *accounts.AgentID, team *accounts.TeamID) (model.Assignee, error) {
	l := loaders.From(ctx)
	if agent != nil {
		return either(l.Agent.Load(ctx, *agent))
	}
	if team != nil {
		return either(l.Team.Load(ctx, *team))
	}
	return nil, nil
}

// actor is the contact, or else the agent, or else nothing.
func actor(ctx context.Context, contact *accounts.ContactID, agent *accounts.AgentID) (model.Actor, error) {
	l := loaders.From(ctx)
	if contact != nil {
		return either(l.Contact.Load(ctx, *contact))
	}
	if agent != nil {
		return either(l.Agent.Load(ctx, *agent))
	}
	return nil, nil
}

// either gives a record as the member of a union: nothing, not a nil of its type, where there is none.
func either[V any](record *V, err error) (any, error) {
	if record == nil {
		return nil, err
	}
	return record, err
}

func (r *ticketResolver) FollowUpOf(ctx context.Context, obj *tickets.Ticket) (*tickets.Ticket, error) {
	if obj.FollowUpOfID == nil {
		return nil, nil
	}
	return loaders.From(ctx).Ticket.Load(ctx, *obj.FollowUpOfID)
}

func (r *mutationResolver) CreateTicket(ctx context.Context, input tickets.NewTicket) (*tickets.Outcome, error) {
	return changed(ctx, r.clients.Tickets.Create, input)
}

func (r *mutationResolver) UpdateTicket(ctx context.Context, input tickets.Update) (*tickets.Outcome, error) {
	return changed(ctx, r.clients.Tickets.Update, input)
}

func (r *mutationResolver) AssignTicket(ctx context.Context, input tickets.Assignment) (*tickets.Outcome, error) {
	return changed(ctx, r.clients.Tickets.Assign, input)
}
