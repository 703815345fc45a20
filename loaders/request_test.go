package loaders

import (
	"fmt"
	"testing"
	"time"

	"supportgraph/clients/accounts"
	"supportgraph/clients/cloudflare"
	"supportgraph/clients/stripe"
	"supportgraph/clients/tickets"
)

const inbox = `query ($first: Int! = 20, $billing: Boolean! = true) { tickets(first: $first) { nodes {
	requester { name }
	assignee { ... on Agent { name team { name } } ... on Team { name } }
	account { name billing @include(if: $billing) { __typename } zones @skip(if: $billing) { __typename } }
	lastMessage { author { ... on Contact { memberships { role } } ... on Agent { team { name } } } }
} } }`

// readInbox reads what the resolvers of the inbox read.
func (a *asked) readInbox(tb testing.TB, first int, billing bool) {
	list := tickets.List{Order: tickets.Newest, First: first}
	page := must[*TicketPage](tb)(a.Tickets.Load(a.ctx, a.TicketsKey(accounts.ID{}, list)))
	if page == nil || len(page.Nodes) != first {
		tb.Errorf("%d tickets were asked for: %v", first, page)
		return
	}
	team := func(id accounts.AgentID) {
		agent := must[*accounts.Agent](tb)(a.Agent.Load(a.ctx, id))
		must[*accounts.Team](tb)(a.Team.Load(a.ctx, agent.TeamID))
	}
	each(page.Nodes, func(t *tickets.Ticket) {
		if contact := must[*accounts.Contact](tb)(a.Contact.Load(a.ctx, t.RequesterID)); contact.ID != t.RequesterID {
			tb.Errorf("%s has the requester %s, not %s", t.Ref(), contact.ID, t.RequesterID)
		}
		switch {
		case t.AssigneeAgentID != nil:
			team(*t.AssigneeAgentID)
		case t.AssigneeTeamID != nil:
			must[*accounts.Team](tb)(a.Team.Load(a.ctx, *t.AssigneeTeamID))
		}
	})
	each(page.Nodes, func(t *tickets.Ticket) {
		account := must[*accounts.Account](tb)(a.Account.Load(a.ctx, t.AccountID))
		if billing && account.StripeCustomerID != nil {
			must[*stripe.BillingProfile](tb)(a.Billing.Load(a.ctx, *account.StripeCustomerID))
		}
		if !billing && account.CloudflareAccountID != nil {
			must[*cloudflare.ZoneList](tb)(a.Zones.Load(a.ctx, *account.CloudflareAccountID))
		}
	})
	each(page.Nodes, func(t *tickets.Ticket) {
		if t.LastMessageID == nil {
			return
		}
		message := must[*tickets.Message](tb)(a.Message.Load(a.ctx, *t.LastMessageID))
		if message.AuthorContactID != nil {
			must[*accounts.Contact](tb)(a.Contact.Load(a.ctx, *message.AuthorContactID))
			must[[]*accounts.Membership](tb)(a.Memberships.Load(a.ctx, *message.AuthorContactID))
		} else {
			team(*message.AuthorAgentID)
		}
	})
}

// One statement for each source and level, whatever the page's size: people are on two levels, requesters and authors, and
// so are agents, who have it or wrote last, and the teams of both.
func TestInboxIsReadInTheFewestCalls(t *testing.T) {
	t.Parallel()
	most := map[string]int{
		"postgres tickets.page": 1, "postgres contacts.by_id": 2, "postgres agents.by_id": 2, "postgres teams.by_id": 3,
		"postgres accounts.by_id": 1, "postgres messages.by_id": 1, "postgres memberships.of_contacts": 1,
	}
	for _, first := range []int{1, 5, 20, 100} {
		t.Run(fmt.Sprint(first), func(t *testing.T) {
			t.Parallel()
			a := open(t).ask(t, staff, inbox, map[string]any{"first": first})
			a.readInbox(t, first, true)
			if names := a.unforeseen(); names != nil {
				t.Errorf("not foreseen: %v", names)
			}
			total := a.calls.Of("stripe customers.get")
			for name, most := range most {
				calls := a.calls.Of(name)
				if total += calls; calls > most {
					t.Errorf("%s %d, want at most %d", name, calls, most)
				}
			}
			customers := 0
			a.batches.mu.Lock()
			for _, keys := range a.batches.batches["Billing"] {
				customers += keys
			}
			a.batches.mu.Unlock()
			if calls := a.calls.Of("stripe customers.get"); calls != customers || customers == 0 {
				t.Errorf("%d calls for %d customers", calls, customers)
			}
			if total != a.calls.Of("") {
				t.Errorf("something else was called:\n%s", a.calls)
			}
		})
	}
}

func TestVariablesAndTheirDefaults(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		vars    map[string]any
		first   int
		billing bool
	}{
		{nil, 20, true},
		{map[string]any{"billing": false}, 20, false},
		{map[string]any{"first": 3, "billing": true}, 3, true},
	} {
		t.Run(fmt.Sprint(test.vars), func(t *testing.T) {
			t.Parallel()
			a := open(t).ask(t, staff, inbox, test.vars)
			a.readInbox(t, test.first, test.billing)
			if names := a.unforeseen(); names != nil {
				t.Errorf("not foreseen: %v", names)
			}
			if a.batches.of("Billing") > 0 != test.billing || a.batches.of("Zones") > 0 == test.billing {
				t.Errorf("batches:\n%s", a.batches)
			}
		})
	}
}

// Looking ahead asks nobody for what the viewer may not see.
func TestLookAheadStaysBehindAuthorization(t *testing.T) {
	t.Parallel()
	h := open(t)
	account := h.World.Landmarks.PastDue
	const document = `query ($id: ID!) { account(id: $id) { name billing { __typename } } }`
	for _, test := range []struct {
		name  string
		scope accounts.Scope
		calls int
	}{
		{"staff", accounts.Staff, 1},
		{"billing", accounts.Scope{All: []accounts.ID{account}, Billing: []accounts.ID{account}}, 1},
		{"no billing", accounts.Scope{All: []accounts.ID{account}}, 0},
		{"another's billing", accounts.Scope{Billing: []accounts.ID{account}}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a := h.ask(t, Who{Scope: test.scope}, document, map[string]any{"id": account.String()})
			found := must[*accounts.Account](t)(a.Account.Load(a.ctx, account))
			if (found != nil) != (len(test.scope.All) > 0 || test.scope.Staff) {
				t.Errorf("the account: %v", found)
			}
			if found != nil && test.calls > 0 {
				must[*stripe.BillingProfile](t)(a.Billing.Load(a.ctx, *found.StripeCustomerID))
			}
			a.Billing.mu.Lock()
			defer a.Billing.mu.Unlock()
			if keys := len(a.Billing.slots); keys != test.calls || a.calls.Of("stripe customers.get") != test.calls {
				t.Errorf("Stripe is asked for %d customers, want %d:\n%s", keys, test.calls, a.calls)
			}
		})
	}
}

func TestCustomersGetNothingOfStaffs(t *testing.T) {
	t.Parallel()
	h := open(t)
	var ticket tickets.ID
	var account accounts.ID
	var note tickets.NoteID
	const sql = `select t.id, t.account_id, n.id from internal_notes n join tickets t on t.id = n.ticket_id order by n.id limit 1`
	if err := h.clients.Postgres.QueryRow(t.Context(), sql).Scan(&ticket, &account, &note); err != nil {
		t.Fatal(err)
	}
	const document = `query ($t: ID!, $n: ID!) {
		ticket(id: $t) { internalNotes { nodes { body } } tags { name } timeline { nodes { ... on NoteEntry { note { body } } ... on TagEntry { tag { name } } } } }
		node(id: $n) { id }
	}`
	key := ThreadKey{ticket, NewStretch(20, nil)}
	for _, test := range []struct {
		who  Who
		sees bool
	}{{staff, true}, {Who{Scope: accounts.Scope{All: []accounts.ID{account}}}, false}} {
		a := h.ask(t, test.who, document, map[string]any{"t": ticket.String(), "n": note.String()})
		if must[*tickets.Ticket](t)(a.Ticket.Load(a.ctx, ticket)) == nil {
			t.Error("the ticket is not there")
		}
		notes := must[*NotePage](t)(a.Notes.Load(a.ctx, key))
		found := must[*tickets.InternalNote](t)(a.Note.Load(a.ctx, note))
		staffs := 0
		for _, entry := range must[*TimelinePage](t)(a.Timeline.Load(a.ctx, key)).Nodes {
			switch entry.(type) {
			case *tickets.NoteEntry, *tickets.TagEntry:
				staffs++
			}
		}
		if got := len(notes.Nodes) > 0 && found != nil && staffs > 0; got != test.sees {
			t.Errorf("%v sees %d notes, %v and %d entries of staff's", test.who, len(notes.Nodes), found, staffs)
		}
		if !test.sees && (len(notes.Nodes) > 0 || found != nil || staffs > 0 || a.batches.of("Tag") > 0) {
			t.Errorf("a customer sees something:\n%s", a.batches)
		}
	}
}

// A filter's arguments make the same key as what the executor reads from them.
func TestFilteredPagesAreForeseen(t *testing.T) {
	t.Parallel()
	h := open(t)
	account := h.World.Landmarks.Tree
	a := h.ask(t, staff, `query ($s: [TicketStatus!], $from: Time!) { account(id: "`+account.String()+`") { tickets(
		filter: {or: [{status: $s}, {not: {text: "zone"}}], created: {from: $from}, priority: []}
		orderBy: {field: CREATED, direction: ASC}, first: 5
	) { nodes { requester { name } } } } }`, map[string]any{"s": []any{"OPEN", "NEW"}, "from": "2020-01-01T00:00:00+01:00"})
	must[*accounts.Account](t)(a.Account.Load(a.ctx, account))
	text, from := "zone", time.Date(2020, 1, 1, 0, 0, 0, 0, time.FixedZone("", 3600))
	list := tickets.List{
		Filter: &tickets.Filter{
			Or:       []*tickets.Filter{{Status: []tickets.Status{tickets.StatusOpen, tickets.StatusNew}}, {Not: &tickets.Filter{Text: &text}}},
			Created:  &tickets.TimeRange{From: &from},
			Priority: []tickets.Priority{},
		},
		Order: tickets.Order{Field: tickets.OrderCreated, Direction: tickets.Ascending}, First: 5,
	}
	must[*TicketPage](t)(a.AccountTickets.Load(a.ctx, a.TicketsKey(account, list)))
	if names := a.unforeseen(); names != nil {
		t.Errorf("not foreseen: %v", names)
	}
}

// A thousand requests of several viewers share a factory, its plans and the pool, and each gets its own.
func TestThousandRequestsAtOnce(t *testing.T) {
	t.Parallel()
	h := open(t)
	factory := NewFactory(h.clients, fullSchema())
	page := parse(t, fullSchema(), `query ($first: Int!) { tickets(first: $first) { nodes { requester { name } account { name } lastMessage { author { __typename } } } } }`)
	one := parse(t, fullSchema(), `query ($id: ID!) { account(id: $id) { parent { name } contacts(first: 3) { nodes { contact { name } } } } }`)
	requests := make([]int, 1000)
	for i := range requests {
		requests[i] = i
	}
	each(requests, func(i int) {
		own := h.World.Accounts[i%len(h.World.Accounts)].ID
		a := &asked{}
		if i%2 == 0 {
			who := Who{Scope: accounts.Scope{All: []accounts.ID{own}}}
			a.begin(t, factory, who, fullSchema(), page, map[string]any{"first": i%7 + 1})
			list := tickets.List{Order: tickets.Newest, First: i%7 + 1}
			found, err := a.Tickets.Load(a.ctx, a.TicketsKey(accounts.ID{}, list))
			if err != nil {
				t.Error(err)
				return
			}
			for _, ticket := range found.Nodes {
				account, err := a.Account.Load(a.ctx, ticket.AccountID)
				if err != nil || account == nil || account.ID != own {
					t.Errorf("a ticket of %s shows %v, %v", own, account, err)
				}
				if _, err := a.Contact.Load(a.ctx, ticket.RequesterID); err != nil {
					t.Error(err)
				}
			}
		} else {
			a.begin(t, factory, staff, fullSchema(), one, map[string]any{"id": own.String()})
			account, err := a.Account.Load(a.ctx, own)
			if err != nil || account == nil || account.ID != own {
				t.Errorf("the account %s is %v, %v", own, account, err)
				return
			}
			members, err := a.Members.Load(a.ctx, MembersKey{own, NewStretch(3, nil)})
			if err != nil {
				t.Error(err)
				return
			}
			for _, m := range members.Nodes {
				if contact, err := a.Contact.Load(a.ctx, m.ContactID); err != nil || contact == nil || contact.ID != m.ContactID {
					t.Errorf("the contact %s is %v, %v", m.ContactID, contact, err)
				}
			}
		}
		if names := a.unforeseen(); names != nil {
			t.Errorf("not foreseen: %v", names)
		}
		a.cancel()
	})
	plans := 0
	factory.plans.known.Range(func(any, any) bool { plans++; return true })
	if plans != 2 {
		t.Errorf("%d plans for 2 operations", plans)
	}
}
