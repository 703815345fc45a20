package resolvers_test

import (
	"log/slog"
	"net/http/httptest"
	"testing"

	"supportgraph/clients"
	"supportgraph/clients/sandbox"
	"supportgraph/clients/sandbox/vendors"
)

// apart is the same house with vendors of its own, which are broken from the beginning: what goes wrong there disturbs
// nobody else.
func apart(tb testing.TB, faults ...vendors.Fault) *house {
	tb.Helper()
	return apartAs(tb, func(*clients.Config) {}, faults...)
}

// apartAs is such a house with another configuration.
func apartAs(tb testing.TB, adjust func(*clients.Config), faults ...vendors.Fault) *house {
	tb.Helper()
	box := theHouse.sandbox
	own := &sandbox.Sandbox{Config: box.Config, Issuers: box.Issuers, Personas: box.Personas, World: box.World}
	own.Vendors = vendors.New(box.World.Vendors, vendors.Options{Seed: 1})
	if err := own.Vendors.Break(faults...); err != nil {
		tb.Fatal(err)
	}
	server := httptest.NewServer(own.Vendors)
	tb.Cleanup(func() {
		own.Vendors.Close()
		server.Close()
	})
	vendorsAt(&own.Config, server.URL)
	adjust(&own.Config)
	h, err := open(own, slog.New(slog.DiscardHandler))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(h.clients.Close)
	return h
}

// vendorsAt has a configuration reach all vendors at an address.
func vendorsAt(config *clients.Config, base string) {
	config.Stripe.BaseURL = base + vendors.StripePath
	config.Cloudflare.BaseURL = base + vendors.CloudflarePath
	config.Statuspage.BaseURL = base + vendors.StatuspagePath
	config.Salesforce.BaseURL = base + vendors.SalesforcePath
	config.Jira.BaseURL = base + vendors.JiraPath
	config.Zendesk.BaseURL = base + vendors.ZendeskPath
}
