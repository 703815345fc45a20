// Package jira reads engineering issues from Jira Cloud, up to 100 in one call, by id or by key. issue.go has the noun and
// its read, wire.go the wire shapes and their one conversion.
package jira

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"supportgraph/clients/cache"
	"supportgraph/clients/upstream"
)

// Client reads from one site. It is safe for concurrent use.
type Client struct {
	upstream *upstream.Client
	issues   *cache.Table[IssueRef, EngineeringIssue]
	browse   string // what stands in front of a key in the address of an issue
}

// Option changes how a client reads.
type Option func(*Client)

// Keep has the client keep issues in the store. Without it, and with times that are off, every read asks Jira.
func Keep(store *cache.Store, times cache.Times) Option {
	return func(c *Client) {
		c.issues = cache.NewTable[IssueRef, EngineeringIssue](store, cache.Entity{
			Name: "jira.issues", Version: 1, Service: upstream.Jira, Times: times,
		})
	}
}

// New makes a client; it opens nothing. The base URL is "https://acme.atlassian.net/rest/api/3", the user an e-mail address and
// the token its API token.
func New(cfg upstream.Config, observe upstream.Observer, options ...Option) *Client {
	calls := upstream.New(upstream.Vendor{
		Service:     upstream.Jira,
		Timeout:     5 * time.Second,
		Concurrency: 8,
		// An endpoint takes 100 calls a second (developer.atlassian.com/cloud/jira/platform/rate-limiting), of which other
		// programs want some.
		Limit:   upstream.Limit{Rate: 40, Burst: 40, PerOperation: true},
		Explain: explain,
		Quota:   quota,
		Allowance: func(header http.Header) (int, int, bool) {
			return upstream.Counted(header, "X-Ratelimit-Limit", "X-Ratelimit-Remaining")
		},
	}, cfg, observe)
	client := &Client{upstream: calls, browse: strings.TrimSuffix(calls.Base(), "/rest/api/3") + "/browse/"}
	Keep(nil, cache.Times{})(client)
	for _, option := range options {
		option(client)
	}
	return client
}

// Status is how Jira fares.
func (c *Client) Status() *upstream.Status { return c.upstream.Status() }

// Close drops idle connections.
func (c *Client) Close() { c.upstream.Close() }

// Allowance is how many calls the site still takes, nil while no answer told.
func (c *Client) Allowance() *upstream.Allowance { return c.upstream.Allowance() }

// explain reads an ErrorCollection: messages, and messages by field. It has no codes; the field stands in for one.
func explain(body []byte) (code, message string, ok bool) {
	var refused struct {
		Messages []string          `json:"errorMessages"`
		Errors   map[string]string `json:"errors"`
	}
	if json.Unmarshal(body, &refused) != nil {
		return "", "", false
	}
	if len(refused.Messages) > 0 {
		return "", refused.Messages[0], true
	}
	for _, field := range slices.Sorted(maps.Keys(refused.Errors)) {
		return field, refused.Errors[field], true
	}
	return "", "", false
}

// quota tells the end of an hour's points, of ours or of everybody's, from a burst that is over in a moment
// (developer.atlassian.com/cloud/jira/platform/rate-limiting).
func quota(status int, header http.Header, _ string) bool {
	return status == http.StatusTooManyRequests && strings.HasPrefix(header.Get("Ratelimit-Reason"), "jira-quota-")
}
