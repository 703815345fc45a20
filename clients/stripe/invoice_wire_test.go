package stripe

import (
	"slices"
	"testing"

	"supportgraph/clients/upstream"
)

const recordedInvoices = `{"object":"list","has_more":true,"url":"/v1/invoices","data":[{"id":"in_1","object":"invoice","number":"F1-0001","status":"paid",
"customer":{"id":"cus_N","object":"customer"},"currency":"usd","total":4900,"amount_due":4900,"amount_paid":4900,"amount_remaining":0,"attempt_count":0,"attempted":false,
"created":1,"due_date":null,"next_payment_attempt":1,"hosted_invoice_url":null,"invoice_pdf":null,
"parent":{"type":"subscription_details","subscription_details":{"subscription":{"id":"sub_1"},"metadata":{}}},
"status_transitions":{"finalized_at":1,"paid_at":2,"marked_uncollectible_at":null,"voided_at":null}}]}`

func TestRecordedInvoices(t *testing.T) {
	t.Parallel()
	answer := invoices{asked: "cus_N", most: 10}
	if err := upstream.Decode([]byte(recordedInvoices), &answer); err != nil {
		t.Fatal(err)
	}
	list := answer.list()
	if got := list.Nodes[0]; !list.Truncated || got.Status != InvoicePaid || *got.SubscriptionID != "sub_1" || got.PaidAt.Unix() != 2 || got.DueAt != nil || got.Currency != "USD" {
		t.Errorf("%+v", got)
	}
	for name, body := range map[string]string{
		"null": `null`, "no list": `{"data":[]}`, "no data": `{"object":"list"}`, "a null invoice": `{"object":"list","data":[null]}`,
		"another's":     `{"object":"list","data":[{"id":"in_1","currency":"usd","created":1,"customer":"cus_M"}]}`,
		"nobody's":      `{"object":"list","data":[{"id":"in_1","currency":"usd","created":1}]}`,
		"no currency":   `{"object":"list","data":[{"id":"in_1","created":1,"customer":"cus_N"}]}`,
		"an amount .5":  `{"object":"list","data":[{"id":"in_1","currency":"usd","created":1,"customer":"cus_N","total":0.5}]}`,
		"out of time":   `{"object":"list","data":[{"id":"in_1","currency":"usd","created":1,"customer":"cus_N","due_date":253402300800}]}`,
		"more than one": `{"object":"list","data":[{"id":"in_1","currency":"usd","created":1,"customer":"cus_N"},{"id":"in_2","currency":"usd","created":1,"customer":"cus_N"}]}`,
	} {
		if err := upstream.Decode([]byte(body), &invoices{asked: "cus_N", most: 1}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func FuzzInvoices(f *testing.F) {
	f.Add([]byte(recordedInvoices))
	statuses := []InvoiceStatus{InvoiceDraft, InvoiceOpen, InvoicePaid, InvoiceUncollectible, InvoiceVoid, InvoiceOther}
	f.Fuzz(func(t *testing.T, body []byte) {
		answer := invoices{asked: "cus_N", most: 100}
		if upstream.Decode(body, &answer) != nil {
			return
		}
		for _, invoice := range answer.list().Nodes {
			if invoice.ID == "" || invoice.CreatedAt.Year() > 9999 || !slices.Contains(statuses, invoice.Status) {
				t.Errorf("%+v", invoice)
			}
		}
	})
}
