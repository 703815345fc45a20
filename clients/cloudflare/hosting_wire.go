package cloudflare

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"supportgraph/clients/upstream"
)

// accountAnswer is an account on the wire (developers.cloudflare.com/api/resources/accounts/methods/get).
type accountAnswer struct {
	asked AccountID

	outcome
	Result *struct {
		ID        AccountID `json:"id"`
		Name      string    `json:"name"`
		Type      string    `json:"type"`
		CreatedOn time.Time `json:"created_on"`
		Settings  struct {
			EnforceTwoFactor bool `json:"enforce_twofactor"`
		} `json:"settings"`
	} `json:"result"`
}

// Check demands success, and the account that was asked for, whole.
func (a *accountAnswer) Check() error {
	switch err := a.failure(); {
	case err != nil:
		return err
	case a.Result == nil:
		return errors.New("the result is missing")
	case a.Result.ID != a.asked:
		return errors.New("the account is not the one that was asked for")
	case a.Result.Name == "" || a.Result.CreatedOn.IsZero():
		return errors.New("the account has no name or no time of creation")
	default:
		return nil
	}
}

// account is the one conversion from the wire.
func (a *accountAnswer) account() *HostingAccount {
	account := &HostingAccount{
		ID:                string(a.Result.ID),
		Name:              a.Result.Name,
		Type:              HostingAccountType(strings.ToUpper(a.Result.Type)),
		TwoFactorEnforced: a.Result.Settings.EnforceTwoFactor,
		CreatedAt:         a.Result.CreatedOn,
	}
	if account.Type != HostingStandard && account.Type != HostingEnterprise {
		account.Type = HostingTypeOther
	}
	return account
}

// subscriptionsAnswer is the subscriptions of an account on the wire, which has no pages
// (developers.cloudflare.com/api/resources/accounts/subresources/subscriptions/methods/get).
type subscriptionsAnswer struct {
	outcome
	Result []*subscription `json:"result"`
}

// subscription is a subscription on the wire. All but its id may be missing.
type subscription struct {
	ID          string     `json:"id"`
	State       string     `json:"state"`
	Price       *float64   `json:"price"` // whole units
	Currency    string     `json:"currency"`
	Frequency   string     `json:"frequency"`
	PeriodStart *time.Time `json:"current_period_start"`
	PeriodEnd   *time.Time `json:"current_period_end"`
	Plan        struct {
		Name     string `json:"public_name"`
		Scope    string `json:"scope"`
		Contract bool   `json:"is_contract"`
	} `json:"rate_plan"`
}

// Check demands success, and that every subscription is of something and stands somewhere.
func (s *subscriptionsAnswer) Check() error {
	if err := s.failure(); err != nil {
		return err
	}
	if s.Result == nil {
		return errors.New("the result is missing")
	}
	for _, subscription := range s.Result {
		if subscription == nil || subscription.ID == "" || subscription.State == "" || subscription.Plan.Name == "" {
			return errors.New("a subscription has no id, state or plan")
		}
	}
	return nil
}

// list is the one conversion from the wire: the first subscriptions by plan.
func (s *subscriptionsAnswer) list() *HostingSubscriptionList {
	slices.SortFunc(s.Result, func(a, b *subscription) int {
		return cmp.Or(cmp.Compare(a.Plan.Name, b.Plan.Name), cmp.Compare(a.ID, b.ID))
	})
	listed := s.Result[:min(len(s.Result), mostSubscriptions)]
	list := &HostingSubscriptionList{Nodes: make([]*HostingSubscription, len(listed)), TotalCount: len(s.Result)}
	for i, row := range listed {
		list.Nodes[i] = &HostingSubscription{
			ID:                 row.ID,
			Plan:               row.Plan.Name,
			Scope:              told(row.Plan.Scope),
			Contract:           row.Plan.Contract,
			State:              subscriptionState(row.State),
			Price:              upstream.MinorUnits(row.Price, strings.ToUpper(row.Currency)),
			Currency:           told(strings.ToUpper(row.Currency)),
			Frequency:          told(frequency(row.Frequency)),
			CurrentPeriodStart: row.PeriodStart,
			CurrentPeriodEnd:   row.PeriodEnd,
		}
	}
	return list
}

// subscriptionState reads the vendor's words, which are written in one: "AwaitingPayment".
func subscriptionState(foreign string) HostingSubscriptionState {
	switch strings.ToLower(foreign) {
	case "trial":
		return HostingTrial
	case "provisioned":
		return HostingProvisioned
	case "paid":
		return HostingPaid
	case "awaitingpayment":
		return HostingAwaitingPayment
	case "cancelled":
		return HostingCanceled
	case "failed":
		return HostingFailed
	case "expired":
		return HostingExpired
	default:
		return HostingStateOther
	}
}

// told is nil for what the vendor leaves out or empty.
func told[T ~string](text T) *T {
	if text == "" {
		return nil
	}
	return &text
}

func frequency(foreign string) HostingFrequency {
	switch frequency := HostingFrequency(strings.ToUpper(foreign)); frequency {
	case "", HostingWeekly, HostingMonthly, HostingQuarterly, HostingYearly:
		return frequency
	default:
		return HostingFrequencyOther
	}
}
