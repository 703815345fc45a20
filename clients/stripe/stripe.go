// Package stripe reads billing from Stripe: the customer with its current subscriptions, one call each, for Stripe has no
// batch read (docs.stripe.com/api/customers/list lists no filter by id). The wire shapes and their one conversion are in
// wire.go.
package stripe

import (
	"encoding/json"
	"net/http"
	"time"

	"supportgraph/clients/cache"
	"supportgraph/clients/upstream"
)

// apiVersion pins the shapes that wire.go reads (docs.stripe.com/api/versioning).
const apiVersion = "2026-08-26.dahlia"

// Client reads from one Stripe account. It is safe for concurrent use.
type Client struct {
	upstream *upstream.Client
	profiles *cache.Table[CustomerID, BillingProfile]
	invoices *cache.Table[CustomerID, InvoiceList]
}

// Option changes how a client reads.
type Option func(*Client)

// Times are how long what is read is kept.
type Times struct {
	Profiles cache.Times
	Invoices cache.Times
}

// Keep has the client keep what it reads in the store. Without it, and where times are off, every read asks Stripe.
func Keep(store *cache.Store, times Times) Option {
	return func(c *Client) {
		c.profiles = cache.NewTable[CustomerID, BillingProfile](store, cache.Entity{
			Name: "stripe.billing", Version: 1, Service: upstream.Stripe, Times: times.Profiles,
		})
		c.invoices = cache.NewTable[CustomerID, InvoiceList](store, cache.Entity{
			Name: "stripe.invoices", Version: 1, Service: upstream.Stripe, Times: times.Invoices,
		})
	}
}

// New makes a client; it opens nothing. A restricted key that may read customers and subscriptions is enough.
func New(cfg upstream.Config, observe upstream.Observer, options ...Option) *Client {
	client := &Client{upstream: upstream.New(upstream.Vendor{
		Service:     upstream.Stripe,
		Timeout:     5 * time.Second,
		Concurrency: 8,
		Header:      http.Header{"Stripe-Version": {apiVersion}},
		// Each operation allows 25 calls a second (docs.stripe.com/rate-limits), of which other programs want some.
		Limit:   upstream.Limit{Rate: 20, Burst: 20, PerOperation: true},
		Explain: explain,
		Retry:   shouldRetry,
	}, cfg, observe)}
	Keep(nil, Times{})(client)
	for _, option := range options {
		option(client)
	}
	return client
}

// Status is how Stripe fares.
func (c *Client) Status() *upstream.Status { return c.upstream.Status() }

// Close drops idle connections.
func (c *Client) Close() { c.upstream.Close() }

// shouldRetry is Stripe's own word, which overrides the status (github.com/stripe/stripe-go, stripe.go).
func shouldRetry(_ int, header http.Header, _ string) (worth, said bool) {
	word := header.Get("Stripe-Should-Retry")
	return word == "true", word == "true" || word == "false"
}

// explain reads Stripe's error body (docs.stripe.com/api/errors). The code is absent for some types, which then stands in.
func explain(body []byte) (code, message string, ok bool) {
	var refused struct {
		Error *struct {
			Type    string `json:"type"`
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	}
	if json.Unmarshal(body, &refused) != nil || refused.Error == nil || refused.Error.Type == "" {
		return "", "", false
	}
	code = refused.Error.Code
	if code == "" {
		code = refused.Error.Type
	}
	return code, refused.Error.Message, true
}
