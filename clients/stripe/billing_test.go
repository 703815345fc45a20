package stripe_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"supportgraph/clients/sandbox/vendors"
	"supportgraph/clients/stripe"
	"supportgraph/clients/upstream"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	born   = time.Date(2024, 3, 1, 12, 0, 0, 0, time.UTC)
	month1 = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	month2 = time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	year2  = time.Date(2027, 11, 1, 0, 0, 0, 0, time.UTC)
)

func data() vendors.Data {
	data := vendors.Data{Customers: []vendors.Customer{
		{ID: "cus_acme", Name: "Acme", Email: "billing@acme.example", Currency: "eur", Balance: -250, Delinquent: true, Created: born,
			Subscriptions: []vendors.Subscription{
				{ID: "sub_1", Status: "past_due", Created: born, CancelAtPeriodEnd: true, TrialEnd: month1, Items: []vendors.Item{
					{ID: "si_1", PriceID: "price_1", ProductID: "prod_1", UnitAmount: 20000, Currency: "eur", Quantity: 2, Interval: "year", PeriodStart: month1, PeriodEnd: year2},
					{ID: "si_2", PriceID: "price_2", ProductID: "prod_2", Nickname: "Seats", UnitAmount: 500, Currency: "eur", Interval: "fortnight", PeriodStart: month1, PeriodEnd: month2},
					{ID: "si_3", PriceID: "price_3", ProductID: "prod_3", UnitAmount: 100, Currency: "eur", Quantity: 1, PeriodStart: month2, PeriodEnd: year2},
				}},
				{ID: "sub_old", Status: "canceled", Created: born},
				{ID: "sub_2", Status: "frozen_by_magic", Created: month1},
			}},
		{ID: "cus_bare", Created: born},
		{ID: "cus_gone", Deleted: true},
		{ID: "cus_many", Created: born},
	}}
	for i := range 12 {
		many := &data.Customers[3]
		many.Subscriptions = append(many.Subscriptions, vendors.Subscription{ID: fmt.Sprint("sub_m", i), Status: "active", Created: born})
	}
	for i := range 40 {
		data.Customers = append(data.Customers, vendors.Customer{ID: fmt.Sprintf("cus_%02d", i), Created: born})
	}
	return data
}

type world struct {
	*vendors.Server
	client *stripe.Client
	opened atomic.Int64
}

func serve(t *testing.T, cfg upstream.Config) *world {
	t.Helper()
	w := &world{Server: vendors.New(invoiced(data()), vendors.Options{Seed: 1, StripeKey: "rk_test"})}
	server := httptest.NewUnstartedServer(w.Server)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			w.opened.Add(1)
		}
	}
	server.Start()
	cfg.BaseURL = server.URL + vendors.StripePath
	if cfg.Token == "" {
		cfg.Token = "rk_test"
	}
	w.client = stripe.New(cfg, nil)
	t.Cleanup(func() { w.client.Close(); w.Close(); server.Close() })
	return w
}

func ptr[T any](value T) *T { return &value }

func TestProfiles(t *testing.T) {
	t.Parallel()
	w := serve(t, upstream.Config{})
	before := time.Now()
	found, failed := w.client.Profiles(t.Context(), upstream.Agents, []stripe.CustomerID{
		"cus_acme", "cus_bare", "cus_acme", "cus_gone", "cus_many", "cus_unknown", "cus_unknown", "", "..", "a/b?c", "cus_acme",
	})
	if len(failed) != 0 || len(found) != 3 {
		t.Fatalf("found %v, failed %v", found, failed)
	}
	if calls := w.Stats()[vendors.Stripe].Calls; calls != 6 {
		t.Errorf("%d calls for 6 distinct ids that can be asked for", calls)
	}

	acme := found["cus_acme"]
	if at := acme.Source.FetchedAt; at == nil || at.Before(before) || *acme.Source.Freshness != upstream.Live || acme.Source.Name != upstream.Stripe {
		t.Errorf("source %+v", acme.Source)
	}
	acme.Source = upstream.Source{}
	want := &stripe.BillingProfile{
		CustomerID: "cus_acme", Name: ptr("Acme"), Email: ptr("billing@acme.example"), Currency: ptr("EUR"), Balance: -250,
		Delinquent: true, CreatedAt: born,
		Subscriptions: []*stripe.Subscription{
			{ID: "sub_2", Status: stripe.SubscriptionOther, Items: []*stripe.SubscriptionItem{}},
			{ID: "sub_1", Status: stripe.SubscriptionPastDue, CancelAtPeriodEnd: true, TrialEnd: &month1,
				CurrentPeriodStart: &month1, CurrentPeriodEnd: &month2,
				Items: []*stripe.SubscriptionItem{
					{ID: "si_1", PriceID: "price_1", ProductID: "prod_1", UnitAmount: ptr(20000), Currency: "EUR", Quantity: 2, Interval: ptr(stripe.BillingYear), IntervalCount: ptr(1)},
					{ID: "si_2", PriceID: "price_2", ProductID: "prod_2", Nickname: ptr("Seats"), UnitAmount: ptr(500), Currency: "EUR", Interval: ptr(stripe.BillingOther), IntervalCount: ptr(1)},
					{ID: "si_3", PriceID: "price_3", ProductID: "prod_3", UnitAmount: ptr(100), Currency: "EUR", Quantity: 1},
				}},
		},
	}
	if diff := cmp.Diff(want, acme); diff != "" {
		t.Error(diff)
	}
	if bare := found["cus_bare"]; bare.Name != nil || bare.Email != nil || bare.Currency != nil || bare.Subscriptions == nil || bare.MoreSubscriptions {
		t.Errorf("bare %+v", bare)
	}
	if many := found["cus_many"]; len(many.Subscriptions) != 10 || !many.MoreSubscriptions {
		t.Errorf("%d of many, more %v", len(many.Subscriptions), many.MoreSubscriptions)
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault vendors.Fault
		want  upstream.Reason
		retry time.Duration
	}{
		"key refused":      {vendors.Fault{Mode: vendors.Unauthorized}, upstream.Refused, 0},
		"key not allowed":  {vendors.Fault{Next: []int{403}}, upstream.Refused, 0},
		"throttled":        {vendors.Fault{Next: []int{429}}, upstream.RateLimited, 0},
		"throttled, until": {vendors.Fault{Next: []int{429}, RetryAfter: "3"}, upstream.RateLimited, 3 * time.Second},
		"fault":            {vendors.Fault{ErrorRate: 1}, upstream.Unavailable, 0},
		"closed":           {vendors.Fault{ErrorRate: 1, Status: 503}, upstream.Unavailable, 0},
		"a proxy's 502":    {vendors.Fault{Mode: vendors.HTML}, upstream.Unavailable, 0},
		"a proxy's 404":    {vendors.Fault{Mode: vendors.HTML, Status: 404}, upstream.BadAnswer, 0},
		"a page":           {vendors.Fault{Mode: vendors.HTML, Status: 200}, upstream.BadAnswer, 0},
		"truncated":        {vendors.Fault{Mode: vendors.Truncate}, upstream.BadAnswer, 0},
		"trailing":         {vendors.Fault{Mode: vendors.Trailing}, upstream.BadAnswer, 0},
		"wrong types":      {vendors.Fault{Mode: vendors.WrongType}, upstream.BadAnswer, 0},
		"100 MB":           {vendors.Fault{Mode: vendors.Huge}, upstream.BadAnswer, 0},
		"an error in 200":  {vendors.Fault{Mode: vendors.Unsuccessful}, upstream.BadAnswer, 0},
		"reset":            {vendors.Fault{Mode: vendors.Reset}, upstream.Unavailable, 0},
		"cut":              {vendors.Fault{Mode: vendors.Cut}, upstream.Unavailable, 0},
		"silence":          {vendors.Fault{Mode: vendors.Hang}, upstream.Timeout, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := upstream.Config{Retries: -1}
			if test.want == upstream.Timeout {
				cfg.Timeout = 500 * time.Millisecond
			}
			w := serve(t, cfg)
			test.fault.Vendor = vendors.Stripe
			if err := w.Break(test.fault); err != nil {
				t.Fatal(err)
			}
			found, failed := w.client.Profiles(t.Context(), upstream.Agents, []stripe.CustomerID{"cus_acme"})
			var cause *upstream.Error
			if len(found) != 0 || !errors.As(failed["cus_acme"], &cause) || cause.Reason != test.want || cause.RetryAfter != test.retry {
				t.Fatalf("found %v, failed %v", found, failed)
			}
			if text := cause.Error(); strings.Contains(text, "rk_test") || strings.Contains(text, "acme.example") || strings.Contains(text, "<html>") {
				t.Errorf("%q says too much", text)
			}
			if cause.Status >= 400 && test.fault.Mode != vendors.HTML && (cause.Code == "" || !strings.HasPrefix(cause.RequestID, "req_")) {
				t.Errorf("no code or reference: %+v", cause)
			}
			w.Heal()
			if found, failed := w.client.Profiles(t.Context(), upstream.Agents, []stripe.CustomerID{"cus_acme"}); len(found) != 1 {
				t.Errorf("after healing: %v", failed)
			}
		})
	}
}

func TestOneFailureFailsAlone(t *testing.T) {
	t.Parallel()
	w := serve(t, upstream.Config{})
	if err := w.Break(vendors.Fault{Vendor: vendors.Stripe, Match: "cus_03", ErrorRate: 1}, vendors.Fault{Vendor: vendors.Stripe, Match: "cus_04", Drop: []string{"cus_04"}}); err != nil {
		t.Fatal(err)
	}
	ids := many()
	found, failed := w.client.Profiles(t.Context(), upstream.Agents, ids)
	if len(found) != len(ids)-2 || len(failed) != 1 || failed["cus_03"] == nil || found["cus_04"] != nil {
		t.Errorf("%d found, failed %v", len(found), failed)
	}
}

func many() []stripe.CustomerID {
	ids := make([]stripe.CustomerID, 40)
	for i := range ids {
		ids[i] = stripe.CustomerID(fmt.Sprintf("cus_%02d", i))
	}
	return ids
}

func TestCallsAreBoundedAndConnectionsReused(t *testing.T) {
	t.Parallel()
	w := serve(t, upstream.Config{})
	if err := w.Break(vendors.Fault{Vendor: vendors.Stripe, Latency: vendors.Latency{P50: vendors.Duration(3 * time.Millisecond)}}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if found, failed := w.client.Profiles(t.Context(), upstream.Agents, many()); len(found) != 40 {
			t.Fatal(failed)
		}
	}
	stats := w.Stats()[vendors.Stripe].Ops["customers.get"]
	if stats.Calls != 80 || stats.MaxInFlight != 8 || stats.InFlight != 0 {
		t.Errorf("%+v", stats)
	}
	if opened := w.opened.Load(); opened > 16 { // a place is free a moment before its connection is
		t.Errorf("80 calls opened %d connections", opened)
	}
}

func TestCancellationStopsTheFanOut(t *testing.T) {
	t.Parallel()
	w := serve(t, upstream.Config{})
	if err := w.Break(vendors.Fault{Vendor: vendors.Stripe, Mode: vendors.Hang}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		eventually(t, func() bool { return w.Stats()[vendors.Stripe].InFlight == 8 })
		cancel()
	}()
	ids := many()
	found, failed := w.client.Profiles(ctx, upstream.Agents, ids)
	if len(found) != 0 || len(failed) != len(ids) {
		t.Fatalf("%d found, %d failed", len(found), len(failed))
	}
	for id, err := range failed {
		var cause *upstream.Error
		if !errors.As(err, &cause) || cause.Reason != upstream.Canceled {
			t.Fatalf("%s: %v", id, err)
		}
	}
	eventually(t, func() bool { return w.Stats()[vendors.Stripe].InFlight == 0 })
	if calls := w.Stats()[vendors.Stripe].Calls; calls != 8 {
		t.Errorf("%d calls", calls)
	}
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

func TestWrongKey(t *testing.T) {
	t.Parallel()
	w := serve(t, upstream.Config{Token: "rk_wrong"})
	_, failed := w.client.Profiles(t.Context(), upstream.Agents, []stripe.CustomerID{"cus_acme"})
	var cause *upstream.Error
	if !errors.As(failed["cus_acme"], &cause) || cause.Reason != upstream.Refused || cause.Status != 401 {
		t.Errorf("got %v", failed)
	}
}
