package upstream_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"supportgraph/clients/upstream"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const token = "sk_secret_4242"

// thing is an answer with one essential part.
type thing struct {
	ID    string    `json:"id"`
	Count int       `json:"count"`
	At    time.Time `json:"at"`
}

func (t *thing) Check() error {
	if t.ID == "" {
		return errors.New("the id is missing")
	}
	return nil
}

func explain(body []byte) (string, string, bool) {
	code, message, ok := strings.Cut(string(body), "|")
	return code, message, ok
}

type calls struct {
	mu   sync.Mutex
	seen []upstream.Call
}

func (c *calls) observe(_ context.Context, call upstream.Call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen = append(c.seen, call)
}

func (c *calls) all() []upstream.Call {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]upstream.Call(nil), c.seen...)
}

// serve starts a vendor that answers with the handler, and a client of it.
func serve(t *testing.T, cfg upstream.Config, handler http.HandlerFunc) (*upstream.Client, *calls, *httptest.Server) {
	t.Helper()
	server := httptest.NewServer(handler)
	cfg.BaseURL, cfg.Token = server.URL+"/v1/", token
	seen := &calls{}
	client := upstream.New(upstream.Vendor{
		Service:     upstream.Stripe,
		Timeout:     5 * time.Second,
		Concurrency: 2,
		Header:      http.Header{"Stripe-Version": {"2026-08-26.dahlia"}},
		Explain:     explain,
	}, cfg, seen.observe)
	t.Cleanup(func() { client.Close(); server.CloseClientConnections(); server.Close() })
	return client, seen, server
}

func get(ctx context.Context, client *upstream.Client) (thing, *upstream.Error) {
	var answer thing
	err := client.Get(ctx, "things.get", "/things/1", url.Values{"expand[]": {"a b"}}, &answer)
	var failed *upstream.Error
	if err != nil && !errors.As(err, &failed) {
		panic(fmt.Sprintf("%T is not an *upstream.Error", err))
	}
	return answer, failed
}

func TestGetSendsWhatTheVendorWants(t *testing.T) {
	t.Parallel()
	client, seen, _ := serve(t, upstream.Config{}, func(w http.ResponseWriter, r *http.Request) {
		got := fmt.Sprint(r.Method, " ", r.RequestURI, " ", r.Header.Get("Authorization"), " ", r.Header.Get("Stripe-Version"), " ",
			r.Header.Get("Accept"))
		want := "GET /v1/things/1?expand%5B%5D=a+b Bearer " + token + " 2026-08-26.dahlia application/json"
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		_, _ = w.Write([]byte(`{"id":"1","count":3,"at":"2026-11-21T18:00:00Z"}` + "\n"))
	})
	answer, failed := get(t.Context(), client)
	if failed != nil || answer.ID != "1" || answer.Count != 3 {
		t.Fatalf("got %+v, %v", answer, failed)
	}
	call := seen.all()
	if len(call) != 1 || call[0].Source != "stripe" || call[0].Op != "things.get" || call[0].Err != nil || call[0].Took <= 0 {
		t.Errorf("observed %+v", call)
	}
}

func TestAnswersAreClassified(t *testing.T) {
	t.Parallel()
	html := "<html><body>customer secret@example.com</body></html>"
	tests := map[string]struct {
		status int
		header map[string]string
		body   string
		want   upstream.Error
		text   string // must be part of the error's text
	}{
		"bad key":             {status: 401, body: "invalid|Invalid API Key: " + token, want: upstream.Error{Reason: upstream.Refused, Code: "invalid"}, text: "Invalid API Key: [token]"},
		"not allowed":         {status: 403, body: html, want: upstream.Error{Reason: upstream.Refused}},
		"unknown key":         {status: 404, body: "resource_missing|No such thing", want: upstream.Error{Reason: upstream.NotFound, Code: "resource_missing"}},
		"a proxy's 404":       {status: 404, body: html, want: upstream.Error{Reason: upstream.BadAnswer}},
		"bad request":         {status: 400, body: "bad|Bad", want: upstream.Error{Reason: upstream.Refused, Code: "bad"}},
		"request timeout":     {status: 408, want: upstream.Error{Reason: upstream.Unavailable}},
		"throttled":           {status: 429, header: map[string]string{"Retry-After": "7"}, want: upstream.Error{Reason: upstream.RateLimited, RetryAfter: 7 * time.Second}},
		"throttled, silent":   {status: 429, body: "rate_limit|Slow down", want: upstream.Error{Reason: upstream.RateLimited, Code: "rate_limit"}},
		"throttled, reset":    {status: 429, header: map[string]string{"ratelimit-reset": "41"}, want: upstream.Error{Reason: upstream.RateLimited, RetryAfter: 41 * time.Second}},
		"fault":               {status: 500, header: map[string]string{"Request-Id": "req_9"}, body: "api_error|Oops", want: upstream.Error{Reason: upstream.Unavailable, RequestID: "req_9", Code: "api_error"}},
		"fault, with a reset": {status: 500, header: map[string]string{"ratelimit-reset": "41"}, want: upstream.Error{Reason: upstream.Unavailable}},
		"a proxy's 502":       {status: 502, header: map[string]string{"cf-ray": "8a-AMS"}, body: html, want: upstream.Error{Reason: upstream.Unavailable, RequestID: "8a-AMS"}},
		"closed for a while":  {status: 503, header: map[string]string{"Retry-After": "120", "X-Request-Id": "x"}, want: upstream.Error{Reason: upstream.Unavailable, RequestID: "x", RetryAfter: 2 * time.Minute}},
		"a large refusal":     {status: 500, body: strings.Repeat("x", 1<<20), want: upstream.Error{Reason: upstream.Unavailable}},
		"no content":          {status: 204, want: upstream.Error{Reason: upstream.BadAnswer}},
		"empty":               {status: 200, want: upstream.Error{Reason: upstream.BadAnswer}, text: "not JSON"},
		"a page":              {status: 200, header: map[string]string{"Content-Type": "text/html; charset=utf-8"}, body: html, want: upstream.Error{Reason: upstream.BadAnswer}, text: "(text/html)"},
		"truncated":           {status: 200, body: `{"id":"1","cou`, want: upstream.Error{Reason: upstream.BadAnswer}, text: "not JSON"},
		"more than one value": {status: 200, body: `{"id":"1"}{"id":"2"}`, want: upstream.Error{Reason: upstream.BadAnswer}, text: "not JSON"},
		"garbage at the end":  {status: 200, body: `{"id":"1"} secret`, want: upstream.Error{Reason: upstream.BadAnswer}, text: "not JSON"},
		"wrong type":          {status: 200, body: `{"id":"1","count":"secret"}`, want: upstream.Error{Reason: upstream.BadAnswer}, text: `the type of "count"`},
		"wrong number":        {status: 200, body: `{"id":"1","count":4242.4242}`, want: upstream.Error{Reason: upstream.BadAnswer}, text: `the type of "count"`},
		"wrong time":          {status: 200, body: `{"id":"1","at":"secret"}`, want: upstream.Error{Reason: upstream.BadAnswer}},
		"wrong shape":         {status: 200, body: `["secret"]`, want: upstream.Error{Reason: upstream.BadAnswer}},
		"nothing":             {status: 200, body: `null`, want: upstream.Error{Reason: upstream.BadAnswer}, text: "the id is missing"},
		"essential missing":   {status: 200, header: map[string]string{"Request-Id": "req_1"}, body: `{}`, want: upstream.Error{Reason: upstream.BadAnswer, RequestID: "req_1"}, text: "the id is missing"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, seen, _ := serve(t, upstream.Config{}, func(w http.ResponseWriter, _ *http.Request) {
				for name, value := range test.header {
					w.Header().Set(name, value)
				}
				w.WriteHeader(test.status)
				_, _ = w.Write([]byte(test.body))
			})
			_, failed := get(t.Context(), client)
			if failed == nil {
				t.Fatal("succeeded")
			}
			test.want.Service, test.want.Op, test.want.Status, test.want.Err = "stripe", "things.get", test.status, failed.Err
			if *failed != test.want {
				t.Errorf("got  %+v\nwant %+v", *failed, test.want)
			}
			text := failed.Error()
			if !strings.Contains(text, test.text) {
				t.Errorf("%q does not say %q", text, test.text)
			}
			if strings.Contains(text, "secret") || strings.Contains(text, "4242") || len(text) > 500 {
				t.Errorf("%q says too much", text)
			}
			call := seen.all() // with a retry, where it was worth one
			if len(call) == 0 || len(call) > 2 || !errors.Is(call[len(call)-1].Err, failed) || call[len(call)-1].Attempt != len(call) {
				t.Errorf("observed %+v", call)
			}
		})
	}
}

func TestRetryAfterDate(t *testing.T) {
	t.Parallel()
	at := time.Now().Add(90 * time.Second)
	for name, header := range map[string][2]string{
		"HTTP date": {"Retry-After", at.UTC().Format(http.TimeFormat)},
		"ISO 8601":  {"X-RateLimit-Reset", at.UTC().Format("2006-01-02T15:04:05Z")},
	} {
		client, _, _ := serve(t, upstream.Config{}, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set(header[0], header[1])
			w.WriteHeader(http.StatusTooManyRequests)
		})
		_, failed := get(t.Context(), client)
		if wait := failed.RetryAfter; wait < 80*time.Second || wait > 90*time.Second || wait%time.Second != 0 {
			t.Errorf("%s: got %s", name, wait)
		}
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	var reached atomic.Bool
	thief := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Store(true) }))
	defer thief.Close()
	client, _, _ := serve(t, upstream.Config{}, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, thief.URL, http.StatusTemporaryRedirect)
	})
	_, failed := get(t.Context(), client)
	if failed == nil || failed.Reason != upstream.BadAnswer || failed.Status != http.StatusTemporaryRedirect {
		t.Errorf("got %v", failed)
	}
	if reached.Load() {
		t.Error("the redirect was followed")
	}
}

func TestHugeAnswersAreBounded(t *testing.T) {
	t.Parallel()
	chunk := []byte(strings.Repeat(" ", 1<<20))
	for _, announced := range []bool{true, false} {
		var sent atomic.Int64
		client, _, _ := serve(t, upstream.Config{}, func(w http.ResponseWriter, _ *http.Request) {
			if announced {
				w.Header().Set("Content-Length", fmt.Sprint(100<<20))
			}
			for range 100 {
				n, err := w.Write(chunk)
				sent.Add(int64(n))
				if err != nil {
					return
				}
			}
		})
		_, failed := get(t.Context(), client)
		if failed == nil || failed.Reason != upstream.BadAnswer || !strings.Contains(failed.Error(), "larger than") {
			t.Errorf("announced %v: got %v", announced, failed)
		}
		if read := sent.Load(); read > 64<<20 {
			t.Errorf("announced %v: %d bytes were taken", announced, read)
		}
	}
}

func TestBrokenConnections(t *testing.T) {
	t.Parallel()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := closed.Addr().String()
	_ = closed.Close()
	nobody := upstream.New(upstream.Vendor{Service: upstream.Stripe, Timeout: time.Second, Concurrency: 1},
		upstream.Config{BaseURL: "http://" + address}, nil)
	defer nobody.Close()
	if _, failed := get(t.Context(), nobody); failed == nil || failed.Reason != upstream.Unavailable || failed.Status != 0 {
		t.Errorf("nobody listens: got %v", failed)
	}
	nowhere := upstream.New(upstream.Vendor{Service: upstream.Stripe, Timeout: time.Second, Concurrency: 1},
		upstream.Config{BaseURL: "http://\x7f"}, nil)
	defer nowhere.Close()
	if _, failed := get(t.Context(), nowhere); failed == nil || failed.Reason != upstream.Unavailable {
		t.Errorf("no address: got %v", failed)
	}
	cut, _, _ := serve(t, upstream.Config{}, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = w.Write([]byte(`{"id":`))
	})
	if _, failed := get(t.Context(), cut); failed == nil || failed.Reason != upstream.Unavailable || failed.Status != http.StatusOK {
		t.Errorf("cut in the middle: got %v", failed)
	}
}

func TestDeadlinesAndCancellation(t *testing.T) {
	t.Parallel()
	left := make(chan struct{}, 8)
	hang := func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.RawQuery, "a+b") {
			_, _ = w.Write([]byte(`{"id":`))
			_ = http.NewResponseController(w).Flush() // hang in the body
		}
		<-r.Context().Done()
		left <- struct{}{}
	}
	client, _, _ := serve(t, upstream.Config{Timeout: 50 * time.Millisecond}, hang)
	started := time.Now()
	if _, failed := get(t.Context(), client); failed == nil || failed.Reason != upstream.Timeout {
		t.Errorf("our deadline: got %v", failed)
	}
	if took := time.Since(started); took > 2*time.Second {
		t.Errorf("our deadline took %s", took)
	}
	<-left

	patient, _, _ := serve(t, upstream.Config{Timeout: time.Minute}, hang)
	within, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, failed := get(within, patient); failed == nil || failed.Reason != upstream.Timeout {
		t.Errorf("the caller's deadline: got %v", failed)
	}
	<-left

	leaving, leave := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, leave)
	if _, failed := get(leaving, patient); failed == nil || failed.Reason != upstream.Canceled {
		t.Errorf("a caller that leaves: got %v", failed)
	}
	<-left
	if _, failed := get(leaving, patient); failed == nil || failed.Reason != upstream.Canceled {
		t.Errorf("a caller that has left: got %v", failed)
	}
}

func TestPlacesAreBounded(t *testing.T) {
	t.Parallel()
	entered, release := make(chan struct{}), make(chan struct{})
	client, seen, _ := serve(t, upstream.Config{Concurrency: 1, Timeout: 10 * time.Second}, func(w http.ResponseWriter, _ *http.Request) {
		entered <- struct{}{}
		<-release
		_, _ = w.Write([]byte(`{"id":"1"}`))
	})
	done := make(chan *upstream.Error)
	go func() { _, failed := get(t.Context(), client); done <- failed }()
	<-entered

	hurried, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if _, failed := get(hurried, client); failed == nil || failed.Reason != upstream.Overloaded || failed.Status != 0 {
		t.Errorf("no place in time: got %v", failed)
	}
	leaving, leave := context.WithCancel(t.Context())
	time.AfterFunc(30*time.Millisecond, leave)
	if _, failed := get(leaving, client); failed == nil || failed.Reason != upstream.Canceled {
		t.Errorf("left while waiting: got %v", failed)
	}
	close(release)
	if failed := <-done; failed != nil {
		t.Errorf("the one with a place: got %v", failed)
	}
	go func() { <-entered }()
	if _, failed := get(t.Context(), client); failed != nil {
		t.Errorf("after all of it: got %v", failed)
	}
	if got := len(seen.all()); got != 4 {
		t.Errorf("observed %d calls", got)
	}
}

func TestConnectionsAreReused(t *testing.T) {
	t.Parallel()
	var opened atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/fail") {
			w.WriteHeader(http.StatusInternalServerError)
		}
		_, _ = w.Write([]byte(`{"id":"1"}`))
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	client := upstream.New(upstream.Vendor{Service: upstream.Stripe, Timeout: 5 * time.Second, Concurrency: 4},
		upstream.Config{BaseURL: server.URL}, nil)
	defer client.Close()
	keys := make([]int, 60)
	for i := range keys {
		keys[i] = i
	}
	upstream.Each(t.Context(), client, "things.get", keys, func(ctx context.Context, key int) (*thing, error) {
		path := "/ok"
		if key%3 == 0 {
			path = "/fail"
		}
		return &thing{}, client.Get(ctx, "things.get", path, nil, &thing{})
	})
	// A place is free a moment before its connection is, so that now and then one more is opened.
	if got := opened.Load(); got > 8 {
		t.Errorf("60 calls opened %d connections", got)
	}
}
