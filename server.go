// Command supportgraph serves the support graph: it reads the configuration, opens the clients, mounts the handlers,
// serves, and stops.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/caarlos0/env/v11"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"supportgraph/clients"
	"supportgraph/clients/postgres"
	"supportgraph/clients/sandbox"
	"supportgraph/clients/sandbox/seed"
	"supportgraph/clients/upstream"
	"supportgraph/graph/auth"
	"supportgraph/graph/endpoint"
	"supportgraph/graph/endpoint/budget"
	"supportgraph/graph/endpoint/playground"
	"supportgraph/graph/operations"
	"supportgraph/loaders"
	"supportgraph/resolvers"
)

// config is everything that can be configured: by environment variable, or by the flag of the same name. The tag
// production tells what production requires and refuses, the tag demo the default that a demo has instead.
type config struct {
	Environment      string            `env:"ENVIRONMENT" envDefault:"production" oneof:"production,demo" help:"in demo, what has no address is started here, with sample data"`
	Listen           string            `env:"LISTEN" envDefault:"127.0.0.1:8080" help:"address of /graphql and /playground"`
	OpsListen        string            `env:"OPS_LISTEN" envDefault:"127.0.0.1:8081" help:"address of /livez, /readyz, /metrics and /debug/pprof; not for the public"`
	DatabaseURL      postgres.Secret   `env:"DATABASE_URL" production:"required" help:"postgres://user:password@host/database"`
	RedisURL         postgres.Secret   `env:"REDIS_URL" production:"required" help:"redis://user:password@host:port/database"`
	CloudflareURL    string            `env:"CLOUDFLARE_URL" production:"required" help:"https://api.cloudflare.com/client/v4"`
	CloudflareToken  postgres.Secret   `env:"CLOUDFLARE_TOKEN" production:"required" help:"a token that may read zones"`
	StripeURL        string            `env:"STRIPE_URL" production:"required" help:"https://api.stripe.com/v1"`
	StripeKey        postgres.Secret   `env:"STRIPE_KEY" production:"required" help:"a key that may read customers and subscriptions"`
	StatuspageURL    string            `env:"STATUSPAGE_URL" production:"required" help:"https://status.example.com/api/v2"`
	SalesforceURL    string            `env:"SALESFORCE_URL" help:"https://example.my.salesforce.com; a vendor without an address is told as unavailable"`
	SalesforceClient string            `env:"SALESFORCE_CLIENT_ID" help:"of the connected app"`
	SalesforceSecret postgres.Secret   `env:"SALESFORCE_CLIENT_SECRET" help:"of the connected app"`
	JiraURL          string            `env:"JIRA_URL" help:"https://example.atlassian.net/rest/api/3"`
	JiraUser         string            `env:"JIRA_USER" help:"the address whose token it is"`
	JiraToken        postgres.Secret   `env:"JIRA_TOKEN" help:"a token that may read issues"`
	ZendeskURL       string            `env:"ZENDESK_URL" help:"https://example.zendesk.com/api/v2"`
	ZendeskUser      string            `env:"ZENDESK_USER" help:"graph@example.com/token: the address whose token it is"`
	ZendeskToken     postgres.Secret   `env:"ZENDESK_TOKEN" help:"a token that may read tickets"`
	AuthIssuers      auth.Issuers      `env:"AUTH_ISSUERS" production:"required" help:"whose tokens are accepted: a JSON list"`
	Playground       string            `env:"PLAYGROUND" envDefault:"off" demo:"on" oneof:"on,off" help:"whether /playground is there"`
	Introspection    []auth.Audience   `env:"INTROSPECTION" envDefault:"console,explorer" demo:"portal,console,explorer" help:"audiences that may read their contract, or none"`
	AllowedOrigins   []endpoint.Origin `env:"ALLOWED_ORIGINS" help:"origins of the pages that may ask from a browser, as https://portal.example,https://console.example"`
	Documents        endpoint.Levels   `env:"DOCUMENTS" envDefault:"portal=require,console=require,explorer=log" demo:"portal=log,console=log,explorer=log" help:"which documents an audience may run: log (any), prefer (known ones), require (known ones, by ID alone)"`
	Manifests        string            `env:"MANIFESTS" help:"directory of further manifests, at audience/client/release.json; read again on SIGHUP"`
	Automatic        string            `env:"AUTOMATIC_DOCUMENTS" envDefault:"off" demo:"on" oneof:"on,off" production:"off" help:"whether clients may name documents by themselves, where the level is log"`
	ClientHeader     string            `env:"CLIENT_HEADER" envDefault:"X-Client-Name" help:"header with the name of the app that asks"`
	ReleaseHeader    string            `env:"RELEASE_HEADER" envDefault:"X-Client-Version" help:"header with its release"`
	Replicas         int               `env:"REPLICAS" envDefault:"1" help:"how many processes share Redis: without it, each holds callers to its part of their budgets"`
	MaxInFlight      int               `env:"MAX_IN_FLIGHT" envDefault:"256" help:"how many requests are worked on at once"`
	LogLevel         slog.Level        `env:"LOG_LEVEL" envDefault:"INFO" help:"DEBUG, INFO, WARN or ERROR"`
	ShutdownTimeout  time.Duration     `env:"SHUTDOWN_TIMEOUT" envDefault:"20s" help:"how long requests in flight may take to end"`
	SandboxDir       string            `env:"SANDBOX_DIR" demo:".sandbox" production:"refused" help:"where a demo keeps its database"`
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
	cfg, err := configure(args, getenv)
	if errors.Is(err, flag.ErrHelp) {
		return describe(stdout)
	}
	if err != nil {
		return err
	}
	p := &program{config: cfg, stdout: stdout, log: slog.New(slog.NewJSONHandler(stderr, &slog.HandlerOptions{Level: cfg.LogLevel}))}
	defer p.close()
	if err := p.open(ctx); err != nil && ctx.Err() == nil {
		return err
	}
	if ctx.Err() != nil {
		return nil // stopped while it started
	}
	return p.serve(ctx)
}

// configure reads the environment with the flags laid over it. Its error names every fault, and no secret.
func configure(args []string, getenv func(string) string) (config, error) {
	var cfg config
	var faults []error
	fault := func(key, format string, args ...any) {
		faults = append(faults, fmt.Errorf("  "+key+": "+format, args...))
	}
	given := map[string]string{}
	flags := flag.NewFlagSet("support-graph", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	fields := slices.Collect(reflect.TypeFor[config]().Fields())
	for _, field := range fields {
		key := field.Tag.Get("env")
		if value := getenv(key); value != "" {
			given[key] = value
		}
		flags.Func(flagName(key), "", func(value string) error { given[key] = value; return nil })
	}
	if err := flags.Parse(args); err != nil {
		return cfg, err
	}
	if flags.NArg() > 0 {
		fault("command line", "only flags are understood, --help lists them")
	}
	for _, field := range fields {
		key, demo, rule := field.Tag.Get("env"), given["ENVIRONMENT"] == "demo", field.Tag.Get("production")
		value := given[key]
		switch {
		case demo && value == "" && field.Tag.Get("demo") != "":
			given[key] = field.Tag.Get("demo")
		case !demo && rule == "required" && value == "":
			fault(key, "missing")
		case !demo && rule == "refused" && value != "", !demo && rule == "off" && value == "on":
			fault(key, "for ENVIRONMENT=demo alone")
		}
		if choice := field.Tag.Get("oneof"); choice != "" && value != "" && !slices.Contains(strings.Split(choice, ","), value) {
			fault(key, "one of %s", choice)
		}
	}
	var unread env.AggregateError
	var unreadable env.ParseError
	errors.As(env.ParseWithOptions(&cfg, env.Options{Environment: given}), &unread)
	for _, err := range unread.Errors {
		if errors.As(err, &unreadable) {
			field, _ := reflect.TypeFor[config]().FieldByName(unreadable.Name)
			fault(field.Tag.Get("env"), "%w", unreadable.Err)
		} else {
			fault("environment", "%w", err)
		}
	}
	for i, vendor := range cfg.vendors() {
		if err := vendor.Validate(); vendor.BaseURL != "" && err != nil {
			fault([]string{"CLOUDFLARE_URL", "STRIPE_URL", "STATUSPAGE_URL", "SALESFORCE_URL", "JIRA_URL", "ZENDESK_URL"}[i], "%w", err)
		}
	}
	if err := cfg.AuthIssuers.Check(); len(cfg.AuthIssuers) > 0 && err != nil {
		fault("AUTH_ISSUERS", "%s", strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	for _, audience := range cfg.Introspection {
		if audience != "none" && !slices.Contains(auth.Audiences, audience) {
			fault("INTROSPECTION", "%v, or none", auth.Audiences)
		}
	}
	if len(faults) > 0 {
		return cfg, fmt.Errorf("the configuration cannot be used:\n%w", errors.Join(faults...))
	}
	return cfg, nil
}

func flagName(key string) string { return strings.ToLower(strings.ReplaceAll(key, "_", "-")) }

// describe prints what can be configured.
func describe(stdout io.Writer) error {
	table := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	for field := range reflect.TypeFor[config]().Fields() {
		key := field.Tag.Get("env")
		fmt.Fprintf(table, "%s\t--%s\t%s\t%s\n", key, flagName(key), field.Tag.Get("envDefault"), field.Tag.Get("help"))
	}
	return table.Flush()
}

// vendors is how the vendors are reached, as far as there are addresses: a key alone is no vendor.
func (c config) vendors() []upstream.Config {
	vendors := []upstream.Config{
		{BaseURL: c.CloudflareURL, Token: string(c.CloudflareToken)},
		{BaseURL: c.StripeURL, Token: string(c.StripeKey)},
		{BaseURL: c.StatuspageURL},
		{BaseURL: c.SalesforceURL, User: c.SalesforceClient, Token: string(c.SalesforceSecret)},
		{BaseURL: c.JiraURL, User: c.JiraUser, Token: string(c.JiraToken)},
		{BaseURL: c.ZendeskURL, User: c.ZendeskUser, Token: string(c.ZendeskToken)},
	}
	for i, vendor := range vendors {
		if vendor.BaseURL == "" {
			vendors[i] = upstream.Config{}
		}
	}
	return vendors
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
	if p.public, err = net.Listen("tcp", p.Listen); err != nil {
		return fmt.Errorf("listen for the public: %w", err)
	}
	p.closers = append(p.closers, func() { _ = p.public.Close() })
	if p.ops, err = net.Listen("tcp", p.OpsListen); err != nil {
		return fmt.Errorf("listen for operators: %w", err)
	}
	p.closers = append(p.closers, func() { _ = p.ops.Close() })

	sources, issuers := clients.Config{}, p.AuthIssuers
	if p.Environment == "demo" {
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
	sources.Postgres.URL = cmp.Or(p.DatabaseURL, sources.Postgres.URL)
	sources.Redis.URL = cmp.Or(p.RedisURL, sources.Redis.URL)
	for i, source := range []*upstream.Config{
		&sources.Cloudflare, &sources.Stripe, &sources.Statuspage, &sources.Salesforce.Config, &sources.Jira, &sources.Zendesk,
	} {
		*source = cmp.Or(p.vendors()[i], *source)
	}
	sources.Cache, sources.Budgets = clients.UsualCache(), true

	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	metrics, lastCalls := endpoint.NewMetrics(registry), &endpoint.LastCalls{}
	all, err := clients.Open(ctx, sources, func(ctx context.Context, call upstream.Call) {
		metrics.ObserveCall(ctx, call)
		lastCalls.Observe(ctx, call)
	})
	if err != nil {
		return fmt.Errorf("open the sources: %w", err)
	}
	p.closers = append(p.closers, all.Close)
	verifier, err := auth.NewVerifier(context.WithoutCancel(ctx), issuers, nil, p.log)
	if err != nil {
		return err
	}
	p.closers = append(p.closers, verifier.Close)
	contracts, err := resolvers.Contracts(all, p.Introspection, metrics.ObserveHeldBack)
	if err != nil {
		return err
	}
	p.readiness = endpoint.NewOps(registry,
		endpoint.Check{Name: "postgres", Decides: true, Probe: func(ctx context.Context) (string, error) { return "", all.Postgres.Ping(ctx) }},
		endpoint.Check{Name: "migrations", Decides: true, Probe: func(ctx context.Context) (string, error) { return "", postgres.Migrated(ctx, all.Postgres) }},
		endpoint.Check{Name: "redis", Probe: func(ctx context.Context) (string, error) { return "", all.Redis.Ping(ctx) }},
		lastCalls.Check("cloudflare"), lastCalls.Check("stripe"), lastCalls.Check("statuspage"),
		lastCalls.Check("salesforce"), lastCalls.Check("jira"), lastCalls.Check("zendesk"))
	library, err := p.library()
	if err != nil {
		return err
	}
	var automatic *endpoint.Automatic
	if p.Automatic == "on" {
		automatic = endpoint.NewAutomatic(all.Redis, 1000)
	}
	graph := endpoint.New(endpoint.Config{
		Contracts: contracts,
		Verify:    verifier.Verify,
		Prepare:   resolvers.Prepare(all, loaders.NewFactory(all, resolvers.Full(), loaders.Observe(metrics.ObserveBatch))),
		Logger:    p.log,
		Metrics:   metrics,
		Origins:   p.AllowedOrigins,
		Levels:    p.Documents, MaxInFlight: p.MaxInFlight, Budgets: p.budgets(all), Automatic: automatic,
		ClientHeader: p.ClientHeader, ReleaseHeader: p.ReleaseHeader,
	})
	if err := graph.Trust(library); err != nil {
		return err
	}
	p.closers = append(p.closers, p.reloadOnHangup(graph))
	p.handler = http.NewServeMux()
	p.handler.Handle("/graphql", graph)
	personas := ""
	if p.sandbox != nil {
		personas = "/demo/tokens"
		p.handler.HandleFunc("GET "+personas, p.tokens)
	}
	if p.Playground == "on" {
		page := playground.Handler(playground.Config{Endpoint: "/graphql", Personas: personas})
		p.handler.Handle(playground.Path, page)
		p.handler.Handle(playground.Path+"/", page)
	}
	return nil
}

// budgets hold callers to what they may spend: customers for the first account of which they see every ticket, or any.
func (p *program) budgets(all *clients.All) *endpoint.Budgets {
	return &endpoint.Budgets{
		Keeper: budget.New(all.Redis, p.Replicas, nil, func(err error) {
			p.log.Warn("budgets are kept without Redis", "error", err)
		}),
		Allowances: endpoint.DefaultAllowances(),
		Account: func(ctx context.Context) string {
			every, own := loaders.From(ctx).Who().Scope.Accounts()
			for _, account := range slices.Concat(every, own) {
				return account.String()
			}
			return ""
		},
	}
}

// library reads the trusted documents: those that are built in, and those of the configured directory.
func (p *program) library() (*operations.Library, error) {
	if p.Manifests == "" {
		return operations.Load(operations.BuiltIn())
	}
	return operations.Load(operations.BuiltIn(), os.DirFS(p.Manifests))
}

// reloadOnHangup reads the trusted documents again on every SIGHUP, until the returned function is called. Documents
// that cannot be used change nothing.
func (p *program) reloadOnHangup(graph *endpoint.Endpoint) (stop func()) {
	hangup, ended := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(hangup, syscall.SIGHUP)
	go func() {
		defer close(ended)
		for range hangup {
			library, err := p.library()
			if err == nil {
				err = graph.Trust(library)
			}
			if err != nil {
				p.log.Error("the trusted documents stay as they were", "error", err)
				continue
			}
			p.log.Info("the trusted documents were read again")
		}
	}()
	return func() {
		signal.Stop(hangup)
		close(hangup)
		<-ended
	}
}

// tokens hands out the personas of the sandbox with fresh tokens.
func (p *program) tokens(w http.ResponseWriter, _ *http.Request) {
	personas, err := p.sandbox.Identity.Personas(p.sandbox.World.Personas...)
	if err != nil {
		p.log.Error("personas", "error", err)
		http.Error(w, "no tokens", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(personas) // a failed write means that nobody listens
}

// announce tells whoever started a demo where to go.
func (p *program) announce() {
	if p.sandbox == nil {
		return
	}
	address := "http://" + p.public.Addr().String()
	fmt.Fprintf(p.stdout, "\nPlayground  %s%s\nGraphQL     %s/graphql\nTokens      %s/demo/tokens\n\n", address, playground.Path, address, address)
	for _, persona := range p.sandbox.Personas {
		fmt.Fprintf(p.stdout, "  %-20s %-9s %s\n", persona.Name, persona.Audience, persona.Description)
	}
	fmt.Fprintln(p.stdout, "\nCtrl-C stops everything.")
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
	go func() { ended <- public.Serve(p.public) }()
	go func() { ended <- ops.Serve(p.ops) }()
	p.announce()
	p.log.Info("serving", "public", p.public.Addr().String(), "ops", p.ops.Addr().String(), "environment", p.Environment)
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
