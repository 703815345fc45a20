// Package seed makes the world of the sandbox: customers, staff, tickets, and what the vendors know of them, with ids
// that agree everywhere. The same scale gives the same world, byte by byte, on every machine: chance comes from a fixed
// sequence and time stands still at Anchor.
package seed

import (
	"fmt"
	"time"

	"supportgraph/clients/accounts"
	"supportgraph/clients/articles"
	"supportgraph/clients/sandbox/identity"
	"supportgraph/clients/sandbox/vendors"
	"supportgraph/clients/tickets"
)

// Anchor is the moment at which the world was looked at: nothing in it is younger.
var Anchor = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

// Scale is how much there is of everything.
type Scale struct {
	Accounts int
	Contacts int
	Agents   int
	Tickets  int
	Messages int // about: a ticket has as many as its story needs
}

// The scales: what people see in the demonstration, and the same on a tenth of the room for tests.
var (
	Full  = Scale{Accounts: 400, Contacts: 4_000, Agents: 40, Tickets: 20_000, Messages: 100_000}
	Small = Scale{Accounts: 40, Contacts: 400, Agents: 12, Tickets: 2_000, Messages: 10_000}
)

// World is everything but the tickets, which Cases makes.
type World struct {
	Scale       Scale
	Accounts    []*Account
	Contacts    []*accounts.Contact
	Memberships []*Membership
	Teams       []*accounts.Team
	Agents      []*accounts.Agent
	Categories  []*tickets.Category
	Tags        []*tickets.Tag
	Views       []*tickets.TicketView
	Articles    []*articles.Article
	Vendors     vendors.Data
	Personas    []identity.Role
	Landmarks   Landmarks

	library *library
	members map[accounts.ID][]*Membership
	people  map[accounts.ContactID]*accounts.Contact
}

// Landmarks are the accounts in which something particular can be seen, the same in every scale.
type Landmarks struct {
	Tree            accounts.ID // the root of three levels
	Branch          accounts.ID // below Tree
	Leaf            accounts.ID // below Branch
	Single          accounts.ID // has no relatives
	Clinic          accounts.ID // the account of the persona who sees own tickets only
	ManyZones       accounts.ID // has more zones than the vendor lists on a page
	DeletedCustomer accounts.ID // its Stripe customer is deleted
	UnknownCustomer accounts.ID // no vendor knows what it is linked to, but Cloudflare
	NotLinked       accounts.ID // has no counterpart at any vendor
	PastDue         accounts.ID // owes Stripe money
}

// Account is an account with what only the seed knows of it.
type Account struct {
	accounts.Account
	Path   []accounts.ID // its ancestors from the root down, and itself
	Domain string        // of its people's addresses
	Zones  []string      // its zones' names

	locale string
	weight int // how many tickets it has, compared with others
}

// New makes the world of a scale.
func New(scale Scale) (*World, error) {
	library, err := readLibrary()
	if err != nil {
		return nil, fmt.Errorf("read the seed's texts: %w", err)
	}
	w := &World{
		Scale:   scale,
		library: library,
		members: map[accounts.ID][]*Membership{},
		people:  map[accounts.ContactID]*accounts.Contact{},
	}
	w.makeCategories()
	w.makeStaff()
	w.makeAccounts()
	w.makeContacts()
	w.makeZones()
	w.makeCustomers()
	w.makeStatusPage()
	w.makeCrm()
	w.makeZendesk()
	w.makeIssues()
	w.makeInvoices()
	w.makeHosting()
	w.makeViews()
	if err := w.makeArticles(); err != nil {
		return nil, fmt.Errorf("read the seed's articles: %w", err)
	}
	w.makePersonas()
	return w, nil
}
