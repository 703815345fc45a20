package salesforce_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"supportgraph/clients/salesforce"
	"supportgraph/clients/sandbox/vendors"
	"supportgraph/clients/upstream"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	born    = time.Date(2024, 3, 1, 12, 0, 0, 123e6, time.UTC)
	changed = time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC)
)

// id is the i-th account's, of 18 characters.
func id(i int) salesforce.AccountID {
	return salesforce.AccountID(vendors.SalesforceID(fmt.Sprintf("001xX%010d", i)))
}

func ids(n int) []salesforce.AccountID {
	ids := make([]salesforce.AccountID, n)
	for i := range ids {
		ids[i] = id(i)
	}
	return ids
}

var owner = vendors.SalesforceID("005xx0000012Abc")

func data(n int) vendors.SalesforceData {
	data := vendors.SalesforceData{
		Custom: []string{"Segment__c", "Renewal_Date__c", "Contract_Value__c"},
		Users:  []vendors.CrmUser{{ID: owner, Name: "Ada Keller", Email: "ada@crm.example"}, {ID: vendors.SalesforceID("005xx0000012AbD"), Name: "Bo"}},
	}
	for i := range n {
		data.Accounts = append(data.Accounts, vendors.CrmAccount{ID: string(id(i)), Name: fmt.Sprint("Account ", i), Created: born, Modified: changed})
	}
	data.Accounts[0].Name, data.Accounts[0].Type, data.Accounts[0].Industry, data.Accounts[0].OwnerID = "Acme", "Customer - Direct", "Retail", owner
	data.Accounts[0].Custom = map[string]any{"Segment__c": "Enterprise", "Renewal_Date__c": "2027-01-31", "Contract_Value__c": 120000.5}
	return data
}

type world struct {
	*vendors.Server
	client *salesforce.Client
}

var fields = salesforce.Fields{Segment: "Segment__c", RenewalDate: "Renewal_Date__c", ContractValue: "Contract_Value__c"}

func serve(t *testing.T, n int, options vendors.Options, cfg salesforce.Config) *world {
	t.Helper()
	options.SalesforceSecret = "sf_secret"
	w := &world{Server: vendors.New(vendors.Data{Salesforce: data(n)}, options)}
	server := httptest.NewServer(w.Server)
	cfg.BaseURL, cfg.User = server.URL+vendors.SalesforcePath, "consumer"
	if cfg.Token == "" {
		cfg.Token = "sf_secret"
	}
	if cfg.Fields == (salesforce.Fields{}) {
		cfg.Fields = fields
	}
	w.client = salesforce.New(cfg, nil)
	t.Cleanup(func() { w.client.Close(); w.Close(); server.Close() })
	return w
}

func (w *world) strike(t *testing.T, faults ...vendors.Fault) {
	t.Helper()
	for i := range faults {
		faults[i].Vendor = vendors.Salesforce
	}
	if err := w.Break(faults...); err != nil {
		t.Fatal(err)
	}
}

func (w *world) calls(op string) int { return w.Stats()[vendors.Salesforce].Ops[op].Calls }

func ptr[T any](value T) *T { return &value }

func TestAccounts(t *testing.T) {
	t.Parallel()
	w := serve(t, 5, vendors.Options{}, salesforce.Config{Currency: "eur"})
	w.strike(t, vendors.Fault{Drop: []string{string(id(2))}})
	short := id(1)[:15]
	found, failed := w.client.Accounts(t.Context(), upstream.Agents, []salesforce.AccountID{
		id(0), short, id(1), id(2), id(77), id(0), "", "acme", "003xx0000000001AAA", salesforce.AccountID(strings.ToLower(string(id(3)))),
	})
	if len(failed) != 0 || len(found) != 4 {
		t.Fatalf("found %v, failed %v", found, failed)
	}
	if found[short] == nil || found[id(1)] == nil || found[short].ID != id(1) {
		t.Errorf("the short form: %+v", found[short])
	}
	if got := found[salesforce.AccountID(strings.ToLower(string(id(3))))]; got == nil || got.ID != id(3) {
		t.Errorf("an id that lost its case: %+v", got)
	}
	if keys := w.Stats()[vendors.Salesforce].Ops["accounts.retrieve"].Keys; len(keys) != 1 || keys[5] != 1 {
		t.Errorf("keys of the calls: %v", keys)
	}
	acme := found[id(0)]
	if acme.Source.Name != upstream.Salesforce || acme.Source.FetchedAt == nil || *acme.Source.Freshness != upstream.Live {
		t.Errorf("source %+v", acme.Source)
	}
	acme.Source = upstream.Source{}
	want := &salesforce.CrmAccount{
		ID: id(0), Name: "Acme", Segment: ptr("Enterprise"), Industry: ptr("Retail"), OwnerID: ptr(salesforce.UserID(owner)),
		RenewalDate: ptr(time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC)), ContractValue: ptr(12000050), Currency: ptr("EUR"),
		CreatedAt: born, UpdatedAt: changed,
	}
	if diff := cmp.Diff(want, acme); diff != "" {
		t.Error(diff)
	}
	if bare := found[id(1)]; bare.Segment != nil || bare.Industry != nil || bare.OwnerID != nil || bare.RenewalDate != nil || bare.ContractValue != nil {
		t.Errorf("bare %+v", bare)
	}
	owners, failed2 := w.client.Owners(t.Context(), upstream.Agents, []salesforce.UserID{salesforce.UserID(owner), salesforce.UserID(owner)[:15], "005xx0000012Abz"})
	if len(owners) != 2 || len(failed2) != 0 || owners[salesforce.UserID(owner)].Name != "Ada Keller" || *owners[salesforce.UserID(owner)].Email != "ada@crm.example" || !owners[salesforce.UserID(owner)].Active {
		t.Errorf("owners %v, failed %v", owners, failed2)
	}
	if w.calls("oauth.token") != 1 {
		t.Errorf("%d tokens", w.calls("oauth.token"))
	}
}

func TestStandardFieldsAlone(t *testing.T) {
	t.Parallel()
	w := serve(t, 1, vendors.Options{}, salesforce.Config{Fields: salesforce.Fields{Segment: "Type"}})
	found, failed := w.client.Accounts(t.Context(), upstream.Agents, ids(1))
	if len(failed) != 0 || *found[id(0)].Segment != "Customer - Direct" || found[id(0)].ContractValue != nil || found[id(0)].Currency != nil {
		t.Errorf("found %+v, failed %v", found[id(0)], failed)
	}
	wrong := serve(t, 1, vendors.Options{}, salesforce.Config{Fields: salesforce.Fields{Segment: "Nonsense__c"}})
	_, failed = wrong.client.Accounts(t.Context(), upstream.Agents, ids(1))
	var cause *upstream.Error
	if !errors.As(failed[id(0)], &cause) || cause.Reason != upstream.Refused || cause.Code != "INVALID_FIELD" {
		t.Errorf("a field that is not there: %v", failed)
	}
}

func TestCallsAreTheFewest(t *testing.T) {
	t.Parallel()
	w := serve(t, 2001, vendors.Options{}, salesforce.Config{})
	for _, test := range []struct{ keys, calls int }{{1, 1}, {100, 1}, {101, 1}, {250, 1}, {2000, 1}, {2001, 2}, {0, 0}} {
		before := w.calls("accounts.retrieve")
		found, failed := w.client.Accounts(t.Context(), upstream.Agents, ids(test.keys))
		if got := w.calls("accounts.retrieve") - before; got != test.calls || len(found) != test.keys || len(failed) != 0 {
			t.Errorf("%d keys: %d calls, %d found, %d failed", test.keys, got, len(found), len(failed))
		}
	}
	if w.calls("oauth.token") != 1 {
		t.Errorf("%d tokens", w.calls("oauth.token"))
	}
	if allowance := w.client.Allowance(); allowance == nil || allowance.Limit != 100_000 || allowance.Remaining != 99_999 {
		t.Errorf("allowance %+v", allowance)
	}
}

func TestOneChunkFailsAlone(t *testing.T) {
	t.Parallel()
	w := serve(t, 4500, vendors.Options{}, salesforce.Config{})
	w.strike(t, vendors.Fault{Op: "accounts.retrieve", Match: string(id(2100)), ErrorRate: 1, Status: 503})
	found, failed := w.client.Accounts(t.Context(), upstream.Agents, ids(4500))
	if len(found) != 2500 || len(failed) != 2000 || failed[id(2000)] == nil || failed[id(3999)] == nil || found[id(4000)] == nil {
		t.Errorf("%d found, %d failed", len(found), len(failed))
	}
}

func TestOrderIsNotReliedOn(t *testing.T) {
	t.Parallel()
	w := serve(t, 50, vendors.Options{}, salesforce.Config{})
	w.strike(t, vendors.Fault{Shuffle: true, Drop: []string{string(id(9))}})
	found, failed := w.client.Accounts(t.Context(), upstream.Agents, ids(50))
	if len(found) != 49 || len(failed) != 0 || found[id(9)] != nil {
		t.Fatalf("%d found, failed %v", len(found), failed)
	}
	for asked, account := range found {
		if account.ID != asked || account.Name != "Acme" && account.Name != fmt.Sprint("Account ", slices.Index(ids(50), asked)) {
			t.Errorf("%s is %+v", asked, account)
		}
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault vendors.Fault
		want  upstream.Reason
		code  string
		quota bool
	}{
		"session refused, twice": {vendors.Fault{Mode: vendors.Unauthorized}, upstream.Refused, "INVALID_SESSION_ID", false},
		"not allowed":            {vendors.Fault{ErrorRate: 1, Status: 403, Reason: "INSUFFICIENT_ACCESS"}, upstream.Refused, "INSUFFICIENT_ACCESS", false},
		"day's calls used up":    {vendors.Fault{ErrorRate: 1, Status: 403}, upstream.RateLimited, "REQUEST_LIMIT_EXCEEDED", true},
		"throttled":              {vendors.Fault{ErrorRate: 1, Status: 429}, upstream.RateLimited, "INVALID_REQUEST", false},
		"fault":                  {vendors.Fault{ErrorRate: 1}, upstream.Unavailable, "UNKNOWN_EXCEPTION", false},
		"a proxy's 502":          {vendors.Fault{Mode: vendors.HTML}, upstream.Unavailable, "", false},
		"a page":                 {vendors.Fault{Mode: vendors.HTML, Status: 200}, upstream.BadAnswer, "", false},
		"an error in 200":        {vendors.Fault{Mode: vendors.Unsuccessful}, upstream.BadAnswer, "", false},
		"truncated":              {vendors.Fault{Mode: vendors.Truncate}, upstream.BadAnswer, "", false},
		"trailing":               {vendors.Fault{Mode: vendors.Trailing}, upstream.BadAnswer, "", false},
		"wrong types":            {vendors.Fault{Mode: vendors.WrongType}, upstream.BadAnswer, "", false},
		"100 MB":                 {vendors.Fault{Mode: vendors.Huge}, upstream.BadAnswer, "", false},
		"reset":                  {vendors.Fault{Mode: vendors.Reset}, upstream.Unavailable, "", false},
		"cut":                    {vendors.Fault{Mode: vendors.Cut}, upstream.Unavailable, "", false},
		"silence":                {vendors.Fault{Mode: vendors.Hang}, upstream.Timeout, "", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := salesforce.Config{}
			if test.want == upstream.Timeout {
				cfg.Timeout = 500 * time.Millisecond
			}
			w := serve(t, 3, vendors.Options{}, cfg)
			test.fault.Op = "accounts.retrieve"
			w.strike(t, test.fault)
			found, failed := w.client.Accounts(t.Context(), upstream.Agents, ids(3))
			var cause *upstream.Error
			if len(found) != 0 || len(failed) != 3 || !errors.As(failed[id(0)], &cause) || cause.Reason != test.want || cause.Code != test.code || cause.Quota != test.quota {
				t.Fatalf("found %v, failed %v", found, failed)
			}
			if text := cause.Error(); strings.Contains(text, "session_0") || strings.Contains(text, "sf_secret") || strings.Contains(text, "Acme") {
				t.Errorf("%q says too much", text)
			}
			if test.quota {
				return // who has no allowance left stays away for long
			}
			w.Heal()
			if found, failed := w.client.Accounts(t.Context(), upstream.Agents, ids(3)); len(found) != 3 {
				t.Errorf("after healing: %v", failed)
			}
		})
	}
}

func TestCancellationStopsTheCalls(t *testing.T) {
	t.Parallel()
	w := serve(t, 4500, vendors.Options{}, salesforce.Config{})
	w.strike(t, vendors.Fault{Op: "accounts.retrieve", Mode: vendors.Hang})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		eventually(t, func() bool { return w.Stats()[vendors.Salesforce].InFlight == 3 })
		cancel()
	}()
	_, failed := w.client.Accounts(ctx, upstream.Agents, ids(4500))
	var cause *upstream.Error
	if len(failed) != 4500 || !errors.As(failed[id(4444)], &cause) || cause.Reason != upstream.Canceled {
		t.Errorf("%d failed: %v", len(failed), failed[id(4444)])
	}
	eventually(t, func() bool { return w.Stats()[vendors.Salesforce].InFlight == 0 })
}

func TestDailyCalls(t *testing.T) {
	t.Parallel()
	w := serve(t, 3, vendors.Options{Rates: true, DailyCalls: 2}, salesforce.Config{})
	for want := range 2 {
		if found, failed := w.client.Accounts(t.Context(), upstream.Agents, ids(1)); len(found) != 1 || w.client.Allowance().Remaining != 1-want {
			t.Fatalf("%v, %+v", failed, w.client.Allowance())
		}
	}
	_, failed := w.client.Accounts(t.Context(), upstream.Agents, ids(1))
	var cause *upstream.Error
	if !errors.As(failed[id(0)], &cause) || !cause.Quota || cause.Reason != upstream.RateLimited || cause.Status != 403 || cause.RetryAfter != 0 {
		t.Errorf("got %+v", cause)
	}
}

// eventually polls until the condition holds.
func eventually(t *testing.T, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Error("it never came to hold")
			return
		}
	}
}
