package resolvers

import (
	"context"

	"supportgraph/clients/accounts"
	"supportgraph/clients/statuspage"
	"supportgraph/clients/tickets"
	"supportgraph/clients/upstream"
	"supportgraph/graph/model"
	"supportgraph/loaders"
)

func (r *queryResolver) Incidents(ctx context.Context) (model.IncidentsResult, error) {
	return r.incidents(ctx, func(s *statuspage.Snapshot) []*statuspage.Incident { return s.Incidents }), nil
}

func (r *accountResolver) Incidents(ctx context.Context, obj *accounts.Account) (model.IncidentsResult, error) {
	return r.touching(ctx, obj.Products), nil
}

func (r *ticketResolver) RelatedIncidents(ctx context.Context, obj *tickets.Ticket) (model.IncidentsResult, error) {
	category, err := loaders.From(ctx).Category.Load(ctx, obj.CategoryID)
	if err != nil {
		return nil, err
	}
	var products []string
	if category != nil && category.Product != nil {
		products = []string{*category.Product}
	}
	return r.touching(ctx, products), nil
}

// touching are the incidents that touch one of the products.
func (r *Resolver) touching(ctx context.Context, products []string) model.IncidentsResult {
	return r.incidents(ctx, func(s *statuspage.Snapshot) []*statuspage.Incident { return s.Touching(products) })
}

// incidents are those that are chosen of what the status page told last; nothing is called for it.
func (r *Resolver) incidents(ctx context.Context, choose func(*statuspage.Snapshot) []*statuspage.Incident) model.IncidentsResult {
	snapshot, err := r.clients.Statuspage.Snapshot(ctx)
	if err != nil {
		return upstream.Down(upstream.Statuspage, err)
	}
	return &model.IncidentList{Nodes: choose(snapshot), Source: snapshot.Source}
}
