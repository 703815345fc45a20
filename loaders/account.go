package loaders

import (
	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
)

// AccountPage is a page of accounts.
type AccountPage = postgres.Page[*accounts.Account]

// AccountsKey is a page of all accounts, or of those with the words of a text.
type AccountsKey struct {
	Text    string
	HasText bool
	Stretch
}

// MembersKey is a page of what belongs to an account.
type MembersKey struct {
	Account accounts.ID
	Stretch
}

func splitMembers(key MembersKey) (accounts.ID, Stretch) { return key.Account, key.Stretch }
func joinMembers(account accounts.ID, stretch Stretch) MembersKey {
	return MembersKey{account, stretch}
}

var (
	accountByID = byKey("Account",
		func(l *Loaders, ids []accounts.ID) postgres.Query[*accounts.Account] {
			return accounts.ByID(l.who.Scope, ids)
		},
		func(a *accounts.Account) accounts.ID { return a.ID })

	accountPage = byPage("Accounts",
		func(key AccountsKey) (struct{}, AccountsKey) { return struct{}{}, key },
		func(_ struct{}, key AccountsKey) AccountsKey { return key },
		func(l *Loaders, _ []struct{}, key AccountsKey) postgres.Query[*accounts.Account] {
			var text *string
			if key.HasText {
				text = &key.Text
			}
			return accounts.List(l.who.Scope, text, key.First, key.position(accounts.NameOrder))
		},
		func(*accounts.Account) struct{} { return struct{}{} },
		func(rows []*accounts.Account, key AccountsKey) *AccountPage { return accountPageOf(rows, key.Stretch) })

	childPage = byPage("Children", splitMembers, joinMembers,
		func(l *Loaders, parents []accounts.ID, stretch Stretch) postgres.Query[*accounts.Account] {
			return accounts.Children(l.who.Scope, parents, stretch.First, stretch.position(accounts.NameOrder))
		},
		func(a *accounts.Account) accounts.ID { return *a.ParentID },
		accountPageOf)
)

func accountPageOf(rows []*accounts.Account, stretch Stretch) *AccountPage {
	return postgres.NewPage(rows, stretch.First, stretch.Cursor(), (*accounts.Account).Cursor)
}

func accountLoader(l *Loaders) *Loader[accounts.ID, *accounts.Account] { return &l.Account }

// members declares an edge from an account to pages of what belongs to it, sorted by a text.
func members[V any](field, target string, order byte, source *source[MembersKey, *postgres.Page[V]], loader at[MembersKey, *postgres.Page[V]]) *edge {
	e := lead("Account", field, source, loader,
		func(_ *Loaders, a *accounts.Account, args any, claim func(MembersKey)) {
			claim(MembersKey{a.ID, args.(Stretch)})
		},
		items[V])
	e.target, e.paged, e.bind = target, true, stretches(byText(order))
	return e
}

func accountEdges() []*edge {
	all := lead("Query", "accounts", accountPage,
		func(l *Loaders) *Loader[AccountsKey, *AccountPage] { return &l.Accounts },
		func(_ *Loaders, _ *Loaders, args any, claim func(AccountsKey)) { claim(args.(AccountsKey)) },
		items[*accounts.Account])
	all.target, all.paged = "Account", true
	all.bind = func(raw map[string]any) (any, bool) {
		key := AccountsKey{}
		key.Text, key.HasText = raw["text"].(string)
		var ok bool
		key.Stretch, ok = stretch(raw, byText(accounts.NameOrder))
		return key, ok && (!key.HasText || postgres.CheckText(key.Text) == nil)
	}
	return append([]*edge{
		all,
		byID[accounts.ID]("account", "Account", accountByID, accountLoader),
		one("Account", "parent", "Account", accountByID, accountLoader,
			func(_ *Loaders, a *accounts.Account) (accounts.ID, bool) { return optional(a.ParentID) }),
		members("children", "Account", accounts.NameOrder, childPage,
			func(l *Loaders) *Loader[MembersKey, *AccountPage] { return &l.Children }),
	}, node[accounts.ID]("Account", accountByID, accountLoader)...)
}
