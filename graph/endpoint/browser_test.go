package endpoint_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"supportgraph/graph/endpoint"
)

const listed, foreign = "https://portal.example", "https://evil.example"

func serveListed(t *testing.T) *service {
	return serve(t, func(c *endpoint.Config) { c.Origins = []endpoint.Origin{listed} })
}

func TestOrigin(t *testing.T) {
	t.Parallel()
	for text, ok := range map[string]bool{
		"https://portal.example": true, "http://localhost:3000": true,
		"": false, "*": false, "null": false, "portal.example": false, "https://": false, "https://*.example": false,
		"https://portal.example/": false, "https://portal.example/a": false, "https://a@portal.example": false,
		"https://Portal.example": false, "ftp://portal.example": false, "https://a,https://b": false,
	} {
		var origin endpoint.Origin
		if err := origin.UnmarshalText([]byte(text)); (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestPages shows which pages may ask, and read the answer.
func TestPages(t *testing.T) {
	t.Parallel()
	s := serveListed(t)
	own := s.URL
	for _, test := range []struct {
		name, origin, site string
		may                bool
		read               string // Access-Control-Allow-Origin
	}{
		{"no browser", "", "", true, ""},
		{"our own page", own, "same-origin", true, ""},
		{"our own page, an old browser", own, "", true, ""},
		{"a listed page", listed, "cross-site", true, listed},
		{"a listed page, an old browser", listed, "", true, listed},
		{"a foreign page", foreign, "cross-site", false, ""},
		{"a foreign page, an old browser", foreign, "", false, ""},
		{"a foreign page that hides", "", "cross-site", false, ""},
		{"a page beside ours", "https://other.portal.example", "same-site", false, ""},
		{"a page without origin", "null", "cross-site", false, ""},
		{"almost a listed page", listed + ".evil.example", "cross-site", false, ""},
	} {
		for _, ask := range []request{{}, {address: parameters("query", "{hello}")}} {
			ask.header = map[string]string{"Origin": test.origin, "Sec-Fetch-Site": test.site}
			answer, body := s.send(t, ask)
			status, want := http.StatusOK, `{"data":{"hello":"hello you"}}`
			if !test.may {
				status, want = http.StatusForbidden, refused("CROSS_ORIGIN", "Pages of this origin may not ask.")
			}
			if answer.StatusCode != status || body != want {
				t.Errorf("%s %s: got %d %s", answer.Request.Method, test.name, answer.StatusCode, body)
			}
			if got := answer.Header.Get("Access-Control-Allow-Origin"); got != test.read {
				t.Errorf("%s %s: Access-Control-Allow-Origin %q, want %q", answer.Request.Method, test.name, got, test.read)
			}
			if answer.Header.Get("Access-Control-Allow-Credentials") != "" {
				t.Errorf("%s: credentials are allowed", test.name)
			}
		}
	}
}

func TestPreflight(t *testing.T) {
	t.Parallel()
	s := serveListed(t)
	for origin, want := range map[string]map[string]string{
		listed: {
			"Access-Control-Allow-Origin": listed, "Access-Control-Allow-Methods": "GET, POST", "Access-Control-Max-Age": "7200",
			"Access-Control-Allow-Headers": "Authorization, Content-Type, Traceparent, X-Request-Id, Support-Graph-Cost, Support-Graph-Explain, Support-Graph-Sources, X-Client-Name, X-Client-Version",
		},
		foreign: {"Access-Control-Allow-Origin": "", "Access-Control-Allow-Methods": "", "Access-Control-Allow-Headers": ""},
		"null":  {"Access-Control-Allow-Origin": ""},
	} {
		answer, body := s.send(t, request{method: http.MethodOptions, body: " ", header: map[string]string{
			"Origin": origin, "Access-Control-Request-Method": "POST", "Authorization": "",
		}})
		status := http.StatusNoContent
		if origin != listed {
			status = http.StatusForbidden
		}
		if answer.StatusCode != status || body != "" {
			t.Errorf("%s: got %d %q", origin, answer.StatusCode, body)
		}
		for name, value := range want {
			if got := answer.Header.Get(name); got != value {
				t.Errorf("%s: %s %q, want %q", origin, name, got, value)
			}
		}
		if !strings.Contains(answer.Header.Get("Vary"), "Origin") {
			t.Errorf("%s: Vary %q", origin, answer.Header.Get("Vary"))
		}
	}
}

func TestSecurityHeaders(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	endpoint.SecurityHeaders(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Frame-Options", "SAMEORIGIN")
	})).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
	for name, want := range map[string]string{
		"Content-Security-Policy":      "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Referrer-Policy":              "no-referrer",
		"Strict-Transport-Security":    "max-age=31536000",
		"X-Content-Type-Options":       "nosniff",
		"X-Frame-Options":              "SAMEORIGIN",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

// TestSuggestionsAreByAudience: who may not read the contract learns no name of it from a near miss.
func TestSuggestionsAreByAudience(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	for document, told := range map[string]bool{
		`{helo}`: true, `{hello(nam:\"x\")}`: true, `{hello(kind:ONEE)}`: true,
		`query($k:Kin){hello(kind:$k)}`: false, `{...on Quer{hello}}`: false, // nothing is near enough
	} {
		for _, audience := range []string{"portal", "console"} {
			_, body := s.send(t, request{body: `{"query":"` + document + `"}`, header: map[string]string{"Authorization": "Bearer " + audience}})
			want := told && audience == "console"
			if strings.Contains(body, "Did you mean") != want || !strings.Contains(body, `"errors"`) {
				t.Errorf("%s %s: %s", audience, document, body)
			}
		}
	}
}
