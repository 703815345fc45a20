package playground

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"supportgraph/graph/endpoint/playground/playgroundtest"
)

// Without built libraries the page must still run: its content policy lets the pinned addresses in, the hashes fit, and
// what the network says otherwise is refused.
func TestBrowserLoadsThePinnedLibrariesFromTheNetwork(t *testing.T) {
	t.Parallel()
	built, err := fs.Sub(assetFiles, "assets")
	if err != nil {
		t.Fatal(err)
	}
	libraries, err := pinnedLibraries()
	if err != nil {
		t.Fatal(err)
	}
	network := playgroundtest.Network{}
	for _, lib := range libraries {
		compressed, err := fs.ReadFile(built, lib.builtPath())
		if err != nil {
			t.Skipf("the libraries are not built (make playground, which needs npm), so nothing can stand for the network: %v", err)
		}
		if network[lib.networkURL()], err = (&asset{compressed: compressed}).plain(); err != nil {
			t.Fatal(err)
		}
	}

	page, err := fs.Sub(pageFiles, "page")
	if err != nil {
		t.Fatal(err)
	}
	handler, err := newHandler(Config{}, page, fstest.MapFS{})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/playground", handler)
	mux.Handle("/playground/", handler)
	mux.HandleFunc("POST /graphql", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"data": map[string]string{"by": r.Header.Get("Authorization")}})
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)

	browser := playgroundtest.OpenOver(t, server.URL, network)
	browser.Paste("anything")
	if answer := browser.Run(); !strings.Contains(answer, `"by": "Bearer anything"`) {
		t.Errorf("the answer is %s", answer)
	}
	browser.Screenshot(t.ArtifactDir() + "/network.png")
}
