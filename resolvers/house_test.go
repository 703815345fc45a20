package resolvers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"supportgraph/clients"
	"supportgraph/clients/sandbox"
	"supportgraph/clients/sandbox/seed"
	"supportgraph/clients/upstream"
	"supportgraph/graph/auth"
	"supportgraph/graph/compiled"
	"supportgraph/graph/endpoint"
	"supportgraph/graph/limits"
	"supportgraph/loaders"
	"supportgraph/resolvers"
)

// house is the whole of it but the listener: a database, the vendors over HTTP, tokens that are verified, and the
// endpoint: as it is served, by plans in gqlgen's executor, and in that without plans.
type house struct {
	sandbox *sandbox.Sandbox
	clients *clients.All
	planned http.Handler // compiled
	walked  http.Handler
	plain   http.Handler
	verify  func(context.Context, string) (*auth.Viewer, error)
	tokens  map[string]string // by the last word of the persona
	ran     *runs
}

var theHouse *house

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	scale := seed.Small
	for _, arg := range os.Args {
		if name, ok := strings.CutPrefix(arg, "-test.bench="); ok && name != "" {
			scale = seed.Full
			debug.SetGCPercent(400) // as the program has it
		}
	}
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	box, err := sandbox.Start(context.Background(), sandbox.Options{Scale: scale, Logger: quiet})
	if err != nil {
		return 1, err
	}
	defer box.Close()
	theHouse, err = open(box, quiet)
	if err != nil {
		return 1, err
	}
	defer theHouse.clients.Close()
	return m.Run(), nil
}

func open(box *sandbox.Sandbox, log *slog.Logger) (*house, error) {
	all, err := clients.Open(context.Background(), box.Config, func(ctx context.Context, call upstream.Call) {
		clients.Tally(ctx, call)
		upstream.Note(ctx, call)
	})
	if err != nil {
		return nil, err
	}
	var issuers auth.Issuers
	if err := issuers.UnmarshalText([]byte(box.Issuers)); err != nil {
		return nil, err
	}
	verifier, err := auth.NewVerifier(context.Background(), issuers, http.DefaultClient, log)
	if err != nil {
		return nil, err
	}
	h := &house{sandbox: box, clients: all, verify: verifier.Verify, tokens: map[string]string{}, ran: &runs{reasons: map[string]int{}}}
	for _, persona := range box.Personas {
		words := strings.Fields(persona.Name)
		h.tokens[words[len(words)-1]] = persona.Token
	}
	contracts, err := resolvers.Contracts(all, auth.Audiences, func(audience auth.Audience, typeName string) {
		panic(fmt.Sprintf("a store handed a %s to %s", typeName, audience)) // the first wall must hold by itself
	}, h.ran.count)
	if err != nil {
		return nil, err
	}
	unbound(contracts)
	serve := func(contracts map[auth.Audience]endpoint.Contract, options ...loaders.Option) http.Handler {
		reading := loaders.NewFactory(all, resolvers.Full(), options...)
		return endpoint.New(endpoint.Config{
			Contracts: contracts,
			Verify:    verifier.Verify,
			Prepare:   resolvers.Prepare(all, reading),
			Steps:     reading.Steps,
			Logger:    log,
			Metrics:   endpoint.NewMetrics(prometheus.NewRegistry()),
		})
	}
	interpreted := map[auth.Audience]endpoint.Contract{}
	for audience, contract := range contracts {
		contract.Schema = contract.Schema.(*compiled.Schema).ExecutableSchema
		interpreted[audience] = contract
	}
	h.planned, h.walked, h.plain = serve(contracts), serve(interpreted), serve(interpreted, loaders.Plain())
	return h, nil
}

// runs counts how operations ran, by the reason why they were not compiled.
type runs struct {
	mu      sync.Mutex
	reasons map[string]int
}

func (r *runs) count(_ auth.Audience, uncovered string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reasons[uncovered]++
}

// compiled is how many operations were, and of the others how many for each reason.
func (r *runs) compiled() (count int, others map[string]int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	others = maps.Clone(r.reasons)
	delete(others, "")
	return r.reasons[""], others
}

// unbound lifts the limits: tests that generate operations, or walk a whole contract, ask for more than anybody may.
func unbound(contracts map[auth.Audience]endpoint.Contract) {
	for audience, contract := range contracts {
		contract.Policy = &limits.Policy{}
		contracts[audience] = contract
	}
}

// answer is what came back, and what it took.
type answer struct {
	status int
	body   []byte
	calls  *clients.Calls
}

// ask sends a query as a persona, who may be nobody.
func (h *house) ask(tb testing.TB, handler http.Handler, persona, query string, variables map[string]any) answer {
	tb.Helper()
	return h.send(tb, handler, persona, map[string]any{"query": query, "variables": variables})
}

// send sends a request as a persona.
func (h *house) send(tb testing.TB, handler http.Handler, persona string, asked map[string]any) answer {
	tb.Helper()
	body, err := json.Marshal(asked)
	if err != nil {
		tb.Fatal(err)
	}
	ctx, calls := clients.Count(tb.Context())
	request := httptest.NewRequestWithContext(ctx, http.MethodPost, "/graphql", bytes.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	request.Header.Set("X-Request-Id", "a-test")
	if persona != "" {
		token, ok := h.tokens[persona]
		if !ok {
			tb.Fatalf("there is no persona %q", persona)
		}
		request.Header.Set("Authorization", "Bearer "+token)
	}
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	return answer{recorder.Code, recorder.Body.Bytes(), calls}
}
