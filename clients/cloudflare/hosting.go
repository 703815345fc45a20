package cloudflare

import (
	"context"
	"errors"
	"maps"
	"time"

	"supportgraph/clients/cache"
	"supportgraph/clients/upstream"
)

// HostingAccount is an account as Cloudflare knows it.
type HostingAccount struct {
	ID                string
	Name              string
	Type              HostingAccountType
	TwoFactorEnforced bool // its members must sign in with a second factor
	CreatedAt         time.Time
	Source            upstream.Source `json:"-"` // of this answer, not of the account as it is kept
}

// HostingAccountType is what kind of contract an account has (developers.cloudflare.com/api/resources/accounts).
type HostingAccountType string

// The types, in upper case. A type that we do not know is HostingTypeOther.
const (
	HostingStandard   HostingAccountType = "STANDARD"
	HostingEnterprise HostingAccountType = "ENTERPRISE"
	HostingTypeOther  HostingAccountType = "OTHER"
)

// HostingSubscriptionList is the first 50 subscriptions of an account by plan.
type HostingSubscriptionList struct {
	Nodes      []*HostingSubscription
	TotalCount int             // subscriptions of the account, listed or not
	Source     upstream.Source `json:"-"` // of this answer, not of the list as it is kept
}

// HostingSubscription is a plan that an account has for itself or for one of its zones.
type HostingSubscription struct {
	ID                 string
	Plan               string  // "Business Plan"
	Scope              *string // what the plan is for, such as "zone"; nil where Cloudflare does not say
	Contract           bool    // agreed on by contract, not bought at the dashboard
	State              HostingSubscriptionState
	Price              *int              // minor units of Currency, for one Frequency; nil where none is told
	Currency           *string           // ISO 4217, upper-case; nil where Cloudflare does not say
	Frequency          *HostingFrequency // how often the price is paid; nil where it is not
	CurrentPeriodStart *time.Time
	CurrentPeriodEnd   *time.Time
}

// HostingSubscriptionState is where a subscription stands (developers.cloudflare.com/api/resources/accounts/subresources/subscriptions).
type HostingSubscriptionState string

// The states, in upper case. A state that we do not know is HostingStateOther.
const (
	HostingTrial           HostingSubscriptionState = "TRIAL"
	HostingProvisioned     HostingSubscriptionState = "PROVISIONED"
	HostingPaid            HostingSubscriptionState = "PAID"
	HostingAwaitingPayment HostingSubscriptionState = "AWAITING_PAYMENT"
	HostingCanceled        HostingSubscriptionState = "CANCELED"
	HostingFailed          HostingSubscriptionState = "FAILED"
	HostingExpired         HostingSubscriptionState = "EXPIRED"
	HostingStateOther      HostingSubscriptionState = "OTHER"
)

// HostingFrequency is how often a subscription is paid.
type HostingFrequency string

// The frequencies, in upper case. One that we do not know is HostingFrequencyOther.
const (
	HostingWeekly         HostingFrequency = "WEEKLY"
	HostingMonthly        HostingFrequency = "MONTHLY"
	HostingQuarterly      HostingFrequency = "QUARTERLY"
	HostingYearly         HostingFrequency = "YEARLY"
	HostingFrequencyOther HostingFrequency = "OTHER"
)

const (
	getAccount        = "accounts.get"
	listSubscriptions = "subscriptions.list"
	// mostSubscriptions of an account are shown. Their list has no pages: all come with one call.
	mostSubscriptions = 50
)

// Accounts returns accounts: those that are kept, and one call for each other distinct id, bounded, for the vendor's list
// cannot be filtered by ids (developers.cloudflare.com/api/resources/accounts/methods/list). An id in neither map is one that
// Cloudflare does not know. Errors are *upstream.Error. What accounts hold is shared and must not be changed.
func (c *Client) Accounts(ctx context.Context, lane upstream.Lane, ids []AccountID) (map[AccountID]*HostingAccount, map[AccountID]error) {
	wanted, refused := c.valid(getAccount, ids)
	found, failed := c.accounts.Get(ctx, lane, wanted, func(ctx context.Context, wanted []AccountID) (map[AccountID]*HostingAccount, map[AccountID]error) {
		up := c.upstream.In(lane)
		return upstream.Each(ctx, up, getAccount, wanted, func(ctx context.Context, id AccountID) (*HostingAccount, error) {
			answer := accountAnswer{asked: id}
			if known, err := ask(ctx, up, getAccount, "/accounts/"+string(id), &answer); !known {
				return nil, err
			}
			return answer.account(), nil
		})
	})
	maps.Copy(failed, refused)
	return cache.Values(found, func(account *HostingAccount) *upstream.Source { return &account.Source }), failed
}

// Subscriptions returns the first 50 subscriptions of each account, as Accounts returns these. An account without any has an
// empty list.
func (c *Client) Subscriptions(ctx context.Context, lane upstream.Lane, ids []AccountID) (map[AccountID]*HostingSubscriptionList, map[AccountID]error) {
	wanted, refused := c.valid(listSubscriptions, ids)
	found, failed := c.plans.Get(ctx, lane, wanted, func(ctx context.Context, wanted []AccountID) (map[AccountID]*HostingSubscriptionList, map[AccountID]error) {
		up := c.upstream.In(lane)
		return upstream.Each(ctx, up, listSubscriptions, wanted, func(ctx context.Context, id AccountID) (*HostingSubscriptionList, error) {
			var answer subscriptionsAnswer
			if known, err := ask(ctx, up, listSubscriptions, "/accounts/"+string(id)+"/subscriptions", &answer); !known {
				return nil, err
			}
			return answer.list(), nil
		})
	})
	maps.Copy(failed, refused)
	return cache.Values(found, func(list *HostingSubscriptionList) *upstream.Source { return &list.Source }), failed
}

// ask reads an account's resource; it is not known where Cloudflare says that there is none, which is no error.
func ask(ctx context.Context, up *upstream.Client, op, path string, answer upstream.Answer) (known bool, err error) {
	err = up.Get(ctx, op, path, nil, answer)
	var failed *upstream.Error
	if errors.As(err, &failed) && failed.Reason == upstream.NotFound {
		return false, nil
	}
	return err == nil, err
}
