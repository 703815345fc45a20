package endpoint_test

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"supportgraph/clients/upstream"
	"supportgraph/graph/auth"
	"supportgraph/graph/endpoint"
)

func TestRequestID(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	for sent, kept := range map[string]bool{
		"7f3a-B_c.1:2":          true,
		strings.Repeat("a", 64): true,
		strings.Repeat("a", 65): false,
		"with space":            false,
		`"quoted"`:              false,
		"":                      false,
	} {
		answer, _ := s.send(t, request{header: map[string]string{"X-Request-Id": sent}})
		got := answer.Header.Get("X-Request-Id")
		if kept && got != sent || !kept && (got == sent || len(got) < 20) {
			t.Errorf("sent %q, got %q", sent, got)
		}
	}
}

// TestReference: a request is known by its trace, by what a proxy calls it, or by a trace of its own; the log, the header
// and every error have the same.
func TestReference(t *testing.T) {
	t.Parallel()
	const trace, span = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
	for sent, want := range map[string]string{
		"00-" + trace + "-" + span + "-01":                    trace,
		"00-" + trace + "-" + span + "-00":                    trace,
		"01-" + trace + "-" + span + "-01-more":               trace,
		"00-" + trace + "-" + span + "-01-more":               "proxy-1",
		"ff-" + trace + "-" + span + "-01":                    "proxy-1",
		"00-" + strings.Repeat("0", 32) + "-" + span + "-01":  "proxy-1",
		"00-" + trace + "-" + strings.Repeat("0", 16) + "-01": "proxy-1",
		"00-" + strings.ToUpper(trace) + "-" + span + "-01":   "proxy-1",
		"00-" + trace[1:] + "-" + span + "-01":                "proxy-1",
		"":                                                    "proxy-1",
	} {
		s := serve(t, nil)
		answer, body := s.send(t, request{header: map[string]string{"Traceparent": sent, "X-Request-Id": "proxy-1"}, body: `{"query":"{panic}"}`})
		if got := answer.Header.Get("X-Request-Id"); got != want || !strings.Contains(body, `"reference":"`+want+`"`) {
			t.Errorf("%q: got %s, want %s: %s", sent, got, want, body)
		}
		s.eventually(t, `"request":"`+want+`"`)
	}
	s := serve(t, nil)
	answer, body := s.send(t, request{header: map[string]string{"X-Request-Id": ""}, body: `{"query":"{panic}"}`})
	own := answer.Header.Get("X-Request-Id")
	if raw, err := hex.DecodeString(own); err != nil || len(raw) != 16 || !strings.Contains(body, `"reference":"`+own+`"`) {
		t.Errorf("a trace of its own: %q %s", own, body)
	}
}

// TestDeprecatedUses counts them by app and element, with as many apps as anybody can make sense of.
func TestDeprecatedUses(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	const query = `{"query":"query($age:Age){a:old b:old(by:OLD) c:old(by:$age) hello}"}`
	s.send(t, request{body: query, header: map[string]string{"X-Client-Name": "web"}})
	s.send(t, request{body: query, header: map[string]string{"X-Client-Name": "web"}})
	s.send(t, request{body: `{"query":"{old}"}`})
	s.send(t, request{body: `{"query":"{hello}"}`, header: map[string]string{"X-Client-Name": "web"}})
	for i := range 60 {
		s.send(t, request{body: `{"query":"{old}"}`, header: map[string]string{"X-Client-Name": fmt.Sprint("app", i)}})
	}
	metrics := s.exposition(t)
	for _, want := range []string{
		`supportgraph_deprecated_uses_total{client="web",element="Query.old"} 2`,
		`supportgraph_deprecated_uses_total{client="web",element="Query.old(by:)"} 2`,
		`supportgraph_deprecated_uses_total{client="web",element="Age.OLD"} 2`,
		`supportgraph_deprecated_uses_total{client="unnamed",element="Query.old"} 1`,
		`supportgraph_deprecated_uses_total{client="other",element="Query.old"} 11`,
		`supportgraph_unknown_documents_total{audience="portal",result="served"} 64`,
	} {
		if !strings.Contains(metrics, want+"\n") {
			t.Errorf("no %s", want)
		}
	}
	if n := strings.Count(metrics, "supportgraph_deprecated_uses_total{"); n != 4+49+1 {
		t.Errorf("%d series", n)
	}
}

// exposition is what /metrics tells.
func (s *service) exposition(t *testing.T) string {
	t.Helper()
	recorder := httptest.NewRecorder()
	endpoint.NewOps(s.registry).ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return recorder.Body.String()
}

// TestLog shows the one line of a request. It has no text of the document, no variables and no token.
func TestLog(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	s.send(t, request{body: `{"query":"query Greet($n:String){hello(name:$n) panic}","variables":{"n":"Ada"}}`})
	s.eventually(t, `"msg":"request"`)
	var line map[string]any
	for text := range strings.Lines(s.log.String()) {
		if strings.Contains(text, `"msg":"request"`) {
			if err := json.Unmarshal([]byte(text), &line); err != nil {
				t.Fatal(err)
			}
		}
		for _, secret := range []string{"Ada", "hello(", "Bearer"} {
			if strings.Contains(text, secret) {
				t.Errorf("the log has %q: %s", secret, text)
			}
		}
	}
	if took, ok := line["ms"].(float64); !ok || took <= 0 {
		t.Error("no duration in", line)
	}
	delete(line, "time")
	delete(line, "ms")
	want := map[string]any{
		"level": "INFO", "msg": "request", "request": "ref-1", "operation": "Greet", "audience": "portal", "subject": "con_1",
		"status": 200.0, "outcome": "partial", "read": 80.0, "written": 267.0, "codes": []any{"INTERNAL"}, "document": "unknown",
	}
	if diff := cmp.Diff(want, line); diff != "" {
		t.Error("-want +got\n", diff)
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	s.send(t, request{body: `{"query":"query Greet{hello}"}`})
	s.send(t, request{body: `{"query":"query Greet{hello panic}"}`})
	s.send(t, request{body: `{"query":"{hello}"}`})
	s.send(t, request{body: `{"query":"query Bad{nothing}"}`})
	s.send(t, request{header: map[string]string{"Authorization": ""}})
	s.send(t, request{header: map[string]string{"Authorization": "Bearer unlucky"}})
	want := `
		supportgraph_errors_total{code="GRAPHQL_VALIDATION_FAILED"} 1
		supportgraph_errors_total{code="INTERNAL"} 1
		supportgraph_errors_total{code="UNAUTHENTICATED"} 1
		supportgraph_errors_total{code="UNAVAILABLE"} 1
		supportgraph_panics_total 1
		supportgraph_requests_in_flight 0
		supportgraph_requests_total{audience="",operation="anonymous",outcome="denied"} 1
		supportgraph_requests_total{audience="portal",operation="Greet",outcome="ok"} 1
		supportgraph_requests_total{audience="portal",operation="Greet",outcome="partial"} 1
		supportgraph_requests_total{audience="portal",operation="anonymous",outcome="failed"} 1
		supportgraph_requests_total{audience="portal",operation="anonymous",outcome="ok"} 1
		supportgraph_requests_total{audience="portal",operation="anonymous",outcome="refused"} 1
	`
	got := ""
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		got = scrape(t, s.registry, "supportgraph_errors_total", "supportgraph_panics_total",
			"supportgraph_requests_in_flight", "supportgraph_requests_total")
		if got == lines(want) {
			return
		}
	}
	t.Error("-want +got\n", cmp.Diff(lines(want), got))
}

// scrape reads /metrics as Prometheus does, and returns the samples of the named metrics.
func scrape(t *testing.T, registry *prometheus.Registry, names ...string) string {
	t.Helper()
	w := httptest.NewRecorder()
	endpoint.NewOps(registry).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	var samples strings.Builder
	for line := range strings.Lines(w.Body.String()) {
		for _, name := range names {
			if strings.HasPrefix(line, name) {
				samples.WriteString(line)
			}
		}
	}
	return samples.String()
}

// lines takes the indentation off a text.
func lines(text string) string {
	var plain strings.Builder
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			plain.WriteString(line + "\n")
		}
	}
	return plain.String()
}

func TestOperationNamesAreBounded(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	for i := range 250 {
		s.send(t, request{body: fmt.Sprintf(`{"query":"query Q%d{hello}"}`, i)})
	}
	s.send(t, request{body: `{"query":"query Q0{hello}"}`})
	s.eventually(t, `"operation":"Q249"`)
	families, err := s.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() == "supportgraph_requests_total" && len(family.GetMetric()) != 201 {
			t.Errorf("%d operations told apart", len(family.GetMetric()))
		}
	}
}

func TestObserveBelow(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	metrics := endpoint.NewMetrics(registry)
	var _ upstream.Observer = metrics.ObserveCall
	for _, err := range []error{
		nil, errors.New("syntax"), fmt.Errorf("page: %w", context.Canceled), context.DeadlineExceeded,
		fmt.Errorf("get: %w", &upstream.Error{Reason: upstream.RateLimited}),
	} {
		metrics.ObserveCall(t.Context(), upstream.Call{Source: "stripe", Op: "customers.get", Took: time.Millisecond, Err: err})
	}
	metrics.ObserveBatch("contacts", 50)
	metrics.ObserveHeldBack(auth.Portal, "InternalNote")
	want := `
		supportgraph_contract_held_back_total{audience="portal",type="InternalNote"} 1
		supportgraph_loader_batch_keys_bucket{loader="contacts",le="1"} 0
		supportgraph_loader_batch_keys_bucket{loader="contacts",le="2"} 0
		supportgraph_loader_batch_keys_bucket{loader="contacts",le="5"} 0
		supportgraph_loader_batch_keys_bucket{loader="contacts",le="10"} 0
		supportgraph_loader_batch_keys_bucket{loader="contacts",le="25"} 0
		supportgraph_loader_batch_keys_bucket{loader="contacts",le="50"} 1
		supportgraph_loader_batch_keys_bucket{loader="contacts",le="100"} 1
		supportgraph_loader_batch_keys_bucket{loader="contacts",le="250"} 1
		supportgraph_loader_batch_keys_bucket{loader="contacts",le="500"} 1
		supportgraph_loader_batch_keys_bucket{loader="contacts",le="1000"} 1
		supportgraph_loader_batch_keys_bucket{loader="contacts",le="+Inf"} 1
		supportgraph_loader_batch_keys_sum{loader="contacts"} 50
		supportgraph_loader_batch_keys_count{loader="contacts"} 1
		supportgraph_upstream_calls_total{op="customers.get",outcome="canceled",source="stripe"} 1
		supportgraph_upstream_calls_total{op="customers.get",outcome="error",source="stripe"} 1
		supportgraph_upstream_calls_total{op="customers.get",outcome="ok",source="stripe"} 1
		supportgraph_upstream_calls_total{op="customers.get",outcome="rate_limited",source="stripe"} 1
		supportgraph_upstream_calls_total{op="customers.get",outcome="timeout",source="stripe"} 1
	`
	got := scrape(t, registry, "supportgraph_contract_held_back_total", "supportgraph_loader_batch_keys", "supportgraph_upstream_calls_total")
	if diff := cmp.Diff(lines(want), got); diff != "" {
		t.Error("-want +got\n", diff)
	}
}

// TestOps shows the operations listener: what decides, what only informs, and the end.
func TestOps(t *testing.T) {
	t.Parallel()
	var database error
	var vendors endpoint.LastCalls
	call := func(source string, err error) { vendors.Observe(t.Context(), upstream.Call{Source: source, Err: err}) }
	call("stripe", &upstream.Error{Service: "stripe", Op: "customers.get", Reason: upstream.Unavailable, Status: 503})
	call("stripe", &upstream.Error{Reason: upstream.Canceled})
	call("cloudflare", &upstream.Error{Reason: upstream.NotFound})
	ops := endpoint.NewOps(prometheus.NewRegistry(),
		endpoint.Check{Name: "database", Decides: true, Probe: func(context.Context) (string, error) { return "", database }},
		vendors.Check("stripe"), vendors.Check("cloudflare"), vendors.Check("statuspage"))
	server := httptest.NewServer(ops)
	t.Cleanup(func() {
		server.Client().CloseIdleConnections()
		server.Close()
	})
	get := func(path string) (int, string) {
		answer, err := server.Client().Get(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(body)
	}
	expect := func(status int, want string) {
		t.Helper()
		gotStatus, body := get("/readyz")
		var got struct {
			Status     string
			Components map[string]struct {
				OK            bool
				Detail, Error string
			}
		}
		if err := json.Unmarshal([]byte(body), &got); err != nil {
			t.Fatal(err)
		}
		if gotStatus != status || got.Status != want || got.Components["database"].OK != (database == nil) ||
			got.Components["stripe"].Error != "stripe customers.get: UNAVAILABLE (status 503)" ||
			got.Components["cloudflare"].Error != "" || got.Components["statuspage"].Detail != "not asked yet" {
			t.Errorf("got %d %s", gotStatus, body)
		}
	}
	expect(200, "ready")
	database = errors.New("connection refused")
	expect(503, "unready")
	database = nil
	ops.Drain()
	expect(503, "stopping")
	for path, want := range map[string]int{
		"/livez": 200, "/metrics": 200, "/debug/pprof/": 200, "/debug/pprof/goroutine?debug=1": 200,
		"/debug/pprof/cmdline": http.StatusNotFound, "/": 404,
	} {
		if got, body := get(path); got != want {
			t.Errorf("%s: got %d %s", path, got, body)
		}
	}
}
