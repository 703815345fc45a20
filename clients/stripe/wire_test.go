package stripe

import (
	"slices"
	"testing"
	"unicode/utf8"

	"supportgraph/clients/upstream"
)

// recorded is a customer with the shapes that the sandbox does not have: expanded references, a metered price, a period in
// the reverse order.
const recorded = `{"id":"cus_N","object":"customer","email":null,"name":"Acme","phone":null,"currency":"usd","balance":0,"delinquent":null,
"created":1680893993,"metadata":{"account_id":"acc_1"},"livemode":false,"subscriptions":{"object":"list","has_more":false,"url":"/v1/x","data":[
{"id":"sub_1","object":"subscription","status":"trialing","customer":{"id":"cus_N","object":"customer"},"cancel_at_period_end":false,
"created":1,"currency":"usd","latest_invoice":{"id":"in_1"},"trial_end":1795284000,"items":{"object":"list","has_more":false,"data":[
{"id":"si_1","object":"subscription_item","current_period_start":20,"current_period_end":30,"price":{"id":"price_1",
"product":{"id":"prod_1","object":"product"},"unit_amount":null,"currency":"usd","nickname":null,
"recurring":{"interval":"month","interval_count":3,"usage_type":"metered"}}},
{"id":"si_2","object":"subscription_item","quantity":1,"current_period_start":10,"current_period_end":40,"price":{"id":"price_2",
"product":"prod_2","unit_amount":2000,"currency":"usd","nickname":null,"recurring":null}}]}}]}}`

func TestExpandedReferences(t *testing.T) {
	t.Parallel()
	answer := customer{asked: "cus_N"}
	if err := upstream.Decode([]byte(recorded), &answer); err != nil {
		t.Fatal(err)
	}
	sub := answer.profile().Subscriptions[0]
	first, second := sub.Items[0], sub.Items[1]
	if first.ProductID != "prod_1" || second.ProductID != "prod_2" || first.UnitAmount != nil || first.Quantity != 0 || *first.IntervalCount != 3 || second.Interval != nil {
		t.Errorf("items %+v %+v", first, second)
	}
	if sub.CurrentPeriodStart.Unix() != 10 || sub.CurrentPeriodEnd.Unix() != 30 || sub.Status != SubscriptionTrialing {
		t.Errorf("subscription %+v", sub)
	}
}

func TestUnusableCustomers(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"another customer":          `{"id":"cus_M","object":"customer","created":1,"subscriptions":{"data":[]}}`,
		"another customer, deleted": `{"id":"cus_M","object":"customer","deleted":true}`,
		"no customer":               `{"id":"cus_N","object":"account","created":1,"subscriptions":{"data":[]}}`,
		"not expanded":              `{"id":"cus_N","object":"customer","created":1}`,
		"never created":             `{"id":"cus_N","object":"customer","subscriptions":{"data":[]}}`,
		"created before time":       `{"id":"cus_N","object":"customer","created":-1,"subscriptions":{"data":[]}}`,
		"created after time":        `{"id":"cus_N","object":"customer","created":253402300800,"subscriptions":{"data":[]}}`,
		"a null subscription":       `{"id":"cus_N","object":"customer","created":1,"subscriptions":{"data":[null]}}`,
		"another's subscription":    `{"id":"cus_N","object":"customer","created":1,"subscriptions":{"data":[{"id":"s","status":"active","customer":"cus_M"}]}}`,
		"a null item":               `{"id":"cus_N","object":"customer","created":1,"subscriptions":{"data":[{"id":"s","status":"active","customer":"cus_N","items":{"data":[null]}}]}}`,
		"a reference without an id": `{"id":"cus_N","object":"customer","created":1,"subscriptions":{"data":[{"id":"s","status":"active","customer":{}}]}}`,
	} {
		if err := upstream.Decode([]byte(body), &customer{asked: "cus_N"}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func FuzzCustomer(f *testing.F) {
	f.Add([]byte(recorded))
	f.Add([]byte(`{"id":"cus_N","object":"customer","deleted":true}`))
	f.Add([]byte(`{"id":"cus_N","object":"customer","created":1,"subscriptions":{"data":[null]}}`))
	statuses := []SubscriptionStatus{SubscriptionActive, SubscriptionTrialing, SubscriptionPastDue, SubscriptionUnpaid,
		SubscriptionCanceled, SubscriptionIncomplete, SubscriptionIncompleteExpired, SubscriptionPaused, SubscriptionOther}
	f.Fuzz(func(t *testing.T, body []byte) {
		explain(body)
		answer := customer{asked: "cus_N"}
		if upstream.Decode(body, &answer) != nil || answer.Deleted {
			return
		}
		profile := answer.profile()
		if profile.CustomerID != "cus_N" || profile.CreatedAt.Year() > 9999 {
			t.Errorf("%+v", profile)
		}
		for _, sub := range profile.Subscriptions {
			if sub.ID == "" || !slices.Contains(statuses, sub.Status) {
				t.Errorf("%+v", sub)
			}
			for _, item := range sub.Items {
				if item.ID == "" || item.PriceID == "" || !utf8.ValidString(item.Currency) {
					t.Errorf("%+v", item)
				}
			}
		}
	})
}
