package endpoint_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
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
