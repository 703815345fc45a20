package resolvers_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"supportgraph/clients"
	"supportgraph/clients/cache"
	"supportgraph/clients/cache/cachetest"
	"supportgraph/clients/postgres"
	"supportgraph/graph/auth"
	"supportgraph/graph/endpoint"
	"supportgraph/graph/endpoint/budget"
	"supportgraph/loaders"
	"supportgraph/resolvers"
)

// counted runs a test in the house with limits and with budgets in a real Redis of its own. A Redis that does not answer
// within the budgets' short patience, on a busy machine, is no fault: the test is run again.
func counted(t *testing.T, allowances map[auth.Audience]endpoint.Allowance, test func(handler http.Handler, fault func(format string, args ...any))) {
	t.Helper()
	for range 5 {
		var late atomic.Int64
		var faults []string
		test(budgeted(t, allowances, func(error) { late.Add(1) }), func(format string, args ...any) {
			faults = append(faults, fmt.Sprintf(format, args...))
		})
		if late.Load() == 0 {
			for _, fault := range faults {
				t.Error(fault)
			}
			return
		}
	}
	t.Error("Redis was late five times")
}

func budgeted(t *testing.T, allowances map[auth.Audience]endpoint.Allowance, late func(error)) http.Handler {
	t.Helper()
	address, _ := cachetest.Redis(t)
	client, err := cache.Open(cache.Config{URL: postgres.Secret("redis://" + address)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	h := theHouse
	contracts, err := resolvers.Contracts(h.clients, auth.Audiences, func(auth.Audience, string) {})
	if err != nil {
		t.Fatal(err)
	}
	return endpoint.New(endpoint.Config{
		Contracts: contracts, Verify: h.verify, Logger: slog.New(slog.DiscardHandler),
		Prepare: resolvers.Prepare(h.clients, loaders.NewFactory(h.clients, resolvers.Full())),
		Metrics: endpoint.NewMetrics(prometheus.NewRegistry()),
		Budgets: &endpoint.Budgets{
			Keeper:     budget.New(client, 1, nil, late),
			Allowances: allowances,
		},
	})
}

// post asks as a persona, with a body and headers of its own, and returns the whole answer and the calls that it took.
func (h *house) post(tb testing.TB, handler http.Handler, persona, body string, header map[string]string) (*httptest.ResponseRecorder, *clients.Calls) {
	tb.Helper()
	ctx, calls := clients.Count(tb.Context())
	request := httptest.NewRequestWithContext(ctx, http.MethodPost, "/graphql", strings.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+h.tokens[persona])
	for name, value := range header {
		request.Header.Set(name, value)
	}
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	return recorder, calls
}

// TestRateLimit walks the field for each audience: what is taken for a page of tickets, what goes back, and that asking
// what an operation would cost runs nothing of it.
func TestRateLimit(t *testing.T) {
	t.Parallel()
	bucket := budget.Bucket{Points: 1000, PerSecond: 0.001}
	allowance := endpoint.Allowance{Viewer: bucket}
	counted(t, map[auth.Audience]endpoint.Allowance{auth.Portal: allowance, auth.Console: allowance, auth.Explorer: allowance}, func(handler http.Handler, fault func(string, ...any)) {
		tellsRates(t, handler, fault)
	})
}

func tellsRates(t *testing.T, handler http.Handler, fault func(string, ...any)) {
	t.Helper()
	const query = `query($dry: Boolean!) {
		rateLimit(dryRun: $dry) { cost maximumCost limit remaining used resetAt }
		tickets(first: 40) { nodes { ref requester { name } } }
	}`
	for persona, most := range map[string]int{"cases": 2000, "agent": 5000, "engineer": 10_000} {
		type told struct {
			Data struct {
				RateLimit struct {
					Cost, MaximumCost, Limit, Remaining, Used int
					ResetAt                                   time.Time
				}
				Tickets *struct{ Nodes []any }
			}
			Extensions struct {
				Cost struct{ Estimated, Actual, Remaining int }
			}
		}
		ask := func(dry string) (told, string, *clients.Calls) {
			var got told
			answer, calls := theHouse.post(t, handler, persona, `{"query":`+quoted(query)+`,"variables":{"dry":`+dry+`}}`,
				map[string]string{"Support-Graph-Cost": "1"})
			if err := json.Unmarshal(answer.Body.Bytes(), &got); err != nil || answer.Code != http.StatusOK {
				t.Fatal(err, answer.Body)
			}
			return got, answer.Header().Get("RateLimit"), calls
		}
		dry, header, calls := ask("true")
		limit := dry.Data.RateLimit
		const cost = 1 + 40 + 40 // the page, its tickets, their requesters
		if limit.Cost != cost || limit.MaximumCost != most || limit.Limit != 1000 || limit.Remaining != 999 || limit.Used != 1 ||
			time.Until(limit.ResetAt) < 16*time.Minute || !strings.HasPrefix(header, `"viewer";r=999;`) || dry.Data.Tickets != nil {
			fault("%s, dry: %+v %s", persona, dry, header)
		}
		if calls.Of("postgres tickets.page") != 0 {
			fault("%s, dry:\n%s", persona, calls)
		}
		got, header, calls := ask("false")
		tickets := len(got.Data.Tickets.Nodes)
		came := 1 + 2*tickets
		if spent := got.Extensions.Cost; spent.Estimated != cost || spent.Actual != came || spent.Remaining != 999-came ||
			got.Data.RateLimit.Remaining != 999-cost || tickets == 0 || calls.Of("postgres tickets.page") != 1 {
			fault("%s: %d tickets, %+v\n%s", persona, tickets, got, calls)
		}
		if !strings.HasPrefix(header, `"viewer";r=`+number(999-came)+`;`) {
			fault("%s: %s", persona, header)
		}
	}
}

// TestBudgetEnds: a caller who has spent everything is told when to come back, while a change costs more than a read.
func TestBudgetEnds(t *testing.T) {
	t.Parallel()
	allowance := endpoint.Allowance{Viewer: budget.Bucket{Points: 30, PerSecond: 0.1}}
	counted(t, map[auth.Audience]endpoint.Allowance{auth.Console: allowance}, func(handler http.Handler, fault func(string, ...any)) {
		spent(t, handler, fault)
	})
}

func spent(t *testing.T, handler http.Handler, fault func(string, ...any)) {
	t.Helper()
	change := `{"query":"mutation { addTags(input: {idempotencyKey: \"a\", ticket: \"` + "tkt_00000000000000000000000000" + `\", tags: [\"a\"], expectedVersion: 1}) { userErrors { code } } }"}`
	for i, want := range []int{200, 200, 429} {
		answer, _ := theHouse.post(t, handler, "agent", change, nil)
		if answer.Code != want {
			fault("%d: %d %s", i, answer.Code, answer.Body)
		}
		if want == 429 && (answer.Header().Get("Retry-After") == "" || !strings.Contains(answer.Header().Get("RateLimit-Policy"), `"viewer";q=30;w=300`)) {
			fault("%v", answer.Header())
		}
	}
	answer, _ := theHouse.post(t, handler, "agent", `{"query":"{ viewer { name } }"}`, nil)
	if answer.Code != http.StatusOK {
		fault("a read is cheaper: %s", answer.Body)
	}
}

func quoted(text string) string {
	out, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return string(out)
}

func number(n int) string { out, _ := json.Marshal(n); return string(out) }
