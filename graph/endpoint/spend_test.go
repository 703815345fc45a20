package endpoint_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"supportgraph/clients/cache"
	"supportgraph/clients/postgres"
	"supportgraph/graph/auth"
	"supportgraph/graph/endpoint"
	"supportgraph/graph/endpoint/budget"
	"supportgraph/graph/limits"
)

// budgets are those of one viewer over a Redis of their own, with a clock that stands still.
func budgets(t *testing.T, allowance endpoint.Allowance) *endpoint.Budgets {
	t.Helper()
	client, err := cache.Open(cache.Config{URL: postgres.Secret("redis://" + miniredis.RunT(t).Addr())})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	still := time.Now()
	return &endpoint.Budgets{
		Keeper:     budget.New(redis.Scripter(client), 1, func() time.Time { return still }, func(err error) { t.Log(err) }),
		Allowances: map[auth.Audience]endpoint.Allowance{auth.Portal: allowance},
	}
}

// TestBudgetIsTold shows the headers and the extension of a budget as it is spent, and the refusal at its end.
func TestBudgetIsTold(t *testing.T) {
	t.Parallel()
	spend := budgets(t, endpoint.Allowance{
		Viewer: budget.Bucket{Points: 3, PerSecond: 0.1}, Client: budget.Bucket{Points: 100, PerSecond: 10},
	})
	s := serve(t, func(c *endpoint.Config) { c.Budgets = spend })
	web := map[string]string{"X-Client-Name": "web", "Support-Graph-Cost": "1"}
	for i, want := range []string{`"viewer";r=2;t=10, "client";r=99;t=1`, `"viewer";r=1;t=20, "client";r=98;t=1`, `"viewer";r=0;t=30, "client";r=97;t=1`} {
		answer, body := s.send(t, request{header: web})
		if got := answer.Header.Get("RateLimit"); got != want || answer.StatusCode != http.StatusOK {
			t.Errorf("%d: got %d %s, want %s", i, answer.StatusCode, got, want)
		}
		if got := answer.Header.Get("RateLimit-Policy"); got != `"viewer";q=3;w=30, "client";q=100;w=10` {
			t.Error("policy:", got)
		}
		if want := `"remaining":` + strconv.Itoa(2-i); !strings.Contains(body, `"actual":1`) || !strings.Contains(body, want) {
			t.Errorf("got %s, want %s", body, want)
		}
	}
	answer, body := s.send(t, request{header: web})
	want := `{"errors":[{"message":"You have spent what you may for now.","extensions":{"code":"RATE_LIMITED","reference":"ref-1","retryable":true}}]}`
	if answer.StatusCode != http.StatusTooManyRequests || body != want || answer.Header.Get("Retry-After") != "10" ||
		answer.Header.Get("RateLimit") != `"viewer";r=0;t=30, "client";r=97;t=1` {
		t.Errorf("got %d %s %v", answer.StatusCode, body, answer.Header)
	}
	if answer, _ := s.send(t, request{header: map[string]string{"Authorization": "Bearer console"}}); answer.StatusCode != http.StatusOK || answer.Header.Get("RateLimit") != "" {
		t.Error("an audience without an allowance:", answer.Status)
	}
}

// TestBudgetIsSettled shows that what an operation did not come to goes back, and that one with errors, of which nobody
// can tell what was read for it, gets nothing back.
func TestBudgetIsSettled(t *testing.T) {
	t.Parallel()
	spend := budgets(t, endpoint.Allowance{Viewer: budget.Bucket{Points: 100, PerSecond: 1}})
	s := serve(t, func(c *endpoint.Config) { c.Budgets, c.Contracts = spend, priced(t, c.Contracts) })
	for _, test := range []struct{ query, left, cost string }{
		{`{things(first:50){name}}`, `"viewer";r=97;t=3`, `{"estimated":50,"maximum":2000,"actual":3,"remaining":97}`},
		{`{things(first:50){name} fail(how:\"sql\")}`, `"viewer";r=47;t=53`, `{"estimated":50,"maximum":2000,"actual":50,"remaining":47}`},
		{`{things(first:1){name}}`, `"viewer";r=44;t=56`, `{"estimated":1,"maximum":2000,"actual":3,"remaining":44}`},
		{`{hello}`, `"viewer";r=43;t=57`, `{"estimated":0,"maximum":2000,"actual":1,"remaining":43}`},
	} {
		answer, body := s.send(t, request{body: `{"query":"` + test.query + `"}`, header: map[string]string{"Support-Graph-Cost": "1"}})
		if got := answer.Header.Get("RateLimit"); got != test.left || !strings.Contains(body, `"cost":`+test.cost) {
			t.Errorf("%s: got %s, want %s: %s", test.query, got, test.left, body)
		}
	}
	answer, body := s.send(t, request{body: `{"query":"{things(first:50){name}}"}`})
	if answer.StatusCode != http.StatusTooManyRequests || answer.Header.Get("Retry-After") != "7" || !strings.Contains(body, "RATE_LIMITED") {
		t.Errorf("more than is left: %d %s %s", answer.StatusCode, answer.Header.Get("Retry-After"), body)
	}
}

// TestRateLimit shows the field rateLimit: what it tells, and that an operation that asks for no more runs nothing else,
// costs next to nothing and may be dearer than any that runs.
func TestRateLimit(t *testing.T) {
	t.Parallel()
	spend := budgets(t, endpoint.Allowance{Viewer: budget.Bucket{Points: 100, PerSecond: 1}})
	s := serve(t, func(c *endpoint.Config) { c.Budgets, c.Contracts = spend, priced(t, c.Contracts) })
	type told struct {
		Cost, Limit, Remaining, Used int
		MaximumCost                  *int
		ResetAt                      time.Time
	}
	maximum := 2000
	for _, test := range []struct {
		name, query string
		want        told
		things      bool
	}{
		{"beside others", `{rateLimit{name} things(first:50){name}}`, told{51, 100, 49, 51, &maximum, time.Time{}}, true},
		{"alone", `query($dry:Boolean!){rateLimit(dryRun:$dry){name} things(first:50){name} panic}`, told{51, 100, 95, 5, &maximum, time.Time{}}, false},
		{"too dear to run", `{things(first:9000){name} ...f panic} fragment f on Query{rateLimit(dryRun:true){name}}`, told{9001, 100, 94, 6, &maximum, time.Time{}}, false},
	} {
		_, body := s.send(t, request{body: `{"query":"` + test.query + `","variables":{"dry":true}}`})
		var answer struct {
			Data struct {
				RateLimit told
				Things    []any
			}
			Errors []any
		}
		if err := json.Unmarshal([]byte(body), &answer); err != nil {
			t.Fatal(err, body)
		}
		got := answer.Data.RateLimit
		if until := time.Until(got.ResetAt); until < time.Duration(test.want.Used-1)*time.Second || until > time.Duration(test.want.Used)*time.Second {
			t.Errorf("%s: full again in %s", test.name, until)
		}
		got.ResetAt = time.Time{}
		if diff := cmp.Diff(test.want, got); diff != "" || (answer.Data.Things != nil) != test.things || answer.Errors != nil {
			t.Errorf("%s: %s %s", test.name, diff, body)
		}
	}
	answer, body := s.send(t, request{header: map[string]string{"Authorization": "Bearer console"}, body: `{"query":"{rateLimit{name}}"}`})
	if body != `{"data":{"rateLimit":null}}` || answer.Header.Get("RateLimit") != "" {
		t.Errorf("where nobody counts: %s", body)
	}
}

// priced prices the contracts by their own schemas.
func priced(t *testing.T, contracts map[auth.Audience]endpoint.Contract) map[auth.Audience]endpoint.Contract {
	t.Helper()
	for audience, contract := range contracts {
		prices, err := limits.NewPrices(contract.Schema.Schema())
		if err != nil {
			t.Fatal(err)
		}
		contract.Prices = prices
		contracts[audience] = contract
	}
	return contracts
}

// TestTooManyAtOnce shows the cap on what one viewer has under way.
func TestTooManyAtOnce(t *testing.T) {
	t.Parallel()
	spend := budgets(t, endpoint.Allowance{Concurrent: 2})
	s := serve(t, func(c *endpoint.Config) { c.Budgets, c.Timeout = spend, time.Second })
	var under sync.WaitGroup
	for range 2 {
		under.Go(func() { s.send(t, request{body: `{"query":"{wait}"}`}) })
		<-s.probe.waiting
	}
	answer, body := s.send(t, request{})
	if answer.StatusCode != http.StatusTooManyRequests || answer.Header.Get("Retry-After") != "1" ||
		body != strings.Replace(refusedBeyond("RATE_LIMITED", "Too many of your requests are under way at once.", 3, 2), `"retryable":false`, `"retryable":true`, 1) {
		t.Errorf("got %d %s", answer.StatusCode, body)
	}
	if !strings.Contains(s.exposition(t), `supportgraph_shed_total{audience="portal",by="caller"} 1`) {
		t.Error("nobody counted it")
	}
	under.Wait()
	if answer, body := s.send(t, request{}); answer.StatusCode != http.StatusOK {
		t.Error("after they ended:", body)
	}
}

// TestOverload shows that a full process lets a request wait a moment, and then sends it away.
func TestOverload(t *testing.T) {
	t.Parallel()
	s := serve(t, func(c *endpoint.Config) { c.MaxInFlight = 1 })
	busy := make(chan struct{})
	ctx, free := context.WithCancel(t.Context())
	defer free()
	go func() {
		defer close(busy)
		req, _ := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+"/graphql", strings.NewReader(`{"query":"{wait}"}`))
		req.Header.Set("Authorization", "Bearer portal")
		req.Header.Set("Content-Type", "application/json")
		if answer, err := s.Client().Do(req); err == nil {
			answer.Body.Close()
		}
	}()
	<-s.probe.waiting
	answer, body := s.send(t, request{})
	var told struct {
		Errors []struct{ Extensions struct{ Code string } }
	}
	if err := json.Unmarshal([]byte(body), &told); err != nil || answer.StatusCode != http.StatusServiceUnavailable ||
		told.Errors[0].Extensions.Code != "OVERLOADED" || answer.Header.Get("Retry-After") != "1" {
		t.Errorf("got %d %s", answer.StatusCode, body)
	}
	if !strings.Contains(s.exposition(t), `supportgraph_shed_total{audience="portal",by="process"} 1`) {
		t.Error("nobody counted it")
	}
	free()
	<-busy
	s.eventually(t, `"outcome":"canceled"`)
	if answer, body := s.send(t, request{}); answer.StatusCode != http.StatusOK {
		t.Error("after it ended:", body)
	}
}
