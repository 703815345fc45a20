package endpoint_test

import (
	"net/http"
	"strings"
	"testing"

	"supportgraph/graph/auth"
	"supportgraph/graph/endpoint"
	"supportgraph/graph/limits"
)

// bounded makes the portal's policy one of its own.
func bounded(change func(*limits.Policy)) func(*endpoint.Config) {
	return func(c *endpoint.Config) {
		portal, policy := c.Contracts[auth.Portal], limits.For(auth.Portal)
		change(&policy)
		portal.Policy = &policy
		c.Contracts[auth.Portal] = portal
	}
}

// TestALimitIsRefusedByName shows the whole answer to an operation that is too large, under both media types.
func TestALimitIsRefusedByName(t *testing.T) {
	t.Parallel()
	s := serve(t, bounded(func(p *limits.Policy) { p.Bounds[limits.Aliases], p.Bounds[limits.RootFields] = 1, 2 }))
	if answer, body := s.send(t, request{body: `{"query":"{a:hello hello}"}`}); answer.StatusCode != http.StatusOK {
		t.Errorf("just within: %d %s", answer.StatusCode, body)
	}
	const want = `{"errors":[` +
		`{"message":"The operation has 3 fields at its root; at most 2 are allowed.","extensions":{"bound":2,"code":"ROOT_FIELD_LIMIT_EXCEEDED","figure":3,"reference":"ref-1","retryable":false}},` +
		`{"message":"The document has 2 aliases; at most 1 are allowed.","extensions":{"bound":1,"code":"ALIAS_LIMIT_EXCEEDED","figure":2,"reference":"ref-1","retryable":false}}]}`
	for accept, status := range map[string]int{"application/graphql-response+json": 400, "application/json": 200} {
		answer, body := s.send(t, request{body: `{"query":"{a:hello b:hello hello}"}`, header: map[string]string{"Accept": accept}})
		if answer.StatusCode != status || body != want {
			t.Errorf("%s: got  %d %s\nwant %d %s", accept, answer.StatusCode, body, status, want)
		}
	}
	s.eventually(t, `"limits":["ROOT_FIELD 3/2","ALIAS 2/1"]`)
	const counted = `supportgraph_limit_exceeded_total{audience="portal",limit="ALIAS",result="refused"} 2` + "\n" +
		`supportgraph_limit_exceeded_total{audience="portal",limit="ROOT_FIELD",result="refused"} 2` + "\n"
	if got := scrape(t, s.registry, "supportgraph_limit_exceeded_total"); got != counted {
		t.Errorf("got %s", got)
	}
}

// TestALimitThatIsOnlyMeasured shows that the operation is served, and told of.
func TestALimitThatIsOnlyMeasured(t *testing.T) {
	t.Parallel()
	s := serve(t, bounded(func(p *limits.Policy) {
		p.Level, p.CostLevel = limits.Measure, limits.Measure
		p.Bounds[limits.Aliases], p.Bounds[limits.ListLength], p.Bounds[limits.Cost] = 1, 2, 3
	}))
	body := `{"query":"query($i:[Int!]){a:hello(ids:$i) b:hello}","variables":{"i":[1,2,3]}}`
	for range 2 { // read, and remembered
		if answer, got := s.send(t, request{body: body}); answer.StatusCode != http.StatusOK || !strings.HasPrefix(got, `{"data":{"a":"hello`) {
			t.Errorf("got %d %s", answer.StatusCode, got)
		}
	}
	s.eventually(t, `"limits":["ALIAS 2/1","LIST 3/2"]`)
	const counted = `supportgraph_limit_exceeded_total{audience="portal",limit="ALIAS",result="served"} 2` + "\n" +
		`supportgraph_limit_exceeded_total{audience="portal",limit="LIST",result="served"} 2` + "\n"
	if got := scrape(t, s.registry, "supportgraph_limit_exceeded_total"); got != counted {
		t.Errorf("got %s", got)
	}
}

// TestCostIsToldWhenAskedFor shows extensions.cost, and the refusal of what is too dear.
func TestCostIsToldWhenAskedFor(t *testing.T) {
	t.Parallel()
	s := serve(t, atHome(t, func(c *endpoint.Config) {
		console := c.Contracts[auth.Console]
		policy := limits.For(auth.Console)
		policy.Bounds[limits.Cost] = 23
		console.Policy = &policy
		c.Contracts[auth.Console] = console
	}))
	header := map[string]string{"Authorization": "Bearer console", "Support-Graph-Cost": "1"}
	ask := func(first string) string {
		_, body := s.send(t, request{header: header, body: `{"query":"query($n:Int!){accounts(first:$n){nodes{billing{__typename}}}}","variables":{"n":` + first + `}}`})
		return body
	}
	if got, want := ask("2"), `{"data":{"viewer":{"name":"Ada"}},"extensions":{"cost":{"estimated":23,"maximum":23}}}`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, want := ask("3"), `{"errors":[{"message":"The operation costs 34 points; at most 23 are allowed.",`+
		`"extensions":{"bound":23,"code":"COST_LIMIT_EXCEEDED","figure":34,"reference":"ref-1","retryable":false}}]}`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	delete(header, "Support-Graph-Cost")
	if got := ask("2"); got != `{"data":{"viewer":{"name":"Ada"}}}` {
		t.Errorf("unasked: %s", got)
	}
	s.eventually(t, `"cost":23`)
}
