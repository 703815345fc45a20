package seed

import (
	"fmt"
	"time"

	"supportgraph/clients/sandbox/vendors"
)

// makeInvoices gives every subscription that has not ended its last invoices. Who owes has an open one that was due.
func (w *World) makeInvoices() {
	r := sequence(partInvoices)
	for c := range w.Vendors.Customers {
		customer := &w.Vendors.Customers[c]
		subscription := customer.Subscriptions[0]
		total := 0
		for _, item := range subscription.Items {
			total += item.UnitAmount * item.Quantity
		}
		if total == 0 || subscription.Status == "trialing" {
			continue
		}
		prefix, begun := r.word(alphanumeric[:36], 8), subscription.Items[0].PeriodStart
		count, months := r.between(1, 12), 1
		if subscription.Items[0].Interval == "year" {
			count, months = r.between(1, 3), 12
		}
		for i := range count {
			at := begun.AddDate(0, -months*i, 0)
			invoice := vendors.Invoice{
				ID: "in_" + r.word(alphanumeric, 24), Number: fmt.Sprintf("%s-%04d", prefix, count-i), Status: "paid", Currency: customer.Currency, Total: total,
				AmountPaid: total, SubscriptionID: subscription.ID, Created: at, Paid: at.Add(time.Duration(r.between(1, 72)) * time.Hour),
			}
			if i == 0 && subscription.Status == "past_due" {
				invoice.Status, invoice.AmountPaid, invoice.Paid, invoice.Due = "open", 0, time.Time{}, at.Add(day)
			}
			customer.Invoices = append(customer.Invoices, invoice)
		}
	}
}
