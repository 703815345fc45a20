package clients_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"supportgraph/clients"
	"supportgraph/clients/cloudflare"
	"supportgraph/clients/jira"
	"supportgraph/clients/sandbox"
	"supportgraph/clients/sandbox/seed"
	"supportgraph/clients/sandbox/vendors"
	"supportgraph/clients/stripe"
	"supportgraph/clients/sync/webhooks"
	"supportgraph/clients/upstream"
	"supportgraph/clients/zendesk"
)

var box *sandbox.Sandbox

func TestMain(m *testing.M) {
	var err error
	if box, err = sandbox.Start(context.Background(), sandbox.Options{Scale: seed.Small}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	box.Close()
	if err := goleak.Find(); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// TestWebhooksMakeReadsFresh: what a vendor tells one process makes another one, which does not work on jobs, ask anew.
func TestWebhooksMakeReadsFresh(t *testing.T) {
	t.Parallel()
	config := box.Config
	config.Cache = clients.UsualCache()
	config.Webhooks = clients.Webhooks{Zendesk: []string{"z"}, Stripe: []string{"s"}, Jira: []string{"j"}, Statuspage: []string{"path"}, Cloudflare: []string{"c"}}
	other := open(t, config)
	config.Jobs.Work = true
	mux := http.NewServeMux()
	mux.Handle(webhooks.Path, open(t, config).Webhooks)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	now := time.Now()

	var customer stripe.CustomerID
	var zones cloudflare.AccountID
	var organization zendesk.OrganizationID
	for _, account := range box.World.Accounts {
		if account.StripeCustomerID != nil && account.CloudflareAccountID != nil && account.ZendeskOrganizationID != nil {
			for _, ticket := range box.World.Vendors.Zendesk.Tickets {
				if ticket.OrganizationID == int64(*account.ZendeskOrganizationID) {
					customer, zones, organization = *account.StripeCustomerID, *account.CloudflareAccountID, *account.ZendeskOrganizationID
				}
			}
		}
	}
	var ticket int64
	for _, candidate := range box.World.Vendors.Zendesk.Tickets {
		if candidate.OrganizationID == int64(organization) {
			ticket = candidate.ID
		}
	}
	var issue, oldKey string
	if err := other.Postgres.QueryRow(t.Context(), "select issue_id, issue_key from ticket_issues order by issue_id limit 1").Scan(&issue, &oldKey); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Postgres.Exec(t.Context(), "update ticket_issues set issue_key = 'MOVED-1' where issue_id = $1", issue); err != nil {
		t.Fatal(err)
	}

	at := func(source upstream.Source) *time.Time { return source.FetchedAt }
	reads := map[string]func() *time.Time{
		"stripe": func() *time.Time {
			found, _ := other.Stripe.Profiles(t.Context(), upstream.Agents, []stripe.CustomerID{customer})
			return at(found[customer].Source)
		},
		"cloudflare": func() *time.Time {
			found, _ := other.Cloudflare.Zones(t.Context(), upstream.Agents, []cloudflare.AccountID{zones})
			return at(found[zones].Source)
		},
		"zendesk": func() *time.Time {
			found, _ := other.Zendesk.OfOrganizations(t.Context(), upstream.Agents, []zendesk.OrganizationID{organization})
			return at(found[organization].Source)
		},
		"jira": func() *time.Time {
			found, _ := other.Jira.Issues(t.Context(), upstream.Agents, []jira.IssueRef{jira.IssueRef(issue)})
			return at(found[jira.IssueRef(issue)].Source)
		},
		"statuspage": func() *time.Time {
			snapshot, err := other.Statuspage.Snapshot(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return at(snapshot.Source)
		},
	}
	before := map[string]time.Time{}
	for name, read := range reads {
		before[name] = *read()
		if again := *read(); !again.Equal(before[name]) && name != "statuspage" {
			t.Errorf("%s is not kept", name)
		}
	}
	for path, d := range map[string]vendors.Delivery{
		"stripe":          vendors.StripeDelivery(now, vendors.StripeEvent("evt_1", "customer.updated", string(customer), now), "s"),
		"cloudflare":      vendors.CloudflareDelivery("c", string(zones), now),
		"zendesk":         vendors.ZendeskDelivery("z", now, vendors.ZendeskEvent("e1", "ticket.status_changed", ticket, now)),
		"jira":            vendors.JiraDelivery("j", "i1", vendors.JiraEvent("jira:issue_updated", issue, oldKey, now)),
		"statuspage/path": vendors.StatuspageDelivery("page", "incident"),
	} {
		if status, err := d.Send(t.Context(), server.Client(), server.URL+webhooks.Path+path); err != nil || status != http.StatusNoContent {
			t.Errorf("%s: %d, %v", path, status, err)
		}
	}
	for name, read := range reads {
		eventually(t, name+" is read anew", func() bool { return read().After(before[name]) })
	}
	eventually(t, "the issue's key is known", func() bool {
		var key string
		err := other.Postgres.QueryRow(t.Context(), "select distinct issue_key from ticket_issues where issue_id = $1", issue).Scan(&key)
		return err == nil && key == oldKey
	})
}

func open(t *testing.T, config clients.Config) *clients.All {
	t.Helper()
	all, err := clients.Open(t.Context(), config, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(all.Close)
	return all
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never came to hold: %s", what)
		}
	}
}
