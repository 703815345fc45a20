package loaders

import (
	"context"
	"testing"
	"time"

	"supportgraph/clients/accounts"
	"supportgraph/clients/tickets"
)

func list(first int) tickets.List { return tickets.List{Order: tickets.Newest, First: first} }

func TestViewersOwnRecordIsForeseen(t *testing.T) {
	t.Parallel()
	h := open(t)
	contact := h.World.Contacts[0].ID
	a := h.ask(t, Who{Scope: accounts.Scope{Contact: contact, All: []accounts.ID{h.World.Memberships[0].AccountID}}},
		`{ viewer { contact { name memberships { account { name } } } } }`, nil)
	must[*accounts.Contact](t)(a.Contact.Load(a.ctx, contact))
	for _, m := range must[[]*accounts.Membership](t)(a.Memberships.Load(a.ctx, contact)) {
		must[*accounts.Account](t)(a.Account.Load(a.ctx, m.AccountID))
	}
	if names := a.unforeseen(); names != nil {
		t.Errorf("not foreseen: %v\n%s", names, a.batches)
	}
}

// Authors who are requesters too are known before the others; what they lead to is read with what those lead to.
func TestRowsMetBefore(t *testing.T) {
	t.Parallel()
	h := open(t)
	a := h.ask(t, staff, `{ tickets(first: 50) { nodes {
		requester { name }
		lastMessage { author { ... on Contact { memberships { role } } } }
	} } }`, nil)
	page := must[*TicketPage](t)(a.Tickets.Load(a.ctx, a.TicketsKey(accounts.ID{}, list(50))))
	each(page.Nodes, func(ticket *tickets.Ticket) {
		must[*accounts.Contact](t)(a.Contact.Load(a.ctx, ticket.RequesterID))
	})
	each(page.Nodes, func(ticket *tickets.Ticket) {
		message := must[*tickets.Message](t)(a.Message.Load(a.ctx, *ticket.LastMessageID))
		if message.AuthorContactID != nil {
			must[*accounts.Contact](t)(a.Contact.Load(a.ctx, *message.AuthorContactID))
			must[[]*accounts.Membership](t)(a.Memberships.Load(a.ctx, *message.AuthorContactID))
		}
	})
	if names := a.unforeseen(); names != nil {
		t.Errorf("not foreseen: %v", names)
	}
	if a.batches.of("Memberships") != 1 {
		t.Errorf("memberships were read more than once:\n%s", a.batches)
	}
}

// A literal that is no number of 64 bits passes validation where a scalar of ours is asked for.
func TestNumberTooLarge(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.World.Accounts[0].ID
	a := h.ask(t, staff, `{ account(id: "`+id.String()+`") { name } tickets(after: 99999999999999999999) { nodes { id } } }`, nil)
	ctx, cancel := context.WithTimeout(a.ctx, 5*time.Second)
	defer cancel()
	func() {
		defer func() {
			if caught := recover(); caught != nil {
				t.Errorf("the account's resolver panics for another field's argument: %v", caught)
			}
		}()
		must[*accounts.Account](t)(a.Account.Load(ctx, id))
	}()
	must[*accounts.Account](t)(a.Account.Load(ctx, id))
}

func TestFirstCallersContext(t *testing.T) {
	t.Parallel()
	h := open(t)
	a := h.ask(t, staff, `{ tickets(first: 5) { nodes { requester { name } } } }`, nil)
	gone, cancel := context.WithCancel(a.ctx)
	cancel()
	_, _ = a.Tickets.Load(gone, a.TicketsKey(accounts.ID{}, list(5)))
	page, err := a.Tickets.Load(a.ctx, a.TicketsKey(accounts.ID{}, list(5)))
	if err != nil {
		t.Fatal("who came first had no time, and all others have none: ", err)
	}
	must[*accounts.Contact](t)(a.Contact.Load(a.ctx, page.Nodes[0].RequesterID))
}
