package jira_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"supportgraph/clients/jira"
	"supportgraph/clients/sandbox/vendors"
	"supportgraph/clients/upstream"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	born    = time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC)
	changed = time.Date(2026, 11, 2, 10, 0, 0, 5e6, time.UTC)
)

func id(i int) jira.IssueRef { return jira.IssueRef(fmt.Sprint(10000 + i)) }

func ids(from, to int) []jira.IssueRef {
	var ids []jira.IssueRef
	for i := from; i < to; i++ {
		ids = append(ids, id(i))
	}
	return ids
}

func issues(n int) []vendors.Issue {
	issues := make([]vendors.Issue, n)
	for i := range issues {
		issues[i] = vendors.Issue{ID: string(id(i)), Key: fmt.Sprint("EDGE-", i+1), Summary: fmt.Sprint("Issue ", i), Status: "To Do", Category: "new", Created: born, Updated: changed}
	}
	return issues
}

type world struct {
	*vendors.Server
	client *jira.Client
	base   string
}

func serve(t *testing.T, issues []vendors.Issue, options vendors.Options, cfg upstream.Config) *world {
	t.Helper()
	options.JiraToken = "jira_token"
	w := &world{Server: vendors.New(vendors.Data{Issues: issues}, options)}
	server := httptest.NewServer(w.Server)
	w.base = server.URL
	cfg.BaseURL, cfg.User = server.URL+vendors.JiraPath, "graph@support.example"
	if cfg.Token == "" {
		cfg.Token = "jira_token"
	}
	w.client = jira.New(cfg, nil)
	t.Cleanup(func() { w.client.Close(); w.Close(); server.Close() })
	return w
}

func (w *world) strike(t *testing.T, faults ...vendors.Fault) {
	t.Helper()
	for i := range faults {
		faults[i].Vendor = vendors.Jira
	}
	if err := w.Break(faults...); err != nil {
		t.Fatal(err)
	}
}

func (w *world) calls() int { return w.Stats()[vendors.Jira].Calls }

func ptr[T any](value T) *T { return &value }

func TestIssues(t *testing.T) {
	t.Parallel()
	all := issues(6)
	all[0] = vendors.Issue{ID: "10000", Key: "EDGE-1", Summary: "Cache misses", Status: "In Review", Category: "indeterminate", Priority: "High", Assignee: "Mia", Created: born, Updated: changed}
	all[1].Category, all[2].Category, all[3].Category = "done", "undefined", "new"
	w := serve(t, all, vendors.Options{}, upstream.Config{})
	w.strike(t, vendors.Fault{Shuffle: true, Drop: []string{"10004"}})
	found, failed := w.client.Issues(t.Context(), upstream.Agents, []jira.IssueRef{
		"10000", "10001", "10002", "10003", "10004", "10000", "77", "", "0", "007", "-1", "1e3", "99999999999999999999", "acme", "../x", "EDGE-", "-7", "EDGE-07",
	})
	if len(failed) != 0 || len(found) != 4 {
		t.Fatalf("found %v, failed %v", found, failed)
	}
	if keys := w.Stats()[vendors.Jira].Ops["issues.bulkfetch"].Keys; len(keys) != 1 || keys[6] != 1 {
		t.Errorf("keys of the calls: %v", keys)
	}
	first := found["10000"]
	if first.Source.Name != upstream.Jira || first.Source.FetchedAt == nil || *first.Source.Freshness != upstream.Live {
		t.Errorf("source %+v", first.Source)
	}
	first.Source = upstream.Source{}
	want := &jira.EngineeringIssue{ID: "10000", Key: "EDGE-1", Summary: "Cache misses", Status: "In Review", State: jira.IssueInProgress,
		Priority: ptr("High"), Assignee: ptr("Mia"), CreatedAt: born, UpdatedAt: changed, URL: w.base + "/jira/browse/EDGE-1"}
	if diff := cmp.Diff(want, first); diff != "" {
		t.Error(diff)
	}
	for name, state := range map[jira.IssueRef]jira.IssueState{"10001": jira.IssueDone, "10002": jira.IssueOther, "10003": jira.IssueTodo} {
		if found[name].State != state || found[name].Priority != nil || found[name].Assignee != nil {
			t.Errorf("%s: %+v", name, found[name])
		}
	}
	if allowance := w.client.Allowance(); allowance == nil || allowance.Limit != 100 || allowance.Remaining != 99 {
		t.Errorf("allowance %+v", allowance)
	}
}

func TestKeysThatMoved(t *testing.T) {
	t.Parallel()
	all := issues(10)
	all[4].Key, all[4].Moved = "CORE-1", []string{"EDGE-5", "OLD-5"}
	all[5].Key, all[5].Moved = "CORE-2", []string{"EDGE-6"}
	w := serve(t, all, vendors.Options{}, upstream.Config{})
	for _, test := range []struct {
		asked []jira.IssueRef
		found map[jira.IssueRef]string // ids
		calls int
	}{
		{[]jira.IssueRef{"edge-1"}, map[jira.IssueRef]string{"edge-1": "10000"}, 1},
		{[]jira.IssueRef{"EDGE-5"}, map[jira.IssueRef]string{"EDGE-5": "10004"}, 1},
		{[]jira.IssueRef{"EDGE-99"}, nil, 1},
		{[]jira.IssueRef{"10004", "CORE-1"}, map[jira.IssueRef]string{"10004": "10004", "CORE-1": "10004"}, 2},
		{[]jira.IssueRef{"EDGE-1", "EDGE-2", "EDGE-3"}, map[jira.IssueRef]string{"EDGE-1": "10000", "EDGE-2": "10001", "EDGE-3": "10002"}, 1},
		{[]jira.IssueRef{"10004", "EDGE-5", "OLD-5", "edge-6", "EDGE-6", "EDGE-1", "EDGE-99"}, map[jira.IssueRef]string{
			"10004": "10004", "EDGE-5": "10004", "OLD-5": "10004", "edge-6": "10005", "EDGE-6": "10005", "EDGE-1": "10000",
		}, 1 + 1 + 4},
	} {
		before := w.calls()
		found, failed := w.client.Issues(t.Context(), upstream.Agents, test.asked)
		if len(failed) != 0 || len(found) != len(test.found) || w.calls()-before != test.calls {
			t.Errorf("%v: found %v, failed %v, %d calls", test.asked, found, failed, w.calls()-before)
			continue
		}
		for name, id := range test.found {
			if found[name] == nil || found[name].ID != id {
				t.Errorf("%v: %s is %+v", test.asked, name, found[name])
			}
		}
	}
}

func TestCallsAreTheFewest(t *testing.T) {
	t.Parallel()
	w := serve(t, issues(260), vendors.Options{}, upstream.Config{})
	for _, test := range []struct{ keys, calls int }{{0, 0}, {1, 1}, {100, 1}, {101, 2}, {250, 3}} {
		before := w.calls()
		found, failed := w.client.Issues(t.Context(), upstream.Agents, ids(0, test.keys))
		if got := w.calls() - before; got != test.calls || len(found) != test.keys || len(failed) != 0 {
			t.Errorf("%d keys: %d calls, %d found, %d failed", test.keys, got, len(found), len(failed))
		}
	}
	stats := w.Stats()[vendors.Jira].Ops["issues.bulkfetch"]
	if stats.Keys[100] != 4 || stats.Keys[50] != 1 || stats.Keys[1] != 2 {
		t.Errorf("keys per call %v", stats.Keys)
	}
}

func TestFailuresWithinAnAnswer(t *testing.T) {
	t.Parallel()
	w := serve(t, issues(10), vendors.Options{}, upstream.Config{})
	w.strike(t, vendors.Fault{Fail: []string{"10003", "10004"}, Times: 1})
	if found, failed := w.client.Issues(t.Context(), upstream.Agents, ids(0, 10)); len(found) != 10 || len(failed) != 0 || w.calls() != 2 {
		t.Errorf("failed once: %d found, failed %v, %d calls", len(found), failed, w.calls())
	}
	if keys := w.Stats()[vendors.Jira].Keys; keys[10] != 1 || keys[2] != 1 {
		t.Errorf("more was asked again than had failed: %v", keys)
	}
	w.strike(t, vendors.Fault{Fail: []string{"10003"}})
	found, failed := w.client.Issues(t.Context(), upstream.Agents, append(ids(0, 10), "EDGE-4", "EDGE-5"))
	var cause *upstream.Error
	if len(found) != 10 || len(failed) != 2 || !errors.As(failed["10003"], &cause) || cause.Reason != upstream.Unavailable || failed["EDGE-4"] == nil || found["EDGE-5"] == nil {
		t.Errorf("failed twice: %d found, failed %v", len(found), failed)
	}
	w.Heal()
	w.strike(t, vendors.Fault{Fail: []string{"10003"}, Times: 1}, vendors.Fault{Match: `["10003"]`, ErrorRate: 1})
	found, failed = w.client.Issues(t.Context(), upstream.Agents, ids(0, 10))
	if len(found) != 9 || len(failed) != 1 || !errors.As(failed["10003"], &cause) || cause.Status != 500 {
		t.Errorf("the second call fails: %d found, failed %v", len(found), failed)
	}
}

func TestOneChunkFailsAlone(t *testing.T) {
	t.Parallel()
	w := serve(t, issues(250), vendors.Options{}, upstream.Config{})
	w.strike(t, vendors.Fault{Match: `"10150"`, ErrorRate: 1})
	found, failed := w.client.Issues(t.Context(), upstream.Agents, ids(0, 250))
	if len(found) != 150 || len(failed) != 100 || failed["10100"] == nil || failed["10199"] == nil {
		t.Errorf("%d found, %d failed", len(found), len(failed))
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	limited := func(reason, after string) vendors.Fault {
		return vendors.Fault{ErrorRate: 1, Status: 429, Reason: reason, RetryAfter: after}
	}
	tests := map[string]struct {
		fault vendors.Fault
		want  upstream.Reason
		retry time.Duration
		quota bool
	}{
		"token refused":         {vendors.Fault{Mode: vendors.Unauthorized}, upstream.Refused, 0, false},
		"not allowed":           {vendors.Fault{ErrorRate: 1, Status: 403}, upstream.Refused, 0, false},
		"burst":                 {limited("jira-burst-based", "2"), upstream.RateLimited, 2 * time.Second, false},
		"writes of an issue":    {limited("jira-per-issue-on-write", "1"), upstream.RateLimited, time.Second, false},
		"our hour is spent":     {limited("jira-quota-tenant-based", "1847"), upstream.RateLimited, 1847 * time.Second, true},
		"everybody's is":        {limited("jira-quota-global-based", "1847"), upstream.RateLimited, 1847 * time.Second, true},
		"closed for a while":    {vendors.Fault{ErrorRate: 1, Status: 503, RetryAfter: "30"}, upstream.Unavailable, 30 * time.Second, false},
		"fault":                 {vendors.Fault{ErrorRate: 1}, upstream.Unavailable, 0, false},
		"a proxy's 502":         {vendors.Fault{Mode: vendors.HTML}, upstream.Unavailable, 0, false},
		"a proxy's 404":         {vendors.Fault{Mode: vendors.HTML, Status: 404}, upstream.BadAnswer, 0, false},
		"a page":                {vendors.Fault{Mode: vendors.HTML, Status: 200}, upstream.BadAnswer, 0, false},
		"an error in 200":       {vendors.Fault{Mode: vendors.Unsuccessful}, upstream.BadAnswer, 0, false},
		"truncated":             {vendors.Fault{Mode: vendors.Truncate}, upstream.BadAnswer, 0, false},
		"trailing":              {vendors.Fault{Mode: vendors.Trailing}, upstream.BadAnswer, 0, false},
		"wrong types":           {vendors.Fault{Mode: vendors.WrongType}, upstream.BadAnswer, 0, false},
		"100 MB":                {vendors.Fault{Mode: vendors.Huge}, upstream.BadAnswer, 0, false},
		"reset":                 {vendors.Fault{Mode: vendors.Reset}, upstream.Unavailable, 0, false},
		"cut":                   {vendors.Fault{Mode: vendors.Cut}, upstream.Unavailable, 0, false},
		"silence":               {vendors.Fault{Mode: vendors.Hang}, upstream.Timeout, 0, false},
		"beyond the rate given": {vendors.Fault{Rate: vendors.Rate{Calls: 1, Window: vendors.Duration(time.Minute)}}, upstream.RateLimited, time.Minute, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := upstream.Config{}
			if test.want == upstream.Timeout {
				cfg.Timeout = 500 * time.Millisecond
			}
			at := time.Now()
			w := serve(t, issues(3), vendors.Options{Now: func() time.Time { return at }}, cfg)
			w.strike(t, test.fault)
			if test.fault.Rate.Calls > 0 {
				w.client.Issues(t.Context(), upstream.Agents, ids(0, 1))
			}
			found, failed := w.client.Issues(t.Context(), upstream.Agents, ids(0, 3))
			var cause *upstream.Error
			if len(found) != 0 || len(failed) != 3 || !errors.As(failed["10000"], &cause) || cause.Reason != test.want || cause.Quota != test.quota {
				t.Fatalf("found %v, failed %v", found, failed)
			}
			if test.retry != cause.RetryAfter && (test.retry != 0 || cause.RetryAfter > time.Second) { // a 429 without Retry-After says when by a date
				t.Errorf("to be asked again after %s", cause.RetryAfter)
			}
			if text := cause.Error(); strings.Contains(text, "jira_token") || strings.Contains(text, "Issue 0") {
				t.Errorf("%q says too much", text)
			}
			if test.quota {
				return // who has no allowance left stays away for long
			}
			w.Heal()
			if found, failed := w.client.Issues(t.Context(), upstream.Agents, ids(0, 3)); len(found) != 3 {
				t.Errorf("after healing: %v", failed)
			}
		})
	}
}

func TestWrongToken(t *testing.T) {
	t.Parallel()
	w := serve(t, issues(1), vendors.Options{}, upstream.Config{Token: "wrong"})
	_, failed := w.client.Issues(t.Context(), upstream.Agents, ids(0, 1))
	var cause *upstream.Error
	if !errors.As(failed["10000"], &cause) || cause.Reason != upstream.Refused || cause.Status != 401 {
		t.Errorf("got %v", failed)
	}
}

func TestCancellationStopsTheCalls(t *testing.T) {
	t.Parallel()
	w := serve(t, issues(1), vendors.Options{}, upstream.Config{Concurrency: 4})
	w.strike(t, vendors.Fault{Mode: vendors.Hang})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		eventually(t, func() bool { return w.Stats()[vendors.Jira].InFlight == 4 })
		cancel()
	}()
	_, failed := w.client.Issues(ctx, upstream.Agents, ids(0, 900))
	var cause *upstream.Error
	if len(failed) != 900 || !errors.As(failed[id(899)], &cause) || cause.Reason != upstream.Canceled || w.calls() != 4 {
		t.Errorf("%d failed: %v, %d calls", len(failed), failed[id(899)], w.calls())
	}
	eventually(t, func() bool { return w.Stats()[vendors.Jira].InFlight == 0 })
}

// eventually polls until the condition holds.
func eventually(t *testing.T, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Error("it never came to hold")
			return
		}
	}
}
