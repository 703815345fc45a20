// Package clients opens everything that the facts come from.
package clients

import (
	"context"

	"supportgraph/clients/cache"
	"supportgraph/clients/cloudflare"
	"supportgraph/clients/jira"
	"supportgraph/clients/postgres"
	"supportgraph/clients/salesforce"
	"supportgraph/clients/statuspage"
	"supportgraph/clients/stripe"
	"supportgraph/clients/upstream"
	"supportgraph/clients/zendesk"
)

// Config says how to reach every source.
type Config struct {
	Postgres   postgres.Config
	Redis      cache.Config
	Cloudflare upstream.Config
	Stripe     upstream.Config
	Statuspage upstream.Config
	Salesforce salesforce.Config
	Jira       upstream.Config
	Zendesk    upstream.Config
}

// All is every client, open.
type All struct {
	Postgres   *postgres.Pool
	Redis      *cache.Client
	Cloudflare *cloudflare.Client
	Stripe     *stripe.Client
	Statuspage *statuspage.Client
	Salesforce *salesforce.Client
	Jira       *jira.Client
	Zendesk    *zendesk.Client
}

// Open connects to the database and migrates it, and makes the other clients, which need no answer to start; the status
// page is read in the background from now on. Every call to a source is told to observe, which may be nil.
func Open(ctx context.Context, config Config, observe upstream.Observer) (*All, error) {
	redis, err := cache.Open(config.Redis)
	if err != nil {
		return nil, err
	}
	pool, err := postgres.Open(ctx, config.Postgres, observe)
	if err != nil {
		redis.Close()
		return nil, err
	}
	if err := postgres.Migrate(ctx, pool); err != nil {
		pool.Close()
		redis.Close()
		return nil, err
	}
	all := &All{
		Postgres:   pool,
		Redis:      redis,
		Cloudflare: cloudflare.New(config.Cloudflare, observe),
		Stripe:     stripe.New(config.Stripe, observe),
		Statuspage: statuspage.New(config.Statuspage, observe),
		Salesforce: salesforce.New(config.Salesforce, observe),
		Jira:       jira.New(config.Jira, observe),
		Zendesk:    zendesk.New(config.Zendesk, observe),
	}
	all.Statuspage.Start(context.WithoutCancel(ctx)) // the context bounds the opening, Close ends the refreshes
	return all, nil
}

// Close ends all background work and closes every connection.
func (a *All) Close() {
	a.Statuspage.Close()
	a.Zendesk.Close()
	a.Jira.Close()
	a.Salesforce.Close()
	a.Stripe.Close()
	a.Cloudflare.Close()
	a.Redis.Close()
	a.Postgres.Close()
}
