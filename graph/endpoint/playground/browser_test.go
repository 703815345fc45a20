package playground_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"supportgraph/graph/endpoint/playground"
	"supportgraph/graph/endpoint/playground/playgroundtest"
)

// graph answers the way the real endpoint does, as far as the page can tell: a contract per audience, a list of
// personas whose tokens can expire, and one answer that names the operation and who asked.
type graph struct {
	mu         sync.Mutex
	generation int  // tokens of an earlier one have expired
	secretive  bool // introspection is refused
}

func (g *graph) token(persona string) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return fmt.Sprintf("token-of-%s-%d", persona, g.generation)
}

// expire makes every token that was handed out worthless.
func (g *graph) expire() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.generation++
}

func (g *graph) personas(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode([]map[string]string{
		{"persona": "carla", "audience": "portal", "description": "customer of one account", "token": g.token("carla")},
		{"persona": "mira", "audience": "console", "description": "agent of the network team", "token": g.token("mira")},
	})
}

func (g *graph) answer(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Query         string `json:"query"`
		OperationName string `json:"operationName"`
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	file, persona := "", ""
	switch r.Header.Get("Authorization") {
	case "Bearer " + g.token("mira"):
		file, persona = "testdata/introspection-console.json", "mira"
	case "Bearer " + g.token("carla"):
		file, persona = "testdata/introspection-portal.json", "carla"
	default:
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"errors":[{"message":"the token has expired","extensions":{"code":"UNAUTHENTICATED"}}]}`))
		return
	}
	switch {
	case asked.OperationName != "IntrospectionQuery":
		answer := map[string]any{"data": map[string]string{"asked": asked.OperationName, "by": persona}}
		if what := r.Header.Get("Support-Graph-Explain"); what != "" {
			answer["extensions"] = map[string]string{"explained": what}
		}
		_ = json.NewEncoder(w).Encode(answer)
	case g.secretive:
		_, _ = w.Write([]byte(`{"errors":[{"message":"introspection is off"}]}`))
	default:
		contract, err := os.ReadFile(file)
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		_, _ = w.Write(contract)
	}
}

func serve(t *testing.T, g *graph, personas string) string {
	t.Helper()
	mux := http.NewServeMux()
	page := playground.Handler(playground.Config{Personas: personas})
	mux.Handle("/playground", page)
	mux.Handle("/playground/", page)
	mux.HandleFunc("POST /graphql", g.answer)
	mux.HandleFunc("GET /demo/tokens", g.personas)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

func want(t *testing.T, what, got string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(got, part) {
			t.Errorf("%s lacks %q: %s", what, part, got)
		}
	}
}

func TestBrowserAsksAsEachPersona(t *testing.T) {
	t.Parallel()
	url := serve(t, &graph{}, "/demo/tokens")
	page := playgroundtest.Open(t, url)
	shots := t.ArtifactDir()

	// An agent comes first, the three examples are open, and the button asks.
	want(t, "the first persona", page.Persona(), "mira")
	want(t, "its audience", page.Audience(), "console")
	if tabs := page.Tabs(); !slices.Equal(tabs, []string{"Inbox", "Account360", "MyCases"}) {
		t.Errorf("the tabs are %q", tabs)
	}
	want(t, "the agent's answer", page.Run(), `"asked": "Inbox"`, `"by": "mira"`)
	want(t, "the agent's documentation", page.Documentation("Ticket"), "internalNotes", "Never for customers.")
	page.Explain("dryRun")
	want(t, "the explanation", page.Run(), `"explained": "dryRun"`)
	page.Scheme("light")
	page.Screenshot(filepath.Join(shots, "light.png"))

	// A customer asks in another tab, sees their own contract, and loses no tab.
	page.AskAs("carla")
	want(t, "the customer's audience", page.Audience(), "portal")
	page.OpenTab("MyCases")
	if answer := page.Run(); strings.Contains(answer, "explained") || !strings.Contains(answer, `"by": "carla"`) {
		t.Errorf("the customer's answer: %s", answer)
	}
	if docs := page.Documentation("Ticket"); strings.Contains(docs, "internalNotes") {
		t.Errorf("the customer's documentation shows what only staff may see: %s", docs)
	}
	if tabs := page.Tabs(); len(tabs) != 3 {
		t.Errorf("after the switch the tabs are %q", tabs)
	}
	page.Scheme("dark")
	page.Screenshot(filepath.Join(shots, "dark.png"))

	// What is written stays, and the next visit begins with the same persona, without a token in the storage.
	page.Write("query Mine { tickets { nodes { ref } } }")
	want(t, "the written query's answer", page.Run(), `"asked": "Mine"`)
	page.Load(url)
	want(t, "the persona of the next visit", page.Persona(), "carla")
	if tabs := page.Tabs(); !slices.Equal(tabs, []string{"Inbox", "Account360", "Mine"}) {
		t.Errorf("after a reload the tabs are %q", tabs)
	}
	if stored := page.Stored(); strings.Contains(stored, "token-of") {
		t.Errorf("a token is kept in the browser's storage: %s", stored)
	}
	page.Settings()
	page.Screenshot(filepath.Join(shots, "settings.png"))
}

func TestBrowserReloadsExpiredTokens(t *testing.T) {
	t.Parallel()
	g := &graph{}
	page := playgroundtest.Open(t, serve(t, g, "/demo/tokens"))
	page.Expect("status of 401")
	g.expire()
	want(t, "the refused answer", page.Run(), "the token has expired")
	want(t, "the notice", page.Notice(), "401", "Reload tokens")
	page.ReloadTokens()
	if notice := page.Notice(); notice != "" {
		t.Errorf("after the reload the page still says %q", notice)
	}
	want(t, "the answer", page.Run(), `"by": "mira"`)
}

func TestBrowserWorksWithoutIntrospection(t *testing.T) {
	t.Parallel()
	page := playgroundtest.Open(t, serve(t, &graph{secretive: true}, "/demo/tokens"))
	want(t, "the notice", page.Notice(), "introspection is refused", "Queries still run")
	want(t, "the answer", page.Run(), `"asked": "Inbox"`)
}

func TestBrowserTakesAPastedToken(t *testing.T) {
	t.Parallel()
	g := &graph{}
	page := playgroundtest.Open(t, serve(t, g, ""))
	want(t, "the notice", page.Notice(), "Paste a bearer token")
	want(t, "the answer of nobody", page.Run(), "paste a bearer token above")
	page.Paste("Bearer " + g.token("carla"))
	if notice := page.Notice(); notice != "" {
		t.Errorf("with a token the page still says %q", notice)
	}
	want(t, "the answer", page.Run(), `"by": "carla"`)
}
