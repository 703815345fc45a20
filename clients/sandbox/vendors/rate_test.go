package vendors_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"supportgraph/clients/sandbox/vendors"
)

// clock is a time that stands still unless it is turned. It is turned between calls only.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func TestRatesOfTheVendors(t *testing.T) {
	t.Parallel()
	clock := &clock{at: time.Date(2026, 11, 21, 18, 0, 0, 0, time.UTC)}
	w := serve(t, vendors.Options{Rates: true, Now: clock.now, DailyCalls: 3})
	bearer, basic := []string{"Authorization", "Bearer x"}, []string{"Authorization", "Basic dTpw"}
	customer := func() answer {
		return w.ask(http.MethodGet, vendors.StripePath+"/customers/cus_1", "", bearer...)
	}
	zones := func() answer {
		return w.ask(http.MethodGet, vendors.CloudflarePath+"/zones?account.id="+account, "", bearer...)
	}
	issues := func() answer {
		return w.ask(http.MethodPost, vendors.JiraPath+"/issue/bulkfetch", `{"issueIdsOrKeys":["1"]}`, basic...)
	}
	// The bucket of each is emptied; one more call is refused, and in the time that it takes for one token, one passes.
	for _, test := range []struct {
		name   string
		ask    func() answer
		calls  int
		wait   time.Duration
		header string
		value  string
	}{
		{"Stripe, 25 a second of an operation", customer, 25, 40 * time.Millisecond, "Retry-After", ""},
		{"Jira, 100 a second of an endpoint", issues, 100, 10 * time.Millisecond, "Retry-After", "1"},
		{"Cloudflare, 1,200 in 5 minutes, then none for 5", zones, 1200, 5 * time.Minute, "Retry-After", "300"},
	} {
		for call := range test.calls {
			if got := test.ask(); got.status != 200 {
				t.Fatalf("%s: the call %d: %d", test.name, call, got.status)
			}
		}
		got := test.ask()
		if got.status != 429 || got.header.Get(test.header) != test.value {
			t.Errorf("%s: %d %v", test.name, got.status, got.header)
		}
		clock.at = clock.at.Add(test.wait - time.Millisecond)
		if got := test.ask(); got.status != 429 {
			t.Errorf("%s: a moment too early: %d", test.name, got.status)
		}
		clock.at = clock.at.Add(2 * time.Millisecond)
		if got := test.ask(); got.status != 200 {
			t.Errorf("%s: after it: %d", test.name, got.status)
		}
	}
	if got := w.ask(http.MethodGet, vendors.StripePath+"/souls", "", bearer...); got.status != 404 {
		t.Errorf("another operation of Stripe: %d", got.status)
	}
}

func TestRatesAreOnlyShownUnlessSwitchedOn(t *testing.T) {
	t.Parallel()
	w := serve(t, vendors.Options{})
	for range 40 {
		if got := w.ask(http.MethodGet, vendors.StripePath+"/customers/cus_1", "", "Authorization", "Bearer x"); got.status != 200 {
			t.Fatal(got.status)
		}
	}
	if got := w.ask(http.MethodGet, vendors.CloudflarePath+"/zones", "", "Authorization", "Bearer x").header; got.Get("Ratelimit") != `"default";r=1199;t=300` || got.Get("Retry-After") != "" {
		t.Errorf("headers %v", got)
	}
	if err := w.Break(vendors.Fault{Vendor: vendors.Stripe, Op: "customers.get", Rate: vendors.Rate{Calls: 1, Window: vendors.Duration(time.Hour)}, Reason: "global-rate"}); err != nil {
		t.Fatal(err)
	}
	w.ask(http.MethodGet, vendors.StripePath+"/customers/cus_1", "", "Authorization", "Bearer x")
	got := w.ask(http.MethodGet, vendors.StripePath+"/customers/cus_1", "", "Authorization", "Bearer x")
	if got.status != 429 || got.header.Get("Stripe-Rate-Limited-Reason") != "global-rate" || got.header.Get("Retry-After") != "" {
		t.Errorf("a rate of a fault: %d %v", got.status, got.header)
	}
	for _, bad := range []string{`"rate":{"calls":-1}`, `"rate":{"calls":1}`, `"rate":{"window":"1s"}`} {
		if got := w.ask(http.MethodPost, "/_sandbox/faults", `{"vendor":"stripe",`+bad+`}`); got.status != 400 {
			t.Errorf("%s: %d", bad, got.status)
		}
	}
}

func TestKeysPerCallAndFaultsOfBodies(t *testing.T) {
	t.Parallel()
	w := serve(t, vendors.Options{})
	if err := w.Break(vendors.Fault{Vendor: vendors.Jira, Match: `"13"`, ErrorRate: 1}); err != nil {
		t.Fatal(err)
	}
	fetch := func(names string) int {
		return w.ask(http.MethodPost, vendors.JiraPath+"/issue/bulkfetch", `{"issueIdsOrKeys":[`+names+`]}`, "Authorization", "Basic dTpw").status
	}
	if fetch(`"1","2","3"`) != 200 || fetch(`"1","13"`) != 500 || fetch(`"1"`) != 200 || fetch(`"4","5","6"`) != 200 {
		t.Error("a fault does not tell bodies apart")
	}
	if keys := w.Stats()[vendors.Jira].Ops["issues.bulkfetch"].Keys; keys[3] != 2 || keys[1] != 1 || len(keys) != 2 {
		t.Errorf("keys per call %v", keys)
	}
	if stats := w.ask(http.MethodGet, "/_sandbox/stats", ""); stats.at("jira.keys.3") != 2.0 || !strings.Contains(stats.text, `"keys":{"1":1,"3":2}`) {
		t.Errorf("stats %s", stats.text)
	}
}
