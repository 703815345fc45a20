package resolvers

import (
	"context"
	"fmt"
	"unicode/utf8"

	"supportgraph/clients/accounts"
	"supportgraph/clients/statuspage"
	"supportgraph/clients/tickets"
	"supportgraph/clients/upstream"
	"supportgraph/graph"
	"supportgraph/graph/model"
	"supportgraph/loaders"
)

type linkedIncidentResolver struct{ *Resolver }

// LinkedIncident answers for LinkedIncident.
func (r *Resolver) LinkedIncident() graph.LinkedIncidentResolver { return &linkedIncidentResolver{r} }

func (r *queryResolver) Incidents(ctx context.Context, kinds []statuspage.IncidentKind, active bool) (model.IncidentsResult, error) {
	return r.incidents(ctx, func(s *statuspage.Snapshot) []*statuspage.Incident { return s.Of(kinds, active) }), nil
}

func (r *queryResolver) SuggestIncident(ctx context.Context, input model.SuggestIncidentInput) (model.IncidentSuggestionsResult, error) {
	of, err := caseOf(ctx, input)
	if err != nil {
		return nil, err
	}
	snapshot, err := r.clients.Statuspage.Snapshot(ctx)
	if err != nil {
		return upstream.Down(upstream.Statuspage, err), nil
	}
	return &model.IncidentSuggestionList{Nodes: snapshot.Suggest(of), Source: snapshot.Source}, nil
}

// caseOf is what is known of a case that is being written: the input, and what its account and its category add.
func caseOf(ctx context.Context, input model.SuggestIncidentInput) (statuspage.Case, error) {
	of := statuspage.Case{Zones: input.Zones}
	if len(input.Zones) > tickets.MaxZones {
		return of, model.Invalid(model.BadUserInput, "input.zones", fmt.Sprintf("A case has at most %d affected zones.", tickets.MaxZones))
	}
	if input.Text != nil {
		if of.Text = *input.Text; utf8.RuneCountInString(of.Text) > tickets.MaxBody {
			return of, model.Invalid(model.BadUserInput, "input.text", fmt.Sprintf("The text has more than %d characters.", tickets.MaxBody))
		}
	}
	if input.Account != nil {
		account, err := loaders.From(ctx).Account.Load(ctx, *input.Account)
		if err != nil {
			return of, err
		}
		if account != nil {
			of.Plan, of.Products = string(account.Plan), account.Products
		}
	}
	if input.Plan != nil {
		of.Plan = string(*input.Plan)
	}
	if input.Category != nil {
		category, err := loaders.From(ctx).Category.Load(ctx, *input.Category)
		if err != nil {
			return of, err
		}
		if category != nil && category.Product != nil {
			of.Component = *category.Product
		}
	}
	return of, nil
}

func (r *ticketResolver) LinkedIncidents(ctx context.Context, obj *tickets.Ticket) ([]*tickets.IncidentLink, error) {
	return loaders.From(ctx).LinkedIncidents.Load(ctx, obj.ID)
}

func (r *linkedIncidentResolver) Incident(ctx context.Context, obj *tickets.IncidentLink) (model.IncidentResult, error) {
	incident, err := loaders.From(ctx).Incident.Load(ctx, obj.IncidentID)
	return result(upstream.Statuspage, incident, err), nil
}

func (r *linkedIncidentResolver) LinkedBy(ctx context.Context, obj *tickets.IncidentLink) (*accounts.Agent, error) {
	if obj.LinkedByAgentID == nil {
		return nil, nil
	}
	return loaders.From(ctx).Agent.Load(ctx, *obj.LinkedByAgentID)
}

func (r *mutationResolver) LinkIncident(ctx context.Context, input tickets.IncidentLinking) (*tickets.Outcome, error) {
	return changed(ctx, func(ctx context.Context, by tickets.Author, input tickets.IncidentLinking) (*tickets.Outcome, error) {
		incident, err := loaders.From(ctx).Incident.Load(ctx, input.Incident)
		return r.clients.Tickets.LinkIncident(ctx, by, input, incident, err)
	}, input)
}

func (r *mutationResolver) UnlinkIncident(ctx context.Context, input tickets.IncidentLinking) (*tickets.Outcome, error) {
	return changed(ctx, r.clients.Tickets.UnlinkIncident, input)
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
	return &model.IncidentList{Nodes: choose(snapshot), Components: snapshot.Components, Source: snapshot.Source}
}
