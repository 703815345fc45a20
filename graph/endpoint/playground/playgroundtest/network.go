package playgroundtest

import (
	"context"
	"path"
	"testing"

	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/chromedp"
)

// Network stands for the public network: what it answers, by address. The browser still applies the page's content
// policy and integrity hashes to it.
type Network map[string][]byte

// OpenOver is Open for a page whose libraries are not built in: it loads them from the given network.
func OpenOver(t testing.TB, baseURL string, network Network) *Page {
	t.Helper()
	p := newPage(t)
	requests := make([]*fetch.RequestPattern, 0, len(network))
	for address := range network {
		requests = append(requests, &fetch.RequestPattern{URLPattern: address})
		p.Expect("request beyond loopback: " + address)
	}
	paused := make(chan *fetch.EventRequestPaused, len(network))
	err := chromedp.Listen(p.tab, func(event any) {
		if e, ok := event.(*fetch.EventRequestPaused); ok {
			paused <- e
		}
	})
	if err != nil {
		t.Fatalf("watch the network: %v", err)
	}
	if _, err := chromedp.Call(p.tab, fetch.Enable, fetch.EnableParams{Patterns: requests}); err != nil {
		t.Fatalf("stand for the network: %v", err)
	}
	go network.answer(p.tab, paused)
	p.Load(baseURL)
	return p
}

// answer serves paused requests until the tab is closed.
func (n Network) answer(tab context.Context, paused <-chan *fetch.EventRequestPaused) {
	kinds := map[string]string{".js": "application/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
	for {
		select {
		case <-tab.Done():
			return
		case e := <-paused:
			// An error leaves the request hanging, and the step that waits for the page tells of it.
			_, _ = chromedp.Call(tab, fetch.FulfillRequest, fetch.FulfillRequestParams{
				RequestID:    e.RequestID,
				ResponseCode: 200,
				ResponseHeaders: []*fetch.HeaderEntry{
					{Name: "Content-Type", Value: kinds[path.Ext(e.Request.URL)]},
					{Name: "Access-Control-Allow-Origin", Value: "*"},
				},
				Body: n[e.Request.URL],
			})
		}
	}
}
