package endpoint_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestRefusals shows every way to be refused before anything runs, with the whole answer.
func TestRefusals(t *testing.T) {
	t.Parallel()
	const (
		mediaMessage  = "Send the body as application/json in UTF-8, without compression."
		acceptMessage = "Accept application/graphql-response+json or application/json."
		queryMessage  = "The body must have a query, a string that is not empty."
		faultMessage  = "A part of the service is not available. Try again later."
		textMessage   = "The body has a character that is not allowed in text."
		deep          = `{"query":"{hello}","variables":{"v":`
	)
	header := func(name, value string) map[string]string { return map[string]string{name: value} }
	token := func(token string) map[string]string { return header("Authorization", token) }
	for _, test := range []struct {
		name    string
		request request
		status  int
		code    string
		message string
		header  string // of the answer, "Name: value"
	}{
		{"PUT", request{method: "PUT"}, 405, "METHOD_NOT_ALLOWED", "Send the request with POST, or a query with GET.", "Allow: GET, POST"},
		{"DELETE", request{method: "DELETE"}, 405, "METHOD_NOT_ALLOWED", "Send the request with POST, or a query with GET.", "Allow: GET, POST"},

		{"no token", request{header: token("")}, 401, "UNAUTHENTICATED", "A bearer token is required.", `WWW-Authenticate: Bearer realm="support-graph"`},
		{"another scheme", request{header: token("Basic cG9ydGFs")}, 401, "UNAUTHENTICATED", "A bearer token is required.", `WWW-Authenticate: Bearer realm="support-graph"`},
		{"bad token", request{header: token("Bearer x")}, 401, "TOKEN_INVALID", "The token is not accepted.", `WWW-Authenticate: Bearer realm="support-graph", error="invalid_token"`},
		{"unreadable token", request{header: token("Bearer a b")}, 401, "TOKEN_MALFORMED", "The token cannot be read.", `WWW-Authenticate: Bearer realm="support-graph", error="invalid_token"`},
		{"expired token", request{header: token("Bearer expired")}, 401, "TOKEN_EXPIRED", "The token has expired.", `WWW-Authenticate: Bearer realm="support-graph", error="invalid_token"`},
		{"no token, bad body", request{header: token(""), body: "{"}, 401, "UNAUTHENTICATED", "A bearer token is required.", ""},
		{"no keys", request{header: token("Bearer keyless")}, 503, "KEYS_UNAVAILABLE", "The token cannot be verified at the moment.", ""},
		{"unknown contact", request{header: token("Bearer stranger")}, 401, "VIEWER_UNKNOWN", "This contact is not known here.", `WWW-Authenticate: Bearer realm="support-graph", error="invalid_token"`},
		{"no database", request{header: token("Bearer unlucky")}, 503, "UNAVAILABLE", faultMessage, ""},
		{"no contract", request{header: token("Bearer explorer")}, 403, "FORBIDDEN", "You are not allowed to do this.", ""},

		{"no media type", request{header: header("Content-Type", "")}, 415, "UNSUPPORTED_MEDIA_TYPE", mediaMessage, "Accept: application/json"},
		{"a form", request{header: header("Content-Type", "application/x-www-form-urlencoded")}, 415, "UNSUPPORTED_MEDIA_TYPE", mediaMessage, ""},
		{"plain text", request{header: header("Content-Type", "text/plain")}, 415, "UNSUPPORTED_MEDIA_TYPE", mediaMessage, ""},
		{"multipart", request{header: header("Content-Type", "multipart/form-data; boundary=x")}, 415, "UNSUPPORTED_MEDIA_TYPE", mediaMessage, ""},
		{"another charset", request{header: header("Content-Type", "application/json; charset=utf-16")}, 415, "UNSUPPORTED_MEDIA_TYPE", mediaMessage, ""},
		{"compressed", request{header: header("Content-Encoding", "gzip")}, 415, "UNSUPPORTED_MEDIA_TYPE", mediaMessage, ""},
		{"nothing acceptable", request{header: header("Accept", "text/html")}, 406, "NOT_ACCEPTABLE", acceptMessage, ""},
		{"everything declined", request{header: header("Accept", "application/json;q=0, */*")}, 406, "NOT_ACCEPTABLE", acceptMessage, ""},

		{"not UTF-8", request{body: "{\"query\":\"{hello}\xff\"}"}, 400, "BAD_REQUEST", "The body is not valid UTF-8.", ""},
		{"not JSON", request{body: `{"query":"{hello}"`}, 400, "BAD_REQUEST", "The body is not valid JSON.", ""},
		{"JSON and more", request{body: `{"query":"{hello}"}{}`}, 400, "BAD_REQUEST", "The body is not valid JSON.", ""},
		{"a blank body", request{body: " "}, 400, "BAD_REQUEST", "The body is not valid JSON.", ""},
		{"a batch", request{body: `[{"query":"{hello}"}]`}, 400, "BAD_REQUEST", "The body must be a JSON object.", ""},
		{"a string", request{body: `"{hello}"`}, 400, "BAD_REQUEST", "The body must be a JSON object.", ""},
		{"null", request{body: `null`}, 400, "BAD_REQUEST", "The body must be a JSON object.", ""},
		{"no query", request{body: `{}`}, 400, "BAD_REQUEST", queryMessage, ""},
		{"an empty query", request{body: `{"query":""}`}, 400, "BAD_REQUEST", queryMessage, ""},
		{"a null query", request{body: `{"query":null}`}, 400, "BAD_REQUEST", queryMessage, ""},
		{"a query of a wrong type", request{body: `{"query":{"a":1}}`}, 400, "BAD_REQUEST", queryMessage, ""},
		{"a key in another case", request{body: `{"Query":"{hello}"}`}, 400, "BAD_REQUEST", queryMessage, ""},
		{"a key twice", request{body: `{"query":"{hello}","query":"{panic}"}`}, 400, "BAD_REQUEST", "The body has a key twice in one object.", ""},
		{"a key twice below", request{body: `{"query":"{hello}","variables":{"a":{"b":1,"b":2}}}`}, 400, "BAD_REQUEST", "The body has a key twice in one object.", ""},
		{"a key twice, escaped", request{body: `{"query":"{hello}","qu\u0065ry":"{panic}"}`}, 400, "BAD_REQUEST", "The body has a key twice in one object.", ""},
		{"operationName of a wrong type", request{body: `{"query":"{hello}","operationName":1}`}, 400, "BAD_REQUEST", "The operationName must be a string or null.", ""},
		{"variables of a wrong type", request{body: `{"query":"{hello}","variables":[]}`}, 400, "BAD_REQUEST", "The variables must be an object or null.", ""},
		{"variables in a string", request{body: `{"query":"{hello}","variables":"{}"}`}, 400, "BAD_REQUEST", "The variables must be an object or null.", ""},
		{"extensions of a wrong type", request{body: `{"query":"{hello}","extensions":0}`}, 400, "BAD_REQUEST", "The extensions must be an object or null.", ""},
		{"documentId of a wrong type", request{body: `{"documentId":7}`}, 400, "BAD_REQUEST", "The documentId must be a string or null.", ""},
		{"deep variables", request{body: deep + strings.Repeat("[", 100) + strings.Repeat("]", 100) + "}}"}, 400, "BAD_REQUEST", "The body nests too deep.", ""},
		{"very deep variables", request{body: deep + strings.Repeat(`[`, 100_000) + strings.Repeat(`]`, 100_000) + "}}"}, 400, "BAD_REQUEST", "The body is not valid JSON.", ""},
		{"the character U+0000", request{body: `{"query":"{hello}","variables":{"a":"\u0000"}}`}, 400, "BAD_REQUEST", textMessage, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, nil)
			answer, body := s.send(t, test.request)
			if want := refused(test.code, test.message); answer.StatusCode != test.status || body != want {
				t.Errorf("got  %d %s\nwant %d %s", answer.StatusCode, body, test.status, want)
			}
			if name, want, ok := strings.Cut(test.header, ": "); ok && answer.Header.Get(name) != want {
				t.Errorf("%s: got %q, want %q", name, answer.Header.Get(name), want)
			}
			if answer.Header.Get("Cache-Control") != "no-store" {
				t.Error("the answer may be kept")
			}
			if strings.Contains(body, "secret") {
				t.Error("the answer tells of our inside")
			}
		})
	}
}

// TestRefusedOperations shows operations that do not fit, under both media types: the status differs, the body not.
func TestRefusedOperations(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	long := strings.Repeat("x", 5000)
	for _, test := range []struct {
		name string
		body string
		want string // in the answer
	}{
		{"syntax", `{"query":"{"}`, `"message":"Expected Name, found \u003cEOF\u003e","locations":[{"line":1,"column":2}],"extensions":{"code":"GRAPHQL_PARSE_FAILED"`},
		{"no operation", `{"query":"fragment f on Query{hello}"}`, `"code":"GRAPHQL_VALIDATION_FAILED"`},
		{"another operation", `{"query":"query A{hello}","operationName":"B"}`, `"message":"The document has no operation of that name.","extensions":{"code":"OPERATION_UNKNOWN"`},
		{"no name for two", `{"query":"query A{hello} query B{hello}"}`, `"message":"The document has several operations: operationName says which one to run.","extensions":{"code":"OPERATION_UNKNOWN"`},
		{"unknown field", `{"query":"{helo}"}`, `Cannot query field \"helo\" on type \"Query\".","locations"`},
		{"a mutation", `{"query":"mutation{hello}"}`, `"code":"GRAPHQL_VALIDATION_FAILED"`},
		{"a subscription", `{"query":"subscription{hello}"}`, `"code":"GRAPHQL_VALIDATION_FAILED"`},
		{"@defer", `{"query":"{...@defer{hello}}"}`, `The directive @defer is not served. Ask for everything at once, or in two operations.`},
		{"U+0000 in a literal", `{"query":"{hello(name:\"\\u0000\")}"}`, `A text has a character that is not allowed.`},
		{"a missing variable", `{"query":"query($h:String!){fail(how:$h)}"}`, `"message":"Variable $h must be given.","extensions":{"code":"BAD_USER_INPUT","reference":"ref-1","retryable":false,"variable":"h"}`},
		{"a variable of a wrong type", `{"query":"query($i:[Int!]){hello(ids:$i)}","variables":{"i":[1,true]}}`, `"variable":"i[1]"`},
		{"an unknown enum value", `{"query":"query($k:Kind){hello(kind:$k)}","variables":{"k":"THREE"}}`, `"variable":"k"`},
		{"too many tokens", `{"query":"{` + strings.Repeat("hello ", 2000) + `}"}`, `"message":"The document has at least 2,001 tokens; at most 2,000 are allowed."`},
		{"a nest of fields", `{"query":"` + strings.Repeat("{a", 100_000) + `"}`, `"code":"BYTE_LIMIT_EXCEEDED"`},
		{"a long name", `{"query":"{hello}","operationName":"` + long + `"}`, `"code":"OPERATION_UNKNOWN"`},
		{"a literal of a wrong type", `{"query":"{items(first:1.5)}"}`, `"message":"Argument \"first\" has a value that cannot be used.","locations":[{"line":1,"column":14}],"extensions":{"code":"GRAPHQL_VALIDATION_FAILED"`},
		{"an item of a wrong type", `{"query":"{hello(ids:[1,true])}"}`, `Argument \"ids\" has a value that cannot be used.`},
		{"a variable that is no whole number", `{"query":"query($n:Int!){things(first:$n){name}}","variables":{"n":1.5}}`, `"message":"Variable $n has a value that cannot be used.","extensions":{"code":"BAD_USER_INPUT"`},
		{"many faults", `{"query":"{items{` + strings.Repeat("no ", 40) + strings.Repeat("...{no}", 150) + `}}"}`, `Cannot query field \"no\" on type \"String\"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			answer, strict := s.send(t, request{body: test.body})
			if answer.StatusCode != http.StatusBadRequest || !strings.Contains(strict, test.want) {
				t.Errorf("got  %d %s\nwant 400 %s", answer.StatusCode, strict, test.want)
			}
			answer, plain := s.send(t, request{body: test.body, header: map[string]string{"Accept": "application/json"}})
			if answer.StatusCode != http.StatusOK || plain != strict {
				t.Errorf("as application/json: got %d %s\nwant 200 %s", answer.StatusCode, plain, strict)
			}
			if strings.Contains(strict, `"data"`) {
				t.Error("a request error has a data entry")
			}
			if errors := strings.Count(strict, `"message"`); errors > 20 || len(strict) > 10_000 {
				t.Errorf("%d errors in %d bytes", errors, len(strict))
			}
		})
	}
}

// TestNegotiation shows which media type an Accept header gets.
func TestNegotiation(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	const plain, graphql = "application/json; charset=utf-8", "application/graphql-response+json; charset=utf-8"
	for accept, want := range map[string]string{
		"":                                  plain,
		"*/*":                               plain,
		"application/*":                     plain,
		"application/json":                  plain,
		"application/json; charset=utf-8":   plain,
		"application/graphql-response+json": graphql,
		"application/graphql-response+json; charset=utf-8":                graphql,
		"application/graphql-response+json, application/json;q=0.9":       graphql,
		"application/graphql-response+json;q=0.5, application/json;q=0.9": plain,
		"application/json, multipart/mixed":                               plain,
		"text/html, */*;q=0.1":                                            plain,
		"nonsense/, ;;, application/json":                                 plain,
	} {
		answer, body := s.send(t, request{header: map[string]string{"Accept": accept}})
		if got := answer.Header.Get("Content-Type"); answer.StatusCode != http.StatusOK || got != want {
			t.Errorf("Accept %q: got %d %q %s, want %q", accept, answer.StatusCode, got, body, want)
		}
	}
}

// TestRequestForms shows what a well-formed request may look like.
func TestRequestForms(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	for _, body := range []string{
		`{"query":"{hello}"}`,
		`{"query":"{hello}","operationName":null,"variables":null,"extensions":null}`,
		`{"query":"query A{hello}","operationName":"A","variables":{},"extensions":{"some":"value"}}`,
		`{"query":"query A{hello} query B{no:hello}","operationName":"A"}`,
		`{"query":"{hello}","operationName":""}`,
		`{"query":"{hello}","unknown":[1,{"Query":2}]}`,
		"\n{ \"query\" : \"{hello}\" }\n",
	} {
		answer, got := s.send(t, request{body: body, header: map[string]string{"Content-Type": "application/json; charset=UTF-8"}})
		if answer.StatusCode != http.StatusOK || got != `{"data":{"hello":"hello you"}}` {
			t.Errorf("%s: got %d %s", body, answer.StatusCode, got)
		}
	}
}
