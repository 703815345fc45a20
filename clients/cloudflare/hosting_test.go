package cloudflare_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"supportgraph/clients/cache"
	"supportgraph/clients/cloudflare"
	"supportgraph/clients/sandbox/vendors"
	"supportgraph/clients/upstream"
)

// hosted makes n accounts with two subscriptions each.
func hosted(n int) vendors.Data {
	data := accounts(n, func(int) int { return 0 })
	for i := range data.Accounts {
		account := &data.Accounts[i]
		account.Created = born
		account.Subscriptions = []vendors.RatePlan{
			{ID: strings.Repeat("e", 32), Name: "Workers Paid", Price: 5, Currency: "USD", Frequency: "monthly", Scope: "account", Start: born, End: born.AddDate(0, 1, 0)},
			{ID: strings.Repeat("d", 32), Name: "Business Plan", Price: 199.99, Currency: "usd", Frequency: "fortnightly", Contract: true, State: "AwaitingPayment"},
		}
	}
	return data
}

func TestAccountsAndTheirSubscriptions(t *testing.T) {
	t.Parallel()
	data := hosted(3)
	data.Accounts[1].Type, data.Accounts[1].TwoFactor, data.Accounts[1].Subscriptions = "enterprise", true, nil
	data.Accounts[2].Type = "quantum"
	w := serve(t, data, vendors.Options{}, upstream.Config{})
	asked := []cloudflare.AccountID{id(0), id(1), id(1), id(2), id(7), "../zones", "../zones"}

	found, failed := w.client.Accounts(t.Context(), upstream.Agents, asked)
	want := map[cloudflare.AccountID]*cloudflare.HostingAccount{
		id(0): {ID: string(id(0)), Name: "Account 0", Type: cloudflare.HostingStandard, CreatedAt: born},
		id(1): {ID: string(id(1)), Name: "Account 1", Type: cloudflare.HostingEnterprise, TwoFactorEnforced: true, CreatedAt: born},
		id(2): {ID: string(id(2)), Name: "Account 2", Type: cloudflare.HostingTypeOther, CreatedAt: born},
	}
	if diff := cmp.Diff(want, found, cmpopts.IgnoreTypes(upstream.Source{})); diff != "" {
		t.Error(diff)
	}
	if source := found[id(0)].Source; source.Name != upstream.Cloudflare || *source.Freshness != upstream.Live {
		t.Errorf("%+v", source)
	}
	var unknown *upstream.Error
	if !errors.As(failed["../zones"], &unknown) || unknown.Reason != upstream.NotFound || len(failed) != 1 {
		t.Errorf("a malformed id: %v", failed)
	}
	if got := w.calls(); got != 4 {
		t.Errorf("%d calls for 4 distinct accounts", got)
	}

	lists, failed := w.client.Subscriptions(t.Context(), upstream.Agents, asked)
	if len(lists) != 3 || len(failed) != 1 || w.calls() != 8 {
		t.Fatalf("found %v, failed %v, %d calls", lists, failed, w.calls())
	}
	if none := lists[id(1)]; none.Nodes == nil || len(none.Nodes) != 0 || none.TotalCount != 0 {
		t.Errorf("an account without subscriptions: %+v", none)
	}
	end := born.AddDate(0, 1, 0)
	if diff := cmp.Diff(&cloudflare.HostingSubscriptionList{TotalCount: 2, Nodes: []*cloudflare.HostingSubscription{
		{ID: strings.Repeat("d", 32), Plan: "Business Plan", Contract: true, State: cloudflare.HostingAwaitingPayment,
			Price: new(19999), Currency: new("USD"), Frequency: new(cloudflare.HostingFrequencyOther)},
		{ID: strings.Repeat("e", 32), Plan: "Workers Paid", Scope: new("account"), State: cloudflare.HostingPaid,
			Price: new(500), Currency: new("USD"), Frequency: new(cloudflare.HostingMonthly), CurrentPeriodStart: &born, CurrentPeriodEnd: &end},
	}}, lists[id(0)], cmpopts.IgnoreTypes(upstream.Source{})); diff != "" {
		t.Error(diff)
	}
}

// An account has as many subscriptions as zones, all in one answer: the first are shown, and all are counted.
func TestManySubscriptions(t *testing.T) {
	t.Parallel()
	data := hosted(1)
	for i := range 118 {
		data.Accounts[0].Subscriptions = append(data.Accounts[0].Subscriptions, vendors.RatePlan{ID: fmt.Sprintf("%032x", i), Name: "Pro Plan"})
	}
	w := serve(t, data, vendors.Options{}, upstream.Config{})
	lists, failed := w.client.Subscriptions(t.Context(), upstream.Agents, ids(0, 1))
	if list := lists[id(0)]; len(failed) != 0 || len(list.Nodes) != 50 || list.TotalCount != 120 || list.Nodes[0].Plan != "Business Plan" {
		t.Errorf("%+v, failed %v", list, failed)
	}
	if w.calls() != 1 {
		t.Errorf("%d calls", w.calls())
	}
}

// One account that fails, or that Cloudflare has dropped, is missing alone, and no more are asked at a time than there are
// places.
func TestOneAccountFailsAlone(t *testing.T) {
	t.Parallel()
	w := serve(t, hosted(30), vendors.Options{}, upstream.Config{Retries: -1})
	w.strike(t,
		vendors.Fault{Op: "accounts.get", Drop: []string{string(id(4))}, Latency: vendors.Latency{P50: vendors.Duration(5 * time.Millisecond)}},
		vendors.Fault{Match: string(id(3)), ErrorRate: 1, Status: 403},
	)
	found, failed := w.client.Accounts(t.Context(), upstream.Agents, ids(0, 30))
	var refused *upstream.Error
	if len(found) != 28 || len(failed) != 1 || found[id(4)] != nil || !errors.As(failed[id(3)], &refused) || refused.Reason != upstream.Refused || refused.Code != "10000" {
		t.Errorf("%d found, failed %v", len(found), failed)
	}
	stats := w.Stats()[vendors.Cloudflare]
	if places := w.client.Status().Places; stats.Calls != 30 || stats.MaxInFlight > places {
		t.Errorf("%d calls, %d at once in %d places", stats.Calls, stats.MaxInFlight, places)
	}
}

// Invalidated, an account is asked for anew in all that is kept of it.
func TestHostingIsInvalidated(t *testing.T) {
	t.Parallel()
	w := keep(t, hosted(2), cache.Usual())
	read := func() {
		t.Helper()
		for range 2 {
			accounts, failedAccounts := w.client.Accounts(t.Context(), upstream.Agents, ids(0, 2))
			lists, failedLists := w.client.Subscriptions(t.Context(), upstream.Agents, ids(0, 2))
			if len(accounts) != 2 || len(lists) != 2 || len(failedAccounts)+len(failedLists) != 0 {
				t.Errorf("%v, %v", failedAccounts, failedLists)
			}
		}
	}
	read()
	if w.calls() != 4 {
		t.Errorf("%d calls", w.calls())
	}
	if err := w.client.Invalidate(t.Context(), id(0)); err != nil {
		t.Error(err)
	}
	read()
	if w.calls() != 6 {
		t.Errorf("%d calls after one account was invalidated", w.calls())
	}
}
