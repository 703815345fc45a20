package accounts

import (
	"slices"

	"github.com/jackc/pgx/v5"

	"supportgraph/clients/postgres"
)

// Scope is the rows that a viewer may see. It is an argument of every read and a condition in its SQL.
// The zero Scope covers nothing.
type Scope struct {
	Staff   bool      // everything
	Contact ContactID // the customer who asks, where not staff
	All     []ID      // accounts of which every ticket is visible
	Own     []ID      // accounts of which only those tickets are visible that the contact asks or takes part in
	Billing []ID      // those of both of which the contact may see the billing
	Writing []ID      // those of both whose tickets the contact may change, and not only read
}

// Staff is the scope of those who work here.
var Staff = Scope{Staff: true}

// accounts lists every account that the scope covers at all; never nil, as null is not a list in SQL.
func (s Scope) accounts() []ID { return append(slices.Clone(s.All), s.Own...) }

// Accounts lists the accounts of which every ticket is visible, then those of which only own ones are; neither is nil.
func (s Scope) Accounts() (all, own []ID) {
	return append([]ID{}, s.All...), append([]ID{}, s.Own...)
}

// MayBill tells whether the viewer may see what an account pays.
func (s Scope) MayBill(account ID) bool { return s.Staff || slices.Contains(s.Billing, account) }

// MayWrite tells whether a customer may change an account's tickets, and not only read them.
func (s Scope) MayWrite(account ID) bool { return slices.Contains(s.Writing, account) }

// Reach is one account that a contact's memberships open.
type Reach struct {
	AccountID ID
	OwnOnly   bool
	Billing   bool
	Writing   bool
}

// ScopeOf reads what the memberships in force of a contact open; no row where the contact is unknown, deactivated or
// has none.
func ScopeOf(contact ContactID) postgres.Query[Reach] {
	return postgres.Query[Reach]{
		SQL: `-- accounts.scope
			select a.id as account_id, bool_and(m.visibility = 'OWN') as own_only,
				bool_or(m.role in ('ADMIN', 'BILLING')) as billing, bool_or(m.role <> 'READ_ONLY') as writing
			from contacts c
			join account_memberships m on m.contact_id = c.id and m.ended_at is null
			cross join lateral (
				select m.account_id as id where m.visibility <> 'SUBTREE'
				union all
				select id from accounts where m.visibility = 'SUBTREE' and path @> array[m.account_id]
			) a
			where c.id = $1 and c.deactivated_at is null
			group by a.id
			order by a.id
			limit 5000`,
		Args: []any{contact},
		Row:  pgx.RowToStructByPos[Reach],
	}
}

// NewScope gathers what a contact's memberships open.
func NewScope(contact ContactID, reach []Reach) Scope {
	scope := Scope{Contact: contact, All: []ID{}, Own: []ID{}}
	for _, r := range reach {
		if r.OwnOnly {
			scope.Own = append(scope.Own, r.AccountID)
		} else {
			scope.All = append(scope.All, r.AccountID)
		}
		if r.Billing {
			scope.Billing = append(scope.Billing, r.AccountID)
		}
		if r.Writing {
			scope.Writing = append(scope.Writing, r.AccountID)
		}
	}
	return scope
}
