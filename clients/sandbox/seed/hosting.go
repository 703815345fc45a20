package seed

import (
	"slices"
	"time"

	"supportgraph/clients/accounts"
	"supportgraph/clients/sandbox/vendors"
)

var ratePlans = map[string]vendors.RatePlan{
	"pro":        {Plan: "pro", Name: "Pro Plan", Price: 25, Frequency: "monthly", Scope: "zone"},
	"business":   {Plan: "business", Name: "Business Plan", Price: 250, Frequency: "monthly", Scope: "zone"},
	"enterprise": {Plan: "enterprise", Name: "Enterprise Plan", Frequency: "yearly", Scope: "account", Contract: true},
	"workers":    {Plan: "workers_paid", Name: "Workers Paid", Price: 5, Frequency: "monthly", Scope: "account"},
}

// makeHosting gives every account at Cloudflare what it subscribes to there: a plan for each zone that has to be paid, one
// contract for all zones of an enterprise, and here and there a product beside them.
func (w *World) makeHosting() {
	r := sequence(partHosting)
	next := 0
	for _, account := range w.Accounts {
		if account.CloudflareAccountID == nil {
			continue
		}
		theirs := &w.Vendors.Accounts[next]
		next++
		theirs.Created, theirs.TwoFactor = account.CreatedAt, r.chance(40)
		if account.Plan == accounts.PlanEnterprise {
			theirs.Type = "enterprise"
		}
		contract := slices.ContainsFunc(theirs.Zones, func(zone vendors.Zone) bool { return zone.PlanKey == "enterprise" })
		if contract {
			theirs.Subscriptions = append(theirs.Subscriptions, w.ratePlan(r, account, "enterprise"))
		}
		for _, zone := range theirs.Zones {
			if zone.PlanKey == "pro" || zone.PlanKey == "business" {
				theirs.Subscriptions = append(theirs.Subscriptions, w.ratePlan(r, account, zone.PlanKey))
			}
		}
		if r.chance(30) {
			theirs.Subscriptions = append(theirs.Subscriptions, w.ratePlan(r, account, "workers"))
		}
	}
}

func (w *World) ratePlan(r *random, account *Account, key string) vendors.RatePlan {
	plan := ratePlans[key]
	plan.ID, plan.Currency = r.hex(32), "USD"
	months := 1
	if plan.Frequency == "yearly" {
		months = 12
	}
	// The period runs on the day of the month on which the account was made.
	plan.Start = account.CreatedAt.Truncate(24 * time.Hour)
	for end := plan.Start.AddDate(0, months, 0); !end.After(Anchor); end = plan.Start.AddDate(0, months, 0) {
		plan.Start = end
	}
	plan.End = plan.Start.AddDate(0, months, 0)
	switch {
	case r.chance(3):
		plan.State = "AwaitingPayment"
	case r.chance(3):
		plan.State = "Trial"
	case plan.Contract:
		plan.State = "Provisioned"
	}
	return plan
}
