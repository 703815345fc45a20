package stripe

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"time"

	"supportgraph/clients/cache"
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
	Nodes     []*Invoice      // newest first
	Truncated bool            // the customer has more
	Source    upstream.Source `json:"-"` // of this answer, not of the list as it is kept
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
	// mostInvoices of a customer are read, of the 100 that a page may have (docs.stripe.com/api/pagination). It is one
	// number, so that a customer has one list to keep and to forget.
	mostInvoices = 10
)

// Invoices returns the 10 newest invoices of each customer: those that are kept, and one call for each other distinct id,
// bounded, for the list can be filtered by one customer only (docs.stripe.com/api/invoices/list). An id in neither map is a
// customer that Stripe does not know. Errors are *upstream.Error. What lists hold is shared and must not be changed.
func (c *Client) Invoices(ctx context.Context, lane upstream.Lane, ids []CustomerID) (map[CustomerID]*InvoiceList, map[CustomerID]error) {
	found, failed := c.invoices.Get(ctx, lane, ids, func(ctx context.Context, ids []CustomerID) (map[CustomerID]*InvoiceList, map[CustomerID]error) {
		up := c.upstream.In(lane)
		return upstream.Each(ctx, up, listInvoices, ids, func(ctx context.Context, id CustomerID) (*InvoiceList, error) {
			return newest(ctx, up, id)
		})
	})
	return cache.Values(found, func(list *InvoiceList) *upstream.Source { return &list.Source }), failed
}

func newest(ctx context.Context, up *upstream.Client, id CustomerID) (*InvoiceList, error) {
	if id == "" {
		return nil, nil // would ask for everybody's
	}
	answer := invoices{asked: id, most: mostInvoices}
	query := url.Values{"customer": {string(id)}, "limit": {strconv.Itoa(mostInvoices)}}
	err := up.Get(ctx, listInvoices, "/invoices", query, &answer)
	var failed *upstream.Error
	switch {
	case err == nil:
		return answer.list(), nil
	case errors.As(err, &failed) && failed.Code == "resource_missing" && (failed.Reason == upstream.NotFound || failed.Reason == upstream.Refused):
		return nil, nil // the customer is a parameter here, so that its absence may be a 400
	default:
		return nil, err
	}
}
