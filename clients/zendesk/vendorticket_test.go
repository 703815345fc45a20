package zendesk_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"supportgraph/clients/sandbox/vendors"
	"supportgraph/clients/upstream"
	"supportgraph/clients/zendesk"
)

func TestTickets(t *testing.T) {
	t.Parallel()
	w := serve(t, 50, vendors.Options{}, upstream.Config{})
	w.strike(t, vendors.Fault{Drop: []string{"103"}})
	found, failed := w.client.Tickets(t.Context(), append(tickets(0, 50), 1, 2, 1, 0, -4, 77777))
	if len(failed) != 0 || len(found) != 51 || found[103] != nil {
		t.Fatalf("%d found, failed %v", len(found), failed)
	}
	if keys := w.Stats()[vendors.Zendesk].Ops["tickets.show_many"].Keys; len(keys) != 1 || keys[53] != 1 {
		t.Errorf("keys of the calls: %v", keys)
	}
	for id, ticket := range found { // the order is by chance
		if ticket.ID != id || id >= 100 && ticket.Subject != fmt.Sprint("Ticket ", id-100) {
			t.Errorf("%d is %+v", id, ticket)
		}
	}
	first := found[1]
	if first.Source.Name != upstream.Zendesk || first.Source.FetchedAt == nil || *first.Source.Freshness != upstream.Live {
		t.Errorf("source %+v", first.Source)
	}
	first.Source = upstream.Source{}
	want := &zendesk.VendorTicket{ID: 1, Subject: "522 on apex", Status: zendesk.VendorTicketOpen, Priority: ptr(zendesk.VendorTicketHigh), RequesterID: ada,
		OrganizationID: ptr(zendesk.OrganizationID(acme)), ExternalID: ptr("tkt_1"), Tags: []string{"dns"}, CreatedAt: born, UpdatedAt: changed.Add(time.Hour),
		URL: w.base + "/zendesk/agent/tickets/1"}
	if diff := cmp.Diff(want, first); diff != "" {
		t.Error(diff)
	}
	if odd := found[2]; odd.Status != zendesk.VendorTicketOther || *odd.Priority != zendesk.VendorTicketPriorityOther || odd.OrganizationID != nil || odd.ExternalID != nil || odd.Tags == nil {
		t.Errorf("odd %+v", odd)
	}
	if allowance := w.client.Allowance(); allowance == nil || allowance.Limit != 700 || allowance.Remaining != 699 {
		t.Errorf("allowance %+v", allowance)
	}
}

func TestCallsAreTheFewest(t *testing.T) {
	t.Parallel()
	w := serve(t, 250, vendors.Options{}, upstream.Config{})
	for _, test := range []struct{ keys, calls int }{{0, 0}, {1, 1}, {100, 1}, {101, 2}, {250, 3}} {
		before := w.calls()
		found, failed := w.client.Tickets(t.Context(), tickets(0, test.keys))
		if got := w.calls() - before; got != test.calls || len(found) != test.keys || len(failed) != 0 {
			t.Errorf("%d keys: %d calls, %d found, %d failed", test.keys, got, len(found), len(failed))
		}
	}
	if keys := w.Stats()[vendors.Zendesk].Ops["tickets.show_many"].Keys; keys[100] != 4 || keys[50] != 1 || keys[1] != 2 {
		t.Errorf("keys per call %v", keys)
	}
}

func TestOneChunkFailsAlone(t *testing.T) {
	t.Parallel()
	w := serve(t, 250, vendors.Options{}, upstream.Config{})
	w.strike(t, vendors.Fault{Match: "%2C250%2C", ErrorRate: 1})
	found, failed := w.client.Tickets(t.Context(), tickets(0, 250))
	if len(found) != 150 || len(failed) != 100 || failed[200] == nil || failed[299] == nil {
		t.Errorf("%d found, %d failed", len(found), len(failed))
	}
}

func TestOfOrganizations(t *testing.T) {
	t.Parallel()
	w := serve(t, 130, vendors.Options{}, upstream.Config{})
	found, failed := w.client.OfOrganizations(t.Context(), upstream.Agents, []zendesk.OrganizationID{acme, 5002, acme, 404, 0, -1})
	if len(failed) != 0 || len(found) != 2 || w.calls() != 3 {
		t.Fatalf("found %v, failed %v, %d calls", found, failed, w.calls())
	}
	var shown []zendesk.TicketID
	for _, ticket := range found[acme].Nodes {
		shown = append(shown, ticket.ID)
	}
	if diff := cmp.Diff([]zendesk.TicketID{1, 100, 101, 102, 103}, shown[:5]); diff != "" || len(shown) != 20 { // what changed last
		t.Error(diff)
	}
	if found[acme].After == nil || found[acme].Source.FetchedAt == nil {
		t.Errorf("page %+v", found[acme])
	}
	if empty := found[5002]; empty.Nodes == nil || len(empty.Nodes) != 0 || empty.After != nil {
		t.Errorf("an organisation without tickets: %+v", empty)
	}
	w.strike(t, vendors.Fault{Match: "/5002/", ErrorRate: 1})
	found, failed = w.client.OfOrganizations(t.Context(), upstream.Agents, []zendesk.OrganizationID{acme, 5002})
	if len(found) != 1 || len(failed) != 1 || failed[5002] == nil {
		t.Errorf("one fails alone: found %v, failed %v", found, failed)
	}
}

func TestSearch(t *testing.T) {
	t.Parallel()
	now := changed.Add(2 * time.Hour)
	w := serve(t, 250, vendors.Options{Now: func() time.Time { return now }}, upstream.Config{})
	var seen []zendesk.TicketID
	after, pages := "", 0
	for {
		page, err := w.client.Search(t.Context(), upstream.Agents, "ticket", 100, after)
		if err != nil {
			t.Fatal(err)
		}
		pages++
		for _, ticket := range page.Nodes {
			seen = append(seen, ticket.ID)
		}
		if page.After == nil {
			break
		}
		after = *page.After
	}
	if diff := cmp.Diff(tickets(0, 250), seen); diff != "" || pages != 3 {
		t.Errorf("%d pages: %s", pages, diff)
	}
	for text, want := range map[string]int{
		"522 APEX": 1, "apex nonsense": 0, "type:user": 1, `"type:user"`: 1, "say type:ticket": 0, "-apex": 0, "dns": 1, "status:solved": 0,
		"": 0, " \t\n": 0, `"" \`: 0, "\x00": 0, `" OR type:user "`: 0,
	} {
		page, err := w.client.Search(t.Context(), upstream.Agents, text, 10, "")
		if err != nil || len(page.Nodes) != want || page.After != nil {
			t.Errorf("%q: %+v, %v", text, page, err)
		}
	}
	before := w.calls()
	if _, err := w.client.Search(t.Context(), upstream.Agents, strings.Repeat("word ", 5000), 10, ""); err != nil || w.calls() != before+1 {
		t.Errorf("a long text: %v", err)
	}
	// The vendor's index is behind.
	w.strike(t, vendors.Fault{Op: "search.export", IndexLag: vendors.Duration(90 * time.Minute)})
	if page, err := w.client.Search(t.Context(), upstream.Agents, "522", 10, ""); err != nil || len(page.Nodes) != 0 {
		t.Errorf("what is not indexed yet: %+v, %v", page, err)
	}
	now = now.Add(time.Hour)
	if page, err := w.client.Search(t.Context(), upstream.Agents, "522", 10, ""); err != nil || len(page.Nodes) != 1 {
		t.Errorf("what is indexed by now: %+v, %v", page, err)
	}
	w.Heal()
	var cause *upstream.Error
	now = now.Add(2 * time.Hour)
	if _, err := w.client.Search(t.Context(), upstream.Agents, "ticket", 100, after); !errors.As(err, &cause) || cause.Reason != upstream.Refused || cause.Code != "Expired cursor" {
		t.Errorf("a cursor past its hour: %v", err)
	}
	if _, err := w.client.Search(t.Context(), upstream.Agents, "ticket", 100, "nonsense"); !errors.As(err, &cause) || cause.Status != 400 {
		t.Errorf("no cursor: %v", err)
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault vendors.Fault
		want  upstream.Reason
		retry time.Duration
		code  string
	}{
		"token refused":      {vendors.Fault{Mode: vendors.Unauthorized}, upstream.Refused, 0, "Couldn't authenticate you"},
		"not allowed":        {vendors.Fault{ErrorRate: 1, Status: 403}, upstream.Refused, 0, "Forbidden"}, // an error that is an object
		"throttled":          {vendors.Fault{ErrorRate: 1, Status: 429, RetryAfter: "41"}, upstream.RateLimited, 41 * time.Second, "APIRateLimitExceeded"},
		"throttled, reset":   {vendors.Fault{ErrorRate: 1, Status: 429}, upstream.RateLimited, time.Second, "APIRateLimitExceeded"},
		"fault":              {vendors.Fault{ErrorRate: 1}, upstream.Unavailable, 0, "unavailable"},
		"closed for a while": {vendors.Fault{ErrorRate: 1, Status: 503, RetryAfter: "9"}, upstream.Unavailable, 9 * time.Second, "unavailable"},
		"conflict":           {vendors.Fault{ErrorRate: 1, Status: 409}, upstream.Refused, 0, "Invalid attribute"},
		"a proxy's 502":      {vendors.Fault{Mode: vendors.HTML}, upstream.Unavailable, 0, ""},
		"a proxy's 404":      {vendors.Fault{Mode: vendors.HTML, Status: 404}, upstream.BadAnswer, 0, ""},
		"a page":             {vendors.Fault{Mode: vendors.HTML, Status: 200}, upstream.BadAnswer, 0, ""},
		"an error in 200":    {vendors.Fault{Mode: vendors.Unsuccessful}, upstream.BadAnswer, 0, ""},
		"truncated":          {vendors.Fault{Mode: vendors.Truncate}, upstream.BadAnswer, 0, ""},
		"trailing":           {vendors.Fault{Mode: vendors.Trailing}, upstream.BadAnswer, 0, ""},
		"wrong types":        {vendors.Fault{Mode: vendors.WrongType}, upstream.BadAnswer, 0, ""},
		"100 MB":             {vendors.Fault{Mode: vendors.Huge}, upstream.BadAnswer, 0, ""},
		"reset":              {vendors.Fault{Mode: vendors.Reset}, upstream.Unavailable, 0, ""},
		"cut":                {vendors.Fault{Mode: vendors.Cut}, upstream.Unavailable, 0, ""},
		"silence":            {vendors.Fault{Mode: vendors.Hang}, upstream.Timeout, 0, ""},
	}
	reads := map[string]func(context.Context, *zendesk.Client) error{
		"tickets": func(ctx context.Context, c *zendesk.Client) error {
			_, failed := c.Tickets(ctx, []zendesk.TicketID{1})
			return failed[1]
		},
		"users": func(ctx context.Context, c *zendesk.Client) error {
			_, failed := c.Users(ctx, upstream.Agents, []zendesk.UserID{ada})
			return failed[ada]
		},
		"organisations": func(ctx context.Context, c *zendesk.Client) error {
			_, failed := c.OrganizationsByExternalID(ctx, []string{"acc_1"})
			return failed["acc_1"]
		},
		"of organisations": func(ctx context.Context, c *zendesk.Client) error {
			_, failed := c.OfOrganizations(ctx, upstream.Agents, []zendesk.OrganizationID{acme})
			return failed[acme]
		},
		"comments": func(ctx context.Context, c *zendesk.Client) error {
			_, err := c.Comments(ctx, upstream.Agents, 1, 10, "")
			return err
		},
		"search": func(ctx context.Context, c *zendesk.Client) error {
			_, err := c.Search(ctx, upstream.Agents, "apex", 10, "")
			return err
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for kind, read := range reads {
				if name == "100 MB" && kind != "tickets" {
					continue // one is heavy enough
				}
				cfg := upstream.Config{}
				if test.want == upstream.Timeout {
					cfg.Timeout = 200 * time.Millisecond
				}
				w := serve(t, 1, vendors.Options{}, cfg)
				w.strike(t, test.fault)
				var cause *upstream.Error
				err := read(t.Context(), w.client)
				if !errors.As(err, &cause) || cause.Reason != test.want || cause.RetryAfter != test.retry || cause.Code != test.code || cause.Quota {
					t.Errorf("%s: %v", kind, err)
					continue
				}
				if text := cause.Error(); strings.Contains(text, "zd_token") || strings.Contains(text, "apex") || strings.Contains(text, "acme.example") {
					t.Errorf("%s: %q says too much", kind, text)
				}
				if cause.Status >= 400 && !strings.Contains(cause.RequestID, "-zdk-") {
					t.Errorf("%s: no reference: %v", kind, cause)
				}
				w.Heal()
				if err := read(t.Context(), w.client); err != nil {
					t.Errorf("%s: after healing: %v", kind, err)
				}
			}
		})
	}
}

func TestRates(t *testing.T) {
	t.Parallel()
	at := time.Now()
	w := serve(t, 1, vendors.Options{Rates: true, Now: func() time.Time { return at }}, upstream.Config{})
	for range 100 {
		if _, failed := w.client.OfOrganizations(t.Context(), upstream.Agents, []zendesk.OrganizationID{acme}); len(failed) != 0 {
			t.Fatal(failed)
		}
	}
	_, failed := w.client.OfOrganizations(t.Context(), upstream.Agents, []zendesk.OrganizationID{acme})
	var cause *upstream.Error
	if !errors.As(failed[acme], &cause) || cause.Reason != upstream.RateLimited || cause.RetryAfter != time.Second || w.client.Allowance().Remaining != 0 {
		t.Errorf("the 101st list of a minute: %v", failed)
	}
	if found, failed := w.client.Tickets(t.Context(), []zendesk.TicketID{1}); len(found) != 1 {
		t.Errorf("other endpoints have a limit of their own: %v", failed)
	}
}

func TestCancellationStopsTheCalls(t *testing.T) {
	t.Parallel()
	w := serve(t, 1, vendors.Options{}, upstream.Config{})
	w.strike(t, vendors.Fault{Mode: vendors.Hang})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		eventually(t, func() bool { return w.Stats()[vendors.Zendesk].InFlight == 4 })
		cancel()
	}()
	_, failed := w.client.Tickets(ctx, tickets(0, 900))
	var cause *upstream.Error
	if len(failed) != 900 || !errors.As(failed[999], &cause) || cause.Reason != upstream.Canceled || w.calls() != 4 {
		t.Errorf("%d failed: %v, %d calls", len(failed), failed[999], w.calls())
	}
	eventually(t, func() bool { return w.Stats()[vendors.Zendesk].InFlight == 0 })
}
