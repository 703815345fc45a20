package clients_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"supportgraph/clients/cache"
	"supportgraph/clients/cloudflare"
	"supportgraph/clients/jira"
	"supportgraph/clients/postgres"
	"supportgraph/clients/salesforce"
	"supportgraph/clients/sandbox/vendors"
	"supportgraph/clients/stripe"
	"supportgraph/clients/upstream"
	"supportgraph/clients/zendesk"
)

// rows is how many records of each kind the vendors of these tests have.
const rows = 250

// told is what a read told of one record.
type told struct {
	value  any
	source upstream.Source
}

// asks reads records by their numbers.
type asks func(ctx context.Context, lane upstream.Lane, numbers []int) (map[int]told, map[int]error)

// client is a vendor's client, as far as all are alike.
type client interface {
	Status() *upstream.Status
	Close()
}

// kind is a kind of records that a vendor's client keeps.
type kind struct {
	name   string
	vendor string
	op     string
	calls  func(n int) int // calls that n distinct records take
	open   func(base string, cfg upstream.Config, store *cache.Store, times cache.Times) (client, asks)
}

func asking[K comparable, V any](key func(int) K, read func(context.Context, upstream.Lane, []K) (map[K]*V, map[K]error), source func(*V) upstream.Source) asks {
	return func(ctx context.Context, lane upstream.Lane, numbers []int) (map[int]told, map[int]error) {
		keys := make([]K, len(numbers))
		for i, number := range numbers {
			keys[i] = key(number)
		}
		values, faults := read(ctx, lane, keys)
		found, failed := map[int]told{}, map[int]error{}
		for i, number := range numbers {
			if value := values[keys[i]]; value != nil {
				found[number] = told{value, source(value)}
			}
			if err := faults[keys[i]]; err != nil {
				failed[number] = err
			}
		}
		return found, failed
	}
}

func one(n int) int                    { return min(n, 1) }
func each(n int) int                   { return n }
func by(size int) func(n int) int      { return func(n int) int { return (n + size - 1) / size } }
func customer(i int) stripe.CustomerID { return stripe.CustomerID("cus_" + strconv.Itoa(i)) }
func zoned(i int) cloudflare.AccountID { return cloudflare.AccountID(fmt.Sprintf("%032x", i+1)) }
func crm(i int) salesforce.AccountID {
	return salesforce.AccountID(vendors.SalesforceID(fmt.Sprintf("001xX%010d", i)))
}
func owner(i int) salesforce.UserID {
	return salesforce.UserID(vendors.SalesforceID(fmt.Sprintf("005xX%010d", i)))
}
func issue(i int) jira.IssueRef              { return jira.IssueRef(strconv.Itoa(10000 + i)) }
func organized(i int) zendesk.OrganizationID { return zendesk.OrganizationID(1000 + i) }
func person(i int) zendesk.UserID            { return zendesk.UserID(5000 + i) }

// kinds are all that is kept of vendors that are asked for records. The status page is one record, which is kept whole.
var kinds = []kind{
	{"profiles", vendors.Stripe, "customers.get", each, func(base string, cfg upstream.Config, store *cache.Store, times cache.Times) (client, asks) {
		cfg.BaseURL, cfg.Token = base+vendors.StripePath, "rk_test"
		c := stripe.New(cfg, nil, stripe.Keep(store, stripe.Times{Profiles: times}))
		return c, asking(customer, c.Profiles, func(p *stripe.BillingProfile) upstream.Source { return p.Source })
	}},
	{"invoices", vendors.Stripe, "invoices.list", each, func(base string, cfg upstream.Config, store *cache.Store, times cache.Times) (client, asks) {
		cfg.BaseURL, cfg.Token = base+vendors.StripePath, "rk_test"
		c := stripe.New(cfg, nil, stripe.Keep(store, stripe.Times{Invoices: times}))
		return c, asking(customer, c.Invoices, func(l *stripe.InvoiceList) upstream.Source { return l.Source })
	}},
	// Everybody's pages are fewer than the accounts, once there are more of these than a sweep is worth.
	{"zones", vendors.Cloudflare, "zones.sweep", func(n int) int { return min(n, by(50)(rows)) }, func(base string, cfg upstream.Config, store *cache.Store, times cache.Times) (client, asks) {
		cfg.BaseURL, cfg.Token = base+vendors.CloudflarePath, "cf_test"
		c := cloudflare.New(cfg, nil, cloudflare.Keep(store, cloudflare.Times{Zones: times}))
		return c, asking(zoned, c.Zones, func(l *cloudflare.ZoneList) upstream.Source { return l.Source })
	}},
	{"hosting accounts", vendors.Cloudflare, "accounts.get", each, func(base string, cfg upstream.Config, store *cache.Store, times cache.Times) (client, asks) {
		cfg.BaseURL, cfg.Token = base+vendors.CloudflarePath, "cf_test"
		c := cloudflare.New(cfg, nil, cloudflare.Keep(store, cloudflare.Times{Accounts: times}))
		return c, asking(zoned, c.Accounts, func(a *cloudflare.HostingAccount) upstream.Source { return a.Source })
	}},
	{"hosting subscriptions", vendors.Cloudflare, "subscriptions.list", each, func(base string, cfg upstream.Config, store *cache.Store, times cache.Times) (client, asks) {
		cfg.BaseURL, cfg.Token = base+vendors.CloudflarePath, "cf_test"
		c := cloudflare.New(cfg, nil, cloudflare.Keep(store, cloudflare.Times{Subscriptions: times}))
		return c, asking(zoned, c.Subscriptions, func(l *cloudflare.HostingSubscriptionList) upstream.Source { return l.Source })
	}},
	{"crm", vendors.Salesforce, "accounts.retrieve", one, func(base string, cfg upstream.Config, store *cache.Store, times cache.Times) (client, asks) {
		cfg.BaseURL, cfg.User, cfg.Token = base+vendors.SalesforcePath, "graph", "sf_test"
		c := salesforce.New(salesforce.Config{Config: cfg}, nil, salesforce.Keep(store, salesforce.Times{Accounts: times}))
		return c, asking(crm, c.Accounts, func(a *salesforce.CrmAccount) upstream.Source { return a.Source })
	}},
	{"owners", vendors.Salesforce, "users.retrieve", one, func(base string, cfg upstream.Config, store *cache.Store, times cache.Times) (client, asks) {
		cfg.BaseURL, cfg.User, cfg.Token = base+vendors.SalesforcePath, "graph", "sf_test"
		c := salesforce.New(salesforce.Config{Config: cfg}, nil, salesforce.Keep(store, salesforce.Times{Owners: times}))
		return c, asking(owner, c.Owners, func(o *salesforce.CrmOwner) upstream.Source { return o.Source })
	}},
	{"issues", vendors.Jira, "issues.bulkfetch", by(100), func(base string, cfg upstream.Config, store *cache.Store, times cache.Times) (client, asks) {
		cfg.BaseURL, cfg.User, cfg.Token = base+vendors.JiraPath, "graph@support.example", "jira_test"
		c := jira.New(cfg, nil, jira.Keep(store, times))
		return c, asking(issue, c.Issues, func(i *jira.EngineeringIssue) upstream.Source { return i.Source })
	}},
	{"vendor tickets", vendors.Zendesk, "organizations.tickets", each, func(base string, cfg upstream.Config, store *cache.Store, times cache.Times) (client, asks) {
		cfg.BaseURL, cfg.User, cfg.Token = base+vendors.ZendeskPath, "graph@support.example/token", "zd_test"
		c := zendesk.New(cfg, nil, zendesk.Keep(store, zendesk.Times{Tickets: times}))
		return c, asking(organized, c.OfOrganizations, func(p *zendesk.VendorTicketPage) upstream.Source { return p.Source })
	}},
	{"vendor users", vendors.Zendesk, "users.show_many", by(100), func(base string, cfg upstream.Config, store *cache.Store, times cache.Times) (client, asks) {
		cfg.BaseURL, cfg.User, cfg.Token = base+vendors.ZendeskPath, "graph@support.example/token", "zd_test"
		c := zendesk.New(cfg, nil, zendesk.Keep(store, zendesk.Times{Users: times}))
		return c, asking(person, c.Users, func(u *zendesk.VendorUser) upstream.Source { return u.Source })
	}},
	{"comments", vendors.Zendesk, "comments.list", each, func(base string, cfg upstream.Config, store *cache.Store, times cache.Times) (client, asks) {
		cfg.BaseURL, cfg.User, cfg.Token = base+vendors.ZendeskPath, "graph@support.example/token", "zd_test"
		c := zendesk.New(cfg, nil, zendesk.Keep(store, zendesk.Times{Comments: times}))
		return c, asking(func(i int) zendesk.TicketID { return zendesk.TicketID(i + 1) },
			pages(func(ctx context.Context, lane upstream.Lane, id zendesk.TicketID) (*zendesk.VendorCommentPage, error) {
				return c.Comments(ctx, lane, id, 20, "")
			}), func(p *zendesk.VendorCommentPage) upstream.Source { return p.Source })
	}},
	{"searches", vendors.Zendesk, "search.export", each, func(base string, cfg upstream.Config, store *cache.Store, times cache.Times) (client, asks) {
		cfg.BaseURL, cfg.User, cfg.Token = base+vendors.ZendeskPath, "graph@support.example/token", "zd_test"
		c := zendesk.New(cfg, nil, zendesk.Keep(store, zendesk.Times{Tickets: times}))
		return c, asking(func(i int) string { return fmt.Sprint("Ticket ", i) },
			pages(func(ctx context.Context, lane upstream.Lane, text string) (*zendesk.VendorTicketPage, error) {
				return c.Search(ctx, lane, text, 20, "")
			}), func(p *zendesk.VendorTicketPage) upstream.Source { return p.Source })
	}},
}

// pages makes a read of several keys of a read of one.
func pages[K comparable, V any](read func(context.Context, upstream.Lane, K) (*V, error)) func(context.Context, upstream.Lane, []K) (map[K]*V, map[K]error) {
	return func(ctx context.Context, lane upstream.Lane, keys []K) (map[K]*V, map[K]error) {
		found, failed := map[K]*V{}, map[K]error{}
		for _, key := range keys {
			if value, err := read(ctx, lane, key); err != nil {
				failed[key] = err
			} else if value != nil {
				found[key] = value
			}
		}
		return found, failed
	}
}

var born = time.Date(2026, 3, 1, 12, 0, 0, 123e6, time.UTC)

var stock = sync.OnceValue(func() vendors.Data {
	var data vendors.Data
	for i := range rows {
		data.Customers = append(data.Customers, vendors.Customer{ID: string(customer(i)), Name: fmt.Sprint("Customer ", i), Currency: "eur", Created: born,
			Invoices: []vendors.Invoice{{ID: fmt.Sprint("in_", i), Status: "paid", Currency: "eur", Total: 100 + i, Created: born}}})
		data.Accounts = append(data.Accounts, vendors.Account{ID: string(zoned(i)), Name: fmt.Sprint("Account ", i), Created: born,
			Subscriptions: []vendors.RatePlan{{ID: fmt.Sprintf("%032x", 1<<21+i), Name: "Pro Plan", Price: 25, Currency: "USD", Frequency: "monthly", Scope: "zone", Start: born, End: born.AddDate(0, 1, 0)}},
			Zones:         []vendors.Zone{{ID: fmt.Sprintf("%032x", 1<<20+i), Name: fmt.Sprintf("zone-%d.example", i), Created: born}}})
		data.Salesforce.Accounts = append(data.Salesforce.Accounts, vendors.CrmAccount{ID: string(crm(i)), Name: fmt.Sprint("Account ", i), OwnerID: string(owner(i)), Created: born, Modified: born})
		data.Salesforce.Users = append(data.Salesforce.Users, vendors.CrmUser{ID: string(owner(i)), Name: fmt.Sprint("Owner ", i)})
		data.Issues = append(data.Issues, vendors.Issue{ID: string(issue(i)), Key: fmt.Sprint("EDGE-", i+1), Summary: fmt.Sprint("Issue ", i), Status: "To Do", Category: "new", Created: born, Updated: born})
		data.Zendesk.Organizations = append(data.Zendesk.Organizations, vendors.ZendeskOrganization{ID: int64(organized(i)), Name: fmt.Sprint("Account ", i), Created: born, Updated: born})
		data.Zendesk.Users = append(data.Zendesk.Users, vendors.ZendeskUser{ID: int64(person(i)), Name: fmt.Sprint("Person ", i), Created: born, Updated: born})
		data.Zendesk.Tickets = append(data.Zendesk.Tickets, vendors.ZendeskTicket{ID: int64(i + 1), Subject: fmt.Sprint("Ticket ", i), Status: "open",
			RequesterID: int64(person(i)), OrganizationID: int64(organized(i)), Created: born, Updated: born,
			Comments: []vendors.ZendeskComment{{ID: int64(i + 1), AuthorID: int64(person(i)), Body: "It is slow.", Public: true, Created: born}}})
	}
	return data
})

// site is the vendors and a Redis, for processes to come.
type site struct {
	*vendors.Server
	base  string
	redis *miniredis.Miniredis
}

func serve(t *testing.T) *site {
	t.Helper()
	s := &site{Server: vendors.New(stock(), vendors.Options{Seed: 1}), redis: miniredis.RunT(t)}
	server := httptest.NewServer(s.Server)
	s.base = server.URL
	t.Cleanup(func() { s.Server.Close(); server.CloseClientConnections(); server.Close() })
	return s
}

// process is one more process that keeps a kind of records.
func (s *site) process(t *testing.T, k kind, cfg upstream.Config, times cache.Times) (client, asks) {
	t.Helper()
	shared, err := cache.Open(cache.Config{URL: postgres.Secret("redis://" + s.redis.Addr()), Patience: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	store := cache.NewStore(shared)
	store.Start()
	if cfg.Timeout == 0 {
		cfg.Timeout = 30 * time.Second // however busy the machine is
	}
	c, ask := k.open(s.base, cfg, store, times)
	t.Cleanup(func() { store.Close(); c.Close(); shared.Close() })
	return c, ask
}

// settled tells whether so many values are in Redis, and no lease.
func (s *site) settled(values int) bool {
	keys := s.redis.Keys()
	return len(keys) >= values && !slices.ContainsFunc(keys, func(key string) bool { return strings.HasSuffix(key, ":lease") })
}

func (s *site) calls(k kind) int {
	stats := s.Stats()[k.vendor]
	if k.vendor == vendors.Cloudflare {
		return stats.Calls
	}
	return stats.Ops[k.op].Calls
}

func (s *site) strike(t *testing.T, k kind, fault vendors.Fault) {
	t.Helper()
	fault.Vendor = k.vendor
	if k.vendor == vendors.Salesforce {
		fault.Op = k.op // sessions are opened all the same
	}
	if err := s.Break(fault); err != nil {
		t.Fatal(err)
	}
}

func upTo(n int) []int {
	numbers := make([]int, n)
	for i := range numbers {
		numbers[i] = i
	}
	return numbers
}

// values are what was told, without its provenance.
func values(found map[int]told) map[int]any {
	values := map[int]any{}
	for number, told := range found {
		values[number] = told.value
	}
	return values
}

var bare = cmpopts.IgnoreTypes(upstream.Source{})

// TestCallsAreTheFewest reads 1, 100, 101 and 250 records of each kind: by the calls that the vendor's batches allow when they
// are cold, by none when they are kept, and by none in another process.
func TestCallsAreTheFewest(t *testing.T) {
	t.Parallel()
	for _, k := range kinds {
		for _, n := range []int{1, 100, 101, 250} {
			t.Run(fmt.Sprint(k.name, " ", n), func(t *testing.T) {
				t.Parallel()
				s := serve(t)
				c, here := s.process(t, k, upstream.Config{}, cache.Usual())
				cold, failed := here(t.Context(), upstream.Agents, upTo(n))
				if len(cold) != n || len(failed) != 0 || s.calls(k) != k.calls(n) {
					t.Fatalf("cold: %d found, failed %v, by %d calls instead of %d", len(cold), failed, s.calls(k), k.calls(n))
				}
				if most := s.Stats()[k.vendor].MaxInFlight; most > c.Status().Places {
					t.Errorf("%d calls at once in %d places", most, c.Status().Places)
				}
				warm, failed := here(t.Context(), upstream.Agents, upTo(n))
				if len(failed) != 0 || s.calls(k) != k.calls(n) {
					t.Errorf("warm: failed %v, %d calls", failed, s.calls(k))
				}
				if diff := cmp.Diff(values(cold), values(warm), bare); diff != "" {
					t.Error(diff)
				}
				eventually(t, "all is in Redis", func() bool { return s.settled(n) })
				_, there := s.process(t, k, upstream.Config{}, cache.Usual())
				other, failed := there(t.Context(), upstream.Agents, upTo(n))
				if len(failed) != 0 || s.calls(k) != k.calls(n) {
					t.Errorf("another process: failed %v, %d calls", failed, s.calls(k))
				}
				if diff := cmp.Diff(values(cold), values(other), bare); diff != "" {
					t.Errorf("what comes back from Redis is not what was read:\n%s", diff)
				}
				for number, told := range other {
					if source := told.source; source.Freshness == nil || *source.Freshness != upstream.Cached || source.Reason != nil {
						t.Errorf("%d: %+v", number, source)
					}
				}
			})
		}
	}
}

// brief grow old in a test.
var brief = cache.Times{Fresh: 20 * time.Millisecond, Stale: time.Hour, Absent: 10 * time.Millisecond, Patience: 10 * time.Second, Rest: time.Millisecond}

// TestFaultsAreServedStale breaks every vendor in every way. What was read before is served with its age and the reason,
// what was not fails by a type that says the vendor's own reference and nothing of its words, and once the vendor is well
// again, so is the answer.
func TestFaultsAreServedStale(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault vendors.Fault
		want  upstream.Reason
	}{
		"credentials refused": {vendors.Fault{Mode: vendors.Unauthorized}, upstream.Refused},
		"throttled":           {vendors.Fault{ErrorRate: 1, Status: 429}, upstream.RateLimited},
		"fault":               {vendors.Fault{ErrorRate: 1, Status: 503}, upstream.Unavailable},
		"a proxy's 502":       {vendors.Fault{Mode: vendors.HTML}, upstream.Unavailable},
		"a page":              {vendors.Fault{Mode: vendors.HTML, Status: 200}, upstream.BadAnswer},
		"a failure in a 200":  {vendors.Fault{Mode: vendors.Unsuccessful}, upstream.BadAnswer},
		"truncated":           {vendors.Fault{Mode: vendors.Truncate}, upstream.BadAnswer},
		"trailing":            {vendors.Fault{Mode: vendors.Trailing}, upstream.BadAnswer},
		"wrong types":         {vendors.Fault{Mode: vendors.WrongType}, upstream.BadAnswer},
		"100 MB":              {vendors.Fault{Mode: vendors.Huge}, upstream.BadAnswer},
		"reset":               {vendors.Fault{Mode: vendors.Reset}, upstream.Unavailable},
		"cut":                 {vendors.Fault{Mode: vendors.Cut}, upstream.Unavailable},
		"silence":             {vendors.Fault{Mode: vendors.Hang}, upstream.Timeout},
	} {
		for _, k := range kinds {
			if test.fault.Mode == vendors.Huge && k.calls(2) == 2 && k.name != "vendor tickets" {
				continue // each vendor once or twice: it is 100 MB
			}
			t.Run(k.name+" "+name, func(t *testing.T) {
				t.Parallel()
				s := serve(t)
				cfg := upstream.Config{Rest: 10 * time.Millisecond, Retries: -1}
				if test.want == upstream.Timeout {
					cfg.Timeout = time.Second
				}
				_, ask := s.process(t, k, cfg, brief)
				before, failed := ask(t.Context(), upstream.Agents, []int{0})
				if len(failed) != 0 {
					t.Fatal(failed)
				}
				first := before[0]
				eventually(t, "it is old", func() bool { return time.Since(*first.source.FetchedAt) > brief.Fresh })
				s.strike(t, k, test.fault)
				found, failed := ask(t.Context(), upstream.Agents, []int{0, 1})
				stale := found[0]
				if k.name != "zones" && len(failed) != 1 { // a sweep brings everybody's
					t.Fatalf("found %v, failed %v", found, failed)
				}
				if stale.source.Freshness == nil || *stale.source.Freshness != upstream.Stale || stale.source.Reason == nil ||
					*stale.source.Reason != test.want || !stale.source.FetchedAt.Equal(*first.source.FetchedAt) {
					t.Errorf("what was known: %+v, %v", stale.source, failed[0])
				} else if diff := cmp.Diff(first.value, stale.value, bare); diff != "" {
					t.Error(diff)
				}
				var cause *upstream.Error
				if !errors.As(failed[1], &cause) || cause.Reason != test.want {
					t.Errorf("what was not known: %v", failed[1])
				} else if cause.Status != 0 && cause.RequestID == "" && k.vendor != vendors.Salesforce {
					t.Errorf("%v bears no reference of the vendor's", cause)
				}
				if cause.Quota {
					return // it is left alone for long
				}
				s.Heal()
				eventually(t, "the vendor is well again", func() bool {
					again, failed := ask(t.Context(), upstream.Agents, []int{0, 1})
					return len(failed) == 0 && again[0].source.FetchedAt.After(*first.source.FetchedAt) && again[0].source.Reason == nil
				})
			})
		}
	}
}

// Many in two processes want the same cold record of each kind, and one call brings it. A machine so busy that a lease runs
// out meanwhile gets another go.
func TestOneColdKeyIsOneCall(t *testing.T) {
	t.Parallel()
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t)
			s.strike(t, k, vendors.Fault{Latency: vendors.Latency{P50: vendors.Duration(300 * time.Millisecond)}})
			_, here := s.process(t, k, upstream.Config{}, cache.Usual())
			_, there := s.process(t, k, upstream.Config{}, cache.Usual())
			for wanted := range 5 {
				before := s.calls(k)
				var running sync.WaitGroup
				for i := range 1000 {
					running.Go(func() {
						ask := []asks{here, there}[i%2]
						if found, failed := ask(t.Context(), upstream.Agents, []int{wanted}); len(found) != 1 {
							t.Errorf("failed %v", failed)
						}
					})
				}
				running.Wait()
				calls := s.calls(k) - before
				if calls == 1 {
					return
				}
				t.Logf("%d calls", calls)
			}
			t.Error("never was it one call")
		})
	}
}

// Out of budget, an engineer gets what is kept with the reason, or is told so; the agents' share is theirs.
func TestOutOfBudgetIsServedStale(t *testing.T) {
	t.Parallel()
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t)
			c, ask := s.process(t, k, upstream.Config{Budgets: upstream.NewBudgets(nil), Limit: upstream.Limit{Rate: 0.001, Burst: 6, PerOperation: true}}, brief)
			var first told
			for i := range 3 { // the half that engineers may take
				found, failed := ask(t.Context(), upstream.Engineers, []int{i})
				if len(failed) != 0 {
					t.Fatal(failed)
				}
				first = found[i]
			}
			eventually(t, "it is old", func() bool { return time.Since(*first.source.FetchedAt) > brief.Fresh })
			found, failed := ask(t.Context(), upstream.Engineers, []int{2})
			if source := found[2].source; len(failed) != 0 || *source.Freshness != upstream.Stale || source.Reason == nil || *source.Reason != upstream.RateLimited {
				t.Errorf("what is kept: %+v, failed %v", source, failed)
			}
			if _, failed := ask(t.Context(), upstream.Engineers, []int{9}); upstream.ReasonOf(failed[9]) != upstream.RateLimited {
				t.Errorf("what is not: %v", failed)
			}
			if calls := s.calls(k); calls != 3 {
				t.Errorf("%d calls", calls)
			}
			if found, failed := ask(t.Context(), upstream.Agents, []int{2}); len(failed) != 0 || *found[2].source.Freshness != upstream.Live {
				t.Errorf("an agent: %+v, failed %v", found, failed)
			}
			if lanes := c.Status().Budget.Lanes(); *lanes[upstream.Agents].Left != 2 || *lanes[upstream.Engineers].Left != 0 {
				t.Errorf("left: %d for agents, %d for engineers", *lanes[upstream.Agents].Left, *lanes[upstream.Engineers].Left)
			}
		})
	}
}

// Who leaves takes the calls along that were made for them: none is under way any more, and no other is made.
func TestCancellationStopsEveryFanOut(t *testing.T) {
	t.Parallel()
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t)
			c, ask := s.process(t, k, upstream.Config{}, cache.Usual())
			s.strike(t, k, vendors.Fault{Mode: vendors.Hang})
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan map[int]error, 1)
			go func() { _, failed := ask(ctx, upstream.Agents, upTo(rows)); done <- failed }()
			eventually(t, "a call is under way", func() bool { return s.Stats()[k.vendor].InFlight > 0 })
			cancel()
			for number, err := range <-done {
				if upstream.ReasonOf(err) != upstream.Canceled {
					t.Fatalf("%d: %v", number, err)
				}
			}
			eventually(t, "none is under way", func() bool { return s.Stats()[k.vendor].InFlight == 0 && c.Status().InFlight == 0 })
			if calls := s.calls(k); calls > c.Status().Places {
				t.Errorf("%d calls", calls)
			}
		})
	}
}
