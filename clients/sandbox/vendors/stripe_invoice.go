package vendors

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// Invoice is an invoice of a Stripe customer.
type Invoice struct {
	ID             string // "in_..."
	Number         string // empty: null on the wire
	Status         string // as on the wire: "open", "paid"; empty: null on the wire
	Currency       string
	Total          int // minor units
	AmountPaid     int // minor units
	SubscriptionID string
	Created        time.Time
	Due            time.Time // zero: null on the wire
	Paid           time.Time // zero: null on the wire
}

// mountInvoices serves docs.stripe.com/api/invoices/list for one customer, the newest first.
func (s *Server) mountInvoices(d dialect, customers map[string]Customer) {
	s.handle(d, "invoices.list", "GET "+StripePath+"/invoices", func(r *http.Request, fault Fault) reply {
		query := r.URL.Query()
		limit, err := number(query.Get("limit"), 10, 1, 100)
		if err != nil {
			return stripeError(http.StatusBadRequest, "invalid_request_error", "parameter_invalid_integer", "Invalid limit: must be between 1 and 100")
		}
		customer, ok := customers[query.Get("customer")]
		if !ok || fault.drops(customer.ID) {
			return stripeError(http.StatusBadRequest, "invalid_request_error", "resource_missing", fmt.Sprintf("No such customer: '%s'", query.Get("customer")))
		}
		rows := slices.SortedFunc(slices.Values(customer.Invoices), func(a, b Invoice) int {
			return cmp.Or(b.Created.Compare(a.Created), cmp.Compare(b.ID, a.ID))
		})
		if status := query.Get("status"); status != "" {
			rows = slices.DeleteFunc(rows, func(i Invoice) bool { return i.Status != status })
		}
		if after := query.Get("starting_after"); after != "" {
			place := slices.IndexFunc(rows, func(i Invoice) bool { return i.ID == after })
			if place < 0 {
				return stripeError(http.StatusBadRequest, "invalid_request_error", "resource_missing", fmt.Sprintf("No such invoice: '%s'", after))
			}
			rows = rows[place+1:]
		}
		shown := []object{}
		for _, invoice := range rows[:min(limit, len(rows))] {
			shown = append(shown, invoice.wire(customer.ID))
		}
		return reply{status: http.StatusOK, body: stripeList{Object: "list", HasMore: len(rows) > limit, URL: "/v1/invoices", Data: shown}, keys: 1}
	})
}

func (i Invoice) wire(customer string) object {
	seconds := func(at time.Time) *int64 {
		if at.IsZero() {
			return nil
		}
		unix := at.Unix()
		return &unix
	}
	wire := object{
		"id": i.ID, "object": "invoice", "number": orNull(i.Number), "status": orNull(i.Status), "customer": customer, "currency": i.Currency,
		"total": i.Total, "amount_due": i.Total, "amount_paid": i.AmountPaid, "amount_remaining": i.Total - i.AmountPaid, "attempt_count": 0,
		"attempted": i.AmountPaid > 0, "created": i.Created.Unix(), "due_date": seconds(i.Due), "next_payment_attempt": nil,
		"hosted_invoice_url": nil, "invoice_pdf": nil, "parent": nil,
		"status_transitions": object{"finalized_at": i.Created.Unix(), "paid_at": seconds(i.Paid), "marked_uncollectible_at": nil, "voided_at": nil},
	}
	if i.Status != "draft" {
		wire["hosted_invoice_url"] = "https://invoice.stripe.com/i/acct_1/test_" + i.ID
	}
	if i.SubscriptionID != "" {
		wire["parent"] = object{"type": "subscription_details", "quote_details": nil, "subscription_details": object{"subscription": i.SubscriptionID, "metadata": object{}}}
	}
	return wire
}
