package vendors

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"
)

// mountCloudflareAccounts serves developers.cloudflare.com/api/resources/accounts.
func (s *Server) mountCloudflareAccounts(d dialect, accounts []Account) {
	byName := make([]cloudflareAccount, len(accounts))
	subscriptions := make(map[string][]cloudflareSubscription, len(accounts))
	for i, account := range accounts {
		byName[i] = account.wire()
		theirs := []cloudflareSubscription{}
		for _, plan := range account.Subscriptions {
			theirs = append(theirs, plan.wire())
		}
		subscriptions[account.ID] = theirs
	}
	slices.SortFunc(byName, func(a, b cloudflareAccount) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	byID := make(map[string]cloudflareAccount, len(byName))
	for _, account := range byName {
		byID[account.ID] = account
	}

	s.handle(d, "accounts.list", "GET "+CloudflarePath+"/accounts", func(r *http.Request, fault Fault) reply {
		query := r.URL.Query()
		page, errPage := number(query.Get("page"), 1, 1, 1<<30)
		perPage, errSize := number(query.Get("per_page"), 20, 5, 50)
		name, direction := query.Get("name"), query.Get("direction")
		switch {
		case errPage != nil || errSize != nil:
			return envelope(http.StatusBadRequest, 6003, "Invalid request: page or per_page is out of range")
		case !slices.Contains([]string{"", "asc", "desc"}, direction):
			return envelope(http.StatusBadRequest, 6003, "Invalid request: direction is neither asc nor desc")
		}
		rows := slices.DeleteFunc(slices.Clone(byName), func(account cloudflareAccount) bool {
			return fault.drops(account.ID) || !strings.Contains(account.Name, name)
		})
		if direction == "desc" {
			slices.Reverse(rows)
		}
		return resultPage(rows, page, perPage, fault.OmitTotalPages)
	})
	// known answers for an account that there is; the vendor does not route to others.
	known := func(answer func(id string) any) func(*http.Request, Fault) reply {
		return func(r *http.Request, fault Fault) reply {
			id := r.PathValue("id")
			if _, there := byID[id]; !there || fault.drops(id) {
				return cloudflareRefuses(http.StatusNotFound, fault)
			}
			return success(answer(id))
		}
	}
	s.handle(d, "accounts.get", "GET "+CloudflarePath+"/accounts/{id}", known(func(id string) any { return byID[id] }))
	s.handle(d, "subscriptions.list", "GET "+CloudflarePath+"/accounts/{id}/subscriptions", known(func(id string) any { return subscriptions[id] }))
}

type cloudflareAccount struct {
	ID        string         `json:"id"`
	Name      string         `json:"name"`
	Type      string         `json:"type"`
	Settings  map[string]any `json:"settings"`
	CreatedOn time.Time      `json:"created_on"`
}

func (a Account) wire() cloudflareAccount {
	return cloudflareAccount{
		ID: a.ID, Name: a.Name, Type: orElse(a.Type, "standard"), CreatedOn: a.Created.UTC(),
		Settings: map[string]any{"enforce_twofactor": a.TwoFactor, "abuse_contact_email": nil},
	}
}

type cloudflareSubscription struct {
	ID                 string             `json:"id"`
	State              string             `json:"state"`
	Price              float64            `json:"price"`
	Currency           string             `json:"currency"`
	Frequency          string             `json:"frequency"`
	CurrentPeriodStart *time.Time         `json:"current_period_start"`
	CurrentPeriodEnd   *time.Time         `json:"current_period_end"`
	RatePlan           cloudflareRatePlan `json:"rate_plan"`
}

type cloudflareRatePlan struct {
	ID                string   `json:"id"`
	PublicName        string   `json:"public_name"`
	Currency          string   `json:"currency"`
	Scope             string   `json:"scope"`
	Sets              []string `json:"sets"`
	IsContract        bool     `json:"is_contract"`
	ExternallyManaged bool     `json:"externally_managed"`
}

func (p RatePlan) wire() cloudflareSubscription {
	wire := cloudflareSubscription{
		ID: p.ID, State: orElse(p.State, "Paid"), Price: p.Price, Currency: p.Currency, Frequency: p.Frequency,
		RatePlan: cloudflareRatePlan{
			ID: p.Plan, PublicName: p.Name, Currency: p.Currency, Scope: p.Scope, Sets: []string{},
			IsContract: p.Contract, ExternallyManaged: p.Contract,
		},
	}
	if !p.Start.IsZero() {
		start, end := p.Start.UTC(), p.End.UTC()
		wire.CurrentPeriodStart, wire.CurrentPeriodEnd = &start, &end
	}
	return wire
}
