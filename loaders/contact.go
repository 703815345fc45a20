package loaders

import (
	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
)

// MembershipPage is a page of an account's members.
type MembershipPage = postgres.Page[*accounts.Membership]

var (
	contactByID = byKey("Contact",
		func(l *Loaders, ids []accounts.ContactID) postgres.Query[*accounts.Contact] {
			return accounts.Contacts(l.who.Scope, ids)
		},
		func(c *accounts.Contact) accounts.ContactID { return c.ID })

	contactMemberships = byParent("Memberships",
		func(l *Loaders, ids []accounts.ContactID) postgres.Query[*accounts.Membership] {
			return accounts.Memberships(l.who.Scope, ids)
		},
		func(m *accounts.Membership) accounts.ContactID { return m.ContactID })

	memberPage = byPage("Members", splitMembers, joinMembers,
		func(l *Loaders, of []accounts.ID, stretch Stretch) postgres.Query[*accounts.Membership] {
			return accounts.Members(l.who.Scope, of, stretch.First, stretch.position(accounts.ContactOrder))
		},
		func(m *accounts.Membership) accounts.ID { return m.AccountID },
		func(rows []*accounts.Membership, stretch Stretch) *MembershipPage {
			return postgres.NewPage(rows, stretch.First, stretch.Cursor(), (*accounts.Membership).Cursor)
		})
)

func contactLoader(l *Loaders) *Loader[accounts.ContactID, *accounts.Contact] { return &l.Contact }

func contactEdges() []*edge {
	return append([]*edge{
		byID[accounts.ContactID]("contact", "Contact", contactByID, contactLoader),
		members("contacts", "AccountMembership", accounts.ContactOrder, memberPage,
			func(l *Loaders) *Loader[MembersKey, *MembershipPage] { return &l.Members }),
		many("Contact", "memberships", "AccountMembership", contactMemberships,
			func(l *Loaders) *Loader[accounts.ContactID, []*accounts.Membership] { return &l.Memberships },
			func(_ *Loaders, c *accounts.Contact) (accounts.ContactID, bool) { return c.ID, true }),
		one("AccountMembership", "contact", "Contact", contactByID, contactLoader,
			func(_ *Loaders, m *accounts.Membership) (accounts.ContactID, bool) { return m.ContactID, true }),
		one("AccountMembership", "account", "Account", accountByID, accountLoader,
			func(_ *Loaders, m *accounts.Membership) (accounts.ID, bool) { return m.AccountID, true }),
	}, node[accounts.ContactID]("Contact", contactByID, contactLoader)...)
}
