package stripe

import (
	"errors"
	"strings"
	"time"
)

// invoices is a page of invoices on the wire (docs.stripe.com/api/invoices/list).
type invoices struct {
	asked CustomerID
	most  int

	Object  string     `json:"object"`
	HasMore bool       `json:"has_more"`
	Data    []*invoice `json:"data"`
}

// invoice is an invoice on the wire (docs.stripe.com/api/invoices/object). Its subscription stands within its parent.
type invoice struct {
	ID              string       `json:"id"`
	Number          *string      `json:"number"`
	Status          *string      `json:"status"`
	Customer        expandableID `json:"customer"`
	Currency        string       `json:"currency"`
	Total           int          `json:"total"`
	AmountDue       int          `json:"amount_due"`
	AmountPaid      int          `json:"amount_paid"`
	AmountRemaining int          `json:"amount_remaining"`
	Created         unixTime     `json:"created"`
	DueDate         *unixTime    `json:"due_date"`
	URL             *string      `json:"hosted_invoice_url"`
	Parent          *struct {
		Subscription *struct {
			ID expandableID `json:"subscription"`
		} `json:"subscription_details"`
	} `json:"parent"`
	Transitions *struct {
		PaidAt *unixTime `json:"paid_at"`
	} `json:"status_transitions"`
}

// Check demands a list of the customer's whole invoices, no more than were asked for.
func (l *invoices) Check() error {
	switch {
	case l.Object != "list" || l.Data == nil:
		return errors.New("the answer is not a list")
	case len(l.Data) > l.most:
		return errors.New("there are more invoices than were asked for")
	}
	for _, invoice := range l.Data {
		switch {
		case invoice == nil || invoice.ID == "" || invoice.Currency == "" || invoice.Created == 0:
			return errors.New("an invoice has no id, currency or time")
		case string(invoice.Customer) != string(l.asked):
			return errors.New("an invoice is not the customer's that was asked for")
		}
	}
	return nil
}

// list is the one conversion of invoices from the wire.
func (l *invoices) list() *InvoiceList {
	list := &InvoiceList{Nodes: make([]*Invoice, len(l.Data)), Truncated: l.HasMore}
	for i, invoice := range l.Data {
		list.Nodes[i] = invoice.invoice()
	}
	return list
}

func (i *invoice) invoice() *Invoice {
	read := &Invoice{
		ID:              i.ID,
		Number:          i.Number,
		Status:          InvoiceOther,
		Currency:        strings.ToUpper(i.Currency),
		Total:           i.Total,
		AmountDue:       i.AmountDue,
		AmountPaid:      i.AmountPaid,
		AmountRemaining: i.AmountRemaining,
		CreatedAt:       i.Created.time(),
		DueAt:           optional(i.DueDate),
		URL:             i.URL,
	}
	if i.Status != nil {
		read.Status = invoiceStatus(*i.Status)
	}
	if i.Transitions != nil {
		read.PaidAt = optional(i.Transitions.PaidAt)
	}
	if i.Parent != nil && i.Parent.Subscription != nil && i.Parent.Subscription.ID != "" {
		id := string(i.Parent.Subscription.ID)
		read.SubscriptionID = &id
	}
	return read
}

// optional is a time that may be missing.
func optional(t *unixTime) *time.Time {
	if t == nil {
		return nil
	}
	at := t.time()
	return &at
}

func invoiceStatus(foreign string) InvoiceStatus {
	switch status := InvoiceStatus(strings.ToUpper(foreign)); status {
	case InvoiceDraft, InvoiceOpen, InvoicePaid, InvoiceUncollectible, InvoiceVoid:
		return status
	default:
		return InvoiceOther
	}
}
