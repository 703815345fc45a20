package resolvers

import (
	"context"

	"supportgraph/clients"
	"supportgraph/clients/accounts"
	"supportgraph/clients/tickets"
	"supportgraph/clients/upstream"
	"supportgraph/graph"
	"supportgraph/loaders"
)

type refreshSourcePayloadResolver struct{ *Resolver }

// RefreshSourcePayload answers for RefreshSourcePayload.
func (r *Resolver) RefreshSourcePayload() graph.RefreshSourcePayloadResolver {
	return &refreshSourcePayloadResolver{r}
}

func (r *queryResolver) Sources(context.Context) ([]*upstream.Status, error) {
	return r.clients.Statuses(), nil
}

func (r *mutationResolver) RefreshSource(ctx context.Context, input clients.Refresh) (*clients.Refreshed, error) {
	who := loaders.From(ctx).Who()
	refreshed, err := r.clients.Refresh(ctx, tickets.Author{Scope: who.Scope, Agent: who.Agent}, input)
	if err != nil {
		return nil, err
	}
	loaders.Changed(ctx, refreshed)
	return refreshed, nil
}

func (r *refreshSourcePayloadResolver) Account(ctx context.Context, obj *clients.Refreshed) (*accounts.Account, error) {
	if obj.AccountID == nil {
		return nil, nil
	}
	return loaders.From(ctx).Account.Load(ctx, *obj.AccountID)
}

func (r *refreshSourcePayloadResolver) Ticket(ctx context.Context, obj *clients.Refreshed) (*tickets.Ticket, error) {
	if obj.TicketID == nil {
		return nil, nil
	}
	return loaders.From(ctx).Ticket.Load(ctx, *obj.TicketID)
}

// result is a vendor's value, or what stands for it: nothing there is not linked, and a failure is typed, so that the
// rest of the answer stays whole.
func result[V any](name upstream.Service, value *V, err error) any {
	switch {
	case err != nil:
		return upstream.Down(name, err)
	case value == nil:
		return upstream.Absent(name)
	default:
		return value
	}
}
