// Package playgroundtest drives the playground in a headless Chromium, the way a person would: pick who asks, pick a
// tab, press the button, read the answer. The browser reaches nothing beyond 127.0.0.1, and a page that tries, that
// breaks its own content policy or that writes an error to the console fails the test.
package playgroundtest

import (
	"context"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// patience is how long one step may take; a machine under load starts a browser slowly.
const patience = 60 * time.Second

// start runs a browser of its own, with an empty profile, until the test ends, and returns the context of its one tab.
// It skips the test where no Chromium is installed.
func start(t testing.TB) context.Context {
	t.Helper()
	var binary string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			binary = found
			break
		}
	}
	if binary == "" {
		t.Skip("no browser installed: this test needs chromium, chromium-browser or google-chrome in PATH")
	}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(binary),
		// The sandbox needs rights that root and most containers do not have, and the only page shown is our own.
		chromedp.NoSandbox,
		chromedp.DisableGPU,
		chromedp.WindowSize(1440, 900),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
	)
	allocator, stopAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	tab, stopTab := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		closing, cancel := context.WithTimeout(tab, 10*time.Second)
		defer cancel()
		// A browser that does not close in time is killed with its allocator.
		_ = chromedp.Cancel(closing)
		stopTab()
		stopAllocator()
	})
	if err := chromedp.Do(tab); err != nil {
		t.Fatalf("start %s: %v", binary, err)
	}
	return tab
}
