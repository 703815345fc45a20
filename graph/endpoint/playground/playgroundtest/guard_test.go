package playgroundtest

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// A guard that sees nothing would pass every page; this page does all that is forbidden.
func TestGuardSeesWhatAPageMustNotDo(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			w.Header().Set("Content-Security-Policy", "default-src 'self'; img-src *")
			_, _ = w.Write([]byte(`<!doctype html><script>document.title = "inline"</script><script src="/bad.js"></script>
				<img src="https://beyond.example/pixel.png">`))
		case "/bad.js":
			w.Header().Set("Content-Type", "text/javascript")
			_, _ = w.Write([]byte(`console.error("said", 7); setTimeout(() => { throw new Error("thrown") });`))
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(server.Close)

	tab := start(t)
	g := &guard{}
	g.watch(t, tab)
	if err := chromedp.Do(tab, chromedp.Navigate(server.URL+"/")); err != nil {
		t.Fatal(err)
	}
	wanted := []string{
		"request beyond loopback: https://beyond.example/pixel.png",
		"Content Security Policy",
		`console error: "said" 7`,
		"exception: Uncaught Error: thrown",
	}
	deadline := time.Now().Add(patience)
	for {
		faults, _ := g.found(nil)
		missing := ""
		for _, text := range wanted {
			if !strings.Contains(strings.Join(faults, "\n"), text) {
				missing = text
			}
		}
		if missing == "" {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the guard did not see %q, but saw %q", missing, faults)
		}
		// A round trip to the page lets its events arrive.
		if err := chromedp.Do(tab, chromedp.Evaluate[chromedp.Void](`0`)); err != nil {
			t.Fatal(err)
		}
	}
	if faults, _ := g.found(wanted); len(faults) > 1 { // the favicon's 404 at most
		t.Errorf("expected faults were not left out: %q", faults)
	}
}
