// Package zendesk reads from a Zendesk account: tickets, users and organisations by id, up to 100 in one call, and pages of an
// organisation's tickets, of a ticket's comments and of a search. Each noun has its file; show.go has the read by ids that
// they share, page.go the read by pages, wire.go the wire shapes and their one conversion.
package zendesk

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"supportgraph/clients/upstream"
)

// Client reads from one account. It is safe for concurrent use.
type Client struct {
	upstream *upstream.Client
	agent    string // what stands in front of an id in the address of a ticket
}

// New makes a client; it opens nothing. The base URL is "https://acme.zendesk.com/api/v2", the user "graph@acme.example/token" and
// the token an API token.
func New(cfg upstream.Config, observe upstream.Observer) *Client {
	calls := upstream.New(upstream.Vendor{
		Service: upstream.Zendesk,
		Timeout: 5 * time.Second,
		// 200 to 2,500 calls a minute by plan, and 100 for lists of tickets
		// (developer.zendesk.com/api-reference/introduction/rate-limits).
		Concurrency: 4,
		Explain:     explain,
		Allowance: func(header http.Header) (int, int, bool) {
			return upstream.Counted(header, "X-Rate-Limit", "X-Rate-Limit-Remaining")
		},
	}, cfg, observe)
	return &Client{upstream: calls, agent: strings.TrimSuffix(calls.Base(), "/api/v2") + "/agent/tickets/"}
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
