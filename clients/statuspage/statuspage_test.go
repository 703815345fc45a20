package statuspage_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"

	"supportgraph/clients/sandbox/vendors"
	"supportgraph/clients/statuspage"
	"supportgraph/clients/upstream"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func data() vendors.Data {
	hour := time.Hour
	return vendors.Data{Page: vendors.Page{
		ID: "page1", Name: "Cloudflare", URL: "https://www.cloudflarestatus.com", Indicator: "major", Description: "Partial outage", Updated: noon,
		Components: []vendors.Component{
			{ID: "g1", Name: "Services", Group: true, Created: noon, Updated: noon},
			{ID: "c1", Name: "DNS", Status: "partial_outage", GroupID: "g1", Created: noon, Updated: noon},
			{ID: "c2", Name: "Workers", Status: "on_fire", GroupID: "g1", Created: noon, Updated: noon},
			{ID: "c3", Name: "Access", Created: noon, Updated: noon},
		},
		Incidents: []vendors.Incident{
			{ID: "i2", Name: "DNS errors", Status: "identified", Impact: "major", URL: "https://stspg.io/i2", Started: noon, Updated: noon.Add(hour),
				Components: []string{"c1", "c2"}, Updates: []vendors.IncidentUpdate{
					{ID: "u2", Status: "identified", Body: "Found it.", At: noon.Add(hour)}, {ID: "u1", Status: "investigating", Body: "Looking.", At: noon}}},
			{ID: "i1", Name: "Slow Workers", Status: "watching", Impact: "huge", Started: noon, Updated: noon, Resolved: noon.Add(hour), Components: []string{"c2"}},
		},
		Past: []vendors.Incident{
			{ID: "i0", Name: "Over", Status: "resolved", Impact: "minor", Started: noon.Add(-hour), Updated: noon, Resolved: noon, Components: []string{"c1"}},
		},
		Maintenances: []vendors.Maintenance{{Incident: vendors.Incident{ID: "m1", Name: "AMS", Status: "in_progress", Impact: "maintenance", Started: noon, Updated: noon,
			Components: []string{"c3"}}, From: noon, Until: noon.Add(hour)}},
	}}
}

type world struct {
	*vendors.Server
	client   *statuspage.Client
	observed atomic.Int64
}

func serve(t *testing.T, cfg upstream.Config, options ...statuspage.Option) *world {
	t.Helper()
	w := &world{Server: vendors.New(data(), vendors.Options{})}
	server := httptest.NewServer(w.Server)
	cfg.BaseURL = server.URL + vendors.StatuspagePath
	w.client = statuspage.New(cfg, func(context.Context, upstream.Call) { w.observed.Add(1) }, options...)
	t.Cleanup(func() { w.client.Close(); w.Close(); server.Close() })
	return w
}

func (w *world) strike(t *testing.T, fault vendors.Fault) {
	t.Helper()
	fault.Vendor = vendors.Statuspage
	if err := w.Break(fault); err != nil {
		t.Fatal(err)
	}
}

func (w *world) calls() int { return w.Stats()[vendors.Statuspage].Calls }

func TestSnapshot(t *testing.T) {
	t.Parallel()
	w := serve(t, upstream.Config{})
	if w.calls() != 0 {
		t.Error("New called the vendor")
	}
	w.client.Start(t.Context())
	w.client.Start(t.Context())
	var asking sync.WaitGroup
	for range 20 {
		asking.Go(func() {
			if _, err := w.client.Snapshot(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	asking.Wait()
	if w.calls() != 1 || w.observed.Load() != 1 {
		t.Errorf("%d calls, %d observed", w.calls(), w.observed.Load())
	}
	got, err := w.client.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got.Source.Name != upstream.Statuspage || *got.Source.Freshness != upstream.Cached || got.Source.Reason != nil || got.Source.FetchedAt == nil {
		t.Errorf("source %+v", got.Source)
	}
	hour, group, link := noon.Add(time.Hour), "g1", "https://stspg.io/i2"
	dns := &statuspage.Component{ID: "c1", Name: "DNS", Status: statuspage.ComponentPartialOutage, GroupID: &group}
	workers := &statuspage.Component{ID: "c2", Name: "Workers", Status: statuspage.ComponentOther, GroupID: &group}
	access := &statuspage.Component{ID: "c3", Name: "Access", Status: statuspage.ComponentOperational}
	want := &statuspage.Snapshot{
		Name: "Cloudflare", URL: "https://www.cloudflarestatus.com", Indicator: statuspage.IndicatorMajor, Description: "Partial outage",
		Components: []*statuspage.Component{{ID: "g1", Name: "Services", Status: statuspage.ComponentOperational, Group: true}, dns, workers, access},
		Incidents: []*statuspage.Incident{
			{ID: "i2", Kind: statuspage.Disturbance, Name: "DNS errors", Status: statuspage.IncidentIdentified, Impact: statuspage.ImpactMajor, URL: &link, StartedAt: noon, UpdatedAt: hour,
				Components: []*statuspage.Component{dns, workers}, Updates: []*statuspage.IncidentUpdate{
					{ID: "u2", Status: statuspage.IncidentIdentified, Body: "Found it.", At: hour},
					{ID: "u1", Status: statuspage.IncidentInvestigating, Body: "Looking.", At: noon}}},
			{ID: "i1", Kind: statuspage.Disturbance, Name: "Slow Workers", Status: statuspage.IncidentOther, Impact: statuspage.ImpactOther, StartedAt: noon, UpdatedAt: noon, ResolvedAt: &hour,
				Components: []*statuspage.Component{workers}, Updates: []*statuspage.IncidentUpdate{}},
		},
		Maintenances: []*statuspage.Incident{{ID: "m1", Kind: statuspage.Maintenance, Name: "AMS", Status: statuspage.IncidentInProgress, Impact: statuspage.ImpactMaintenance,
			StartedAt: noon, ScheduledFor: &noon, ScheduledUntil: &hour, UpdatedAt: noon, Updates: []*statuspage.IncidentUpdate{}, Components: []*statuspage.Component{access}}},
	}
	for _, incident := range append(got.Incidents, got.Maintenances...) {
		if diff := cmp.Diff(got.Source, incident.Source); diff != "" {
			t.Errorf("%s comes from elsewhere: %s", incident.ID, diff)
		}
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(statuspage.Snapshot{}), cmpopts.IgnoreFields(statuspage.Snapshot{}, "Source"), cmpopts.IgnoreFields(statuspage.Incident{}, "Source")); diff != "" {
		t.Error(diff)
	}
	both := []statuspage.IncidentKind{statuspage.Maintenance, statuspage.Disturbance}
	for _, ask := range []struct {
		kinds  []statuspage.IncidentKind
		active bool
		want   string
	}{
		{both[1:], false, "i2 i1 "}, {both[:1], false, "m1 "}, {both, false, "i2 i1 m1 "}, {both, true, "i2 i1 m1 "}, {nil, false, ""},
	} {
		ids := ""
		for _, incident := range got.Of(ask.kinds, ask.active) {
			ids += incident.ID + " "
		}
		if ids != ask.want {
			t.Errorf("%v, active %v: %q", ask.kinds, ask.active, ids)
		}
	}
	for _, ask := range []struct {
		components []string
		want       []string
	}{
		{[]string{"dns"}, []string{"i2"}},
		{[]string{" WORKERS ", "DNS", "workers"}, []string{"i2", "i1"}},
		{[]string{"Access", "c2", ""}, []string{}},
		{nil, []string{}},
	} {
		touching := []string{}
		for _, incident := range got.Touching(ask.components) {
			touching = append(touching, incident.ID)
		}
		if diff := cmp.Diff(ask.want, touching); diff != "" {
			t.Errorf("touching %q: %s", ask.components, diff)
		}
	}
}

func TestRefreshesInTheBackground(t *testing.T) {
	t.Parallel()
	w := serve(t, upstream.Config{}, statuspage.Every(5*time.Millisecond))
	w.client.Start(t.Context())
	eventually(t, func() bool { return w.calls() >= 4 })
	w.strike(t, vendors.Fault{Drop: []string{"i1"}})
	eventually(t, func() bool {
		got, err := w.client.Snapshot(t.Context())
		return err == nil && len(got.Incidents) == 1
	})
	w.client.Close()
	if got, err := w.client.Snapshot(t.Context()); err != nil || len(got.Incidents) != 1 {
		t.Errorf("after Close: %v, %v", got, err)
	}
	stopped := w.calls()
	if err := w.client.Refresh(t.Context()); err == nil {
		t.Error("a closed client still reads")
	}
	if w.calls() != stopped {
		t.Error("a closed client still calls")
	}
}

func TestStartEndsWithItsContext(t *testing.T) {
	t.Parallel()
	w := serve(t, upstream.Config{}, statuspage.Every(time.Millisecond))
	ctx, cancel := context.WithCancel(t.Context())
	w.client.Start(ctx)
	eventually(t, func() bool { return w.calls() >= 2 })
	cancel()
	before := -1
	eventually(t, func() bool { // the calls come to rest
		now := w.calls()
		time.Sleep(20 * time.Millisecond)
		rests := before == now
		before = now
		return rests
	})
}

func TestFailures(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault vendors.Fault
		want  upstream.Reason
	}{
		"fault":         {vendors.Fault{ErrorRate: 1, Status: 503}, upstream.Unavailable},
		"throttled":     {vendors.Fault{ErrorRate: 1, Status: 429, RetryAfter: "60"}, upstream.RateLimited},
		"no such page":  {vendors.Fault{ErrorRate: 1, Status: 404}, upstream.NotFound},
		"a proxy's 502": {vendors.Fault{Mode: vendors.HTML}, upstream.Unavailable},
		"a page":        {vendors.Fault{Mode: vendors.HTML, Status: 200}, upstream.BadAnswer},
		"truncated":     {vendors.Fault{Mode: vendors.Truncate}, upstream.BadAnswer},
		"wrong types":   {vendors.Fault{Mode: vendors.WrongType}, upstream.BadAnswer},
		"100 MB":        {vendors.Fault{Mode: vendors.Huge}, upstream.BadAnswer},
		"reset":         {vendors.Fault{Mode: vendors.Reset}, upstream.Unavailable},
		"silence":       {vendors.Fault{Mode: vendors.Hang}, upstream.Timeout},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := upstream.Config{Retries: -1}
			if test.want == upstream.Timeout {
				cfg.Timeout = 500 * time.Millisecond
			}
			// With nothing to show the failure is the answer, and asking again costs no call.
			w := serve(t, cfg)
			w.strike(t, test.fault)
			for range 3 {
				_, err := w.client.Snapshot(t.Context())
				var cause *upstream.Error
				if !errors.As(err, &cause) || cause.Reason != test.want {
					t.Errorf("got %v", err)
				}
			}
			if w.calls() != 1 {
				t.Errorf("%d calls", w.calls())
			}

			// With an earlier snapshot the failure is its reason.
			w.Heal()
			if err := w.client.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
			w.strike(t, test.fault)
			if err := w.client.Refresh(t.Context()); err == nil {
				t.Fatal("refreshed")
			}
			got, err := w.client.Snapshot(t.Context())
			if err != nil || *got.Source.Freshness != upstream.Stale || got.Source.Reason == nil || *got.Source.Reason != test.want || len(got.Incidents) != 2 {
				t.Errorf("got %+v, %v", got, err)
			}
			w.Heal()
			if err := w.client.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got, err = w.client.Snapshot(t.Context()); err != nil || *got.Source.Freshness != upstream.Cached || got.Source.Reason != nil {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func TestTooOldToShow(t *testing.T) {
	t.Parallel()
	w := serve(t, upstream.Config{}, statuspage.Keep(30*time.Millisecond))
	if _, err := w.client.Snapshot(t.Context()); err != nil {
		t.Fatal(err)
	}
	reason := func() upstream.Reason {
		_, err := w.client.Snapshot(t.Context())
		var cause *upstream.Error
		if !errors.As(err, &cause) {
			return ""
		}
		return cause.Reason
	}
	eventually(t, func() bool { return reason() == upstream.Unavailable }) // nobody refreshes
	w.strike(t, vendors.Fault{ErrorRate: 1, Status: 429})
	if err := w.client.Refresh(t.Context()); err == nil {
		t.Fatal("refreshed")
	}
	if got := reason(); got != upstream.RateLimited {
		t.Errorf("got %q", got)
	}
}

func TestCallersWaitWithinTheirContext(t *testing.T) {
	t.Parallel()
	w := serve(t, upstream.Config{})
	w.strike(t, vendors.Fault{Mode: vendors.Hang})
	within, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	_, err := w.client.Snapshot(within)
	var cause *upstream.Error
	if !errors.As(err, &cause) || cause.Reason != upstream.Timeout || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	leaving, leave := context.WithCancel(t.Context())
	leave()
	if _, err = w.client.Snapshot(leaving); !errors.As(err, &cause) || cause.Reason != upstream.Canceled {
		t.Errorf("got %v", err)
	}
	if w.calls() > 1 {
		t.Errorf("%d calls for one flight", w.calls())
	}
	w.client.Close() // ends the flight that nobody waits for
	eventually(t, func() bool { return w.Stats()[vendors.Statuspage].InFlight == 0 })
}

func eventually(t *testing.T, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Error("it never came to hold")
			return
		}
	}
}
