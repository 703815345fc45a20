package loaders

import (
	"encoding/json"
	"fmt"
	"sync"

	"github.com/99designs/gqlgen/graphql"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
	"supportgraph/clients/tickets"
)

// TicketPage is a page of tickets.
type TicketPage = postgres.Page[*tickets.Ticket]

// TicketsKey is a page of the tickets of an account, or of all.
type TicketsKey struct {
	Account accounts.ID // the zero ID: of all accounts
	spec    ticketsSpec
}

type ticketsSpec struct {
	filter string // its text, under which the request keeps it
	order  tickets.Order
	Stretch
}

// filters keeps the filters of a request by their texts, so that keys can be compared.
type filters struct {
	mu    sync.Mutex
	known map[string]*tickets.Filter
}

func (f *filters) text(filter *tickets.Filter) string {
	if filter == nil {
		return ""
	}
	text, err := json.Marshal(filter)
	if err != nil { // a time beyond JSON's years: it is like no other
		text = fmt.Appendf(nil, "%p", filter)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.known == nil {
		f.known = make(map[string]*tickets.Filter, 1)
	}
	f.known[string(text)] = filter
	return string(text)
}

func (f *filters) filter(text string) *tickets.Filter {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.known[text]
}

// TicketsKey is the key of a page of tickets of an account, or of all with the zero ID. The list must have passed Check.
func (l *Loaders) TicketsKey(account accounts.ID, list tickets.List) TicketsKey {
	return TicketsKey{account, ticketsSpec{l.filters.text(list.Filter), list.Order, NewStretch(list.First, list.After)}}
}

func (l *Loaders) list(spec ticketsSpec) tickets.List {
	return tickets.List{Filter: l.filters.filter(spec.filter), Order: spec.order, First: spec.First, After: spec.Cursor(), Me: l.who.Agent}
}

func ticketPageOf(rows []*tickets.Ticket, spec ticketsSpec) *TicketPage {
	return postgres.NewPage(rows, spec.First, spec.Cursor(), spec.order.Cursor)
}

var (
	ticketByID = byKey("Ticket",
		func(l *Loaders, ids []tickets.ID) postgres.Query[*tickets.Ticket] {
			return tickets.ByID(l.who.Scope, ids)
		},
		func(t *tickets.Ticket) tickets.ID { return t.ID })

	ticketByNumber = byKey("TicketByNumber",
		func(l *Loaders, numbers []int64) postgres.Query[*tickets.Ticket] {
			return tickets.ByNumber(l.who.Scope, numbers)
		},
		func(t *tickets.Ticket) int64 { return t.Number })

	ticketPage = byPage("Tickets",
		func(key TicketsKey) (struct{}, ticketsSpec) { return struct{}{}, key.spec },
		func(_ struct{}, spec ticketsSpec) TicketsKey { return TicketsKey{spec: spec} },
		func(l *Loaders, _ []struct{}, spec ticketsSpec) postgres.Query[*tickets.Ticket] {
			return tickets.Page(l.who.Scope, l.list(spec))
		},
		func(*tickets.Ticket) struct{} { return struct{}{} },
		ticketPageOf)

	accountTickets = byPage("AccountTickets",
		func(key TicketsKey) (accounts.ID, ticketsSpec) { return key.Account, key.spec },
		func(account accounts.ID, spec ticketsSpec) TicketsKey { return TicketsKey{account, spec} },
		func(l *Loaders, of []accounts.ID, spec ticketsSpec) postgres.Query[*tickets.Ticket] {
			return tickets.OfAccounts(l.who.Scope, of, l.list(spec))
		},
		func(t *tickets.Ticket) accounts.ID { return t.AccountID },
		ticketPageOf)

	participants = byParent("Participants",
		func(l *Loaders, ids []tickets.ID) postgres.Query[*tickets.Participant] {
			return tickets.ParticipantsOf(l.who.Scope, ids)
		},
		func(p *tickets.Participant) tickets.ID { return p.TicketID })
)

func ticketLoader(l *Loaders) *Loader[tickets.ID, *tickets.Ticket] { return &l.Ticket }

func ticketEdges() []*edge {
	requester := one("Ticket", "requester", "Contact", contactByID, contactLoader,
		func(_ *Loaders, t *tickets.Ticket) (accounts.ContactID, bool) { return t.RequesterID, true })
	account := one("Ticket", "account", "Account", accountByID, accountLoader,
		func(_ *Loaders, t *tickets.Ticket) (accounts.ID, bool) { return t.AccountID, true })
	agent := one("Ticket", "assignee", "Agent", agentByID, agentLoader,
		func(_ *Loaders, t *tickets.Ticket) (accounts.AgentID, bool) { return optional(t.AssigneeAgentID) })
	team := one("Ticket", "assignee", "Team", teamByID, teamLoader,
		func(_ *Loaders, t *tickets.Ticket) (accounts.TeamID, bool) {
			if t.AssigneeAgentID != nil {
				return accounts.TeamID{}, false
			}
			return optional(t.AssigneeTeamID)
		})

	taking := many("Ticket", "participants", "Participant", participants,
		func(l *Loaders) *Loader[tickets.ID, []*tickets.Participant] { return &l.Participants },
		func(_ *Loaders, t *tickets.Ticket) (tickets.ID, bool) { return t.ID, true })
	taking.next = one("Participant", "contact", "Contact", contactByID, contactLoader,
		func(_ *Loaders, p *tickets.Participant) (accounts.ContactID, bool) { return p.ContactID, true })

	byRef := lead("Query", "ticketByRef", ticketByNumber,
		func(l *Loaders) *Loader[int64, *tickets.Ticket] { return &l.TicketByNumber },
		func(_ *Loaders, _ *Loaders, args any, claim func(int64)) { claim(args.(int64)) },
		found[tickets.Ticket])
	byRef.target = "Ticket"
	byRef.bind = func(raw map[string]any) (any, bool) {
		ref, _ := raw["ref"].(string)
		return bound(tickets.ParseRef(ref))
	}

	all := lead("Query", "tickets", ticketPage,
		func(l *Loaders) *Loader[TicketsKey, *TicketPage] { return &l.Tickets },
		func(l *Loaders, _ *Loaders, args any, claim func(TicketsKey)) {
			claim(l.TicketsKey(accounts.ID{}, args.(tickets.List)))
		},
		items[*tickets.Ticket])
	ofAccount := lead("Account", "tickets", accountTickets,
		func(l *Loaders) *Loader[TicketsKey, *TicketPage] { return &l.AccountTickets },
		func(l *Loaders, a *accounts.Account, args any, claim func(TicketsKey)) {
			claim(l.TicketsKey(a.ID, args.(tickets.List)))
		},
		items[*tickets.Ticket])
	for _, list := range []*edge{all, ofAccount} {
		list.target, list.paged, list.bind = "Ticket", true, bindList
	}

	followUp := one("Ticket", "followUpOf", "Ticket", ticketByID, ticketLoader,
		func(_ *Loaders, t *tickets.Ticket) (tickets.ID, bool) { return optional(t.FollowUpOfID) })

	return append([]*edge{followUp, requester, account, agent, team, taking, byRef, all, ofAccount,
		byID[tickets.ID]("ticket", "Ticket", ticketByID, ticketLoader)},
		node[tickets.ID]("Ticket", ticketByID, ticketLoader)...)
}

// found are the rows of a value that is one record or none.
func found[V any](value *V, add func(any)) {
	if value != nil {
		add(value)
	}
}

// elements are the rows of a value that is a list.
func elements[V any](list []V, add func(any)) {
	for _, row := range list {
		add(row)
	}
}

// items are the rows of a value that is a page.
func items[V any](page *postgres.Page[V], add func(any)) {
	if page != nil {
		for _, row := range page.Nodes {
			add(row)
		}
	}
}

// bindList reads the arguments of a list of tickets.
func bindList(raw map[string]any) (any, bool) {
	list := tickets.List{Order: tickets.Newest}
	order, _ := raw["orderBy"].(map[string]any)
	if field, ok := order["field"].(string); ok {
		list.Order.Field = tickets.OrderField(field)
	}
	if direction, ok := order["direction"].(string); ok {
		list.Order.Direction = tickets.Direction(direction)
	}
	if filter, ok := raw["filter"].(map[string]any); ok {
		text, err := json.Marshal(withLists(filter))
		if err != nil || json.Unmarshal(text, &list.Filter) != nil {
			return nil, false
		}
	}
	page, ok := stretch(raw, func(postgres.Cursor) error { return nil })
	list.First, list.After = page.First, page.Cursor()
	return list, ok && list.Check() == nil
}

// withLists gives the lists of a filter the form that the executor gives them: one value stands for a list of it, and
// an empty list, which matches nothing, is not the same as none.
func withLists(filter map[string]any) map[string]any {
	whole := make(map[string]any, len(filter))
	for name, value := range filter {
		switch name {
		case "and", "or", "status", "priority", "team", "account", "requester", "tag", "agent", "impact", "category", "channel",
			"affectedZone", "participant", "tier":
			if value != nil {
				list := []any{}
				for _, element := range graphql.CoerceList(value) {
					if part, ok := element.(map[string]any); ok {
						element = withLists(part)
					}
					list = append(list, element)
				}
				value = list
			}
		case "not", "assignee":
			if part, ok := value.(map[string]any); ok {
				value = withLists(part)
			}
		}
		whole[name] = value
	}
	return whole
}
