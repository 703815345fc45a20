package stripe_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"supportgraph/clients/sandbox/vendors"
	"supportgraph/clients/stripe"
	"supportgraph/clients/upstream"
)

func TestInvoices(t *testing.T) {
	t.Parallel()
	w := serve(t, upstream.Config{})
	found, failed := w.client.Invoices(t.Context(), upstream.Agents, []stripe.CustomerID{"cus_acme", "cus_bare", "cus_acme", "cus_unknown", "", "cus_many"})
	if len(failed) != 0 || len(found) != 3 || w.Stats()[vendors.Stripe].Ops["invoices.list"].Calls != 4 {
		t.Fatalf("found %v, failed %v", found, failed)
	}
	acme := found["cus_acme"]
	if acme.Source.Name != upstream.Stripe || acme.Source.FetchedAt == nil || acme.Truncated || len(acme.Nodes) != 4 {
		t.Errorf("%+v", acme)
	}
	due := month1.Add(24 * time.Hour)
	want := []*stripe.Invoice{
		{ID: "in_3", Status: stripe.InvoiceDraft, Currency: "EUR", Total: 100, AmountDue: 100, AmountRemaining: 100, CreatedAt: month2},
		{ID: "in_2", Number: ptr("A-2"), Status: stripe.InvoiceOpen, Currency: "EUR", Total: 4900, AmountDue: 4900, AmountPaid: 900, AmountRemaining: 4000,
			CreatedAt: month1, DueAt: &due, SubscriptionID: ptr("sub_1"), URL: ptr("https://invoice.stripe.com/i/acct_1/test_in_2")},
	}
	if diff := cmp.Diff(want, acme.Nodes[:2]); diff != "" {
		t.Error(diff)
	}
	if bare := found["cus_bare"]; bare.Nodes == nil || len(bare.Nodes) != 0 || bare.Truncated {
		t.Errorf("bare %+v", bare)
	}
	if many := found["cus_many"]; len(many.Nodes) != 10 || !many.Truncated || many.Nodes[0].ID != "in_m119" {
		t.Errorf("of 120: %d, truncated %t", len(many.Nodes), many.Truncated)
	}
	if last := acme.Nodes[3]; last.Status != stripe.InvoiceOther || !last.PaidAt.Equal(month1) {
		t.Errorf("the oldest: %+v", last)
	}
}

func TestInvoicesFail(t *testing.T) {
	t.Parallel()
	for fault, want := range map[*vendors.Fault]upstream.Reason{
		{ErrorRate: 1, Status: 429}:       upstream.RateLimited,
		{ErrorRate: 1}:                    upstream.Unavailable,
		{Mode: vendors.Unauthorized}:      upstream.Refused,
		{Mode: vendors.WrongType}:         upstream.BadAnswer,
		{Mode: vendors.Truncate}:          upstream.BadAnswer,
		{Mode: vendors.Unsuccessful}:      upstream.BadAnswer,
		{Mode: vendors.HTML, Status: 404}: upstream.BadAnswer,
		{ErrorRate: 1, Status: 403}:       upstream.Refused,
		{Mode: vendors.HTML, Status: 502}: upstream.Unavailable,
		{Mode: vendors.Trailing}:          upstream.BadAnswer,
		{Mode: vendors.Reset}:             upstream.Unavailable,
		{Mode: vendors.HTML, Status: 200}: upstream.BadAnswer,
		{Mode: vendors.Cut}:               upstream.Unavailable,
	} {
		w := serve(t, upstream.Config{})
		fault.Vendor, fault.Match = vendors.Stripe, "cus_acme"
		if err := w.Break(*fault); err != nil {
			t.Fatal(err)
		}
		found, failed := w.client.Invoices(t.Context(), upstream.Agents, []stripe.CustomerID{"cus_acme", "cus_bare"})
		var cause *upstream.Error
		if len(found) != 1 || len(failed) != 1 || !errors.As(failed["cus_acme"], &cause) || cause.Reason != want {
			t.Errorf("%+v: found %v, failed %v", *fault, found, failed)
		}
	}
}

// invoiced adds invoices to the data.
func invoiced(data vendors.Data) vendors.Data {
	acme, many := &data.Customers[0], &data.Customers[3]
	acme.Invoices = []vendors.Invoice{
		{ID: "in_0", Status: "burnt", Currency: "eur", Created: born, Paid: month1},
		{ID: "in_1", Number: "A-1", Status: "void", Currency: "eur", Total: 1, Created: born.Add(time.Hour)},
		{ID: "in_2", Number: "A-2", Status: "open", Currency: "eur", Total: 4900, AmountPaid: 900, SubscriptionID: "sub_1", Created: month1, Due: month1.Add(24 * time.Hour)},
		{ID: "in_3", Status: "draft", Currency: "eur", Total: 100, Created: month2},
	}
	for i := range 120 {
		many.Invoices = append(many.Invoices, vendors.Invoice{ID: fmt.Sprintf("in_m%03d", i), Status: "paid", Currency: "usd", Created: born.Add(time.Duration(i) * time.Hour)})
	}
	return data
}
