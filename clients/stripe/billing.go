package stripe

import (
	"context"
	"errors"
	"net/url"
	"time"

	"supportgraph/clients/cache"
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
	Source            upstream.Source `json:"-"` // of this answer, not of the profile as it is kept
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

// Profiles returns the billing profiles of customers: those that are kept, and one call for each other distinct id, bounded.
// An id in neither map is a customer that Stripe does not know or has deleted. Errors are *upstream.Error. What profiles
// hold is shared and must not be changed.
func (c *Client) Profiles(ctx context.Context, lane upstream.Lane, ids []CustomerID) (map[CustomerID]*BillingProfile, map[CustomerID]error) {
	found, failed := c.profiles.Get(ctx, lane, ids, func(ctx context.Context, ids []CustomerID) (map[CustomerID]*BillingProfile, map[CustomerID]error) {
		up := c.upstream.In(lane)
		return upstream.Each(ctx, up, getCustomer, ids, func(ctx context.Context, id CustomerID) (*BillingProfile, error) {
			return profile(ctx, up, id)
		})
	})
	return cache.Values(found, func(profile *BillingProfile) *upstream.Source { return &profile.Source }), failed
}

// Invalidate says that what is kept of customers, their invoices included, is no longer right. An error means that other
// processes were not told.
func (c *Client) Invalidate(ctx context.Context, ids ...CustomerID) error {
	return errors.Join(c.profiles.Invalidate(ctx, ids...), c.invoices.Invalidate(ctx, ids...))
}

const getCustomer = "customers.get"

func profile(ctx context.Context, up *upstream.Client, id CustomerID) (*BillingProfile, error) {
	if id == "" || id == "." || id == ".." {
		return nil, nil // would ask for another resource than a customer
	}
	answer := customer{asked: id}
	err := up.Get(ctx, getCustomer, "/customers/"+url.PathEscape(string(id)), url.Values{"expand[]": {"subscriptions"}}, &answer)
	var failed *upstream.Error
	switch {
	case err == nil && answer.Deleted:
		return nil, nil
	case err == nil:
		return answer.profile(), nil
	case errors.As(err, &failed) && failed.Reason == upstream.NotFound && failed.Code == "resource_missing":
		return nil, nil
	default:
		return nil, err
	}
}
