package endpoint_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/alicebob/miniredis/v2"

	"supportgraph/clients/cache"
	"supportgraph/clients/postgres"
	"supportgraph/graph/auth"
	"supportgraph/graph/endpoint"
	"supportgraph/graph/operations"
)

const greet, greetAll = "query Greet($n: String) { hello(name: $n) }", "{ hello a: hello }"

// library is one of the given manifests.
func library(t testing.TB, files ...string) *operations.Library {
	t.Helper()
	system := fstest.MapFS{}
	for i := 0; i < len(files); i += 2 {
		system[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	l, err := operations.Load(system)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func trusting(t testing.TB, level endpoint.Level) *service {
	s := serve(t, func(c *endpoint.Config) { c.Levels = endpoint.Levels{auth.Portal: level} })
	trust := library(t, "portal.json", `{"greet":"`+greet+`"}`, "portal/web/1.json", `{"all":"`+greetAll+`"}`)
	if err := s.endpoint.Trust(trust); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestLevels shows what runs at each level, and how the rest is refused: by its code, or with data as "".
func TestLevels(t *testing.T) {
	t.Parallel()
	hash, other := operations.Hash(greet), operations.Hash("{hello}")
	persisted := func(hash string) string {
		return `"extensions":{"persistedQuery":{"version":1,"sha256Hash":"` + hash + `"}}`
	}
	const required, unknown, mismatch = "DOCUMENT_REQUIRED", "DOCUMENT_UNKNOWN", "DOCUMENT_MISMATCH"
	for _, test := range []struct {
		body                 string
		log, prefer, require string
	}{
		{`{"documentId":"greet"}`, "", "", ""},
		{`{"documentId":"` + hash + `"}`, "", "", ""},
		{`{"documentId":"sha256:` + hash + `","variables":{"n":"x"}}`, "", "", ""},
		{`{` + persisted(hash) + `}`, "", "", ""},
		{`{"documentId":"` + hash + `",` + persisted(hash) + `}`, "", "", ""},
		{`{"documentId":"greet","query":"` + greet + `"}`, "", "", ""},
		{`{"query":"` + greet + `"}`, "", "", required},
		{`{"query":"{hello}"}`, "", unknown, required},
		{`{"query":"{hello}",` + persisted(other) + `}`, "", unknown, unknown},
		{`{` + persisted(other) + `}`, "PERSISTED_QUERY_NOT_SUPPORTED", unknown, unknown},
		{`{"documentId":"` + other + `"}`, unknown, unknown, unknown},
		{`{"documentId":"all"}`, unknown, unknown, unknown}, // of a client that this one is not
		{`{"documentId":"greet","query":"{hello}"}`, mismatch, mismatch, mismatch},
		{`{"documentId":"greet",` + persisted(hash) + `}`, mismatch, mismatch, mismatch},
		{`{"query":"{ hello }",` + persisted(other) + `}`, mismatch, unknown, unknown},
		{`{"extensions":{"persistedQuery":{"version":2,"sha256Hash":"` + hash + `"}}}`, "BAD_REQUEST", "BAD_REQUEST", "BAD_REQUEST"},
		{`{"extensions":{"persistedQuery":"` + hash + `"}}`, "BAD_REQUEST", "BAD_REQUEST", "BAD_REQUEST"},
	} {
		for level, want := range map[endpoint.Level]string{endpoint.Log: test.log, endpoint.Prefer: test.prefer, endpoint.Require: test.require} {
			s := trusting(t, level)
			answer, body := s.send(t, request{body: test.body})
			switch {
			case want == "" && (answer.StatusCode != http.StatusOK || !strings.HasPrefix(body, `{"data":{"hello":"hello`)):
				t.Errorf("%s %s: got %d %s", level, test.body, answer.StatusCode, body)
			case want != "" && (answer.StatusCode != http.StatusBadRequest || !strings.Contains(body, `"code":"`+want+`"`) || strings.Contains(body, `"data"`)):
				t.Errorf("%s %s: got %d %s, want %s", level, test.body, answer.StatusCode, body, want)
			}
		}
	}
}

// TestUnknownDocumentsAreLogged at the level that lets them run.
func TestUnknownDocumentsAreLogged(t *testing.T) {
	t.Parallel()
	s := trusting(t, endpoint.Log)
	s.send(t, request{body: `{"query":"query Known{hello}"}`, header: map[string]string{"X-Client-Name": "web", "X-Client-Version": "7"}})
	s.eventually(t, `"client":"web","release":"7","document":"unknown"`)
}

// TestTrustedGet shows what browsers may keep, and that they learn without a body that it still holds.
func TestTrustedGet(t *testing.T) {
	t.Parallel()
	s := trusting(t, endpoint.Require)
	ask := request{address: parameters("documentId", "greet", "variables", `{"n":"Ada"}`), header: map[string]string{}}
	first, body := s.send(t, ask)
	tag := first.Header.Get("ETag")
	if first.StatusCode != http.StatusOK || body != `{"data":{"hello":"hello Ada"}}` || !strings.HasPrefix(tag, `W/"`) ||
		first.Header.Get("Cache-Control") != "private, max-age=2, must-revalidate" ||
		strings.Join(first.Header.Values("Vary"), ", ") != "Accept, Accept-Encoding, Origin, Authorization" {
		t.Errorf("got %d %s %v", first.StatusCode, body, first.Header)
	}
	ask.header["If-None-Match"] = `"other", ` + tag
	if again, body := s.send(t, ask); again.StatusCode != http.StatusNotModified || body != "" || again.Header.Get("ETag") != tag {
		t.Errorf("got %d %s", again.StatusCode, body)
	}
	ask.address = parameters("documentId", "greet")
	if other, body := s.send(t, ask); other.StatusCode != http.StatusOK || body != `{"data":{"hello":"hello you"}}` || other.Header.Get("ETag") == tag {
		t.Errorf("got %d %s", other.StatusCode, body)
	}
	if posted, _ := s.send(t, request{body: `{"documentId":"greet"}`}); posted.Header.Get("ETag") != "" || posted.Header.Get("Cache-Control") != "no-store" {
		t.Error("a POST may be kept:", posted.Header)
	}
}

// TestReload shows that a library is taken whole or not at all, and that a release stays as long as its manifest.
func TestReload(t *testing.T) {
	t.Parallel()
	s := trusting(t, endpoint.Require)
	ask := func(id string) bool {
		_, body := s.send(t, request{body: `{"documentId":"` + id + `"}`, header: map[string]string{"X-Client-Name": "web", "X-Client-Version": "1"}})
		return strings.HasPrefix(body, `{"data"`)
	}
	err := s.endpoint.Trust(library(t, "portal.json", `{"new":"{hello}","a":"{no}","b":"{","c":"{hello @defer}"}`, "console/web/1.json", `{"d":"{note nope}"}`))
	want := "trusted documents cannot be used:\n" +
		"  console/web/1.json: document d for console: Cannot query field \"nope\" on type \"Query\". Did you mean \"note\"?\n" +
		"  portal.json: document a for portal: Cannot query field \"no\" on type \"Query\".\n" +
		"  portal.json: document b for portal: Expected Name, found <EOF>\n"
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v\nwant %s", err, want)
	}
	if !ask("greet") || !ask("all") || ask("new") {
		t.Error("a broken library changed what is served")
	}
	if err := s.endpoint.Trust(library(t, "portal.json", `{"new":"{hello}"}`, "portal/web/2.json", `{"all":"`+greetAll+`"}`)); err != nil {
		t.Fatal(err)
	}
	if ask("greet") || !ask("all") || !ask("new") {
		t.Error("the new library is not what is served")
	}
}

func TestLevelsAreRead(t *testing.T) {
	t.Parallel()
	var levels endpoint.Levels
	if err := levels.UnmarshalText([]byte("portal=require, explorer=log")); err != nil || levels[auth.Portal] != endpoint.Require || levels[auth.Explorer] != endpoint.Log {
		t.Error(levels, err)
	}
	for _, text := range []string{"", "portal", "portal=all", "partner=log", "portal=log,"} {
		if levels.UnmarshalText([]byte(text)) == nil {
			t.Errorf("%q was read as %v", text, levels)
		}
	}
}

// TestAutomaticDocuments follows an Apollo client: the hash alone, then with the text, then alone again.
func TestAutomaticDocuments(t *testing.T) {
	t.Parallel()
	redis := miniredis.RunT(t)
	client, err := cache.Open(cache.Config{URL: postgres.Secret("redis://" + redis.Addr())})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	s := serve(t, func(c *endpoint.Config) { c.Automatic = endpoint.NewAutomatic(client, 10) })
	ask := func(query, hash string) string {
		_, body := s.send(t, request{body: `{` + query + `"extensions":{"persistedQuery":{"version":1,"sha256Hash":"` + hash + `"}}}`})
		return body
	}
	hash := operations.Hash("{hello}")
	const data = `{"data":{"hello":"hello you"}}`
	missing := refused("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")
	if got := ask("", hash); got != missing {
		t.Error("before it was told:", got)
	}
	if got := ask(`"query":"{hello}",`, hash); got != data {
		t.Error("as it is told:", got)
	}
	if got := ask("", hash); got != data {
		t.Error("after it was told:", got)
	}
	if got := ask(`"query":"{ hello }",`, hash); got != refused("DOCUMENT_MISMATCH", "The ID and the text are not of the same document.") {
		t.Error("another text under its hash:", got)
	}
	redis.FastForward(2 * 3600 * 1e9)
	if got := ask("", hash); got != missing {
		t.Error("after its time:", got)
	}
	for i := range 20 {
		text := "{hello" + strings.Repeat(" ", i) + "}"
		ask(`"query":"`+text+`",`, operations.Hash(text))
	}
	if kept := len(redis.Keys()); kept != 11 { // with their index
		t.Errorf("%d keys are kept", kept)
	}
	redis.Close()
	if got := ask(`"query":"{hello}",`, hash); got != data {
		t.Error("without Redis:", got)
	}
}
