package endpoint_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
)

// many is n headers that mean nothing.
func many(n int) map[string]string {
	header := map[string]string{}
	for i := range n {
		header[fmt.Sprintf("X-%d", i)] = "x"
	}
	return header
}

// parameters encodes names and values in turn as the parameters of an address.
func parameters(pairs ...string) string {
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Add(pairs[i], pairs[i+1])
	}
	return values.Encode()
}

// TestGet shows what a well-formed request in an address may look like.
func TestGet(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	for _, test := range []struct{ address, want string }{
		{parameters("query", "{hello}"), `{"data":{"hello":"hello you"}}`},
		{parameters("query", "query A{hello} query B{b:hello}", "operationName", "B"), `{"data":{"b":"hello you"}}`},
		{parameters("query", "query($n:String){hello(name:$n)}", "variables", `{"n":"Ada & <Eve>"}`), `{"data":{"hello":"hello Ada & <Eve>"}}`},
		{parameters("query", "{hello}", "operationName", "", "variables", "", "extensions", ""), `{"data":{"hello":"hello you"}}`},
		{parameters("query", "{hello}", "variables", "null", "extensions", `{"some":"value"}`, "_", "1", "_", "2"), `{"data":{"hello":"hello you"}}`},
	} {
		answer, body := s.send(t, request{address: test.address, header: map[string]string{"Content-Type": ""}})
		if answer.StatusCode != http.StatusOK || body != test.want || answer.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: got %d %s, want %s", test.address, answer.StatusCode, body, test.want)
		}
	}
}

// TestGetRefusals shows every way in which the address of a GET is refused, with the whole answer.
func TestGetRefusals(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	const mutation = "Send mutations with POST."
	console := map[string]string{"Authorization": "Bearer console"}
	for _, test := range []struct {
		name, address string
		header        map[string]string
		status        int
		code, message string
		allow         string
	}{
		{"no parameters", "x=1", nil, 400, "BAD_REQUEST", "The address must have a query, a string that is not empty.", ""},
		{"an empty query", "query=", nil, 400, "BAD_REQUEST", "The address must have a query, a string that is not empty.", ""},
		{"another case", "Query=%7Bhello%7D", nil, 400, "BAD_REQUEST", "The address must have a query, a string that is not empty.", ""},
		{"twice", "query=%7Bhello%7D&query=%7Bhello%7D", nil, 400, "BAD_REQUEST", "The address has a parameter twice.", ""},
		{"a broken escape", "query=%7", nil, 400, "BAD_REQUEST", "The parameters of the address cannot be read.", ""},
		{"a semicolon", "query=%7Bhello%7D;a=b", nil, 400, "BAD_REQUEST", "The parameters of the address cannot be read.", ""},
		{"not UTF-8", "query=%ff", nil, 400, "BAD_REQUEST", "The parameter query is not valid UTF-8.", ""},
		{"U+0000", "query=%00", nil, 400, "BAD_REQUEST", "The parameter query has a character that is not allowed in text.", ""},
		{"variables not JSON", parameters("query", "{hello}", "variables", "{"), nil, 400, "BAD_REQUEST", "The parameter variables is not valid JSON.", ""},
		{"a batch of variables", parameters("query", "{hello}", "variables", "[]"), nil, 400, "BAD_REQUEST", "The variables must be an object or null.", ""},
		{"a variable twice", parameters("query", "{hello}", "variables", `{"a":1,"a":2}`), nil, 400, "BAD_REQUEST", "The parameter variables has a key twice in one object.", ""},
		{"extensions of a wrong type", parameters("query", "{hello}", "extensions", "0"), nil, 400, "BAD_REQUEST", "The extensions must be an object or null.", ""},
		{"a mutation", parameters("query", "mutation{hello}"), console, 405, "METHOD_NOT_ALLOWED", mutation, "POST"},
		{"a mutation among queries", parameters("query", "query A{hello} mutation B{hello}", "operationName", "B"), console, 405, "METHOD_NOT_ALLOWED", mutation, "POST"},
		{"a mutation that is not in the contract", parameters("query", "mutation{no}"), nil, 405, "METHOD_NOT_ALLOWED", mutation, "POST"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			answer, body := s.send(t, request{address: test.address, header: test.header})
			if want := refused(test.code, test.message); answer.StatusCode != test.status || body != want {
				t.Errorf("got  %d %s\nwant %d %s", answer.StatusCode, body, test.status, want)
			}
			if got := answer.Header.Get("Allow"); got != test.allow {
				t.Errorf("Allow: got %q, want %q", got, test.allow)
			}
		})
	}
}

// FuzzGet sends any parameters: the answer is always well-formed, never a fault on our side.
func FuzzGet(f *testing.F) {
	for _, seed := range []string{
		parameters("query", "{hello}"), parameters("query", "query($n:String){hello(name:$n)}", "variables", `{"n":"x"}`),
		parameters("documentId", "sha256:00", "extensions", `{"persistedQuery":{"version":1,"sha256Hash":"00"}}`), "query=%7", "query=%ff&;",
		parameters("query", "mutation{hello}"), parameters("query", "{", "operationName", "\x00"),
	} {
		f.Add(seed)
	}
	s := serve(f, nil)
	f.Fuzz(func(t *testing.T, address string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/graphql", nil)
		r.URL.RawQuery = address
		if values, err := url.ParseQuery(address); err == nil && failsOnPurpose(values.Get("query")) {
			t.Skip("these fields fail on purpose")
		}
		r.Header.Set("Authorization", "Bearer portal")
		w := httptest.NewRecorder()
		s.endpoint.ServeHTTP(w, r)
		wellFormed(t, w, s.log.String(), 200, 400, 405, 414)
		s.log.forget()
	})
}
