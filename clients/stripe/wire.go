package stripe

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"time"
)

// customer is a customer on the wire (docs.stripe.com/api/customers/object).
type customer struct {
	asked CustomerID

	ID            string         `json:"id"`
	Object        string         `json:"object"`
	Deleted       bool           `json:"deleted"` // the only other field of a deleted customer, which is a 200
	Name          *string        `json:"name"`
	Email         *string        `json:"email"`
	Currency      *string        `json:"currency"`
	Balance       int            `json:"balance"`
	Delinquent    bool           `json:"delinquent"`
	Created       unixTime       `json:"created"`
	Subscriptions *subscriptions `json:"subscriptions"` // present only when expanded
}

type subscriptions struct {
	HasMore bool            `json:"has_more"`
	Data    []*subscription `json:"data"`
}

// subscription is a subscription on the wire (docs.stripe.com/api/subscriptions/object). Its current period is that of its
// items.
type subscription struct {
	ID                string       `json:"id"`
	Status            string       `json:"status"`
	Customer          expandableID `json:"customer"`
	CancelAtPeriodEnd bool         `json:"cancel_at_period_end"`
	TrialEnd          *unixTime    `json:"trial_end"`
	Items             struct {
		Data []*item `json:"data"`
	} `json:"items"`
}

// item is a subscription item on the wire (docs.stripe.com/api/subscription_items/object).
type item struct {
	ID                 string   `json:"id"`
	Quantity           int      `json:"quantity"`
	CurrentPeriodStart unixTime `json:"current_period_start"`
	CurrentPeriodEnd   unixTime `json:"current_period_end"`
	Price              struct {
		ID         string       `json:"id"`
		Product    expandableID `json:"product"`
		Nickname   *string      `json:"nickname"`
		UnitAmount *int         `json:"unit_amount"`
		Currency   string       `json:"currency"`
		Recurring  *struct {
			Interval      string `json:"interval"`
			IntervalCount int    `json:"interval_count"`
		} `json:"recurring"`
	} `json:"price"`
}

// expandableID is the id of a reference that stands as a string or, where it was expanded, as the whole object
// (docs.stripe.com/api/expanding_objects).
type expandableID string

// UnmarshalJSON reads a string, an object with an id, or null.
func (id *expandableID) UnmarshalJSON(text []byte) error {
	if !bytes.HasPrefix(text, []byte("{")) {
		return json.Unmarshal(text, (*string)(id))
	}
	var object struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(text, &object); err != nil {
		return err
	}
	if object.ID == "" {
		return errors.New("an expanded object without an id")
	}
	*id = expandableID(object.ID)
	return nil
}

// unixTime is a point in time in whole seconds since 1970, before the year 10000.
type unixTime int64

// UnmarshalJSON reads a whole number that is a time which can be written as text.
func (t *unixTime) UnmarshalJSON(text []byte) error {
	if err := json.Unmarshal(text, (*int64)(t)); err != nil {
		return err
	}
	if *t < 0 || *t > 253402300799 {
		return errors.New("a time out of range")
	}
	return nil
}

func (t unixTime) time() time.Time { return time.Unix(int64(t), 0).UTC() }

// Check demands what was asked for: this customer, with its subscriptions expanded and their keys in place.
func (c *customer) Check() error {
	switch {
	case c.ID != string(c.asked):
		return errors.New("the answer is not about the customer that was asked for")
	case c.Object != "customer":
		return errors.New("the answer is not a customer")
	case c.Deleted:
		return nil
	case c.Created == 0:
		return errors.New("the customer has no time of creation")
	case c.Subscriptions == nil || c.Subscriptions.Data == nil:
		return errors.New("the subscriptions are not expanded")
	}
	for _, sub := range c.Subscriptions.Data {
		if sub == nil || sub.ID == "" || sub.Status == "" {
			return errors.New("a subscription has no id or status")
		}
		if string(sub.Customer) != c.ID {
			return errors.New("a subscription is not the customer's")
		}
		for _, line := range sub.Items.Data {
			if line == nil || line.ID == "" || line.Price.ID == "" || line.Price.Currency == "" {
				return errors.New("a subscription item has no id or price")
			}
		}
	}
	return nil
}

// profile is the one conversion from the wire.
func (c *customer) profile() *BillingProfile {
	profile := &BillingProfile{
		CustomerID:        CustomerID(c.ID),
		Name:              c.Name,
		Email:             c.Email,
		Balance:           c.Balance,
		Delinquent:        c.Delinquent,
		CreatedAt:         c.Created.time(),
		Subscriptions:     make([]*Subscription, 0, len(c.Subscriptions.Data)),
		MoreSubscriptions: c.Subscriptions.HasMore,
	}
	if c.Currency != nil {
		upper := strings.ToUpper(*c.Currency)
		profile.Currency = &upper
	}
	for _, sub := range c.Subscriptions.Data {
		profile.Subscriptions = append(profile.Subscriptions, sub.subscription())
	}
	return profile
}

func (s *subscription) subscription() *Subscription {
	sub := &Subscription{
		ID:                s.ID,
		Status:            subscriptionStatus(s.Status),
		CancelAtPeriodEnd: s.CancelAtPeriodEnd,
		Items:             make([]*SubscriptionItem, 0, len(s.Items.Data)),
	}
	if s.TrialEnd != nil {
		end := s.TrialEnd.time()
		sub.TrialEnd = &end
	}
	for _, line := range s.Items.Data {
		sub.Items = append(sub.Items, line.item())
		sub.CurrentPeriodStart = earliest(sub.CurrentPeriodStart, line.CurrentPeriodStart)
		sub.CurrentPeriodEnd = earliest(sub.CurrentPeriodEnd, line.CurrentPeriodEnd)
	}
	return sub
}

func (i *item) item() *SubscriptionItem {
	line := &SubscriptionItem{
		ID:         i.ID,
		PriceID:    i.Price.ID,
		ProductID:  string(i.Price.Product),
		Nickname:   i.Price.Nickname,
		UnitAmount: i.Price.UnitAmount,
		Currency:   strings.ToUpper(i.Price.Currency),
		Quantity:   i.Quantity,
	}
	if recurring := i.Price.Recurring; recurring != nil {
		interval := billingInterval(recurring.Interval)
		line.Interval, line.IntervalCount = &interval, &recurring.IntervalCount
	}
	return line
}

// earliest keeps the earlier of two times; 0 on the wire is no time.
func earliest(known *time.Time, next unixTime) *time.Time {
	at := next.time()
	if next == 0 || known != nil && !at.Before(*known) {
		return known
	}
	return &at
}

func subscriptionStatus(foreign string) SubscriptionStatus {
	switch status := SubscriptionStatus(strings.ToUpper(foreign)); status {
	case SubscriptionActive, SubscriptionTrialing, SubscriptionPastDue, SubscriptionUnpaid, SubscriptionCanceled,
		SubscriptionIncomplete, SubscriptionIncompleteExpired, SubscriptionPaused:
		return status
	default:
		return SubscriptionOther
	}
}

func billingInterval(foreign string) BillingInterval {
	switch interval := BillingInterval(strings.ToUpper(foreign)); interval {
	case BillingDay, BillingWeek, BillingMonth, BillingYear:
		return interval
	default:
		return BillingOther
	}
}
