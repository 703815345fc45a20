package resolvers

import (
	"context"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
	"supportgraph/graph"
	"supportgraph/graph/model"
	"supportgraph/loaders"
)

type (
	contactResolver           struct{ *Resolver }
	accountMembershipResolver struct{ *Resolver }
)

// Contact answers for Contact.
func (r *Resolver) Contact() graph.ContactResolver { return &contactResolver{r} }

// AccountMembership answers for AccountMembership.
func (r *Resolver) AccountMembership() graph.AccountMembershipResolver {
	return &accountMembershipResolver{r}
}

func (r *queryResolver) Contact(ctx context.Context, id model.GlobalID) (*accounts.Contact, error) {
	return byID(ctx, &loaders.From(ctx).Contact, id, "id", "a contact")
}

func (r *contactResolver) Memberships(ctx context.Context, obj *accounts.Contact) ([]*accounts.Membership, error) {
	return loaders.From(ctx).Memberships.Load(ctx, obj.ID)
}

func (r *accountMembershipResolver) Contact(ctx context.Context, obj *accounts.Membership) (*accounts.Contact, error) {
	return loaders.From(ctx).Contact.Load(ctx, obj.ContactID)
}

func (r *accountMembershipResolver) Account(ctx context.Context, obj *accounts.Membership) (*accounts.Account, error) {
	return loaders.From(ctx).Account.Load(ctx, obj.AccountID)
}

func (r *accountResolver) Contacts(ctx context.Context, obj *accounts.Account, first int, after *postgres.Cursor) (*model.AccountMembershipConnection, error) {
	page, err := stretch(first, after, accounts.ContactOrder)
	if err != nil {
		return nil, err
	}
	return model.Connect(loaders.From(ctx).Members.Load(ctx, loaders.MembersKey{Account: obj.ID, Stretch: page}))
}
