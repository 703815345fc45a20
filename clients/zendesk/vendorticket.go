package zendesk

import (
	"context"
	"net/url"
	"strings"
	"time"
	"unicode"

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
	URL            string // of the ticket's page for agents
	Source         upstream.Source
}

// VendorTicketPage is a part of a list of tickets.
type VendorTicketPage struct {
	Nodes  []*VendorTicket
	After  *string // where the next page begins; nil where there is none
	Source upstream.Source
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
	searchTickets  = "search.export"
)

// Tickets reads tickets: one call for up to 100 distinct ids. An id in neither map is one that Zendesk does not know, or has
// deleted. Errors are *upstream.Error.
func (c *Client) Tickets(ctx context.Context, ids []TicketID) (map[TicketID]*VendorTicket, map[TicketID]error) {
	return show(ctx, c, readTickets, "tickets", "ids", ids, number[TicketID], func(a *answer, at time.Time, found map[string]*VendorTicket) {
		for _, row := range a.Tickets {
			found[number(row.ID)] = row.ticket(c.agent, at)
		}
	})
}

// OfOrganizations reads the tickets of organisations that changed last, up to first of each and at most 100: one call for each
// distinct organisation, bounded, for the vendor lists those of one at a time
// (developer.zendesk.com/api-reference/ticketing/tickets/tickets, "List Tickets"). Archived tickets are not among them. An
// id in neither map is one that Zendesk does not know. Errors are *upstream.Error.
func (c *Client) OfOrganizations(ctx context.Context, ids []OrganizationID, first int) (map[OrganizationID]*VendorTicketPage, map[OrganizationID]error) {
	return upstream.Each(ctx, c.upstream, readOfAccounts, ids, func(ctx context.Context, id OrganizationID) (*VendorTicketPage, error) {
		if id <= 0 {
			return nil, nil
		}
		page, err := c.page(ctx, readOfAccounts, "/organizations/"+number(id)+"/tickets", url.Values{"sort": {"-updated_at"}}, "tickets", first, "")
		if missing(err) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		return page.tickets(page.Tickets, c.agent, time.Now()), nil
	})
}

// maxWords bounds what one search asks for.
const maxWords = 20

// Search reads the tickets that have all words of a text, the oldest first, a page at a time: up to first and at most 100,
// from where after says, which is empty for the beginning and lives for an hour. Nothing in the text is an operator of the
// vendor's query language. What changed within the last minutes may be missing
// (developer.zendesk.com/api-reference/ticketing/ticket-management/search, "Export Search Results"). A text without a word
// finds nothing, without a call. The error is an *upstream.Error.
func (c *Client) Search(ctx context.Context, text string, first int, after string) (*VendorTicketPage, error) {
	words := literal(text)
	if words == "" {
		return &VendorTicketPage{Nodes: []*VendorTicket{}, Source: upstream.LiveFrom(upstream.Zendesk, time.Now())}, nil
	}
	query := url.Values{"query": {words}, "filter[type]": {"ticket"}}
	page, err := c.page(ctx, searchTickets, "/search/export", query, "results", first, after)
	if err != nil {
		return nil, err
	}
	return page.tickets(page.Results, c.agent, time.Now()), nil
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
