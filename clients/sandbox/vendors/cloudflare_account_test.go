package vendors_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"supportgraph/clients/sandbox/vendors"
)

func TestFaithfulToCloudflaresAccounts(t *testing.T) {
	t.Parallel()
	born := time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC)
	id := func(i int) string { return fmt.Sprintf("%032x", i) }
	var data vendors.Data
	for i := range 12 {
		data.Accounts = append(data.Accounts, vendors.Account{ID: id(i), Name: fmt.Sprintf("Acme %02d", i), Created: born})
	}
	data.Accounts[3].Type, data.Accounts[3].TwoFactor = "enterprise", true
	data.Accounts[3].Zones = []vendors.Zone{{ID: id(99), Name: "acme.example", Created: born}}
	data.Accounts[3].Subscriptions = []vendors.RatePlan{{ID: id(77), Price: 20, Currency: "USD", Frequency: "monthly", Plan: "business", Name: "Business Plan", Scope: "zone", Start: born, End: born.AddDate(0, 1, 0)}}
	w := serveData(t, data, vendors.Options{})
	for _, test := range []struct {
		path   string
		status int
		want   []string
	}{
		{"/accounts/" + id(3), 200, []string{`"success":true`, `"id":"` + id(3) + `"`, `"type":"enterprise"`, `"enforce_twofactor":true`, `"created_on":"2026-11-01T10:00:00Z"`}},
		{"/accounts/" + id(4), 200, []string{`"type":"standard"`, `"enforce_twofactor":false`}},
		{"/accounts/" + id(50), 404, []string{`"success":false`, `"code":7003`, `"result":null`}},
		{"/accounts/" + id(3) + "/subscriptions", 200, []string{`"state":"Paid"`, `"price":20`, `"public_name":"Business Plan"`, `"current_period_end":"2026-12-01T10:00:00Z"`, `"is_contract":false`}},
		{"/accounts/" + id(4) + "/subscriptions", 200, []string{`"result":[]`}},
		{"/accounts/" + id(50) + "/subscriptions", 404, []string{`"success":false`, `"code":7003`}},
		{"/accounts?per_page=5&page=3", 200, []string{`"count":2`, `"total_count":12`, `"total_pages":3`, `"name":"Acme 10"`}},
		{"/accounts?per_page=5&direction=desc", 200, []string{`"result":[{"id":"` + id(11) + `"`}},
		{"/accounts?name=Acme+07", 200, []string{`"total_count":1`, `"name":"Acme 07"`}},
		{"/accounts?per_page=4", 400, []string{`"success":false`}},
		{"/accounts?per_page=51", 400, []string{`"success":false`}},
		{"/accounts?direction=up", 400, []string{`"success":false`}},
		{"/zones/" + id(99), 200, []string{`"name":"acme.example"`, `"account":{"id":"` + id(3) + `"`}},
		{"/zones/" + id(98), 404, []string{`"success":false`, `"code":7003`}},
	} {
		got := w.ask(http.MethodGet, vendors.CloudflarePath+test.path, "", "Authorization", "Bearer any")
		if got.status != test.status || got.header.Get("Ratelimit") == "" || got.header.Get("Cf-Ray") == "" {
			t.Errorf("%s: %d %s", test.path, got.status, got.text)
		}
		for _, want := range test.want {
			if !strings.Contains(got.text, want) {
				t.Errorf("%s: no %s in %s", test.path, want, got.text)
			}
		}
	}
}
