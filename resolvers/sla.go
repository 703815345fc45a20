package resolvers

import (
	"context"
	"time"

	"supportgraph/clients/tickets"
	"supportgraph/graph/model"
	"supportgraph/loaders"
)

func (r *ticketResolver) SLA(ctx context.Context, obj *tickets.Ticket) (*tickets.TicketSla, error) {
	rules, history, err := slaOf(ctx, obj.ID)
	if err != nil || history == nil {
		return nil, err
	}
	return rules.Sla(history, time.Now()), nil
}

// slaOf reads what the clocks of a ticket are worked out from; the history is nil where the viewer may not see the ticket.
func slaOf(ctx context.Context, ticket tickets.ID) (*tickets.SlaRules, *tickets.SlaHistory, error) {
	l := loaders.From(ctx)
	history, err := l.SlaHistory.Load(ctx, ticket)
	if err != nil {
		return nil, nil, err
	}
	rules, err := l.SlaRules.Load(ctx, struct{}{})
	return rules, history, err
}

func (r *queryResolver) SLAPreview(ctx context.Context, input tickets.SlaChange) (*tickets.SlaPreview, error) {
	rules, history, err := slaOf(ctx, input.Ticket)
	if err != nil || history == nil {
		return nil, err
	}
	if input.Tier != nil && !rules.HasTier(*input.Tier) {
		return nil, model.Invalid(model.BadUserInput, "input.tier", "Nothing is promised to such a tier.")
	}
	return rules.Preview(history, input, time.Now()), nil
}

func (r *queryResolver) SLAPolicies(ctx context.Context) ([]*tickets.SlaPolicy, error) {
	rules, err := loaders.From(ctx).SlaRules.Load(ctx, struct{}{})
	if err != nil {
		return nil, err
	}
	return rules.Policies, nil
}

func (r *queryResolver) BusinessCalendars(ctx context.Context) ([]*tickets.BusinessCalendar, error) {
	rules, err := loaders.From(ctx).SlaRules.Load(ctx, struct{}{})
	if err != nil {
		return nil, err
	}
	return rules.Calendars, nil
}
