package endpoint_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"supportgraph/graph/auth"
	"supportgraph/graph/endpoint"
	"supportgraph/graph/limits"
)

var update = flag.Bool("update", false, "write the goldens anew from what is answered now")

// TestBounds has a golden for each limit on operations, at testdata/limits: a request of n, which is answered where n is
// the bound of the console's starting policy, and refused in the words of the golden where it is one more. The other
// limits are lifted.
func TestBounds(t *testing.T) {
	t.Parallel()
	starting := limits.For(auth.Console)
	files, err := filepath.Glob("testdata/limits/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	held := map[string]bool{}
	for _, file := range files {
		name, _, _ := strings.Cut(strings.TrimSuffix(filepath.Base(file), ".txtar"), "_lit")
		limit := limits.Limit(len(starting.Bounds))
		for l := range limits.Limit(len(starting.Bounds)) {
			if l.String() == name {
				limit = l
			}
		}
		if int(limit) == len(starting.Bounds) {
			t.Errorf("%s is about no limit", file)
			continue
		}
		held[name] = true
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			s := serve(t, atHome(t, func(c *endpoint.Config) {
				console, policy := c.Contracts[auth.Console], limits.Policy{}
				policy.Bounds[limit] = starting.Bounds[limit]
				console.Policy = &policy
				c.Contracts[auth.Console] = console
			}))
			bound(t, s, file, starting.Bounds[limit])
		})
	}
	for l := range limits.Limit(len(starting.Bounds)) {
		if !held[l.String()] {
			t.Errorf("%s has no golden", l)
		}
	}
}

// bound sends a request that just meets its limit, and one just beyond.
func bound(t *testing.T, s *service, file string, n int) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(n int) (int, string) {
		asked := map[string]any{}
		for _, part := range archive.Files {
			text := expandWith(t, file, strings.TrimSpace(string(part.Data)), map[string]int{"n": n})
			switch part.Name {
			case "query":
				asked["query"] = text
			case "operation":
				asked["operationName"] = text
			case "variables":
				asked["variables"] = json.RawMessage(text)
			}
		}
		body, err := json.Marshal(asked)
		if err != nil {
			t.Fatal(err)
		}
		answer, told := s.send(t, request{header: map[string]string{"Authorization": "Bearer console"}, body: string(body)})
		return answer.StatusCode, told
	}
	if status, body := ask(n); status != http.StatusOK || !strings.HasPrefix(body, `{"data":`) {
		t.Errorf("%d, just within: %d %.400s", n, status, body)
	}
	status, body := ask(n + 1)
	var told bytes.Buffer
	if err := json.Indent(&told, []byte(body), "", "  "); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	told.WriteByte('\n')
	if status != http.StatusBadRequest {
		t.Errorf("%d, just beyond: %d", n+1, status)
	}
	const part = "refused"
	if *update {
		files := archive.Files[:0]
		for _, f := range archive.Files {
			if f.Name != part {
				files = append(files, f)
			}
		}
		archive.Files = append(files, txtar.File{Name: part, Data: told.Bytes()})
		if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	for _, f := range archive.Files {
		if f.Name == part && string(f.Data) != told.String() {
			t.Errorf("%d, just beyond:\n%s\nthe golden has\n%s", n+1, &told, f.Data)
		}
	}
	if !bytes.HasSuffix(txtar.Format(archive), told.Bytes()) {
		t.Error("the golden does not end with the refusal")
	}
}

// TestBoundsOfTheTransport sends what just meets the bounds of bodies, addresses and headers, and what is just beyond.
func TestBoundsOfTheTransport(t *testing.T) {
	t.Parallel()
	s := serve(t, bounded(func(p *limits.Policy) { *p = limits.Policy{} }))
	const small = `{"query":"{hello}"}`
	address := func(n int) string {
		const query = "query=%7Bhello%7D&x="
		return query + strings.Repeat("x", n-len(query))
	}
	nest := func(n int) string { // with the body and the variables
		return `{"query":"{hello}","variables":{"v":` + strings.Repeat("[", n-2) + strings.Repeat("]", n-2) + `}}`
	}
	deepest, _ := s.send(t, request{}) // of its own headers
	own := len(deepest.Request.Header) + 3
	for _, test := range []struct {
		name          string
		bound         int
		of            func(n int) request
		status        int
		code, message string
		figure        int // as it is told
	}{
		{"bytes of the body", endpoint.DefaultMaxBody, func(n int) request { return request{body: small + strings.Repeat(" ", n-len(small))} },
			413, "BODY_TOO_LARGE", "The body of the request is too large.", endpoint.DefaultMaxBody + 1},
		{"bytes of the address", 16 << 10, func(n int) request { return request{address: address(n)} },
			414, "ADDRESS_TOO_LONG", "The address is too long. Send the request with POST.", 16<<10 + 1},
		{"headers", 100, func(n int) request { return request{header: many(n - own)} },
			431, "HEADERS_TOO_LARGE", "The request has too many headers.", 101},
		{"levels of the body", 64, func(n int) request { return request{body: nest(n)} }, 400, "BAD_REQUEST", "The body nests too deep.", 0},
	} {
		if answer, body := s.send(t, test.of(test.bound)); answer.StatusCode != http.StatusOK || !strings.HasPrefix(body, `{"data":`) {
			t.Errorf("%s, just within: %d %.300s", test.name, answer.StatusCode, body)
		}
		want := refusedBeyond(test.code, test.message, test.figure, test.bound)
		if test.figure == 0 {
			want = refused(test.code, test.message)
		}
		if answer, body := s.send(t, test.of(test.bound+1)); answer.StatusCode != test.status || body != want {
			t.Errorf("%s, just beyond: got  %d %.300s\nwant %d %s", test.name, answer.StatusCode, body, test.status, want)
		}
	}
}
