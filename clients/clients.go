// Package clients opens everything that the facts come from.
package clients

import (
	"context"
	"time"

	"supportgraph/clients/cache"
	"supportgraph/clients/cloudflare"
	"supportgraph/clients/jira"
	"supportgraph/clients/postgres"
	"supportgraph/clients/salesforce"
	"supportgraph/clients/statuspage"
	"supportgraph/clients/stripe"
	"supportgraph/clients/sync/jobs"
	"supportgraph/clients/sync/mirror"
	"supportgraph/clients/sync/webhooks"
	"supportgraph/clients/tickets"
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
	Cache      Cache // the zero value keeps nothing, so that every read is a call
	Budgets    bool  // keep to the vendors' limits, together with all other processes
	Jobs       jobs.Options
	Webhooks   Webhooks
}

// Cache says what is kept of the vendors' answers, in this process and in Redis.
type Cache struct {
	Stripe     stripe.Times
	Cloudflare cloudflare.Times
	Salesforce salesforce.Times
	Issues     cache.Times // Jira's
	Zendesk    zendesk.Times
	Bytes      int    // of this process's memory; 0 means 64 MB
	Tenant     string // whose values these are, where several deployments share a Redis
}

// UsualCache is what a deployment keeps: for a minute what changes seldom, for less what somebody works on meanwhile, and
// of all of it the last good answer for a day.
func UsualCache() Cache {
	usual, brisk := cache.Usual(), cache.Usual()
	brisk.Fresh, brisk.Revalidate = 15*time.Second, time.Minute
	return Cache{
		Stripe:     stripe.Times{Profiles: usual, Invoices: usual},
		Cloudflare: cloudflare.Times{Zones: usual, Accounts: usual, Subscriptions: usual},
		Salesforce: salesforce.Times{Accounts: usual, Owners: usual},
		Issues:     brisk,
		Zendesk:    zendesk.Times{Users: usual, Tickets: brisk, Comments: brisk},
	}
}

func (c Cache) options() []cache.Option {
	var options []cache.Option
	if c.Bytes > 0 {
		options = append(options, cache.Bytes(c.Bytes))
	}
	if c.Tenant != "" {
		options = append(options, cache.Tenant(c.Tenant))
	}
	return options
}

// All is every client, open.
type All struct {
	Postgres   *postgres.Pool
	Jobs       *jobs.Queue
	Webhooks   *webhooks.Receiver
	Mirror     *mirror.Zendesk
	Tickets    *tickets.Store
	Redis      *cache.Client
	Cache      *cache.Store
	Cloudflare *cloudflare.Client
	Stripe     *stripe.Client
	Statuspage *statuspage.Client
	Salesforce *salesforce.Client
	Jira       *jira.Client
	Zendesk    *zendesk.Client
}

// Open connects to the database and migrates it, and makes the other clients, which need no answer to start; the status
// page is read, snoozed tickets are woken, and jobs are worked on where the configuration says so, in the background from now
// on. Every call to a source is told to observe, which may be nil.
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
	config.Jobs.Observe = observe
	queue, err := jobs.New(pool, config.Jobs)
	if err != nil {
		pool.Close()
		redis.Close()
		return nil, err
	}
	if config.Budgets {
		budgets := upstream.NewBudgets(redis)
		for _, vendor := range []*upstream.Config{&config.Cloudflare, &config.Stripe, &config.Statuspage, &config.Salesforce.Config, &config.Jira, &config.Zendesk} {
			vendor.Budgets = budgets
		}
	}
	store := cache.NewStore(redis, config.Cache.options()...)
	store.Start()
	all := &All{
		Postgres:   pool,
		Jobs:       queue,
		Tickets:    tickets.NewStore(pool),
		Redis:      redis,
		Cache:      store,
		Cloudflare: cloudflare.New(config.Cloudflare, observe, cloudflare.Keep(store, config.Cache.Cloudflare)),
		Stripe:     stripe.New(config.Stripe, observe, stripe.Keep(store, config.Cache.Stripe)),
		Statuspage: statuspage.New(config.Statuspage, observe),
		Salesforce: salesforce.New(config.Salesforce, observe, salesforce.Keep(store, config.Cache.Salesforce)),
		Jira:       jira.New(config.Jira, observe, jira.Keep(store, config.Cache.Issues)),
		Zendesk:    zendesk.New(config.Zendesk, observe, zendesk.Keep(store, config.Cache.Zendesk)),
	}
	all.Mirror = mirror.NewZendesk(pool, queue, all.Zendesk, all.Tickets, mirror.Real(), config.Zendesk.BaseURL != "")
	all.Webhooks = all.receive(config.Webhooks, config.Jobs.Logger)
	all.Tickets.Work(queue)
	background := context.WithoutCancel(ctx) // the context bounds the opening, Close ends what runs in the background
	all.Statuspage.Start(background)
	all.Tickets.Start(background)
	if err := all.Jobs.Start(ctx); err != nil {
		all.Close()
		return nil, err
	}
	return all, nil
}

// Statuses is how each vendor fares.
func (a *All) Statuses() []*upstream.Status {
	return []*upstream.Status{
		a.Cloudflare.Status(), a.Stripe.Status(), a.Statuspage.Status(), a.Salesforce.Status(), a.Jira.Status(), a.Zendesk.Status(),
	}
}

// Close ends all background work and closes every connection.
func (a *All) Close() {
	a.Jobs.Close()
	a.Tickets.Close()
	a.Cache.Close()
	a.Statuspage.Close()
	a.Zendesk.Close()
	a.Jira.Close()
	a.Salesforce.Close()
	a.Stripe.Close()
	a.Cloudflare.Close()
	a.Redis.Close()
	a.Postgres.Close()
}
