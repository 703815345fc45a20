package stripe

import (
	"context"
	"errors"
	"net/url"
	"time"

	"supportgraph/clients/upstream"
)

// CustomerID is Stripe's key of a customer: "cus_...".
type CustomerID string

// BillingProfile is what Stripe knows of a customer.
type BillingProfile struct {
	CustomerID    CustomerID
	Name          *string
	Email         *string
	Currency      *string // ISO 4217, upper-case; nil until the customer was first charged
	Balance       int     // minor units; negative is a credit towards the next invoice
	Delinquent    bool    // the latest charge failed, or the latest invoice is past due
	CreatedAt     time.Time
	Subscriptions []*Subscription // those that have not ended, newest first
	// MoreSubscriptions says that Stripe holds more than the 10 that it lists within a customer.
	MoreSubscriptions bool
	Source            upstream.Source
}

// Subscription is an agreement to pay for prices repeatedly.
type Subscription struct {
	ID                 string
	Status             SubscriptionStatus
	CancelAtPeriodEnd  bool
	CurrentPeriodStart *time.Time // the earliest of its items', nil without items
	CurrentPeriodEnd   *time.Time // the earliest of its items', nil without items
	TrialEnd           *time.Time
	Items              []*SubscriptionItem
}

// SubscriptionItem is one price of a subscription.
type SubscriptionItem struct {
	ID            string
	PriceID       string
	ProductID     string
	Nickname      *string
	UnitAmount    *int   // minor units of Currency; nil for tiered prices and for fractions of a minor unit
	Currency      string // ISO 4217, upper-case
	Quantity      int    // 0 for metered prices, which have none
	Interval      *BillingInterval
	IntervalCount *int // intervals between two invoices
}

// SubscriptionStatus is where a subscription stands (docs.stripe.com/api/subscriptions/object).
type SubscriptionStatus string

// The statuses, in upper case. A status that we do not know is SubscriptionOther.
const (
	SubscriptionActive            SubscriptionStatus = "ACTIVE"
	SubscriptionTrialing          SubscriptionStatus = "TRIALING"
	SubscriptionPastDue           SubscriptionStatus = "PAST_DUE"
	SubscriptionUnpaid            SubscriptionStatus = "UNPAID"
	SubscriptionCanceled          SubscriptionStatus = "CANCELED"
	SubscriptionIncomplete        SubscriptionStatus = "INCOMPLETE"
	SubscriptionIncompleteExpired SubscriptionStatus = "INCOMPLETE_EXPIRED"
	SubscriptionPaused            SubscriptionStatus = "PAUSED"
	SubscriptionOther             SubscriptionStatus = "OTHER"
)

// BillingInterval is the unit in which a price recurs (docs.stripe.com/api/prices/object).
type BillingInterval string

// The intervals, in upper case. An interval that we do not know is BillingOther.
const (
	BillingDay   BillingInterval = "DAY"
	BillingWeek  BillingInterval = "WEEK"
	BillingMonth BillingInterval = "MONTH"
	BillingYear  BillingInterval = "YEAR"
	BillingOther BillingInterval = "OTHER"
)

// Profiles reads the billing profiles of customers: one call per distinct id, bounded. An id in neither map is a customer
// that Stripe does not know or has deleted. Errors are *upstream.Error.
func (c *Client) Profiles(ctx context.Context, ids []CustomerID) (map[CustomerID]*BillingProfile, map[CustomerID]error) {
	return upstream.Each(ctx, c.upstream, getCustomer, ids, c.profile)
}

const getCustomer = "customers.get"

func (c *Client) profile(ctx context.Context, id CustomerID) (*BillingProfile, error) {
	if id == "" || id == "." || id == ".." {
		return nil, nil // would ask for another resource than a customer
	}
	answer := customer{asked: id}
	err := c.upstream.Get(ctx, getCustomer, "/customers/"+url.PathEscape(string(id)), url.Values{"expand[]": {"subscriptions"}}, &answer)
	var failed *upstream.Error
	switch {
	case err == nil && answer.Deleted:
		return nil, nil
	case err == nil:
		return answer.profile(time.Now()), nil
	case errors.As(err, &failed) && failed.Reason == upstream.NotFound && failed.Code == "resource_missing":
		return nil, nil
	default:
		return nil, err
	}
}
