package resolvers

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
	"supportgraph/clients/tickets"
	"supportgraph/graph"
	"supportgraph/graph/model"
	"supportgraph/loaders"
)

type (
	ticketViewResolver        struct{ *Resolver }
	ticketViewPayloadResolver struct{ *Resolver }
)

// TicketView answers for TicketView.
func (r *Resolver) TicketView() graph.TicketViewResolver { return &ticketViewResolver{r} }

// TicketViewPayload answers for TicketViewPayload.
func (r *Resolver) TicketViewPayload() graph.TicketViewPayloadResolver {
	return &ticketViewPayloadResolver{r}
}

func (r *queryResolver) TicketViews(ctx context.Context) ([]*tickets.TicketView, error) {
	return loaders.From(ctx).Views.Load(ctx, struct{}{})
}

func (r *queryResolver) TicketView(ctx context.Context, id model.GlobalID) (*tickets.TicketView, error) {
	return byID(ctx, &loaders.From(ctx).View, id, "id", "a view")
}

func (r *queryResolver) TicketCounts(ctx context.Context, views []model.GlobalID) ([]*tickets.Count, error) {
	if len(views) > postgres.MaxPage {
		return nil, model.Invalid(model.InvalidPageSize, "views", fmt.Sprintf("At most %d views can be counted at once.", postgres.MaxPage))
	}
	ids := make([]tickets.ViewID, len(views))
	for i, view := range views {
		var err error
		if ids[i], err = model.Key[tickets.ViewID](view, fmt.Sprintf("views[%d]", i), "a view"); err != nil {
			return nil, err
		}
	}
	counts, errs := make([]*tickets.Count, len(views)), make([]error, len(views))
	var counting sync.WaitGroup // beside each other, so that what nobody planned is gathered too
	for i, id := range ids {
		counting.Go(func() {
			var view *tickets.TicketView
			if view, errs[i] = loaders.From(ctx).View.Load(ctx, id); view != nil {
				counts[i], errs[i] = countOf(ctx, view)
			}
		})
	}
	counting.Wait()
	return counts, errors.Join(errs...)
}

// countOf counts the tickets of a view.
func countOf(ctx context.Context, view *tickets.TicketView) (*tickets.Count, error) {
	l := loaders.From(ctx)
	key, ok := l.ViewKey(view, loaders.Stretch{First: 1})
	if !ok {
		return nil, fmt.Errorf("view %s cannot be asked any more", view.ID)
	}
	return l.TicketCounts.Load(ctx, key)
}

func (r *ticketViewResolver) Agent(ctx context.Context, obj *tickets.TicketView) (*accounts.Agent, error) {
	if obj.AgentID == nil {
		return nil, nil
	}
	return loaders.From(ctx).Agent.Load(ctx, *obj.AgentID)
}

func (r *ticketViewResolver) Team(ctx context.Context, obj *tickets.TicketView) (*accounts.Team, error) {
	if obj.TeamID == nil {
		return nil, nil
	}
	return loaders.From(ctx).Team.Load(ctx, *obj.TeamID)
}

func (r *ticketViewResolver) Tickets(ctx context.Context, obj *tickets.TicketView, first int, after *postgres.Cursor) (*model.TicketConnection, error) {
	if err := checkFirst(first); err != nil {
		return nil, err
	}
	l := loaders.From(ctx)
	key, ok := l.ViewKey(obj, loaders.NewStretch(first, after))
	if !ok {
		return nil, wrongCursor()
	}
	return model.Connect(l.ViewTickets.Load(ctx, key))
}

func (r *ticketViewResolver) Count(ctx context.Context, obj *tickets.TicketView) (*tickets.Count, error) {
	return countOf(ctx, obj)
}

func (r *mutationResolver) SaveTicketView(ctx context.Context, input tickets.NewView) (*tickets.Outcome, error) {
	return changed(ctx, r.clients.Tickets.SaveView, input)
}

func (r *ticketViewPayloadResolver) TicketView(ctx context.Context, obj *tickets.Outcome) (*tickets.TicketView, error) {
	if obj.ViewID == nil {
		return nil, nil
	}
	return loaders.From(ctx).View.Load(ctx, *obj.ViewID)
}
