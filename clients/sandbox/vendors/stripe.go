package vendors

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"time"
)

// stripeVersion is what a Stripe-Version header looks like: a date, since 2024 with a release name.
var stripeVersion = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}(\.[a-z]+)?$`)

// listLimit is how many entries a list within an object has (docs.stripe.com/api/pagination).
const listLimit = 10

// mountStripe serves docs.stripe.com/api/customers/retrieve and the invoices.
func (s *Server) mountStripe(customers []Customer, options Options) {
	byID := make(map[string]Customer, len(customers))
	for _, customer := range customers {
		byID[customer.ID] = customer
	}
	d := dialect{
		vendor:  Stripe,
		latency: options.latency(90*time.Millisecond, 400*time.Millisecond),
		allows:  allows(options.StripeKey),
		refuse:  stripeRefuses,
		stamp: func(header http.Header, r *http.Request, turn turn) {
			header.Set("Request-Id", fmt.Sprintf("req_%014d", turn.number))
			if version := r.Header.Get("Stripe-Version"); version != "" {
				header.Set("Stripe-Version", version)
			}
			if turn.status == http.StatusTooManyRequests { // and no Retry-After: docs.stripe.com/rate-limits names none
				header.Set("Stripe-Rate-Limited-Reason", orElse(turn.fault.Reason, "endpoint-rate"))
			}
		},
		rate: func(op string) (string, Rate) { return op, Rate{Calls: 25, Window: Duration(time.Second)} }, // docs.stripe.com/rate-limits
	}
	s.handle(d, "customers.get", "GET "+StripePath+"/customers/{id}", func(r *http.Request, fault Fault) reply {
		version := r.Header.Get("Stripe-Version")
		if version != "" && !stripeVersion.MatchString(version) {
			return stripeError(http.StatusBadRequest, "invalid_request_error", "", "Invalid Stripe API version: "+version)
		}
		expand := r.URL.Query()["expand[]"]
		for _, path := range expand {
			if path != "subscriptions" && path != "subscriptions.data.customer" {
				return stripeError(http.StatusBadRequest, "invalid_request_error", "",
					fmt.Sprintf("This property cannot be expanded (%s).", path))
			}
		}
		customer, ok := byID[r.PathValue("id")]
		switch {
		case !ok || fault.drops(customer.ID):
			return stripeError(http.StatusNotFound, "invalid_request_error", "resource_missing",
				fmt.Sprintf("No such customer: '%s'", r.PathValue("id")))
		case customer.Deleted:
			return reply{status: http.StatusOK, body: map[string]any{"id": customer.ID, "object": "customer", "deleted": true}, keys: 1}
		default:
			return reply{status: http.StatusOK, body: customer.wire(expand), keys: 1}
		}
	})
	s.mountInvoices(d, byID)
	s.handle(d, "unknown", StripePath+"/", func(r *http.Request, _ Fault) reply {
		return stripeError(http.StatusNotFound, "invalid_request_error", "",
			fmt.Sprintf("Unrecognized request URL (%s: %s).", r.Method, r.URL.Path))
	})
}

func stripeRefuses(status int, _ Fault) reply {
	switch status {
	case http.StatusUnauthorized:
		return stripeError(status, "invalid_request_error", "", "Invalid API Key provided.")
	case http.StatusForbidden:
		return stripeError(status, "invalid_request_error", "", "The provided key does not have the required permissions.")
	case http.StatusTooManyRequests: // no Retry-After is documented
		return stripeError(status, "invalid_request_error", "rate_limit", "Request rate limit exceeded.")
	case http.StatusNotFound:
		return stripeError(status, "invalid_request_error", "resource_missing", "No such object.")
	}
	if status >= 500 {
		return stripeError(status, "api_error", "", "An unknown error occurred.")
	}
	return stripeError(status, "invalid_request_error", "", "The request is not valid.")
}

// stripeError is docs.stripe.com/api/errors.
func stripeError(status int, kind, code, message string) reply {
	fields := map[string]any{"type": kind, "message": message, "request_log_url": "https://dashboard.stripe.com/logs"}
	if code != "" {
		fields["code"] = code
		fields["doc_url"] = "https://docs.stripe.com/error-codes/" + code
	}
	if code == "resource_missing" {
		fields["param"] = "id"
	}
	return reply{status: status, body: map[string]any{"error": fields}}
}

type stripeList struct {
	Object  string `json:"object"`
	HasMore bool   `json:"has_more"`
	URL     string `json:"url"`
	Data    any    `json:"data"`
}

type stripeCustomer struct {
	ID            string            `json:"id"`
	Object        string            `json:"object"`
	Balance       int               `json:"balance"`
	Created       int64             `json:"created"`
	Currency      *string           `json:"currency"`
	Delinquent    bool              `json:"delinquent"`
	Description   *string           `json:"description"`
	Email         *string           `json:"email"`
	Livemode      bool              `json:"livemode"`
	Metadata      map[string]string `json:"metadata"`
	Name          *string           `json:"name"`
	Phone         *string           `json:"phone"`
	Subscriptions *stripeList       `json:"subscriptions,omitempty"` // only when expanded
}

type stripeSubscription struct {
	ID                string            `json:"id"`
	Object            string            `json:"object"`
	CancelAt          *int64            `json:"cancel_at"`
	CancelAtPeriodEnd bool              `json:"cancel_at_period_end"`
	CanceledAt        *int64            `json:"canceled_at"`
	Created           int64             `json:"created"`
	Currency          string            `json:"currency"`
	Customer          any               `json:"customer"` // its id, or the object when expanded
	Items             stripeList        `json:"items"`
	LatestInvoice     *string           `json:"latest_invoice"`
	Metadata          map[string]string `json:"metadata"`
	Status            string            `json:"status"`
	TrialEnd          *int64            `json:"trial_end"`
}

type stripeItem struct {
	ID                 string            `json:"id"`
	Object             string            `json:"object"`
	Created            int64             `json:"created"`
	CurrentPeriodStart int64             `json:"current_period_start"`
	CurrentPeriodEnd   int64             `json:"current_period_end"`
	Metadata           map[string]string `json:"metadata"`
	Price              stripePrice       `json:"price"`
	Quantity           int               `json:"quantity"`
	Subscription       string            `json:"subscription"`
}

type stripePrice struct {
	ID         string           `json:"id"`
	Object     string           `json:"object"`
	Active     bool             `json:"active"`
	Currency   string           `json:"currency"`
	Nickname   *string          `json:"nickname"`
	Product    string           `json:"product"`
	Recurring  *stripeRecurring `json:"recurring"`
	Type       string           `json:"type"`
	UnitAmount int              `json:"unit_amount"`
}

type stripeRecurring struct {
	Interval      string `json:"interval"`
	IntervalCount int    `json:"interval_count"`
	UsageType     string `json:"usage_type"`
}

func (c Customer) wire(expand []string) stripeCustomer {
	wire := stripeCustomer{
		ID: c.ID, Object: "customer", Balance: c.Balance, Created: c.Created.Unix(), Currency: orNull(c.Currency),
		Delinquent: c.Delinquent, Email: orNull(c.Email), Metadata: orNone(c.Metadata), Name: orNull(c.Name),
	}
	inner := slices.Contains(expand, "subscriptions.data.customer")
	if !inner && !slices.Contains(expand, "subscriptions") {
		return wire
	}
	var owner any = c.ID
	if inner {
		owner = wire
	}
	subs := make([]stripeSubscription, 0, len(c.Subscriptions))
	for _, sub := range c.Subscriptions {
		if sub.Status != "canceled" && sub.Status != "incomplete_expired" {
			subs = append(subs, sub.wire(owner, c.Currency))
		}
	}
	slices.SortStableFunc(subs, func(a, b stripeSubscription) int { return int(b.Created - a.Created) })
	wire.Subscriptions = &stripeList{
		Object: "list", HasMore: len(subs) > listLimit, URL: "/v1/customers/" + c.ID + "/subscriptions",
		Data: subs[:min(len(subs), listLimit)],
	}
	return wire
}

func (s Subscription) wire(owner any, currency string) stripeSubscription {
	wire := stripeSubscription{
		ID: s.ID, Object: "subscription", CancelAtPeriodEnd: s.CancelAtPeriodEnd, Created: s.Created.Unix(),
		Currency: orElse(currency, "usd"), Customer: owner, Metadata: map[string]string{}, Status: s.Status,
		LatestInvoice: orNull("in_" + s.ID[min(len(s.ID), len("sub_")):]),
	}
	if !s.TrialEnd.IsZero() {
		end := s.TrialEnd.Unix()
		wire.TrialEnd = &end
	}
	items := make([]stripeItem, 0, len(s.Items))
	for _, item := range s.Items {
		price := stripePrice{
			ID: item.PriceID, Object: "price", Active: true, Currency: item.Currency, Nickname: orNull(item.Nickname),
			Product: item.ProductID, Type: "one_time", UnitAmount: item.UnitAmount,
		}
		if item.Interval != "" {
			price.Type = "recurring"
			price.Recurring = &stripeRecurring{Interval: item.Interval, IntervalCount: max(item.IntervalCount, 1), UsageType: "licensed"}
		}
		items = append(items, stripeItem{
			ID: item.ID, Object: "subscription_item", Created: s.Created.Unix(), CurrentPeriodStart: item.PeriodStart.Unix(),
			CurrentPeriodEnd: item.PeriodEnd.Unix(), Metadata: map[string]string{}, Price: price, Quantity: item.Quantity,
			Subscription: s.ID,
		})
	}
	wire.Items = stripeList{Object: "list", URL: "/v1/subscription_items?subscription=" + s.ID, Data: items}
	return wire
}

func orNone(metadata map[string]string) map[string]string {
	if metadata == nil {
		return map[string]string{}
	}
	return metadata
}
