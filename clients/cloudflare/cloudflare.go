// Package cloudflare reads accounts, their subscriptions and their zones from Cloudflare's API v4, which has no batch read: a
// page of zones is either one account's or everybody's, and all else is one account's. zone.go and hosting.go have the nouns
// and their reads, sweep.go the reading of everybody's pages, wire.go and hosting_wire.go the wire shapes and their one
// conversion.
package cloudflare

import (
	"encoding/json"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"supportgraph/clients/cache"
	"supportgraph/clients/upstream"
)

// Client reads with one API token. It is safe for concurrent use.
type Client struct {
	upstream *upstream.Client
	zones    *cache.Table[AccountID, ZoneList]
	accounts *cache.Table[AccountID, HostingAccount]
	plans    *cache.Table[AccountID, HostingSubscriptionList]
	total    atomic.Int64 // zones that the token sees, by the last sweep; 0 while unknown
	refused  atomic.Int64 // Unix nanoseconds of the last refusal of a sweep; 0 for never
	sweeps   [upstream.Lanes]sweeps
}

// Option changes how a client reads.
type Option func(*Client)

// Times are how long what is read is kept.
type Times struct {
	Zones         cache.Times
	Accounts      cache.Times
	Subscriptions cache.Times
}

// Keep has the client keep what it reads in the store, and share sweeps between those who ask at the same time. Without it,
// and where times are off, every read asks Cloudflare.
func Keep(store *cache.Store, times Times) Option {
	return func(c *Client) {
		c.zones = cache.NewTable[AccountID, ZoneList](store, cache.Entity{
			Name: "cloudflare.zones", Version: 1, Service: upstream.Cloudflare, Times: times.Zones,
		})
		c.accounts = cache.NewTable[AccountID, HostingAccount](store, cache.Entity{
			Name: "cloudflare.accounts", Version: 1, Service: upstream.Cloudflare, Times: times.Accounts,
		})
		c.plans = cache.NewTable[AccountID, HostingSubscriptionList](store, cache.Entity{
			Name: "cloudflare.subscriptions", Version: 1, Service: upstream.Cloudflare, Times: times.Subscriptions,
		})
	}
}

// New makes a client; it opens nothing. A token that may read zones, account settings and billing is enough.
func New(cfg upstream.Config, observe upstream.Observer, options ...Option) *Client {
	client := &Client{upstream: upstream.New(upstream.Vendor{
		Service:     upstream.Cloudflare,
		Timeout:     5 * time.Second,
		Concurrency: 4,
		// 1,200 calls in 5 minutes for a token, then none for as long; people at the dashboard count too
		// (developers.cloudflare.com/fundamentals/api/reference/limits).
		Limit:   upstream.Limit{Rate: 3, Burst: 20},
		Explain: explain,
		Quota:   func(status int, _ http.Header, _ string) bool { return status == http.StatusTooManyRequests },
		Quiet:   5 * time.Minute,
	}, cfg, observe)}
	for lane := range client.sweeps {
		client.sweeps[lane].turn = make(chan struct{}, 1)
	}
	Keep(nil, Times{})(client)
	for _, option := range options {
		option(client)
	}
	return client
}

// Status is how Cloudflare fares.
func (c *Client) Status() *upstream.Status { return c.upstream.Status() }

// Close drops idle connections.
func (c *Client) Close() { c.upstream.Close() }

// fault is an entry of an envelope's errors.
type fault struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

// explain reads the first error of an envelope (developers.cloudflare.com/fundamentals/api/how-to/make-api-calls).
func explain(body []byte) (code, message string, ok bool) {
	var refused struct {
		Success *bool   `json:"success"`
		Errors  []fault `json:"errors"`
	}
	if json.Unmarshal(body, &refused) != nil || refused.Success == nil || *refused.Success || len(refused.Errors) == 0 {
		return "", "", false
	}
	return strconv.Itoa(refused.Errors[0].Code), refused.Errors[0].Message, true
}
