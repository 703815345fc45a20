package resolvers

import (
	"context"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
	"supportgraph/graph"
	"supportgraph/graph/model"
	"supportgraph/loaders"
)

type accountResolver struct{ *Resolver }

// Account answers for Account.
func (r *Resolver) Account() graph.AccountResolver { return &accountResolver{r} }

func (r *queryResolver) Account(ctx context.Context, id model.GlobalID) (*accounts.Account, error) {
	return byID(ctx, &loaders.From(ctx).Account, id, "id", "an account")
}

func (r *queryResolver) Accounts(ctx context.Context, text *string, first int, after *postgres.Cursor) (*model.AccountConnection, error) {
	page, err := stretch(first, after, accounts.NameOrder)
	if err != nil {
		return nil, err
	}
	key := loaders.AccountsKey{Stretch: page}
	if text != nil {
		if postgres.CheckText(*text) != nil {
			return nil, model.Invalid(model.BadUserInput, "text", "The text is too long, or holds a character that cannot be searched for.")
		}
		key.Text, key.HasText = *text, true
	}
	return model.Connect(loaders.From(ctx).Accounts.Load(ctx, key))
}

func (r *accountResolver) Parent(ctx context.Context, obj *accounts.Account) (*accounts.Account, error) {
	if obj.ParentID == nil {
		return nil, nil
	}
	return loaders.From(ctx).Account.Load(ctx, *obj.ParentID)
}

func (r *accountResolver) Children(ctx context.Context, obj *accounts.Account, first int, after *postgres.Cursor) (*model.AccountConnection, error) {
	page, err := stretch(first, after, accounts.NameOrder)
	if err != nil {
		return nil, err
	}
	return model.Connect(loaders.From(ctx).Children.Load(ctx, loaders.MembersKey{Account: obj.ID, Stretch: page}))
}
