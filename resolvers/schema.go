package resolvers

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"supportgraph/clients/accounts"
	"supportgraph/clients/articles"
	"supportgraph/clients/postgres"
	"supportgraph/clients/tickets"
	"supportgraph/graph"
	"supportgraph/graph/auth"
	"supportgraph/graph/model"
	"supportgraph/loaders"
)

type queryResolver struct{ *Resolver }

// Query answers for Query.
func (r *Resolver) Query() graph.QueryResolver { return &queryResolver{r} }

func (r *queryResolver) Viewer(ctx context.Context) (*model.Viewer, error) {
	viewer, who := auth.From(ctx), loaders.From(ctx).Who()
	shown := &model.Viewer{Audience: model.Audience(strings.ToUpper(string(viewer.Audience))), Name: viewer.Name, AgentID: who.Agent}
	if shown.Name == "" {
		shown.Name = viewer.Subject
	}
	if !who.Scope.Staff {
		shown.ContactID = &who.Scope.Contact
	}
	return shown, nil
}

func (r *queryResolver) Node(ctx context.Context, id model.GlobalID) (model.Node, error) {
	switch l := loaders.From(ctx); id.Kind() {
	case tickets.ID{}.Prefix():
		return node(ctx, &l.Ticket, id)
	case tickets.MessageID{}.Prefix():
		return node(ctx, &l.Message, id)
	case tickets.NoteID{}.Prefix():
		return node(ctx, &l.Note, id)
	case tickets.TagID{}.Prefix():
		return node(ctx, &l.Tag, id)
	case tickets.CategoryID{}.Prefix():
		return node(ctx, &l.Category, id)
	case accounts.ID{}.Prefix():
		return node(ctx, &l.Account, id)
	case accounts.ContactID{}.Prefix():
		return node(ctx, &l.Contact, id)
	case accounts.AgentID{}.Prefix():
		return node(ctx, &l.Agent, id)
	case accounts.TeamID{}.Prefix():
		return node(ctx, &l.Team, id)
	case tickets.ViewID{}.Prefix():
		return node(ctx, &l.View, id)
	case articles.ID{}.Prefix():
		return node(ctx, &l.Article, id)
	default:
		return nil, model.Invalid(model.InvalidID, "id", "The ID is malformed.")
	}
}

func (r *queryResolver) Nodes(ctx context.Context, ids []model.GlobalID) ([]model.Node, error) {
	if len(ids) > postgres.MaxPage {
		return nil, model.Invalid(model.InvalidPageSize, "ids", fmt.Sprintf("At most %d IDs can be asked for at once.", postgres.MaxPage))
	}
	nodes, errs := make([]model.Node, len(ids)), make([]error, len(ids))
	var reading sync.WaitGroup // beside each other, so that what nobody planned is gathered too
	for i, id := range ids {
		reading.Go(func() { nodes[i], errs[i] = r.Node(ctx, id) })
	}
	reading.Wait()
	return nodes, errors.Join(errs...)
}

// node reads a record as a Node: nothing, not a nil of its type, where there is none.
func node[K comparable, V any, P interface {
	*K
	UnmarshalText([]byte) error
}](ctx context.Context, loader *loaders.Loader[K, *V], id model.GlobalID) (model.Node, error) {
	return either(byID[K, V, P](ctx, loader, id, "id", "a record"))
}

// byID reads the record that an argument names.
func byID[K comparable, V any, P interface {
	*K
	UnmarshalText([]byte) error
}](ctx context.Context, loader *loaders.Loader[K, *V], id model.GlobalID, argument, noun string) (*V, error) {
	key, err := model.Key[K, P](id, argument, noun)
	if err != nil {
		return nil, err
	}
	return loader.Load(ctx, key)
}
