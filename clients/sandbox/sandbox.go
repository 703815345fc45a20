// Package sandbox is everything that the service needs, on this machine alone: a private Postgres, Redis in this process,
// the vendors over real HTTP, an identity provider, and one made-up world in all of them. It only returns a
// configuration, so that a demonstration runs the same code as production does.
package sandbox

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"supportgraph/clients"
	"supportgraph/clients/salesforce"
	"supportgraph/clients/sandbox/identity"
	"supportgraph/clients/sandbox/pg"
	"supportgraph/clients/sandbox/seed"
	"supportgraph/clients/sandbox/vendors"
	"supportgraph/clients/upstream"
)

// Options says what sandbox is wanted.
type Options struct {
	Dir     string       // holds the database and is kept; empty: a temporary folder that is gone after Close
	Scale   seed.Scale   // how much there is in the world
	Latency bool         // the vendors answer as slowly as the real ones
	Rates   bool         // the vendors refuse what exceeds their rates
	Logger  *slog.Logger // told of what takes long; nil: silent
}

// Sandbox is a running sandbox. Close ends it.
type Sandbox struct {
	Config   clients.Config     // how to reach its sources
	Issuers  string             // its identity providers, as AUTH_ISSUERS takes them
	Personas []identity.Persona // somebody to be, with ready tokens
	World    *seed.World        // what there is
	Vendors  *vendors.Server    // the vendors, to be broken
	Identity *identity.Provider // mints more tokens
	Postgres *pg.Server         // makes more databases

	close func()
}

// Start brings everything up and returns when all of it can be asked. The context bounds the start alone.
func Start(ctx context.Context, options Options) (_ *Sandbox, err error) {
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	var cleanup []func()
	closeAll := sync.OnceFunc(func() {
		for i := len(cleanup) - 1; i >= 0; i-- {
			cleanup[i]()
		}
	})
	defer func() {
		if err != nil {
			closeAll()
		}
	}()
	s := &Sandbox{close: closeAll}
	if s.World, err = seed.New(options.Scale); err != nil {
		return nil, err
	}
	if s.Postgres, err = pg.Start(ctx, pg.Options{Dir: options.Dir, Logger: options.Logger}); err != nil {
		return nil, fmt.Errorf("start a database: %w", err)
	}
	cleanup = append(cleanup, s.Postgres.Stop)
	if s.Config.Postgres, err = fill(ctx, s.Postgres, s.World, options); err != nil {
		return nil, err
	}
	redis, err := startRedis()
	if err != nil {
		return nil, err
	}
	cleanup = append(cleanup, redis.close)
	s.Config.Redis.URL = redis.url

	stop, err := s.startVendors(options)
	if err != nil {
		return nil, err
	}
	cleanup = append(cleanup, stop)
	stop, err = s.startIdentity()
	if err != nil {
		return nil, err
	}
	cleanup = append(cleanup, stop)
	return s, nil
}

// Close ends everything; no process is left when it returns. It may be called more than once.
func (s *Sandbox) Close() { s.close() }

func (s *Sandbox) startVendors(options Options) (stop func(), err error) {
	key := rand.Text()
	s.Vendors = vendors.New(s.World.Vendors, vendors.Options{
		Seed: 1, DemoLatency: options.Latency, Rates: options.Rates, StripeKey: key, CloudflareToken: key,
		SalesforceSecret: key, JiraToken: key, ZendeskToken: key,
	})
	address, stopServing, err := serve(func(string) (http.Handler, error) { return s.Vendors, nil })
	if err != nil {
		return nil, fmt.Errorf("start the vendors: %w", err)
	}
	s.Config.Stripe = upstream.Config{BaseURL: address + vendors.StripePath, Token: key}
	s.Config.Cloudflare = upstream.Config{BaseURL: address + vendors.CloudflarePath, Token: key}
	s.Config.Statuspage = upstream.Config{BaseURL: address + vendors.StatuspagePath}
	s.Config.Salesforce = salesforce.Config{
		Config: upstream.Config{BaseURL: address + vendors.SalesforcePath, User: "support-graph", Token: key},
		Fields: seed.CrmFields, Currency: seed.CrmCurrency,
	}
	s.Config.Jira = upstream.Config{BaseURL: address + vendors.JiraPath, User: "graph@support.example", Token: key}
	s.Config.Zendesk = upstream.Config{BaseURL: address + vendors.ZendeskPath, User: "graph@support.example/token", Token: key}
	return func() {
		s.Vendors.Close()
		stopServing()
	}, nil
}

func (s *Sandbox) startIdentity() (stop func(), err error) {
	_, stop, err = serve(func(address string) (http.Handler, error) {
		s.Identity, err = identity.New(address)
		return s.Identity, err
	})
	if err == nil {
		s.Issuers, err = s.Identity.Issuers()
	}
	if err == nil {
		s.Personas, err = s.Identity.Personas(s.World.Personas...)
	}
	if err != nil {
		if stop != nil {
			stop()
		}
		return nil, fmt.Errorf("start the identity provider: %w", err)
	}
	return stop, nil
}

// serve answers HTTP on a free port of this machine. The handler is made when its address is known.
func serve(handler func(address string) (http.Handler, error)) (address string, stop func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	address = "http://" + listener.Addr().String()
	made, err := handler(address)
	if err != nil {
		return "", nil, errors.Join(err, listener.Close())
	}
	server := &http.Server{Handler: made, ReadHeaderTimeout: 5 * time.Second, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(listener) })
	return address, func() {
		_ = server.Close()
		serving.Wait()
	}, nil
}
