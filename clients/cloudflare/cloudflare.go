// Package cloudflare reads zones from Cloudflare's API v4, which has no batch read: a page of zones is either one
// account's or everybody's. zone.go has the noun and its read, sweep.go the reading of everybody's pages, wire.go the
// wire shapes and their one conversion.
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
	total    atomic.Int64 // zones that the token sees, by the last sweep; 0 while unknown
	refused  atomic.Int64 // Unix nanoseconds of the last refusal of a sweep; 0 for never
	sweeps   [upstream.Lanes]sweeps
}

// Option changes how a client reads.
type Option func(*Client)

// Keep has the client keep zones in the store, and share sweeps between those who ask at the same time. Without it, and
// with times that are off, every read asks Cloudflare.
func Keep(store *cache.Store, times cache.Times) Option {
	return func(c *Client) { c.zones = zoneTable(store, times) }
}

func zoneTable(store *cache.Store, times cache.Times) *cache.Table[AccountID, ZoneList] {
	return cache.NewTable[AccountID, ZoneList](store, cache.Entity{
		Name: "cloudflare.zones", Version: 1, Service: upstream.Cloudflare, Times: times,
	})
}

// New makes a client; it opens nothing. A token that may read zones is enough.
func New(cfg upstream.Config, observe upstream.Observer, options ...Option) *Client {
	client := &Client{zones: zoneTable(nil, cache.Times{}), upstream: upstream.New(upstream.Vendor{
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
