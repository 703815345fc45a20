package cloudflare_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"

	"supportgraph/clients/cloudflare"
	"supportgraph/clients/sandbox/vendors"
	"supportgraph/clients/upstream"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var born = time.Date(2020, 1, 2, 3, 4, 5, 678000, time.UTC)

// accounts makes n accounts; the i-th has zones(i) zones.
func accounts(n int, zones func(int) int) vendors.Data {
	var data vendors.Data
	serial := 0
	for i := range n {
		account := vendors.Account{ID: string(id(i)), Name: fmt.Sprint("Account ", i)}
		for range zones(i) {
			serial++
			// The names run against the ids, so that neither order is the other by accident.
			account.Zones = append(account.Zones, vendors.Zone{ID: fmt.Sprintf("%032x", 1<<40-serial), Name: fmt.Sprintf("z%05d.example", serial),
				Plan: "Pro Website", PlanKey: "pro", NameServers: []string{"a.ns", "b.ns"}, Created: born, Activated: born})
		}
		data.Accounts = append(data.Accounts, account)
	}
	return data
}

func id(i int) cloudflare.AccountID { return cloudflare.AccountID(fmt.Sprintf("%032x", i+1)) }

func ids(from, to int) []cloudflare.AccountID {
	var ids []cloudflare.AccountID
	for i := from; i < to; i++ {
		ids = append(ids, id(i))
	}
	return ids
}

type world struct {
	*vendors.Server
	client *cloudflare.Client
}

func serve(t *testing.T, data vendors.Data, options vendors.Options, cfg upstream.Config) *world {
	t.Helper()
	options.CloudflareToken = "cf_test"
	w := &world{Server: vendors.New(data, options)}
	server := httptest.NewServer(w.Server)
	cfg.BaseURL, cfg.Token = server.URL+vendors.CloudflarePath, "cf_test"
	w.client = cloudflare.New(cfg, nil)
	t.Cleanup(func() { w.client.Close(); w.Close(); server.Close() })
	return w
}

func (w *world) calls() int { return w.Stats()[vendors.Cloudflare].Calls }

func (w *world) strike(t *testing.T, faults ...vendors.Fault) {
	t.Helper()
	for i := range faults {
		faults[i].Vendor = vendors.Cloudflare
	}
	if err := w.Break(faults...); err != nil {
		t.Fatal(err)
	}
}

func TestZonesOfOneAccount(t *testing.T) {
	t.Parallel()
	data := accounts(3, func(i int) int { return i * 60 })
	data.Accounts[1].Zones[0] = vendors.Zone{ID: strings.Repeat("e", 32), Name: "a.example", Status: "moved", Paused: true, Type: "secondary", Plan: "Enterprise Website", PlanKey: "enterprise", Created: born}
	data.Accounts[1].Zones[1] = vendors.Zone{ID: strings.Repeat("f", 32), Name: "b.example", Status: "read only", Type: "quantum", Created: born}
	w := serve(t, data, vendors.Options{}, upstream.Config{})
	found, failed := w.client.Zones(t.Context(), upstream.Agents, []cloudflare.AccountID{id(0), id(1), id(1), id(7), "no-account", "no-account"})
	if len(found) != 3 || len(failed) != 1 {
		t.Fatalf("found %v, failed %v", found, failed)
	}
	if got := w.calls(); got != 3 {
		t.Errorf("%d calls for 3 distinct accounts", got)
	}
	var unknown *upstream.Error
	if !errors.As(failed["no-account"], &unknown) || unknown.Reason != upstream.NotFound {
		t.Errorf("a malformed id: %v", failed)
	}
	for _, none := range []cloudflare.AccountID{id(0), id(7)} {
		if list := found[none]; list.Nodes == nil || len(list.Nodes) != 0 || list.TotalCount != 0 || list.Truncated {
			t.Errorf("an account without zones: %+v", list)
		}
	}
	list := found[id(1)]
	if len(list.Nodes) != 50 || list.TotalCount != 60 || !list.Truncated || list.Source.Name != upstream.Cloudflare || *list.Source.Freshness != upstream.Live {
		t.Errorf("%d nodes of %d, truncated %v, source %+v", len(list.Nodes), list.TotalCount, list.Truncated, list.Source)
	}
	want := []*cloudflare.Zone{
		{ID: strings.Repeat("e", 32), Name: "a.example", Status: cloudflare.ZoneMoved, Paused: true, Type: cloudflare.ZoneSecondary, Plan: "Enterprise Website", PlanKey: "enterprise", NameServers: []string{}, CreatedAt: born},
		{ID: strings.Repeat("f", 32), Name: "b.example", Status: cloudflare.ZoneOther, Type: cloudflare.ZoneTypeOther, NameServers: []string{}, CreatedAt: born},
		{ID: fmt.Sprintf("%032x", 1<<40-3), Name: "z00003.example", Status: cloudflare.ZoneActive, Type: cloudflare.ZoneFull, Plan: "Pro Website", PlanKey: "pro", NameServers: []string{"a.ns", "b.ns"}, CreatedAt: born, ActivatedAt: &born},
	}
	if diff := cmp.Diff(want, list.Nodes[:3]); diff != "" {
		t.Error(diff)
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault vendors.Fault
		want  upstream.Reason
		retry time.Duration
	}{
		"token refused":     {vendors.Fault{Mode: vendors.Unauthorized}, upstream.Refused, 0},
		"token not allowed": {vendors.Fault{ErrorRate: 1, Status: 403}, upstream.Refused, 0},
		"throttled":         {vendors.Fault{ErrorRate: 1, Status: 429, RetryAfter: "240"}, upstream.RateLimited, 4 * time.Minute},
		"throttled, silent": {vendors.Fault{ErrorRate: 1, Status: 429}, upstream.RateLimited, 5 * time.Minute},
		"fault":             {vendors.Fault{ErrorRate: 1}, upstream.Unavailable, 0},
		"a proxy's 502":     {vendors.Fault{Mode: vendors.HTML}, upstream.Unavailable, 0},
		"a page":            {vendors.Fault{Mode: vendors.HTML, Status: 200}, upstream.BadAnswer, 0},
		"no success":        {vendors.Fault{Mode: vendors.Unsuccessful}, upstream.BadAnswer, 0},
		"truncated":         {vendors.Fault{Mode: vendors.Truncate}, upstream.BadAnswer, 0},
		"wrong types":       {vendors.Fault{Mode: vendors.WrongType}, upstream.BadAnswer, 0},
		"100 MB":            {vendors.Fault{Mode: vendors.Huge}, upstream.BadAnswer, 0},
		"reset":             {vendors.Fault{Mode: vendors.Reset}, upstream.Unavailable, 0},
		"silence":           {vendors.Fault{Mode: vendors.Hang}, upstream.Timeout, 0},
	}
	for name, test := range tests {
		for _, n := range []int{1, 5} { // by account, and by sweep
			t.Run(fmt.Sprint(name, "/", n), func(t *testing.T) {
				t.Parallel()
				cfg := upstream.Config{Retries: -1}
				if test.want == upstream.Timeout {
					cfg.Timeout = 200 * time.Millisecond
				}
				w := serve(t, accounts(5, func(int) int { return 1 }), vendors.Options{}, cfg)
				w.strike(t, test.fault)
				found, failed := w.client.Zones(t.Context(), upstream.Agents, ids(0, n))
				if len(found) != 0 || len(failed) != n {
					t.Fatalf("found %v, failed %v", found, failed)
				}
				for _, err := range failed {
					var cause *upstream.Error
					if !errors.As(err, &cause) || cause.Reason != test.want || cause.RetryAfter != test.retry || cause.Service != "cloudflare" {
						t.Errorf("got %v", err)
					} else if cause.Status > 0 && !strings.HasSuffix(cause.RequestID, "-AMS") {
						t.Errorf("no reference: %v", err)
					}
				}
				if got := w.calls(); got != 1 {
					t.Errorf("%d calls", got) // a sweep that fails is not followed by one call per account
				}
			})
		}
	}
}

func TestCallsAreTheFewest(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := serve(t, accounts(100, func(int) int { return 3 }), vendors.Options{}, upstream.Config{}) // 300 zones, 6 pages
	for _, step := range []struct {
		name  string
		n     int
		calls int
	}{
		{"few accounts while nothing is known", 3, 3},
		{"more: the sweep's first page tells that the sweep is dearer", 4, 1 + 4},
		{"the same again: what it told is remembered", 4, 4},
		{"as many as there are pages", 6, 6},
		{"one more", 7, 6},
		{"all", 100, 6},
	} {
		before := w.calls()
		found, failed := w.client.Zones(ctx, upstream.Agents, ids(0, step.n))
		if len(found) != step.n || len(failed) != 0 {
			t.Fatalf("%s: found %d, failed %v", step.name, len(found), failed)
		}
		if got := w.calls() - before; got != step.calls {
			t.Errorf("%s: %d calls, want %d", step.name, got, step.calls)
		}
	}
	if most := w.Stats()[vendors.Cloudflare].MaxInFlight; most > 4 {
		t.Errorf("%d calls at once", most)
	}
}

func TestBothWaysAnswerAlike(t *testing.T) {
	t.Parallel()
	for _, omit := range []bool{false, true} {
		data := accounts(20, func(i int) int { return (i * 37) % 130 })
		each := serve(t, data, vendors.Options{}, upstream.Config{})
		swept := serve(t, data, vendors.Options{}, upstream.Config{})
		swept.strike(t, vendors.Fault{OmitTotalPages: omit})
		want := make(map[cloudflare.AccountID]*cloudflare.ZoneList)
		for _, account := range ids(0, 22) {
			found, failed := each.client.Zones(t.Context(), upstream.Agents, []cloudflare.AccountID{account})
			if len(failed) != 0 {
				t.Fatal(failed)
			}
			want[account] = found[account]
		}
		// 22 accounts against the pages of all zones: make the sweep the cheaper way by asking for many strangers too.
		found, failed := swept.client.Zones(t.Context(), upstream.Agents, ids(0, 60))
		if len(failed) != 0 || len(found) != 60 {
			t.Fatalf("found %d, failed %v", len(found), failed)
		}
		if pages := swept.calls(); pages >= 60 || pages < 20 {
			t.Errorf("%d calls is no sweep", pages)
		}
		for account := range want {
			if diff := cmp.Diff(want[account], found[account], cmpopts.IgnoreFields(upstream.Source{}, "FetchedAt")); diff != "" {
				t.Errorf("%s (total_pages omitted: %v):\n%s", account, omit, diff)
			}
		}
	}
}

func TestFailedPageTakesDownItsNeighboursOnly(t *testing.T) {
	t.Parallel()
	// 20 zones each: page 3 holds accounts 5 to 7 (rows 100 to 149), of which 7 goes on on page 4.
	w := serve(t, accounts(40, func(int) int { return 20 }), vendors.Options{}, upstream.Config{Retries: -1})
	w.strike(t, vendors.Fault{Match: "&page=3&", ErrorRate: 1})
	found, failed := w.client.Zones(t.Context(), upstream.Agents, ids(0, 40))
	if w.calls() != 16 {
		t.Errorf("%d calls", w.calls())
	}
	// Account 4 ends page 2: whether it has more on page 3 nobody knows.
	for _, account := range ids(4, 8) {
		var cause *upstream.Error
		if !errors.As(failed[account], &cause) || cause.Reason != upstream.Unavailable {
			t.Errorf("%s: %v", account, failed[account])
		}
	}
	if len(failed) != 4 || len(found) != 36 {
		t.Errorf("%d failed, %d found", len(failed), len(found))
	}
	for account, list := range found {
		if list.TotalCount != 20 || len(list.Nodes) != 20 {
			t.Errorf("%s: %d of %d", account, len(list.Nodes), list.TotalCount)
		}
	}
}

func TestRefusedSweepFallsBack(t *testing.T) {
	t.Parallel()
	w := serve(t, accounts(11, func(int) int { return 1 }), vendors.Options{MaxSweepAccounts: 10}, upstream.Config{})
	for round, calls := range []int{1 + 8, 8} { // the refusal is remembered
		before := w.calls()
		found, failed := w.client.Zones(t.Context(), upstream.Agents, ids(0, 8))
		if len(found) != 8 || len(failed) != 0 || w.calls()-before != calls {
			t.Errorf("round %d: found %d, failed %v, %d calls", round, len(found), failed, w.calls()-before)
		}
	}
}

func TestListThatChangesMeanwhile(t *testing.T) {
	t.Parallel()
	w := serve(t, accounts(40, func(int) int { return 5 }), vendors.Options{}, upstream.Config{}) // 4 pages
	// A zone of account 0 is gone once the later pages are read: all rows after it move up by one.
	w.strike(t, vendors.Fault{Match: "order=account.id&page=2", Drop: []string{fmt.Sprintf("%032x", 1<<40-1)}},
		vendors.Fault{Match: "order=account.id&page=3", Drop: []string{fmt.Sprintf("%032x", 1<<40-1)}},
		vendors.Fault{Match: "order=account.id&page=4", Drop: []string{fmt.Sprintf("%032x", 1<<40-1)}})
	found, failed := w.client.Zones(t.Context(), upstream.Agents, ids(0, 40))
	if len(found) != 40 || len(failed) != 0 {
		t.Fatalf("found %d, failed %v", len(found), failed)
	}
	for account, list := range found {
		if list.TotalCount != 5 {
			t.Errorf("%s: %d zones", account, list.TotalCount)
		}
	}
	if got := w.calls(); got <= 4 || got > 4+8 {
		t.Errorf("%d calls: the accounts at the borders are read again, and only they", got)
	}
}

func TestCancellationStopsASweep(t *testing.T) {
	t.Parallel()
	w := serve(t, accounts(100, func(int) int { return 5 }), vendors.Options{}, upstream.Config{})
	w.strike(t, vendors.Fault{Mode: vendors.Hang}, vendors.Fault{Match: "&page=1&"})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		eventually(t, func() bool { return w.Stats()[vendors.Cloudflare].InFlight == 4 })
		cancel()
	}()
	found, failed := w.client.Zones(ctx, upstream.Agents, ids(0, 100))
	// What page 1 holds whole is answered: its 10 accounts but the last, which might go on.
	if len(found) != 9 || len(failed) != 91 {
		t.Errorf("%d found, %d failed", len(found), len(failed))
	}
	var cause *upstream.Error
	if !errors.As(failed[id(50)], &cause) || cause.Reason != upstream.Canceled {
		t.Errorf("got %v", failed[id(50)])
	}
	eventually(t, func() bool { return w.Stats()[vendors.Cloudflare].InFlight == 0 })
}

func TestNoZonesAtAll(t *testing.T) {
	t.Parallel()
	w := serve(t, accounts(9, func(int) int { return 0 }), vendors.Options{}, upstream.Config{})
	found, failed := w.client.Zones(t.Context(), upstream.Agents, ids(0, 9))
	if len(found) != 9 || len(failed) != 0 || w.calls() != 1 {
		t.Errorf("found %v, failed %v, %d calls", found, failed, w.calls())
	}
	if found, failed := w.client.Zones(t.Context(), upstream.Agents, nil); len(found) != 0 || len(failed) != 0 || w.calls() != 1 {
		t.Errorf("nothing asked: found %v, failed %v, %d calls", found, failed, w.calls())
	}
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
