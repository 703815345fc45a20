package seed

import (
	"slices"
	"time"

	"supportgraph/clients/accounts"
)

// The contacts who are personas, by their e-mail addresses.
const (
	groupContact  = "dana.whitfield@northwind-retail.com"
	singleContact = "jonas.petersen@blauwal-logistik.example"
	ownContact    = "amara.mensah@juniperbay.health"
)

var roles = []choice[accounts.Role]{{accounts.RoleTechnical, 60}, {accounts.RoleAdmin, 12}, {accounts.RoleBilling, 13}, {accounts.RoleReadOnly, 15}}

var visibilities = map[accounts.Role][]choice[accounts.Visibility]{
	accounts.RoleAdmin:     {{accounts.VisibilityAccount, 5}, {accounts.VisibilitySubtree, 5}},
	accounts.RoleTechnical: {{accounts.VisibilityOwn, 4}, {accounts.VisibilityAccount, 5}, {accounts.VisibilitySubtree, 1}},
	accounts.RoleBilling:   {{accounts.VisibilityOwn, 8}, {accounts.VisibilityAccount, 2}},
	accounts.RoleReadOnly:  {{accounts.VisibilityOwn, 3}, {accounts.VisibilityAccount, 7}},
}

// Membership is what a contact is or was to an account.
type Membership struct {
	accounts.Membership
	EndedAt *time.Time // nil: in force
}

func (w *World) makeContacts() {
	r := sequence(partContacts)
	taken := map[string]bool{}
	root, single, clinic := w.account(w.Landmarks.Tree), w.account(w.Landmarks.Single), w.account(w.Landmarks.Clinic)
	w.join(w.person(r, "Dana Whitfield", groupContact, "en-US", "America/New_York", taken), root, accounts.RoleAdmin, accounts.VisibilitySubtree, r)
	w.join(w.person(r, "Jonas Petersen", singleContact, "de-DE", "Europe/Berlin", taken), single, accounts.RoleAdmin, accounts.VisibilityAccount, r)
	w.join(w.person(r, "Amara Mensah", ownContact, "en-US", "America/Chicago", taken), clinic, accounts.RoleTechnical, accounts.VisibilityOwn, r)

	for i := 0; len(w.Contacts) < w.Scale.Contacts; i++ {
		account := w.Accounts[i%len(w.Accounts)]
		if i >= 2*len(w.Accounts) { // two for everybody, the others where there is more to do
			account = weighted(r, w.Accounts, func(a *Account) int { return a.weight })
		}
		contact := w.invite(r, account, taken)
		role := draw(r, roles)
		if i < len(w.Accounts) {
			role = accounts.RoleAdmin
		}
		membership := w.join(contact, account, role, draw(r, visibilities[role]), r)
		if i < len(w.Accounts) {
			continue // the first of each account stays
		}
		switch {
		case r.chance(4):
			membership.EndedAt = ptr(Anchor.Add(-r.age(5, 200)))
		case r.chance(3):
			contact.DeactivatedAt = ptr(Anchor.Add(-r.age(5, 200)))
		}
		if len(account.Path) > 1 && r.chance(25) { // somebody of the group looks after two of its accounts
			w.join(contact, w.account(account.Path[0]), accounts.RoleTechnical, accounts.VisibilityOwn, r)
		} else if r.chance(4) { // an agency works for strangers
			if other := pick(r, w.Accounts); !slices.Contains(account.Path, other.ID) {
				w.join(contact, other, accounts.RoleTechnical, accounts.VisibilityAccount, r)
			}
		}
	}
}

// invite makes somebody of an account's country, now and then of another.
func (w *World) invite(r *random, account *Account, taken map[string]bool) *accounts.Contact {
	from := pick(r, w.library.peoples)
	for _, p := range w.library.peoples {
		if p.locale == account.locale && !r.chance(30) {
			from = p
		}
	}
	shown, address := from.person(r)
	return w.person(r, shown, unique(taken, address, account.Domain), from.locale, pick(r, from.zones), taken)
}

func (w *World) person(r *random, shown, email, locale, zone string, taken map[string]bool) *accounts.Contact {
	taken[email] = true
	created := Anchor.Add(-r.age(450, 490))
	contact := &accounts.Contact{Name: shown, Email: email, Locale: locale, TimeZone: zone, CreatedAt: created}
	contact.ID.UUID = r.id(created)
	w.Contacts = append(w.Contacts, contact)
	w.people[contact.ID] = contact
	return contact
}

func (w *World) join(contact *accounts.Contact, account *Account, role accounts.Role, visibility accounts.Visibility, r *random) *Membership {
	membership := &Membership{Membership: accounts.Membership{
		ContactID: contact.ID, ContactName: contact.Name, AccountID: account.ID, Role: role, Visibility: visibility,
		CreatedAt: contact.CreatedAt.Add(time.Duration(r.IntN(86_400)) * time.Second),
	}}
	w.Memberships = append(w.Memberships, membership)
	w.members[account.ID] = append(w.members[account.ID], membership)
	return membership
}

func (w *World) account(id accounts.ID) *Account {
	for _, account := range w.Accounts {
		if account.ID == id {
			return account
		}
	}
	return nil
}
