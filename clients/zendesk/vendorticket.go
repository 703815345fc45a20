package zendesk

import (
	"context"
	"net/url"
	"strings"
	"time"
	"unicode"

	"supportgraph/clients/cache"
	"supportgraph/clients/upstream"
)

// TicketID is Zendesk's key of a ticket.
type TicketID int64

// VendorTicket is a ticket at Zendesk.
type VendorTicket struct {
	ID             TicketID
	Subject        string
	Status         VendorTicketStatus
	Priority       *VendorTicketPriority
	RequesterID    UserID
	OrganizationID *OrganizationID
	ExternalID     *string // our key of it; not unique at Zendesk
	Tags           []string
	CreatedAt      time.Time
	UpdatedAt      time.Time
	URL            string          // of the ticket's page for agents
	Source         upstream.Source `json:"-"` // zero for one of a page, which has its own
	Deleted        bool            `json:"-"` // of an export alone: other reads leave deleted tickets out
}

// VendorTicketPage is a part of a list of tickets.
type VendorTicketPage struct {
	Nodes  []*VendorTicket
	After  *string         // where the next page begins; nil where there is none
	Source upstream.Source `json:"-"` // of this answer, not of what is kept
}

// Truncated tells whether the list goes on behind the page.
func (p *VendorTicketPage) Truncated() bool { return p.After != nil }

// VendorTicketStatus is where a ticket stands (developer.zendesk.com/api-reference/ticketing/tickets/tickets).
type VendorTicketStatus string

// The statuses, in upper case. A status that we do not know is VendorTicketOther.
const (
	VendorTicketNew     VendorTicketStatus = "NEW"
	VendorTicketOpen    VendorTicketStatus = "OPEN"
	VendorTicketPending VendorTicketStatus = "PENDING"
	VendorTicketHold    VendorTicketStatus = "HOLD"
	VendorTicketSolved  VendorTicketStatus = "SOLVED"
	VendorTicketClosed  VendorTicketStatus = "CLOSED"
	VendorTicketOther   VendorTicketStatus = "OTHER"
)

// VendorTicketPriority is how urgent a ticket is.
type VendorTicketPriority string

// The priorities, in upper case. A priority that we do not know is VendorTicketPriorityOther.
const (
	VendorTicketLow           VendorTicketPriority = "LOW"
	VendorTicketNormal        VendorTicketPriority = "NORMAL"
	VendorTicketHigh          VendorTicketPriority = "HIGH"
	VendorTicketUrgent        VendorTicketPriority = "URGENT"
	VendorTicketPriorityOther VendorTicketPriority = "OTHER"
)

const (
	readTickets    = "tickets.show_many"
	readOfAccounts = "organizations.tickets"
	mostOfAccount  = 20 // of a page; one number, so that an organisation has one page to keep and to forget
	searchTickets  = "search.export"
)

// Tickets reads tickets: one call for up to 100 distinct ids. Nothing is kept: it is for copies, which must not be older
// than what they replace. An id in neither map is one that Zendesk does not know, or has
// deleted. Errors are *upstream.Error.
func (c *Client) Tickets(ctx context.Context, ids []TicketID) (map[TicketID]*VendorTicket, map[TicketID]error) {
	return show(ctx, c.upstream, readTickets, "tickets", "ids", ids, number[TicketID], func(a *answer, at time.Time, found map[string]*VendorTicket) {
		for _, row := range a.Tickets {
			ticket := row.ticket(c.agent)
			ticket.Source = upstream.LiveFrom(upstream.Zendesk, at)
			found[number(row.ID)] = ticket
		}
	})
}

// OfOrganizations returns the 20 tickets of each organisation that changed last: those that are kept, and one call for each
// other distinct organisation, bounded, for the vendor lists those of one at a time
// (developer.zendesk.com/api-reference/ticketing/tickets/tickets, "List Tickets"). Archived tickets are not among them. An
// id in neither map is one that Zendesk does not know. Errors are *upstream.Error. What pages hold is shared and must not be
// changed.
func (c *Client) OfOrganizations(ctx context.Context, lane upstream.Lane, ids []OrganizationID) (map[OrganizationID]*VendorTicketPage, map[OrganizationID]error) {
	up := c.upstream.In(lane)
	found, failed := cache.GetBy(ctx, c.pages, lane, ids, number[OrganizationID], func(ctx context.Context, keys []string) (map[string]*VendorTicketPage, map[string]error) {
		return upstream.Each(ctx, up, readOfAccounts, keys, func(ctx context.Context, key string) (*VendorTicketPage, error) {
			read, err := page(ctx, up, readOfAccounts, "/organizations/"+key+"/tickets", url.Values{"sort": {"-updated_at"}}, "tickets", mostOfAccount, "")
			if missing(err) {
				return nil, nil
			}
			if err != nil {
				return nil, err
			}
			return read.tickets(read.Tickets, c.agent), nil
		})
	})
	return cache.Values(found, func(page *VendorTicketPage) *upstream.Source { return &page.Source }), failed
}

// SearchKey is a page of what a search finds, as Search takes it.
type SearchKey struct {
	Text  string
	First int
	After string
}

// Searches makes several searches, no more at a time than Zendesk is asked at once. Errors are *upstream.Error.
func (c *Client) Searches(ctx context.Context, lane upstream.Lane, keys []SearchKey) (map[SearchKey]*VendorTicketPage, map[SearchKey]error) {
	return upstream.Each(ctx, c.upstream, searchTickets, keys, func(ctx context.Context, key SearchKey) (*VendorTicketPage, error) {
		return c.Search(ctx, lane, key.Text, key.First, key.After)
	})
}

// maxWords bounds what one search asks for.
const maxWords = 20

// Search reads the tickets that have all words of a text, the oldest first, a page at a time: up to first and at most 100,
// from where after says, which is empty for the beginning and lives for an hour. Nothing in the text is an operator of the
// vendor's query language. What changed within the last minutes may be missing
// (developer.zendesk.com/api-reference/ticketing/ticket-management/search, "Export Search Results"). A text without a word
// finds nothing, without a call. What a page holds is shared and must not be changed. The error is an *upstream.Error.
func (c *Client) Search(ctx context.Context, lane upstream.Lane, text string, first int, after string) (*VendorTicketPage, error) {
	words := literal(text)
	if words == "" {
		return &VendorTicketPage{Nodes: []*VendorTicket{}, Source: upstream.LiveFrom(upstream.Zendesk, time.Now())}, nil
	}
	query := url.Values{"query": {words}, "filter[type]": {"ticket"}}
	source := func(page *VendorTicketPage) *upstream.Source { return &page.Source }
	return onePage(ctx, c.pages, lane, pageKey(words, first, after), source, func(ctx context.Context) (*VendorTicketPage, error) {
		read, err := page(ctx, c.upstream.In(lane), searchTickets, "/search/export", query, "results", first, after)
		if err != nil {
			return nil, err
		}
		return read.tickets(read.Results, c.agent), nil
	})
}

// literal makes a query of which every word is a phrase, so that "type:user", "-dns" and "dns*" are looked for as they are.
func literal(text string) string {
	words := strings.FieldsFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || r == '"' || r == '\\' || r == unicode.ReplacementChar
	})
	for i, word := range words {
		words[i] = `"` + word + `"`
	}
	return strings.Join(words[:min(len(words), maxWords)], " ")
}
