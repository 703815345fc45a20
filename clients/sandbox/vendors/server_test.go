package vendors_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"supportgraph/clients/sandbox/vendors"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const account = "0123456789abcdef0123456789abcdef"

func data() vendors.Data {
	born := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	return vendors.Data{
		Customers: []vendors.Customer{{ID: "cus_1", Name: "Acme", Created: born, Metadata: map[string]string{"account_id": "acc_1"},
			Subscriptions: []vendors.Subscription{{ID: "sub_1", Status: "active", Created: born}, {ID: "sub_2", Status: "canceled", Created: born}}}},
		Accounts: []vendors.Account{{ID: account, Name: "Acme", Zones: []vendors.Zone{{ID: "z2", Name: "b.example", Created: born}, {ID: "z1", Name: "c.example", Created: born}}}},
		Page:     vendors.Page{ID: "p1", Components: []vendors.Component{{ID: "g", Name: "Group", Group: true}, {ID: "c", Name: "DNS", GroupID: "g"}}},
	}
}

type world struct {
	*vendors.Server
	t      *testing.T
	server *httptest.Server
}

func serve(t *testing.T, options vendors.Options) *world {
	t.Helper()
	all := data()
	office(&all)
	return serveData(t, all, options)
}

func serveData(t *testing.T, data vendors.Data, options vendors.Options) *world {
	t.Helper()
	w := &world{Server: vendors.New(data, options), t: t}
	w.server = httptest.NewServer(w.Server)
	t.Cleanup(func() { w.Close(); w.server.Close() })
	return w
}

type answer struct {
	status int
	header http.Header
	text   string
	json   map[string]any
}

// at follows a path of keys into the answer.
func (a answer) at(path string) any {
	var value any = a.json
	for key := range strings.SplitSeq(path, ".") {
		switch inner := value.(type) {
		case map[string]any:
			value = inner[key]
		case []any:
			if len(inner) == 0 {
				return nil
			}
			value = inner[0].(map[string]any)[key]
		default:
			return nil
		}
	}
	return value
}

func (w *world) ask(method, path, body string, header ...string) answer {
	w.t.Helper()
	request, err := http.NewRequestWithContext(w.t.Context(), method, w.server.URL+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := w.server.Client().Do(request)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	got := answer{status: response.StatusCode, header: response.Header, text: string(text)}
	_ = json.Unmarshal(text, &got.json)
	return got
}

func TestFaithfulToTheVendors(t *testing.T) {
	t.Parallel()
	w := serve(t, vendors.Options{StripeKey: "sk", CloudflareToken: "cf"})
	const stripe, cloudflare, status = vendors.StripePath, vendors.CloudflarePath, vendors.StatuspagePath
	sk, cf := []string{"Authorization", "Bearer sk"}, []string{"Authorization", "Bearer cf"}
	zones := cloudflare + "/zones"
	for _, test := range []struct {
		name   string
		path   string
		header []string
		status int
		at     string
		want   any
	}{
		{"Stripe wants a key", stripe + "/customers/cus_1", nil, 401, "error.type", "invalid_request_error"},
		{"Stripe wants its key", stripe + "/customers/cus_1", cf, 401, "error.type", "invalid_request_error"},
		{"a version is a date", stripe + "/customers/cus_1", append(sk, "Stripe-Version", "latest"), 400, "error.type", "invalid_request_error"},
		{"subscriptions only when expanded", stripe + "/customers/cus_1", append(sk, "Stripe-Version", "2026-08-26.dahlia"), 200, "subscriptions", nil},
		{"their customer is an id", stripe + "/customers/cus_1?expand[]=subscriptions", sk, 200, "subscriptions.data.customer", "cus_1"},
		{"or an object", stripe + "/customers/cus_1?expand[]=subscriptions.data.customer", sk, 200, "subscriptions.data.customer.id", "cus_1"},
		{"what cannot be expanded", stripe + "/customers/cus_1?expand[]=soul", sk, 400, "error.type", "invalid_request_error"},
		{"an unknown customer", stripe + "/customers/cus_2", sk, 404, "error.code", "resource_missing"},
		{"an unknown route", stripe + "/souls", sk, 404, "error.code", nil},
		{"Cloudflare wants a token", zones, nil, 401, "errors.code", 10000.0},
		{"zones by account", zones + "?account.id=" + account + "&per_page=50", cf, 200, "result.name", "b.example"},
		{"zones in another order", zones + "?order=account.id&per_page=50", cf, 200, "result.name", "c.example"},
		{"zones backwards", zones + "?direction=desc", cf, 200, "result.name", "c.example"},
		{"the counts", zones + "?page=2&per_page=5", cf, 200, "result_info.total_count", 2.0},
		{"an unknown account", zones + "?account.id=" + strings.Repeat("f", 32), cf, 200, "result_info.total_pages", 0.0},
		{"pages too small", zones + "?per_page=4", cf, 400, "success", false},
		{"pages too large", zones + "?per_page=51", cf, 400, "success", false},
		{"no page", zones + "?page=0", cf, 400, "success", false},
		{"no account id", zones + "?account.id=acme", cf, 400, "success", false},
		{"no order", zones + "?order=beauty", cf, 400, "success", false},
		{"an unknown route", cloudflare + "/souls", cf, 404, "errors.code", 7003.0},
		{"Statuspage is public", status + "/summary.json", nil, 200, "status.indicator", "none"},
		{"a group names its members", status + "/summary.json", nil, 200, "components.components", "[c]"},
		{"an unknown document", status + "/souls.json", nil, 404, "page", nil},
	} {
		got := w.ask(http.MethodGet, test.path, "", test.header...)
		value := got.at(test.at)
		if list, ok := value.([]any); ok && len(list) == 1 {
			value = "[" + list[0].(string) + "]"
		}
		if got.status != test.status || value != test.want {
			t.Errorf("%s: %d, %s = %v, want %d, %v", test.name, got.status, test.at, value, test.status, test.want)
		}
	}
	got := w.ask(http.MethodGet, stripe+"/customers/cus_1?expand[]=subscriptions", "", append(sk, "Stripe-Version", "2026-08-26.dahlia")...)
	if strings.Contains(got.text, "sub_2") {
		t.Error("a canceled subscription is listed")
	}
	if got.header.Get("Request-Id") == "" || got.header.Get("Stripe-Version") != "2026-08-26.dahlia" {
		t.Errorf("headers %v", got.header)
	}
	if got := w.ask(http.MethodPost, stripe+"/customers/cus_1", "", sk...); got.status != 404 {
		t.Errorf("a write: %d", got.status)
	}
	if got := w.ask(http.MethodGet, zones, "", cf...).header; got.Get("Cf-Ray") == "" || got.Get("Ratelimit") == "" || got.Get("Ratelimit-Policy") == "" {
		t.Errorf("headers %v", got)
	}
}

func TestControlPlane(t *testing.T) {
	t.Parallel()
	w := serve(t, vendors.Options{})
	summary := func() int { return w.ask(http.MethodGet, vendors.StatuspagePath+"/summary.json", "").status }
	put := func(fault string) int { return w.ask(http.MethodPost, "/_sandbox/faults", fault).status }
	if got := put(`{"vendor":"statuspage","op":"summary.get","next":[429,200,503],"latency":{"p50":"1ms","p99":"2ms"}}`); got != 204 {
		t.Fatalf("put: %d", got)
	}
	for _, want := range []int{429, 200, 503, 200} {
		if got := summary(); got != want {
			t.Errorf("got %d, want %d", got, want)
		}
	}
	if put(`{"vendor":"statuspage","mode":"unauthorized","times":1}`); summary() != 401 || summary() != 200 {
		t.Error("a fault of one call does not strike once")
	}
	if put(`{"vendor":"statuspage","error_rate":1,"status":500}`); summary() != 500 {
		t.Error("a fault does not strike")
	}
	if got := w.ask(http.MethodDelete, "/_sandbox/faults", "").status; got != 204 || summary() != 200 {
		t.Error("faults do not heal")
	}
	for _, bad := range []string{
		``, `[]`, `{"vendor":"acme"}`, `{"vendor":"stripe","op":"summary.get"}`, `{"vendor":"stripe","mode":"melt"}`, `{"vendor":"stripe","next":[42]}`,
		`{"vendor":"stripe","error_rate":2}`, `{"vendor":"stripe","status":7}`, `{"vendor":"stripe","latency":{"p50":"soon"}}`, `{"vendor":"stripe","tiems":1}`,
	} {
		if got := put(bad); got != 400 {
			t.Errorf("%s: %d", bad, got)
		}
	}
	stats := w.ask(http.MethodGet, "/_sandbox/stats", "")
	if stats.at("statuspage.calls") != 8.0 || stats.at("statuspage.in_flight") != 0.0 || w.Stats()["statuspage"].Ops["summary.get"].Calls != 8 {
		t.Errorf("stats %s", stats.text)
	}
}

func TestCloseReleasesWaitingCalls(t *testing.T) {
	t.Parallel()
	w := serve(t, vendors.Options{})
	if err := w.Break(vendors.Fault{Vendor: vendors.Statuspage, Mode: vendors.Hang}, vendors.Fault{Vendor: vendors.Stripe, Latency: vendors.Latency{P50: vendors.Duration(time.Hour)}}); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 2)
	for _, path := range []string{vendors.StatuspagePath + "/summary.json", vendors.StripePath + "/customers/cus_1"} {
		go func() {
			request, _ := http.NewRequestWithContext(context.Background(), http.MethodGet, w.server.URL+path, nil)
			response, err := w.server.Client().Do(request)
			if err == nil {
				_ = response.Body.Close()
			}
			done <- err
		}()
	}
	for end := time.Now().Add(5 * time.Second); w.Stats()[vendors.Stripe].InFlight+w.Stats()[vendors.Statuspage].InFlight < 2; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the calls never came")
		}
	}
	w.Close()
	w.Close()
	for range 2 {
		if err := <-done; err == nil {
			t.Error("a call that waited was answered")
		}
	}
}

func TestSameSeedSameFaults(t *testing.T) {
	t.Parallel()
	sequence := func(seed uint64) string {
		w := serve(t, vendors.Options{Seed: seed})
		if err := w.Break(vendors.Fault{Vendor: vendors.Statuspage, ErrorRate: 0.5, Status: 503}); err != nil {
			t.Fatal(err)
		}
		var statuses strings.Builder
		for range 40 {
			statuses.WriteString(http.StatusText(w.ask(http.MethodGet, vendors.StatuspagePath+"/summary.json", "").status))
		}
		return statuses.String()
	}
	if first := sequence(1); first != sequence(1) || first == sequence(2) || !strings.Contains(first, "OK") || !strings.Contains(first, "Unavailable") {
		t.Errorf("sequence %s", first)
	}
}

func TestDemoLatency(t *testing.T) {
	t.Parallel()
	w := serve(t, vendors.Options{DemoLatency: true, Seed: 1})
	started := time.Now()
	w.ask(http.MethodGet, vendors.StatuspagePath+"/summary.json", "")
	if took := time.Since(started); took < 5*time.Millisecond {
		t.Errorf("took %s", took)
	}
}
