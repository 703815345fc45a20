package endpoint_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// FuzzRequest sends any bytes as a body: the answer is always well-formed GraphQL, never a fault on our side, and an
// unreadable body is never repeated.
func FuzzRequest(f *testing.F) {
	for _, seed := range []string{
		`{"query":"{hello}"}`, `{"query":"query A($n:String){hello(name:$n)}","operationName":"A","variables":{"n":"x"}}`,
		`{"query":"{hello`, `[1,2`, `{"query":"{hello(ids:[1,2])}","variables":{"a":[{"b":1e9}]}}`, "\xff", `{"query":"\ud800"}`,
		`{"query":"query($i:[Int!],$k:Kind){hello(ids:$i kind:$k)}","variables":{"i":"5","k":1}}`,
	} {
		f.Add([]byte(seed))
	}
	s := serve(f, nil)
	f.Fuzz(func(t *testing.T, body []byte) {
		if failsOnPurpose(string(body)) {
			t.Skip("these fields fail on purpose")
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", strings.NewReader(string(body)))
		r.Header.Set("Authorization", "Bearer portal")
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		s.endpoint.ServeHTTP(w, r)
		wellFormed(t, w, s.log.String(), http.StatusOK, http.StatusBadRequest)
		s.log.forget()
	})
}

// maxFuzzed is how long any request may take: a hundred times what it may cost, for a machine that does much else.
const maxFuzzed = 2 * time.Second

// FuzzDocument sends any document with any variables to the console's own contract, under its starting policy: it is
// read, measured, validated, priced and refused or run within a bound of time, and the answer is always well-formed. The
// seeds are the documents of the apps and those of the corpus.
func FuzzDocument(f *testing.F) {
	for _, pattern := range []string{"../operations/*/*.graphql", "playground/page/examples/*.graphql", "../limits/testdata/*.graphql"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatalf("no documents at %s: %v", pattern, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(text), `{"first":5,"id":"tkt_1"}`)
		}
	}
	for _, h := range corpus(f) {
		var asked struct {
			Query     string
			Variables json.RawMessage
		}
		if len(h.body) < 2<<10 && json.Unmarshal([]byte(h.body), &asked) == nil {
			f.Add(asked.Query, string(asked.Variables))
		}
	}
	s := serve(f, atHome(f, nil))
	f.Fuzz(func(t *testing.T, document, variables string) {
		quoted, err := json.Marshal(document)
		if err != nil {
			t.Fatal(err)
		}
		if variables == "" {
			variables = "null"
		}
		w, started := httptest.NewRecorder(), time.Now()
		s.endpoint.ServeHTTP(w, hostile{body: `{"query":` + string(quoted) + `,"variables":` + variables + `}`}.request(t.Context()))
		if took := time.Since(started); took > maxFuzzed {
			t.Errorf("it took %v", took)
		}
		wellFormed(t, w, s.log.String(), http.StatusOK, http.StatusBadRequest, http.StatusRequestEntityTooLarge)
		s.log.forget()
	})
}

// failsOnPurpose tells whether a text may name a field that fails.
func failsOnPurpose(text string) bool {
	for _, field := range []string{"panic", "wait", "fail", "must"} {
		if strings.Contains(text, field) {
			return true
		}
	}
	return false
}

// wellFormed holds an answer to the form that every answer has.
func wellFormed(t *testing.T, w *httptest.ResponseRecorder, log string, statuses ...int) {
	t.Helper()
	if !slices.Contains(statuses, w.Code) {
		t.Errorf("status %d: %s\n%s", w.Code, w.Body, log)
	}
	var answer struct {
		Data   json.RawMessage
		Errors []struct {
			Message    string
			Extensions struct{ Code, Reference string }
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
	if len(answer.Data) == 0 && len(answer.Errors) == 0 {
		t.Errorf("an empty answer: %s", w.Body)
	}
	for _, err := range answer.Errors {
		if err.Message == "" || err.Extensions.Code == "" || err.Extensions.Reference == "" || err.Extensions.Code == "INTERNAL" {
			t.Errorf("%s\n%s", w.Body, log)
		}
	}
}
