package tickets_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"supportgraph/clients/salesforce"
	"supportgraph/clients/statuspage"
	"supportgraph/clients/stripe"
	"supportgraph/clients/tickets"
	"supportgraph/clients/upstream"
)

var (
	healthDay = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	errVendor = &upstream.Error{Service: string(upstream.Stripe), Reason: upstream.Timeout, Err: errors.New("hidden")}
)

func contract(days int, segment string) *salesforce.CrmAccount {
	day := healthDay.AddDate(0, 0, days)
	return &salesforce.CrmAccount{RenewalDate: &day, Segment: &segment, Source: upstream.LiveFrom(upstream.Salesforce, healthDay)}
}

func billing(delinquent bool, subscriptions ...*stripe.Subscription) *stripe.BillingProfile {
	return &stripe.BillingProfile{Delinquent: delinquent, Subscriptions: subscriptions, Source: upstream.LiveFrom(upstream.Stripe, healthDay)}
}

// well is an account of which everything is known and nothing is wrong.
func well() tickets.HealthFacts {
	return tickets.HealthFacts{Now: healthDay, Billing: billing(false), Crm: contract(300, "Enterprise"),
		Page: &statuspage.Snapshot{Source: upstream.LiveFrom(upstream.Statuspage, healthDay)}}
}

// values are a factor's points or its state, in the order in which they are told.
func values(h *tickets.AccountHealth) string {
	line := ""
	for _, factor := range h.Factors {
		if factor.Value != nil {
			line += fmt.Sprint(*factor.Value, " ")
		} else {
			line += string(factor.State) + " "
		}
	}
	return fmt.Sprint(line, h.Score, " ", h.Level, " ", h.Complete)
}

func TestHealth(t *testing.T) {
	t.Parallel()
	for what, test := range map[string]struct {
		change func(*tickets.HealthFacts)
		want   string
	}{
		"all is well":        {func(*tickets.HealthFacts) {}, "0 0 0 0 0 0 0 0 100 GOOD true"},
		"some open":          {func(f *tickets.HealthFacts) { f.Workload.Open = 4 }, "4 0 0 0 0 0 0 0 96 GOOD true"},
		"very many open":     {func(f *tickets.HealthFacts) { f.Workload.Open = 400 }, "10 0 0 0 0 0 0 0 90 GOOD true"},
		"urgent ones":        {func(f *tickets.HealthFacts) { f.Workload.Open, f.Workload.Urgent = 2, 2 }, "2 14 0 0 0 0 5 0 79 FAIR true"},
		"broken promises":    {func(f *tickets.HealthFacts) { f.Workload.Breached = 3 }, "0 0 15 0 0 0 0 0 85 GOOD true"},
		"opened again":       {func(f *tickets.HealthFacts) { f.Workload.Reopened = 9 }, "0 0 0 10 0 0 0 0 90 GOOD true"},
		"an overdue invoice": {func(f *tickets.HealthFacts) { f.Billing = billing(true) }, "0 0 0 0 20 0 0 0 80 GOOD true"},
		"not paid in time": {func(f *tickets.HealthFacts) {
			f.Billing = billing(false, &stripe.Subscription{Status: stripe.SubscriptionPastDue})
		}, "0 0 0 0 15 0 0 0 85 GOOD true"},
		"about to leave": {func(f *tickets.HealthFacts) {
			f.Billing = billing(false, &stripe.Subscription{CancelAtPeriodEnd: true})
		}, "0 0 0 0 10 0 0 0 90 GOOD true"},
		"ends in three weeks": {func(f *tickets.HealthFacts) { f.Crm = contract(21, "Mid") }, "0 0 0 0 0 8 0 0 92 GOOD true"},
		"ends in two months":  {func(f *tickets.HealthFacts) { f.Crm = contract(60, "Mid") }, "0 0 0 0 0 4 0 0 96 GOOD true"},
		"has ended":           {func(f *tickets.HealthFacts) { f.Crm = contract(-1, "Mid") }, "0 0 0 0 0 10 0 0 90 GOOD true"},
		"nobody entered it":   {func(f *tickets.HealthFacts) { f.Crm = &salesforce.CrmAccount{} }, "0 0 0 0 0 NONE NONE 0 100 GOOD true"},
		"linked nowhere": {func(f *tickets.HealthFacts) { f.Billing, f.Crm, f.Workload.Breached = nil, nil, 4 }, // 20 of the 65 that are known
			"0 0 20 0 NONE NONE NONE 0 69 FAIR true"},
		"no vendor answers": {func(f *tickets.HealthFacts) {
			*f = tickets.HealthFacts{Now: healthDay, BillingErr: errVendor, CrmErr: errVendor, PageErr: errVendor}
		}, "0 0 0 0 MISSING MISSING MISSING MISSING 100 GOOD false"},
		"all is bad": {func(f *tickets.HealthFacts) {
			*f = tickets.HealthFacts{Now: healthDay, Billing: billing(true), Crm: contract(-9, "strategic"), PageErr: errVendor}
			f.Workload = tickets.Workload{Open: 99, Urgent: 99, Breached: 99, Reopened: 99}
		}, "10 20 20 10 20 10 5 MISSING 0 POOR false"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			facts := well()
			test.change(&facts)
			if diff := cmp.Diff(test.want, values(tickets.Health(facts))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestHealthOfAny holds what must be true of every account: bounds, the same factors, weights of 100 in all, no value of
// what is not known and a source for it, and that more trouble never makes an account fare better.
func TestHealthOfAny(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		facts := well()
		facts.Workload = tickets.Workload{Open: r.IntN(15), Urgent: r.IntN(5), Breached: r.IntN(6), Reopened: r.IntN(7)}
		switch r.IntN(3) {
		case 0:
			facts.Billing, facts.BillingErr = nil, errVendor
		case 1:
			facts.Billing = nil
		}
		switch r.IntN(3) {
		case 0:
			facts.Crm, facts.CrmErr = nil, errVendor
		case 1:
			facts.Crm = contract(r.IntN(200)-50, []string{"Enterprise", "Mid"}[r.IntN(2)])
		}
		h := tickets.Health(facts)
		weights := 0
		for _, factor := range h.Factors {
			weights += factor.Weight
			switch {
			case factor.Explanation == "" || (factor.Value == nil) != (factor.State != tickets.FactorKnown):
				t.Fatalf("%+v", factor)
			case factor.Value != nil && (*factor.Value < 0 || *factor.Value > factor.Weight):
				t.Fatalf("%+v", factor)
			case factor.State == tickets.FactorMissing && (factor.Source == nil || *factor.Source.Reason != upstream.Timeout):
				t.Fatalf("%+v", factor)
			}
		}
		if len(h.Factors) != 8 || weights != 100 || h.Score < 0 || h.Score > 100 || h.Complete != (facts.BillingErr == nil && facts.CrmErr == nil) {
			t.Fatalf("%s of %+v", values(h), facts)
		}
		worse := facts
		worse.Workload.Open++
		worse.Workload.Urgent++
		worse.Workload.Breached++
		worse.Workload.Reopened++
		if got := tickets.Health(worse); got.Score > h.Score {
			t.Fatalf("with more trouble %s, without %s", values(got), values(h))
		}
	}
}
