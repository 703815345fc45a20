package endpoint_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"text/template"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"golang.org/x/tools/txtar"

	"supportgraph/graph"
	"supportgraph/graph/auth"
	"supportgraph/graph/contract"
	"supportgraph/graph/endpoint"
	"supportgraph/graph/limits"
)

// hostile is a request of testdata/hostile: a sentence, a query with its variables, a whole body or the address of a
// GET, and what it is answered with: the status and the codes. What is long is written as a template between << and >>.
// Where it is answered with 200, to answer is what must be cheap.
type hostile struct {
	name    string
	address string // the parameters of a GET
	header  http.Header
	body    string
	want    string
}

// corpus reads testdata/hostile.
func corpus(t testing.TB) []hostile {
	t.Helper()
	files, err := filepath.Glob("testdata/hostile/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	var all []hostile
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		h := hostile{name: strings.TrimSuffix(filepath.Base(file), ".txtar"), header: http.Header{}}
		query, variables := "", ""
		for _, part := range archive.Files {
			text := expand(t, file, strings.TrimSuffix(string(part.Data), "\n"))
			switch part.Name {
			case "query":
				query = text
			case "variables":
				variables = `,"variables":` + text
			case "body":
				h.body = text
			case "address":
				h.address = strings.ReplaceAll(text, "\n", "")
			case "headers":
				for line := range strings.SplitSeq(text, "\n") {
					name, value, _ := strings.Cut(line, ": ")
					h.header.Add(name, value)
				}
			case "want":
				h.want = text
			}
		}
		if h.body == "" && h.address == "" {
			quoted, err := json.Marshal(query)
			if err != nil {
				t.Fatal(err)
			}
			h.body = `{"query":` + string(quoted) + variables + `}`
		}
		all = append(all, h)
	}
	return all
}

func expand(t testing.TB, file, text string) string { return expandWith(t, file, text, nil) }

// expandWith writes a template of a golden out.
func expandWith(t testing.TB, file, text string, with any) string {
	t.Helper()
	parsed, err := template.New(file).Delims("<<", ">>").Funcs(template.FuncMap{
		"repeat": func(n int, text string) string { return strings.Repeat(text, n) },
		"seq": func(n int) []int {
			numbers := make([]int, n)
			for i := range numbers {
				numbers[i] = i
			}
			return numbers
		},
		"types": func() []string {
			return []string{"MessageEntry", "NoteEntry", "StatusEntry", "AssignmentEntry", "PriorityEntry", "TagEntry", "SlaEntry", "LinkEntry"}
		},
		"add": func(a, b int) int { return a + b },
		"bytes": func(values ...int) string {
			var text []byte
			for _, value := range values {
				text = append(text, byte(value))
			}
			return string(text)
		},
	}).Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := parsed.Execute(&out, with); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// house is the contract of the console, whose every operation is answered with the same viewer, but for what is asked
// about the contract itself.
type house struct{ graphql.ExecutableSchema }

func (h house) Exec(ctx context.Context) graphql.ResponseHandler {
	for _, selected := range graphql.GetOperationContext(ctx).Operation.SelectionSet {
		if field, ok := selected.(*ast.Field); ok && (field.Name == "__schema" || field.Name == "__type") {
			return h.ExecutableSchema.Exec(ctx)
		}
	}
	return graphql.OneShot(&graphql.Response{Data: []byte(`{"viewer":{"name":"Ada"}}`)})
}

// full is the whole schema.
var full = sync.OnceValues(func() (*ast.Schema, error) { return contract.Load("../schema") })

// atHome makes the endpoint of a test serve the contract of the console, under its starting policy.
func atHome(t testing.TB, change func(*endpoint.Config)) func(*endpoint.Config) {
	t.Helper()
	whole, err := full()
	if err != nil {
		t.Fatal(err)
	}
	cut, err := contract.Cut(whole, auth.Console)
	if err != nil {
		t.Fatal(err)
	}
	prices, err := limits.NewPrices(whole)
	if err != nil {
		t.Fatal(err)
	}
	return func(c *endpoint.Config) {
		c.Contracts[auth.Console] = endpoint.Contract{Schema: house{graph.NewExecutableSchema(graph.Config{Schema: cut})}, Introspection: true, Prices: prices}
		if change != nil {
			change(c)
		}
	}
}

// request is a hostile request as it comes in.
func (h hostile) request(ctx context.Context) *http.Request {
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/graphql", strings.NewReader(h.body))
	if h.address != "" {
		r = httptest.NewRequestWithContext(ctx, http.MethodGet, "/graphql", nil)
		r.URL.RawQuery = h.address
	}
	r.Header.Set("Authorization", "Bearer console")
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/graphql-response+json")
	maps.Copy(r.Header, h.header)
	return r
}

// verdict is the status of an answer and the codes in it, each once.
func verdict(t testing.TB, status int, body []byte) string {
	t.Helper()
	var answer struct {
		Errors []struct {
			Message    string
			Extensions struct{ Code string }
		}
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		t.Fatalf("%v: %.200s", err, body)
	}
	var codes []string
	for _, err := range answer.Errors {
		if len(err.Message) > 320 {
			t.Errorf("a message of %d bytes", len(err.Message))
		}
		if !slices.Contains(codes, err.Extensions.Code) {
			codes = append(codes, err.Extensions.Code)
		}
	}
	slices.Sort(codes)
	return strings.TrimSpace(strconv.Itoa(status) + " " + strings.Join(codes, " "))
}

// TestHostileRequestsAreRefused sends each request of the corpus twice: it is refused by its codes, also when it is
// remembered.
func TestHostileRequestsAreRefused(t *testing.T) {
	t.Parallel()
	var handler http.Handler
	s := serve(t, atHome(t, func(c *endpoint.Config) { handler = endpoint.New(*c) }))
	for _, h := range corpus(t) {
		for range 2 {
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, h.request(t.Context()))
			if got := verdict(t, w.Code, w.Body.Bytes()); got != h.want {
				t.Errorf("%s\ngot  %s\nwant %s\n%.300s", h.name, got, h.want, w.Body)
			}
		}
	}
	if log := s.log.String(); strings.Contains(log, `"panic"`) || strings.Contains(log, `"fault"`) {
		t.Error(log)
	}
}

// TestGoodTrafficGoesOnBesideHostile sends the corpus from several clients at once, and slow bodies, while others ask
// what they always ask: they are answered.
func TestGoodTrafficGoesOnBesideHostile(t *testing.T) {
	t.Parallel()
	s := serve(t, atHome(t, func(c *endpoint.Config) { c.Timeout = 2 * time.Second }))
	all := corpus(t)
	good := request{header: map[string]string{"Authorization": "Bearer console"}, body: `{"query":"{viewer{name}}"}`}
	var clients sync.WaitGroup
	for range 2 {
		clients.Go(func() {
			for _, h := range all {
				answer, err := s.Client().Do(s.outgoing(h.request(t.Context())))
				if err != nil {
					t.Errorf("%s: %v", h.name, err)
					continue
				}
				_, _ = io.Copy(io.Discard, answer.Body)
				answer.Body.Close()
				if got := strconv.Itoa(answer.StatusCode); !strings.HasPrefix(h.want, got) {
					t.Errorf("%s: %s, not %s", h.name, got, h.want)
				}
			}
		})
	}
	for _, length := range []string{"Content-Length: 1000\r\n\r\n{", "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"} {
		for range 5 {
			clients.Go(func() { s.sendSlowly(t, length) })
		}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		clients.Wait()
	}()
	answered := 0
	for going := true; going; answered++ {
		if answer, body := s.send(t, good); answer.StatusCode != http.StatusOK || body != `{"data":{"viewer":{"name":"Ada"}}}` {
			t.Fatalf("a good request among hostile ones: %d %s", answer.StatusCode, body)
		}
		select {
		case <-done:
			going = false
		default:
		}
	}
	if answered < 10 {
		t.Errorf("%d good requests were answered meanwhile", answered)
	}
}

// outgoing makes a request that came in one that goes out, to this service.
func (s *service) outgoing(r *http.Request) *http.Request {
	r.RequestURI, r.URL.Scheme, r.URL.Host = "", "http", s.Listener.Addr().String()
	return r
}

// sendSlowly sends the first byte of a body, and then white space, one byte at a time, for as long as it may: it is
// refused after the deadline, however often something came.
func (s *service) sendSlowly(t *testing.T, length string) {
	connection, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Error(err)
		return
	}
	defer connection.Close()
	if _, err := io.WriteString(connection, "POST / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer console\r\n"+
		"Content-Type: application/json\r\n"+length); err != nil {
		t.Error(err)
		return
	}
	more := " "
	if strings.Contains(length, "chunked") {
		more = "1\r\n \r\n"
	}
	answered := make(chan struct{})
	var trickle sync.WaitGroup
	trickle.Go(func() {
		for every := time.NewTicker(50 * time.Millisecond); ; {
			select {
			case <-answered:
				every.Stop()
				return
			case <-every.C:
				_, _ = io.WriteString(connection, more) // the other side may be gone
			}
		}
	})
	answer, err := http.ReadResponse(bufio.NewReader(connection), nil)
	close(answered)
	trickle.Wait()
	if err != nil {
		t.Errorf("a slow body: %v", err)
		return
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body)
	if answer.StatusCode != http.StatusRequestTimeout || !strings.Contains(string(body), `"BODY_TOO_SLOW"`) {
		t.Errorf("a slow body: %d %s", answer.StatusCode, body)
	}
}
