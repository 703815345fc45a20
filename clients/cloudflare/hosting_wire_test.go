package cloudflare

import (
	"fmt"
	"testing"

	"supportgraph/clients/upstream"
)

func TestUnusableAccounts(t *testing.T) {
	t.Parallel()
	whole := fmt.Sprintf(`{"id":%q,"name":"Acme","created_on":"2020-01-02T03:04:05Z"}`, account)
	for name, text := range map[string]string{
		"no success":       `{"success":false,"errors":[{"code":1,"message":"no"}],"result":` + whole + `}`,
		"no word":          `{"result":` + whole + `}`,
		"no result":        `{"success":true,"result":null}`,
		"another's":        `{"success":true,"result":{"id":"f","name":"Acme","created_on":"2020-01-02T03:04:05Z"}}`,
		"without a name":   fmt.Sprintf(`{"success":true,"result":{"id":%q,"created_on":"2020-01-02T03:04:05Z"}}`, account),
		"never created":    fmt.Sprintf(`{"success":true,"result":{"id":%q,"name":"Acme"}}`, account),
		"a list of one":    `{"success":true,"result":[` + whole + `]}`,
		"a word for truth": fmt.Sprintf(`{"success":true,"result":{"id":%q,"name":"Acme","created_on":"2020-01-02T03:04:05Z","settings":{"enforce_twofactor":"yes"}}}`, account),
	} {
		if err := upstream.Decode([]byte(text), &accountAnswer{asked: account}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	answer := &accountAnswer{asked: account}
	if err := upstream.Decode([]byte(`{"success":true,"result":`+whole+`}`), answer); err != nil {
		t.Error(err)
	} else if got := answer.account(); got.Type != HostingTypeOther || got.TwoFactorEnforced {
		t.Errorf("without type and settings: %+v", got)
	}
}

func TestUnusableSubscriptions(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"no success":    `{"success":false,"errors":[],"result":[]}`,
		"no result":     `{"success":true,"result":null}`,
		"a null":        `{"success":true,"result":[null]}`,
		"no id":         `{"success":true,"result":[{"state":"Paid","rate_plan":{"public_name":"Pro"}}]}`,
		"no state":      `{"success":true,"result":[{"id":"1","rate_plan":{"public_name":"Pro"}}]}`,
		"no plan":       `{"success":true,"result":[{"id":"1","state":"Paid"}]}`,
		"a text price":  `{"success":true,"result":[{"id":"1","state":"Paid","price":"20","rate_plan":{"public_name":"Pro"}}]}`,
		"a broken date": `{"success":true,"result":[{"id":"1","state":"Paid","current_period_end":"soon","rate_plan":{"public_name":"Pro"}}]}`,
	} {
		if err := upstream.Decode([]byte(text), &subscriptionsAnswer{}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestStatesAndFrequencies(t *testing.T) {
	t.Parallel()
	for foreign, want := range map[string]HostingSubscriptionState{
		"Trial": HostingTrial, "Provisioned": HostingProvisioned, "Paid": HostingPaid, "AwaitingPayment": HostingAwaitingPayment,
		"Cancelled": HostingCanceled, "Failed": HostingFailed, "Expired": HostingExpired, "Frozen": HostingStateOther,
	} {
		if got := subscriptionState(foreign); got != want {
			t.Errorf("%s: %s", foreign, got)
		}
	}
	for foreign, want := range map[string]HostingFrequency{
		"weekly": HostingWeekly, "monthly": HostingMonthly, "quarterly": HostingQuarterly, "yearly": HostingYearly, "daily": HostingFrequencyOther, "": "",
	} {
		if got := frequency(foreign); got != want {
			t.Errorf("%s: %s", foreign, got)
		}
	}
}

func FuzzHosting(f *testing.F) {
	f.Add([]byte(`{"success":true,"result":[{"id":"1","state":"Paid","price":1e300,"currency":"jpy","rate_plan":{"public_name":"Pro"}}]}`))
	f.Add([]byte(fmt.Sprintf(`{"success":true,"result":{"id":%q,"name":"Acme","type":"standard","created_on":"2020-01-02T03:04:05Z"}}`, account)))
	f.Fuzz(func(t *testing.T, text []byte) {
		known := &accountAnswer{asked: account}
		if upstream.Decode(text, known) == nil && known.account().ID != string(account) {
			t.Errorf("%+v", known.account())
		}
		list := &subscriptionsAnswer{}
		if upstream.Decode(text, list) == nil {
			if got := list.list(); len(got.Nodes) > mostSubscriptions || len(got.Nodes) > got.TotalCount {
				t.Errorf("%+v", got)
			}
		}
	})
}
