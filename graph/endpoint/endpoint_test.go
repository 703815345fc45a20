package endpoint_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"supportgraph/graph/auth"
	"supportgraph/graph/endpoint"
	"supportgraph/graph/limits"
)

// service is an endpoint behind real HTTP.
type service struct {
	*httptest.Server
	endpoint *endpoint.Endpoint
	probe    *probe
	registry *prometheus.Registry
	log      *record
}

// serve starts an endpoint whose tokens are the names of the audiences. change, where given, adjusts it before.
func serve(t testing.TB, change func(*endpoint.Config)) *service {
	s := &service{probe: newProbe(portalSDL), registry: prometheus.NewRegistry(), log: &record{}}
	config := endpoint.Config{
		Contracts: map[auth.Audience]endpoint.Contract{
			auth.Portal:  {Schema: s.probe},
			auth.Console: {Schema: newProbe(consoleSDL), Introspection: true},
		},
		Verify: func(_ context.Context, token string) (*auth.Viewer, error) {
			switch token {
			case "portal", "console", "explorer":
				return &auth.Viewer{Audience: auth.Audience(token), Subject: "con_1"}, nil
			case "stranger":
				return &auth.Viewer{Audience: auth.Portal, Subject: "stranger"}, nil
			case "unlucky":
				return &auth.Viewer{Audience: auth.Portal, Subject: "unlucky"}, nil
			case "expired":
				return nil, &auth.Error{Code: auth.TokenExpired, Message: "The token has expired."}
			case "keyless":
				return nil, &auth.Error{Code: auth.KeysUnavailable, Message: "The token cannot be verified at the moment."}
			default:
				return nil, &auth.Error{Code: auth.TokenInvalid, Message: "The token is not accepted."}
			}
		},
		Prepare: func(ctx context.Context, viewer *auth.Viewer) (context.Context, error) {
			switch viewer.Subject {
			case "stranger":
				return nil, spoken{code: "VIEWER_UNKNOWN", message: "This contact is not known here."}
			case "unlucky":
				return nil, errors.New("dial tcp secret.internal:5432: connection refused")
			default:
				return ctx, nil
			}
		},
		Logger:  slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Metrics: endpoint.NewMetrics(s.registry),
	}
	if change != nil {
		change(&config)
	}
	s.endpoint = endpoint.New(config)
	s.Server = httptest.NewServer(s.endpoint)
	t.Cleanup(func() {
		s.Client().CloseIdleConnections()
		s.Close()
	})
	return s
}

// record keeps what is logged.
type record struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.Write(p)
}

// forget drops what was logged so far.
func (r *record) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.text.Reset()
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

// request is a POST of a well-formed portal query, but for what is set; a header set to "" is left out. With address
// it is a GET, and has no body.
type request struct {
	method  string
	address string // the parameters, as they stand in the address
	header  map[string]string
	body    string
}

func (s *service) send(t testing.TB, r request) (*http.Response, string) {
	t.Helper()
	method, body := http.MethodPost, `{"query":"{hello}"}`
	if r.method != "" {
		method = r.method
	}
	if r.body != "" {
		body = r.body
	}
	address := s.URL + "/graphql"
	if r.address != "" {
		method, body, address = cmp.Or(r.method, http.MethodGet), "", address+"?"+r.address
	}
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"Authorization": "Bearer portal", "Content-Type": "application/json",
		"Accept": "application/graphql-response+json", "X-Request-Id": "ref-1",
	} {
		req.Header.Set(name, value)
	}
	for name, value := range r.header {
		if req.Header.Set(name, value); value == "" {
			req.Header.Del(name)
		}
	}
	answer, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(text)
}

// refused is the whole body of a refusal under the reference of send.
func refused(code, message string) string {
	retryable := "false"
	switch code {
	case "UNAVAILABLE", "TIMEOUT", "KEYS_UNAVAILABLE", "RATE_LIMITED", "OVERLOADED":
		retryable = "true"
	}
	return `{"errors":[{"message":"` + message + `","extensions":{"code":"` + code + `","reference":"ref-1","retryable":` + retryable + `}}]}`
}

// refusedBeyond is that of a refusal for a bound; figure is 0 where it is not told.
func refusedBeyond(code, message string, figure, bound int) string {
	code = `"code":"` + code + `"`
	told := fmt.Sprintf(`"bound":%d,%s`, bound, code)
	if figure > 0 {
		told += fmt.Sprintf(`,"figure":%d`, figure)
	}
	return strings.Replace(refused("", message), `"code":""`, told, 1)
}

func TestAnswer(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	answer, body := s.send(t, request{body: `{"query":"query Greet($n:String){a:hello(name:$n) hello}","operationName":"Greet","variables":{"n":"<Ada>"}}`})
	want := `{"data":{"a":"hello <Ada>","hello":"hello you"}}`
	if answer.StatusCode != http.StatusOK || body != want {
		t.Errorf("got %d %s\nwant 200 %s", answer.StatusCode, body, want)
	}
	for name, want := range map[string]string{
		"Content-Type":           "application/graphql-response+json; charset=utf-8",
		"Content-Length":         "48",
		"Cache-Control":          "no-store",
		"Vary":                   "Accept, Accept-Encoding, Origin",
		"X-Content-Type-Options": "nosniff",
		"X-Request-Id":           "ref-1",
	} {
		if got := strings.Join(answer.Header.Values(name), ", "); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestEveryAudienceHasItsContract(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	if _, body := s.send(t, request{header: map[string]string{"Authorization": "Bearer console"}, body: `{"query":"{note}"}`}); body != `{"data":{"note":"internal"}}` {
		t.Error("console:", body)
	}
	answer, body := s.send(t, request{body: `{"query":"{note}"}`})
	want := `{"errors":[{"message":"Cannot query field \"note\" on type \"Query\".","locations":[{"line":1,"column":2}],` +
		`"extensions":{"code":"GRAPHQL_VALIDATION_FAILED","reference":"ref-1","retryable":false}}]}`
	if diff := gocmp.Diff(want, body); diff != "" || answer.StatusCode != http.StatusBadRequest {
		t.Errorf("portal: %d, -want +got\n%s", answer.StatusCode, diff)
	}
}

func TestIntrospectionIsByAudience(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	ask := request{body: `{"query":"{__schema{queryType{name}} hello}"}`}
	if _, body := s.send(t, ask); !strings.Contains(body, "Introspection is switched off for this contract.") {
		t.Error("portal:", body)
	}
	ask.header = map[string]string{"Authorization": "Bearer console"}
	if _, body := s.send(t, ask); strings.Contains(body, "errors") {
		t.Error("console:", body)
	}
}

func TestDeadline(t *testing.T) {
	t.Parallel()
	s := serve(t, func(c *endpoint.Config) { c.Timeout = 50 * time.Millisecond })
	answer, body := s.send(t, request{body: `{"query":"{wait hello}"}`})
	want := `{"data":{"wait":null,"hello":"hello you"},"errors":[{"message":"The answer took too long. Try again.","path":["wait"],` +
		`"locations":[{"line":1,"column":2}],"extensions":{"code":"TIMEOUT","reference":"ref-1","retryable":true}}]}`
	if diff := gocmp.Diff(want, body); diff != "" || answer.StatusCode != http.StatusOK {
		t.Errorf("%d, -want +got\n%s", answer.StatusCode, diff)
	}
}

func TestSlowBodyIsCutOff(t *testing.T) {
	t.Parallel()
	s := serve(t, func(c *endpoint.Config) { c.Timeout = 50 * time.Millisecond })
	body, never := io.Pipe()
	defer never.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer portal")
	req.Header.Set("Content-Type", "application/json")
	answer, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusRequestTimeout {
		t.Error("got", answer.Status)
	}
}

// TestSlowReaderIsCutOff: a caller who does not read a long answer holds no place meanwhile, and is cut off.
func TestSlowReaderIsCutOff(t *testing.T) {
	t.Parallel()
	s := serve(t, func(c *endpoint.Config) {
		bounded(func(p *limits.Policy) { *p = limits.Policy{} })(c)
		c.MaxInFlight, c.Reading = 1, time.Second
	})
	connection, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	if err := connection.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
		t.Fatal(err)
	}
	var query strings.Builder // answered by 20 MB: more than the buffers of both sides take
	for i := range 100 {
		fmt.Fprintf(&query, "a%d:hello(name:$n) ", i)
	}
	body := `{"query":"query($n:String){` + query.String() + `}","variables":{"n":"` + strings.Repeat("x", 200<<10) + `"}}`
	fmt.Fprintf(connection, "POST / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer portal\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	if _, err := io.ReadFull(connection, make([]byte, len("HTTP/1.1 200 OK"))); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if answer, body := s.send(t, request{}); answer.StatusCode != http.StatusOK {
		t.Errorf("somebody else: %d %s", answer.StatusCode, body)
	}
	if waited := time.Since(began); waited > time.Second {
		t.Errorf("somebody else waited for %v", waited)
	}
	s.eventually(t, `"outcome":"canceled"`)
}

func TestCallerWhoLeavesStopsTheWork(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL, strings.NewReader(`{"query":"{wait}"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer portal")
	req.Header.Set("Content-Type", "application/json")
	ended := make(chan error, 1)
	go func() {
		answer, err := s.Client().Do(req)
		if err == nil {
			answer.Body.Close()
		}
		ended <- err
	}()
	<-s.probe.waiting
	leave()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error("got", err)
	}
	s.eventually(t, `"outcome":"canceled"`)
}

// eventually waits for a text in the log: the line is written after the answer has left.
func (s *service) eventually(t *testing.T, text string) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); !strings.Contains(s.log.String(), text); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the log never had %s:\n%s", text, s.log)
		}
	}
}
