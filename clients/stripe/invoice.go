package stripe

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"time"

	"supportgraph/clients/upstream"
)

// Invoice is a demand for payment.
type Invoice struct {
	ID              string
	Number          *string // as the customer knows it; nil for a draft
	Status          InvoiceStatus
	Currency        string // ISO 4217, upper-case
	Total           int    // minor units
	AmountDue       int    // minor units
	AmountPaid      int    // minor units
	AmountRemaining int    // minor units
	CreatedAt       time.Time
	DueAt           *time.Time // nil where it is charged automatically
	PaidAt          *time.Time
	SubscriptionID  *string // nil where it stands for itself
	URL             *string // of the page on which the customer can pay; nil for a draft
}

// InvoiceList is the newest invoices of a customer.
type InvoiceList struct {
	Nodes     []*Invoice // newest first
	Truncated bool       // the customer has more
	Source    upstream.Source
}

// InvoiceStatus is where an invoice stands (docs.stripe.com/api/invoices/object).
type InvoiceStatus string

// The statuses, in upper case. A status that we do not know is InvoiceOther.
const (
	InvoiceDraft         InvoiceStatus = "DRAFT"
	InvoiceOpen          InvoiceStatus = "OPEN"
	InvoicePaid          InvoiceStatus = "PAID"
	InvoiceUncollectible InvoiceStatus = "UNCOLLECTIBLE"
	InvoiceVoid          InvoiceStatus = "VOID"
	InvoiceOther         InvoiceStatus = "OTHER"
)

const (
	listInvoices = "invoices.list"
	maxInvoices  = 100 // of a page (docs.stripe.com/api/pagination)
)

// Invoices reads the newest invoices of customers, up to first of each and at most 100: one call per distinct id, bounded, for
// the list can be filtered by one customer only (docs.stripe.com/api/invoices/list). An id in neither map is a customer
// that Stripe does not know. Errors are *upstream.Error.
func (c *Client) Invoices(ctx context.Context, ids []CustomerID, first int) (map[CustomerID]*InvoiceList, map[CustomerID]error) {
	first = min(max(first, 1), maxInvoices)
	return upstream.Each(ctx, c.upstream, listInvoices, ids, func(ctx context.Context, id CustomerID) (*InvoiceList, error) {
		if id == "" {
			return nil, nil // would ask for everybody's
		}
		answer := invoices{asked: id, most: first}
		query := url.Values{"customer": {string(id)}, "limit": {strconv.Itoa(first)}}
		err := c.upstream.Get(ctx, listInvoices, "/invoices", query, &answer)
		var failed *upstream.Error
		switch {
		case err == nil:
			return answer.list(time.Now()), nil
		case errors.As(err, &failed) && failed.Code == "resource_missing" && (failed.Reason == upstream.NotFound || failed.Reason == upstream.Refused):
			return nil, nil // the customer is a parameter here, so that its absence may be a 400
		default:
			return nil, err
		}
	})
}
