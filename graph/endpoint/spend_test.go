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

	"github.com/99designs/gqlgen/graphql"
	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"supportgraph/clients/cache"
	"supportgraph/clients/postgres"
	"supportgraph/graph/auth"
	"supportgraph/graph/endpoint"
	"supportgraph/graph/endpoint/budget"
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

// TestBudgetIsSettled shows that what an operation did not come to goes back, and what it came to beyond is owed.
func TestBudgetIsSettled(t *testing.T) {
	t.Parallel()
	spend := budgets(t, endpoint.Allowance{Viewer: budget.Bucket{Points: 100, PerSecond: 1}})
	actual := map[string]int{"Small": 1, "Large": 50}
	spend.Actual = func(operation *graphql.OperationContext, _ *graphql.Response, _ int) int {
		return actual[operation.OperationName]
	}
	s := serve(t, func(c *endpoint.Config) { c.Budgets = spend })
	for _, test := range []struct {
		name, left string
	}{{"Small", `"viewer";r=99;t=1`}, {"Large", `"viewer";r=49;t=51`}, {"Small", `"viewer";r=48;t=52`}} {
		answer, body := s.send(t, request{body: `{"query":"query ` + test.name + `{hello}","operationName":"` + test.name + `"}`})
		if got := answer.Header.Get("RateLimit"); got != test.left {
			t.Errorf("%s: got %s, want %s: %s", test.name, got, test.left, body)
		}
	}
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
	free()
	<-busy
	s.eventually(t, `"outcome":"canceled"`)
	if answer, body := s.send(t, request{}); answer.StatusCode != http.StatusOK {
		t.Error("after it ended:", body)
	}
}
