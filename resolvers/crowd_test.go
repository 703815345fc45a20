package resolvers_test

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"supportgraph/clients"
	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
	"supportgraph/clients/sandbox"
	"supportgraph/clients/sandbox/vendors"
)

// crowd is how many accounts there are that every vendor knows, each with one ticket that waits for an issue of its own.
const crowd = 250

// crowdSQL makes them of tickets that are there, so that these stay whole.
const crowdSQL = `
	create temp table crowd as
		select row_number() over (order by number) - 1 as n, id as ticket, requester_id as contact, gen_random_uuid() as account
		from tickets order by number limit 250;
	insert into accounts (id, name, plan, tier, path, stripe_customer_id, cloudflare_account_id, salesforce_account_id, zendesk_organization_id)
		select account, 'Crowd ' || lpad(n::text, 3, '0'), 'PRO', 'STANDARD', array[account], 'cus_crowd' || n,
			lpad(to_hex(n + 1), 32, '0'), '001xX' || lpad(n::text, 10, '0') || 'QAA', 900000 + n from crowd;
	insert into account_memberships (contact_id, account_id, role, visibility) select contact, account, 'ADMIN', 'ACCOUNT' from crowd;
	update tickets set account_id = crowd.account from crowd where tickets.id = crowd.ticket;
	delete from ticket_issues where ticket_id in (select ticket from crowd);
	insert into ticket_issues (ticket_id, issue_id, issue_key) select ticket, (500000 + n)::text, 'EDGE-' || (90000 + n) from crowd;`

// crowded is the vendors of the crowd.
func crowded() vendors.Data {
	var data vendors.Data
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	data.Salesforce.Custom = theHouse.sandbox.World.Vendors.Salesforce.Custom
	for i := range crowd {
		owner := vendors.SalesforceID(fmt.Sprintf("005xX%010d", i))
		data.Customers = append(data.Customers, vendors.Customer{ID: fmt.Sprint("cus_crowd", i), Currency: "eur", Created: at})
		data.Accounts = append(data.Accounts, vendors.Account{ID: fmt.Sprintf("%032x", i+1), Name: fmt.Sprint("Crowd ", i), Created: at,
			Zones: []vendors.Zone{{ID: fmt.Sprintf("%032x", 1<<20+i), Name: fmt.Sprintf("crowd-%d.example", i), Created: at}}})
		data.Salesforce.Accounts = append(data.Salesforce.Accounts, vendors.CrmAccount{
			ID: vendors.SalesforceID(fmt.Sprintf("001xX%010d", i)), Name: fmt.Sprint("Crowd ", i), OwnerID: owner, Created: at, Modified: at})
		data.Salesforce.Users = append(data.Salesforce.Users, vendors.CrmUser{ID: owner, Name: fmt.Sprint("Owner ", i)})
		data.Issues = append(data.Issues, vendors.Issue{ID: fmt.Sprint(500000 + i), Key: fmt.Sprint("EDGE-", 90000+i), Status: "To Do", Category: "new", Created: at, Updated: at})
		data.Zendesk.Organizations = append(data.Zendesk.Organizations, vendors.ZendeskOrganization{ID: int64(900000 + i), Name: fmt.Sprint("Crowd ", i), Created: at, Updated: at})
	}
	return data
}

// TestCallsOfACrowd asks, on one page, for what every vendor knows of 1, 100, 101 and 250 accounts. With nothing kept it takes
// the calls that the vendors' batches allow, by VENDORS.md's table: Stripe and Zendesk have no batch for what is shown
// and are asked for each account, Cloudflare for each or for everybody's pages, whichever are fewer. Asked again, no
// vendor hears of it.
func TestCallsOfACrowd(t *testing.T) {
	t.Parallel()
	box := *theHouse.sandbox
	database, err := box.Postgres.Database(t.Context(), "crowd", sandbox.Template)
	if err != nil {
		t.Fatal(err)
	}
	box.Config.Postgres = database
	owner, err := open(&box, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(owner.clients.Close)
	if _, err := owner.clients.Postgres.Exec(t.Context(), crowdSQL); err != nil {
		t.Fatal(err)
	}
	everybody, err := postgres.Select(t.Context(), owner.clients.Postgres, accounts.List(accounts.Staff, ptr("crowd"), crowd, postgres.Position{}))
	if err != nil || len(everybody) != crowd {
		t.Fatalf("%d accounts: %v", len(everybody), err)
	}
	ids := make([]string, crowd)
	for i, account := range everybody {
		ids[i] = account.ID.String()
	}
	for _, test := range []struct {
		n                        int
		list, sweep, bulk, fetch int // Cloudflare's calls, Salesforce's of a kind, Jira's
	}{{1, 1, 0, 1, 1}, {100, 0, 5, 1, 1}, {101, 0, 5, 1, 2}, {250, 0, 5, 1, 3}} {
		t.Run(fmt.Sprint(test.n), func(t *testing.T) {
			t.Parallel()
			h := among(t, box, crowded())
			query := `query ($a: [ID!]!, $b: [ID!]!, $c: [ID!]!) { a: nodes(ids: $a) { ...all } b: nodes(ids: $b) { ...all } c: nodes(ids: $c) { ...all } }
				fragment all on Account {
					billing { __typename ... on BillingProfile { customerId invoices { __typename } } }
					zones { __typename ... on ZoneList { totalCount } }
					hosting { __typename ... on HostingAccount { subscriptions { __typename ... on HostingSubscriptionList { totalCount } } } }
					crm { __typename ... on CrmAccount { owner { name } } }
					vendorTickets { __typename }
					tickets(first: 1) { nodes { linkedIssues { issue { __typename } } } }
				}`
			some := ids[:test.n]
			variables := map[string]any{"a": some[:min(100, test.n)], "b": some[min(100, test.n):min(200, test.n)], "c": some[min(200, test.n):]}
			cold := h.ask(t, h.planned, "agent", query, variables)
			for _, typ := range []string{"BillingProfile", "InvoiceList", "ZoneList", "HostingAccount", "HostingSubscriptionList", "CrmAccount", "VendorTicketList", "EngineeringIssue"} {
				if got := strings.Count(string(cold.body), `"`+typ+`"`); got != test.n {
					t.Fatalf("%d times %s: %.2000s", got, typ, cold.body)
				}
			}
			want := fmt.Sprintf("jira issues.bulkfetch %d\n", test.fetch)
			if test.list > 0 {
				want = fmt.Sprintf("cloudflare zones.list %d\n", test.list) + want
			} else {
				want = fmt.Sprintf("cloudflare zones.sweep %d\n", test.sweep) + want
			}
			want = fmt.Sprintf("cloudflare accounts.get %d\ncloudflare subscriptions.list %d\n", test.n, test.n) + want
			want += "postgres accounts.by_id 1\npostgres issues.of_tickets 1\npostgres tickets.of_accounts 1\n" +
				fmt.Sprintf("salesforce accounts.retrieve %d\nsalesforce users.retrieve %d\n", test.bulk, test.bulk) +
				fmt.Sprintf("stripe customers.get %d\nstripe invoices.list %d\nzendesk organizations.tickets %d\n", test.n, test.n, test.n)
			if got := cold.calls.String(); got != want {
				t.Errorf("cold: got\n%s\nwant\n%s", got, want)
			}
			warm := h.ask(t, h.planned, "agent", query, variables)
			if string(warm.body) != string(cold.body) {
				t.Error("what is kept is something else")
			}
			if got := warm.calls.String(); got != "postgres accounts.by_id 1\npostgres issues.of_tickets 1\npostgres tickets.of_accounts 1\n" {
				t.Errorf("warm: got\n%s", got)
			}
			h.settled(t, 9*test.n)
			// On a busy machine Redis may answer later than anybody waits for it: that process then asks its own vendors.
			var got answer
			for range 3 {
				other := among(t, box, vendors.Data{}, func(c *clients.Config) { c.Cache.Tenant = h.tenant })
				if got = other.ask(t, other.planned, "agent", query, variables); string(got.body) == string(cold.body) {
					return
				}
			}
			t.Errorf("another process, whose vendors know nothing: %.2000s", got.body)
		})
	}
}

// neighbour is a house with vendors of its own that keeps what they answer.
type neighbour struct {
	*house
	vendors *vendors.Server
	config  clients.Config
	tenant  string
}

// among is one more process on a database, whose vendors have the data, and which keeps what they answer.
func among(t testing.TB, box sandbox.Sandbox, data vendors.Data, adjust ...func(*clients.Config)) *neighbour {
	t.Helper()
	server := vendors.New(data, vendors.Options{Seed: 1})
	box.Vendors = server
	serving := httptest.NewServer(server)
	t.Cleanup(func() { server.Close(); serving.CloseClientConnections(); serving.Close() })
	vendorsAt(&box.Config, serving.URL)
	box.Config.Cache = clients.UsualCache()
	box.Config.Cache.Tenant = rand.Text()
	box.Config.Redis.Patience = 10 * time.Second // what is kept is kept, however busy the machine is
	for _, adjust := range adjust {
		adjust(&box.Config)
	}
	h, err := open(&box, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.clients.Close)
	return &neighbour{h, server, box.Config, box.Config.Cache.Tenant}
}

// settled waits until so many values are in Redis, and no lease.
func (n *neighbour) settled(t *testing.T, values int) {
	t.Helper()
	for until := time.Now().Add(time.Minute); ; time.Sleep(2 * time.Millisecond) {
		keys, err := n.clients.Redis.Keys(t.Context(), "supportgraph:*:"+n.tenant+":*").Result()
		leased := slices.ContainsFunc(keys, func(key string) bool { return strings.HasSuffix(key, ":lease") })
		if err == nil && !leased && len(keys) >= values {
			return
		}
		if time.Now().After(until) {
			t.Fatalf("%d keys in Redis, %v", len(keys), err)
		}
	}
}

func ptr[V any](value V) *V { return &value }

// A thousand want one account that nobody has asked for, in four processes, for one works on 256 requests at a time: its
// vendor is asked once. On a machine so busy that a lease runs out meanwhile, another account gets another go.
func TestAThousandWantOneColdAccount(t *testing.T) {
	t.Parallel()
	box := *theHouse.sandbox
	here := among(t, box, box.World.Vendors)
	slow := vendors.Fault{Vendor: vendors.Stripe, Latency: vendors.Latency{P50: vendors.Duration(500 * time.Millisecond)}}
	if err := here.vendors.Break(slow); err != nil {
		t.Fatal(err)
	}
	reached := here.config
	houses := []*neighbour{here}
	for range 3 {
		houses = append(houses, among(t, box, box.World.Vendors, func(c *clients.Config) { c.Stripe, c.Cache.Tenant = reached.Stripe, here.tenant }))
	}
	for _, id := range here.linked(t)[:5] {
		before := here.vendors.Stats()[vendors.Stripe].Calls
		var asking sync.WaitGroup
		for i := range 1000 {
			asking.Go(func() {
				h := houses[i%len(houses)]
				got := h.ask(t, h.planned, "agent", withBilling, map[string]any{"id": id})
				if !strings.Contains(string(got.body), `"BillingProfile"`) {
					t.Errorf("got %s", got.body)
				}
			})
		}
		asking.Wait()
		calls := here.vendors.Stats()[vendors.Stripe].Calls - before
		if calls == 1 {
			return
		}
		t.Logf("%d calls", calls)
	}
	t.Error("never was it one call")
}
