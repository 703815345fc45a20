package accounts

import (
	"time"

	"supportgraph/clients/postgres"
)

type contactKind struct{}

func (contactKind) Prefix() string { return "con" }

// ContactID is the key of a contact.
type ContactID struct{ postgres.Key[contactKind] }

// Contact is a person at a customer.
type Contact struct {
	ID            ContactID
	Name          string
	Email         string
	Locale        string
	TimeZone      string
	CreatedAt     time.Time
	DeactivatedAt *time.Time
}

// Role is what a contact is to an account.
type Role string

// The roles.
const (
	RoleAdmin     Role = "ADMIN"
	RoleBilling   Role = "BILLING"
	RoleTechnical Role = "TECHNICAL"
	RoleReadOnly  Role = "READ_ONLY"
)

// Visibility is which tickets a membership opens.
type Visibility string

// The visibilities.
const (
	VisibilityOwn     Visibility = "OWN"     // those that the contact asks or takes part in
	VisibilityAccount Visibility = "ACCOUNT" // all of the account
	VisibilitySubtree Visibility = "SUBTREE" // all of the account and of those below it
)

// Membership is what one contact is to one account.
type Membership struct {
	ContactID   ContactID
	ContactName string // what lists of members are sorted by
	AccountID   ID
	Role        Role
	Visibility  Visibility
	CreatedAt   time.Time
}

// ContactOrder marks the cursors of an account's contacts, which are sorted by name.
const ContactOrder = 'c'

// Cursor is the position behind a member in an account's list by name.
func (m *Membership) Cursor() postgres.Cursor {
	return postgres.Cursor{Order: ContactOrder, Key: m.ContactID.UUID, Value: m.ContactName}
}

const contactColumns = `c.id, c.name, c.email, c.locale, c.time_zone, c.created_at, c.deactivated_at`

// Contacts reads those of the contacts that the scope covers: whoever is or was a member of one of its accounts.
func Contacts(scope Scope, ids []ContactID) postgres.Query[*Contact] {
	return postgres.Query[*Contact]{
		SQL: `-- contacts.by_id
			select ` + contactColumns + `
			from contacts c
			where c.id = any($1) and ($2 or exists (
				select from account_memberships m where m.contact_id = c.id and m.account_id = any($3)))
			order by c.id`,
		Args: []any{ids, scope.Staff, scope.accounts()},
		Row:  postgres.ToAddr[Contact],
	}
}

// Memberships reads the memberships in force of each of the contacts, as far as the scope covers their accounts.
func Memberships(scope Scope, contacts []ContactID) postgres.Query[*Membership] {
	return postgres.Query[*Membership]{
		SQL: `-- memberships.of_contacts
			select m.contact_id, c.name as contact_name, m.account_id, m.role, m.visibility, m.created_at
			from account_memberships m join contacts c on c.id = m.contact_id
			where m.contact_id = any($1) and m.ended_at is null and ($2 or m.account_id = any($3))
			order by m.contact_id, m.created_at, m.account_id
			limit 10000`,
		Args: []any{contacts, scope.Staff, scope.accounts()},
		Row:  postgres.ToAddr[Membership],
	}
}

// Members reads a page of the memberships in force of each of the accounts, by the contact's name; one row more than
// asked for each.
func Members(scope Scope, accounts []ID, first int, after postgres.Position) postgres.Query[*Membership] {
	return postgres.Query[*Membership]{
		SQL: `-- memberships.of_accounts
			select l.*
			from unnest($1::uuid[]) as a (id)
			cross join lateral (
				select m.contact_id, c.name as contact_name, m.account_id, m.role, m.visibility, m.created_at
				from account_memberships m join contacts c on c.id = m.contact_id
				where m.account_id = a.id and m.ended_at is null and ($2 or a.id = any($3))
					and ($4::text is null or (c.name, c.id) > ($4, $5::uuid))
				order by c.name, c.id
				limit $6
			) l
			order by l.account_id, l.contact_name, l.contact_id`,
		Args: []any{accounts, scope.Staff, scope.accounts(), after.Value, after.Key, first + 1},
		Row:  postgres.ToAddr[Membership],
	}
}
