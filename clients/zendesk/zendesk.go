// Package zendesk reads from a Zendesk account: tickets, users and organisations by id, up to 100 in one call, and pages of an
// organisation's tickets, of a ticket's comments and of a search. Each noun has its file; show.go has the read by ids that
// they share, page.go the read by pages, wire.go the wire shapes and their one conversion.
package zendesk

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"supportgraph/clients/cache"
	"supportgraph/clients/upstream"
)

// Client reads from one account. It is safe for concurrent use.
type Client struct {
	upstream *upstream.Client
	users    *cache.Table[string, VendorUser]
	pages    *cache.Table[string, VendorTicketPage]
	comments *cache.Table[string, VendorCommentPage]
	agent    string // what stands in front of an id in the address of a ticket
}

// Option changes how a client reads.
type Option func(*Client)

// Times are how long what is read is kept.
type Times struct {
	Users    cache.Times
	Tickets  cache.Times // pages of them: organisations' and searches'
	Comments cache.Times
}

// Keep has the client keep users and pages in the store. Without it, and where times are off, every read asks Zendesk.
func Keep(store *cache.Store, times Times) Option {
	return func(c *Client) {
		c.users = cache.NewTable[string, VendorUser](store, cache.Entity{
			Name: "zendesk.users", Version: 1, Service: upstream.Zendesk, Times: times.Users,
		})
		c.pages = cache.NewTable[string, VendorTicketPage](store, cache.Entity{
			Name: "zendesk.tickets", Version: 1, Service: upstream.Zendesk, Times: times.Tickets,
		})
		c.comments = cache.NewTable[string, VendorCommentPage](store, cache.Entity{
			Name: "zendesk.comments", Version: 1, Service: upstream.Zendesk, Times: times.Comments,
		})
	}
}

// New makes a client; it opens nothing. The base URL is "https://acme.zendesk.com/api/v2", the user "graph@acme.example/token" and
// the token an API token.
func New(cfg upstream.Config, observe upstream.Observer, options ...Option) *Client {
	calls := upstream.New(upstream.Vendor{
		Service:     upstream.Zendesk,
		Timeout:     5 * time.Second,
		Concurrency: 4,
		// 200 to 2,500 calls a minute by plan, and 100 for lists of tickets
		// (developer.zendesk.com/api-reference/introduction/rate-limits): the least of them, less a little.
		Limit:   upstream.Limit{Rate: 3, Burst: 15},
		Explain: explain,
		Allowance: func(header http.Header) (int, int, bool) {
			return upstream.Counted(header, "X-Rate-Limit", "X-Rate-Limit-Remaining")
		},
	}, cfg, observe)
	client := &Client{upstream: calls, agent: strings.TrimSuffix(calls.Base(), "/api/v2") + "/agent/tickets/"}
	Keep(nil, Times{})(client)
	for _, option := range options {
		option(client)
	}
	return client
}

// Status is how Zendesk fares.
func (c *Client) Status() *upstream.Status { return c.upstream.Status() }

// Invalidate says that the kept tickets of organisations are no longer right. An error means that other processes were not
// told. Searches and comments are not found by an organisation: they live by their short times.
func (c *Client) Invalidate(ctx context.Context, ids ...OrganizationID) error {
	keys := make([]string, len(ids))
	for i, id := range ids {
		keys[i] = number(id)
	}
	return c.pages.Invalidate(ctx, keys...)
}

// Close drops idle connections.
func (c *Client) Close() { c.upstream.Close() }

// Allowance is how many calls the account's minute still holds, nil while no answer told.
func (c *Client) Allowance() *upstream.Allowance { return c.upstream.Allowance() }

// explain reads an error, which is a text with a description beside it, or an object with a title and a message
// (developer.zendesk.com/api-reference/introduction/requests).
func explain(body []byte) (code, message string, ok bool) {
	var refused struct {
		Error       json.RawMessage `json:"error"`
		Description string          `json:"description"`
	}
	if json.Unmarshal(body, &refused) != nil {
		return "", "", false
	}
	if json.Unmarshal(refused.Error, &code) == nil && code != "" {
		return code, refused.Description, true
	}
	var titled struct {
		Title   string `json:"title"`
		Message string `json:"message"`
	}
	if json.Unmarshal(refused.Error, &titled) == nil && titled.Title != "" {
		return titled.Title, titled.Message, true
	}
	return "", "", false
}
