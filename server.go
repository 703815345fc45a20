// Command supportgraph serves the support graph: it reads the configuration, opens the clients, mounts the handlers,
// serves, and stops.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"supportgraph/clients"
	"supportgraph/clients/postgres"
	"supportgraph/clients/sandbox"
	"supportgraph/clients/sandbox/seed"
	"supportgraph/clients/settings"
	"supportgraph/clients/sync/jobs"
	"supportgraph/clients/sync/mirror"
	"supportgraph/clients/sync/webhooks"
	"supportgraph/clients/upstream"
	"supportgraph/graph/auth"
	"supportgraph/graph/endpoint"
	"supportgraph/graph/endpoint/budget"
	"supportgraph/graph/endpoint/playground"
	"supportgraph/loaders"
	"supportgraph/resolvers"
)

// config is everything that can be configured, as clients/settings reads it.
type config struct {
	Environment     string        `env:"ENVIRONMENT" envDefault:"production" oneof:"production,demo" help:"in demo, what has no address is started here, with sample data"`
	Listen          string        `env:"LISTEN" envDefault:"127.0.0.1:8080" help:"address of /graphql, /playground and /webhooks"`
	OpsListen       string        `env:"OPS_LISTEN" envDefault:"127.0.0.1:8081" help:"address of /livez, /readyz, /metrics and /debug/pprof; not for the public"`
	LogLevel        slog.Level    `env:"LOG_LEVEL" envDefault:"INFO" help:"DEBUG, INFO, WARN or ERROR"`
	ShutdownTimeout time.Duration `env:"SHUTDOWN_TIMEOUT" envDefault:"20s" help:"how long requests in flight may take to end"`
	SandboxDir      string        `env:"SANDBOX_DIR" demo:".sandbox" production:"refused" help:"where a demo keeps its database"`
	Sources         clients.Settings
	Endpoint        endpoint.Settings
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400) // a fifth less CPU for a page, by the benchmark, for some tens of megabytes
	}
	if err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "support-graph:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends, and returns when everything that it started is gone. It logs to stderr.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	var cfg config
	load := len(args) >= 2 && args[0] == "backfill" && args[1] == "zendesk"
	if load {
		args = args[2:]
	}
	if err := settings.Read(&cfg, args, getenv); errors.Is(err, flag.ErrHelp) {
		return settings.Describe(&cfg, stdout)
	} else if err != nil {
		return err
	}
	p := &program{config: cfg, stdout: stdout, log: slog.New(slog.NewJSONHandler(stderr, &slog.HandlerOptions{Level: cfg.LogLevel}))}
	defer p.close()
	if load {
		return p.backfill(ctx)
	}
	if err := p.open(ctx); err != nil && ctx.Err() == nil {
		return err
	}
	if ctx.Err() != nil {
		return nil // stopped while it started
	}
	return p.serve(ctx)
}

// backfill loads what Zendesk holds from nothing, and tells how far it is. What is there stays, and the service may run.
func (p *program) backfill(ctx context.Context) error {
	sources := p.Sources.Over(clients.Config{Budgets: true})
	sources.Jobs.Work = false
	all, err := clients.Open(ctx, sources, nil)
	if err != nil {
		return fmt.Errorf("open the sources: %w", err)
	}
	defer all.Close()
	if err := all.Mirror.Forget(ctx); err != nil {
		return err
	}
	begun := time.Now()
	return all.Mirror.Sync(ctx, func(done mirror.Progress) {
		fmt.Fprintf(p.stdout, "%-13s %9d read after %s\n", done.Feed, done.Records, time.Since(begun).Round(time.Second))
	})
}

// program is the running service. What it opened it closes, the last first.
type program struct {
	config
	stdout      io.Writer
	log         *slog.Logger
	closers     []func()
	sandbox     *sandbox.Sandbox // nil in production
	public, ops net.Listener
	handler     *http.ServeMux
	readiness   *endpoint.Ops
}

func (p *program) close() {
	for _, end := range slices.Backward(p.closers) {
		end()
	}
}

// open takes the addresses first, as whoever starts a second one should hear of it at once, then opens everything.
func (p *program) open(ctx context.Context) (err error) {
	if p.Sources.Serves() {
		if p.public, err = net.Listen("tcp", p.Listen); err != nil {
			return fmt.Errorf("listen for the public: %w", err)
		}
		p.closers = append(p.closers, func() { _ = p.public.Close() })
	}
	if p.ops, err = net.Listen("tcp", p.OpsListen); err != nil {
		return fmt.Errorf("listen for operators: %w", err)
	}
	p.closers = append(p.closers, func() { _ = p.ops.Close() })

	sources, issuers := clients.Config{}, p.Endpoint.AuthIssuers
	if p.Environment == settings.Demo {
		p.sandbox, err = sandbox.Start(ctx, sandbox.Options{Dir: p.SandboxDir, Scale: seed.Full, Latency: true, Logger: p.log})
		if err != nil {
			return fmt.Errorf("start the sandbox: %w", err)
		}
		p.closers = append(p.closers, p.sandbox.Close)
		sources = p.sandbox.Config
		if len(issuers) == 0 {
			if err := issuers.UnmarshalText([]byte(p.sandbox.Issuers)); err != nil {
				return fmt.Errorf("trust the sandbox: %w", err)
			}
		}
	}
	sources = p.Sources.Over(sources)
	sources.Cache, sources.Budgets, sources.Jobs.Logger = clients.UsualCache(), true, p.log

	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	metrics, lastCalls := endpoint.NewMetrics(registry), &endpoint.LastCalls{}
	logCall := upstream.Log(p.log)
	all, err := clients.Open(ctx, sources, func(ctx context.Context, call upstream.Call) {
		logCall(ctx, call)
		metrics.ObserveCall(ctx, call)
		lastCalls.Observe(ctx, call)
		upstream.Note(ctx, call)
	})
	if err != nil {
		return fmt.Errorf("open the sources: %w", err)
	}
	p.closers = append(p.closers, all.Close)
	registry.MustRegister(endpoint.NewBacklog(func(ctx context.Context) ([]jobs.Backlog, error) {
		return postgres.Select(ctx, all.Postgres, jobs.Backlogs())
	}))
	verifier, err := auth.NewVerifier(context.WithoutCancel(ctx), issuers, nil, p.log)
	if err != nil {
		return err
	}
	p.closers = append(p.closers, verifier.Close)
	contracts, err := resolvers.Contracts(all, p.Endpoint.Introspection, metrics.ObserveHeldBack, metrics.ObserveRun)
	if err != nil {
		return err
	}
	p.readiness = endpoint.NewOps(registry,
		endpoint.Check{Name: "postgres", Decides: true, Probe: func(ctx context.Context) (string, error) { return "", all.Postgres.Ping(ctx) }},
		endpoint.Check{Name: "migrations", Decides: true, Probe: func(ctx context.Context) (string, error) { return "", postgres.Migrated(ctx, all.Postgres) }},
		endpoint.Check{Name: "redis", Probe: func(ctx context.Context) (string, error) { return "", all.Redis.Ping(ctx) }},
		lastCalls.Check("cloudflare"), lastCalls.Check("stripe"), lastCalls.Check("statuspage"),
		lastCalls.Check("salesforce"), lastCalls.Check("jira"), lastCalls.Check("zendesk"))
	library, err := p.Endpoint.Library()
	if err != nil {
		return err
	}
	var automatic *endpoint.Automatic
	if p.Endpoint.Automatic == "on" {
		automatic = endpoint.NewAutomatic(all.Redis, 1000)
	}
	reading := loaders.NewFactory(all, resolvers.Full(), loaders.Observe(metrics.ObserveBatch))
	graph := endpoint.New(endpoint.Config{
		Contracts: contracts,
		Verify:    verifier.Verify,
		Prepare:   resolvers.Prepare(all, reading),
		Steps:     reading.Steps,
		Logger:    p.log,
		Metrics:   metrics,
		Origins:   p.Endpoint.AllowedOrigins,
		Limits:    p.Endpoint.Limits, Timeout: p.Endpoint.OperationTimeout, MaxBody: p.Endpoint.MaxBody,
		Levels: p.Endpoint.Documents, MaxInFlight: p.Endpoint.MaxInFlight, Budgets: p.budgets(all), Automatic: automatic,
		ClientHeader: p.Endpoint.ClientHeader, ReleaseHeader: p.Endpoint.ReleaseHeader,
	})
	if err := graph.Trust(library); err != nil {
		return err
	}
	p.closers = append(p.closers, graph.TrustAgain(p.Endpoint.Library, syscall.SIGHUP))
	p.handler = http.NewServeMux()
	p.handler.Handle("/graphql", graph)
	p.handler.Handle(webhooks.Path, all.Webhooks)
	personas := ""
	if p.sandbox != nil {
		personas = sandbox.TokensPath
		p.handler.HandleFunc("GET "+personas, p.sandbox.Tokens)
	}
	if p.Endpoint.Playground == "on" {
		page := playground.Handler(playground.Config{Endpoint: "/graphql", Personas: personas})
		p.handler.Handle(playground.Path, page)
		p.handler.Handle(playground.Path+"/", page)
	}
	return nil
}

// budgets hold callers to what they may spend: customers for the first account of which they see every ticket, or any.
func (p *program) budgets(all *clients.All) *endpoint.Budgets {
	allowances := p.Endpoint.Budgets
	if allowances == nil {
		allowances = endpoint.DefaultAllowances()
	}
	return &endpoint.Budgets{
		Keeper: budget.New(all.Redis, p.Endpoint.Replicas, nil, func(err error) {
			p.log.Warn("budgets are kept without Redis", "error", err)
		}),
		Allowances: allowances,
		Account: func(ctx context.Context) string {
			every, own := loaders.From(ctx).Who().Scope.Accounts()
			for _, account := range slices.Concat(every, own) {
				return account.String()
			}
			return ""
		},
	}
}

// announce tells whoever started a demo where to go.
func (p *program) announce() {
	if p.sandbox == nil || p.public == nil {
		return
	}
	address := "http://" + p.public.Addr().String()
	fmt.Fprintf(p.stdout, "\nPlayground  %s%s\nGraphQL     %s/graphql\n", address, playground.Path, address)
	p.sandbox.Announce(p.stdout, address)
}

// serve answers until ctx ends or a listener fails, then lets what is in flight finish.
func (p *program) serve(ctx context.Context) error {
	faults := slog.NewLogLogger(p.log.Handler(), slog.LevelWarn)
	public := &http.Server{
		Handler: endpoint.SecurityHeaders(p.handler), ErrorLog: faults, ReadHeaderTimeout: 5 * time.Second, WriteTimeout: time.Minute,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
	}
	ops := &http.Server{Handler: p.readiness, ErrorLog: faults, ReadHeaderTimeout: 5 * time.Second}
	ended := make(chan error, 2)
	address := "" // of a worker
	if p.public != nil {
		address = p.public.Addr().String()
		go func() { ended <- public.Serve(p.public) }()
	}
	go func() { ended <- ops.Serve(p.ops) }()
	p.announce()
	p.log.Info("serving", "public", address, "ops", p.ops.Addr().String(), "environment", p.Environment, "mode", p.Sources.Mode)
	var failed error
	select {
	case <-ctx.Done():
	case failed = <-ended:
	}
	p.readiness.Drain()
	p.log.Info("stopping")
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.ShutdownTimeout)
	defer cancel()
	if err := public.Shutdown(grace); err != nil {
		failed = errors.Join(failed, fmt.Errorf("requests in flight were cut off: %w", err), public.Close())
	}
	return errors.Join(failed, ops.Close())
}
