package seed

import (
	"time"

	"supportgraph/clients/accounts"
	"supportgraph/clients/sandbox/vendors"
)

// offer is what Stripe charges for a plan.
type offer struct {
	price, product, nickname string
	amount                   int // minor units a month
}

var offers = map[accounts.Plan]offer{
	accounts.PlanFree:       {"price_free_monthly", "prod_zone_free", "Free", 0},
	accounts.PlanPro:        {"price_pro_monthly", "prod_zone_pro", "Pro zone", 2_500},
	accounts.PlanBusiness:   {"price_business_monthly", "prod_zone_business", "Business zone", 25_000},
	accounts.PlanEnterprise: {"price_enterprise_yearly", "prod_enterprise", "Enterprise agreement", 6_000_000},
}

var workersPaid = offer{"price_workers_monthly", "prod_workers", "Workers Paid", 500}

// makeCustomers gives every linked account its customer at Stripe, apart from the one that Stripe does not know.
func (w *World) makeCustomers() {
	r := sequence(partCustomers)
	for _, account := range w.Accounts {
		if account.StripeCustomerID == nil || account.ID == w.Landmarks.UnknownCustomer {
			continue
		}
		customer := vendors.Customer{
			ID:       string(*account.StripeCustomerID),
			Name:     account.Name,
			Email:    "billing@" + account.Domain,
			Currency: currency(account.locale),
			Created:  account.CreatedAt.Add(2 * time.Hour),
			Deleted:  account.ID == w.Landmarks.DeletedCustomer,
			Metadata: map[string]string{"account_id": account.ID.String()},
		}
		if r.chance(10) {
			customer.Balance = -100 * r.between(1, 400)
		}
		overdue := account.ID == w.Landmarks.PastDue || r.chance(6)
		customer.Delinquent = overdue
		status := "active"
		switch {
		case overdue:
			status = "past_due"
		case r.chance(4):
			status = "trialing"
		}
		customer.Subscriptions = append(customer.Subscriptions, w.subscription(r, account, customer.Currency, status))
		if r.chance(12) { // one that ended, which an answer leaves out
			customer.Subscriptions = append(customer.Subscriptions, w.subscription(r, account, customer.Currency, "canceled"))
		}
		w.Vendors.Customers = append(w.Vendors.Customers, customer)
	}
}

func (w *World) subscription(r *random, account *Account, currency, status string) vendors.Subscription {
	begun := Anchor.Add(-r.age(0, 28)).Truncate(time.Second)
	ends, interval := begun.AddDate(0, 1, 0), "month"
	main, quantity := offers[account.Plan], max(1, len(account.Zones))
	if account.Plan == accounts.PlanEnterprise {
		begun = Anchor.Add(-r.age(0, 360)).Truncate(time.Second)
		ends, interval, quantity = begun.AddDate(1, 0, 0), "year", 1
	}
	subscription := vendors.Subscription{
		ID: "sub_" + r.word(alphanumeric, 24), Status: status, Created: account.CreatedAt.Add(3 * time.Hour),
		CancelAtPeriodEnd: status == "active" && r.chance(4),
	}
	if status == "trialing" {
		subscription.Created, subscription.TrialEnd = begun, ends
	}
	item := func(o offer, quantity int) {
		subscription.Items = append(subscription.Items, vendors.Item{
			ID: "si_" + r.word(alphanumeric, 14), PriceID: o.price, ProductID: o.product, Nickname: o.nickname,
			UnitAmount: o.amount, Currency: currency, Quantity: quantity, Interval: interval, IntervalCount: 1,
			PeriodStart: begun, PeriodEnd: ends,
		})
	}
	item(main, quantity)
	if account.Plan != accounts.PlanFree && interval == "month" && r.chance(45) {
		item(workersPaid, 1)
	}
	return subscription
}

// currency is what a country pays with, in the vendor's lower case.
func currency(locale string) string {
	switch locale {
	case "de-DE", "fr-FR", "es-ES", "it-IT":
		return "eur"
	case "en-GB":
		return "gbp"
	case "ja-JP":
		return "jpy"
	default:
		return "usd"
	}
}
