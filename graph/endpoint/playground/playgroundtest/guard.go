package playgroundtest

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// guard collects what a well-behaved page never does.
type guard struct {
	mu       sync.Mutex
	requests int
	faults   []string
}

// watch attaches the guard to a tab.
func (g *guard) watch(t testing.TB, tab context.Context) {
	t.Helper()
	if err := chromedp.Listen(tab, g.see); err != nil {
		t.Fatalf("watch the page: %v", err)
	}
}

// see takes one event of the tab. The browser reports a breach of the content policy as an error of its log.
func (g *guard) see(event any) {
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		g.request(e.Request.URL)
	case *network.EventWebSocketCreated:
		g.request(e.URL)
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError {
			g.fault("browser log: %s: %s (%s)", e.Entry.Source, e.Entry.Text, e.Entry.URL)
		}
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			text += " " + e.ExceptionDetails.Exception.Description
		}
		g.fault("exception: %s", text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeAssert {
			words := make([]string, len(e.Args))
			for i, arg := range e.Args {
				words[i] = strings.TrimSpace(string(arg.Value) + " " + arg.Description)
			}
			g.fault("console error: %s", strings.Join(words, " "))
		}
	}
}

func (g *guard) request(address string) {
	g.mu.Lock()
	g.requests++
	g.mu.Unlock()
	parsed, err := url.Parse(address)
	if err != nil {
		g.fault("request to an address that does not parse: %s", address)
		return
	}
	switch parsed.Scheme {
	case "data", "blob", "about":
		return
	}
	if ip := net.ParseIP(parsed.Hostname()); ip == nil || !ip.IsLoopback() {
		g.fault("request beyond loopback: %s", address)
	}
}

func (g *guard) fault(format string, args ...any) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.faults = append(g.faults, fmt.Sprintf(format, args...))
}

// found returns the faults so far that contain none of the expected texts, and how many requests were seen.
func (g *guard) found(expected []string) (faults []string, requests int) {
	g.mu.Lock()
	defer g.mu.Unlock()
next:
	for _, fault := range g.faults {
		for _, text := range expected {
			if strings.Contains(fault, text) {
				continue next
			}
		}
		faults = append(faults, fault)
	}
	return faults, g.requests
}
