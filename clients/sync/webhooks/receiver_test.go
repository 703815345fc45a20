package webhooks_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"supportgraph/clients/cloudflare"
	"supportgraph/clients/jira"
	"supportgraph/clients/postgres"
	"supportgraph/clients/sandbox/vendors"
	"supportgraph/clients/statuspage"
	"supportgraph/clients/stripe"
	"supportgraph/clients/sync/jobs"
	"supportgraph/clients/sync/webhooks"
	"supportgraph/clients/zendesk"
)

// world is a receiver on a database of its own.
type world struct {
	t       *testing.T
	pool    *postgres.Pool
	address string
	client  *http.Client

	mu      sync.Mutex
	handled []string // "stripe cus_1", in order
	fail    error    // of the next handling
}

func receive(t *testing.T) *world {
	t.Helper()
	config, err := server.Database(t.Context(), strings.ToLower(t.Name()), "")
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t}
	if w.pool, err = postgres.Open(t.Context(), config, nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.pool.Close)
	if err := postgres.Migrate(t.Context(), w.pool); err != nil {
		t.Fatal(err)
	}
	queue, err := jobs.New(w.pool, jobs.Options{Work: true})
	if err != nil {
		t.Fatal(err)
	}
	receiver := webhooks.New(w.pool, queue, nil, map[string]webhooks.Sender{
		"zendesk":    {Secrets: []string{"zd"}, Read: zendesk.ReadWebhook, Handle: w.handle("zendesk")},
		"stripe":     {Secrets: []string{"new", "old"}, Read: stripe.ReadWebhook, Handle: w.handle("stripe")},
		"jira":       {Secrets: []string{"jira"}, Read: jira.ReadWebhook, Handle: w.handle("jira")},
		"statuspage": {Secrets: []string{"unguessable"}, Unsigned: true, Read: statuspage.ReadWebhook, Handle: w.handle("statuspage")},
		"cloudflare": {Read: cloudflare.ReadWebhook, Handle: w.handle("cloudflare")}, // not configured
	})
	mux := http.NewServeMux()
	mux.Handle(webhooks.Path, receiver)
	listening := httptest.NewServer(mux)
	w.address, w.client = listening.URL+webhooks.Path, listening.Client()
	t.Cleanup(listening.Close)
	t.Cleanup(queue.Close)
	if err := queue.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) handle(vendor string) func(context.Context, []string) error {
	return func(_ context.Context, subjects []string) error {
		w.mu.Lock()
		defer w.mu.Unlock()
		if err := w.fail; err != nil {
			w.fail = nil
			return err
		}
		for _, subject := range subjects {
			w.handled = append(w.handled, vendor+" "+subject)
		}
		return nil
	}
}

func (w *world) did(what string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(slices.DeleteFunc(slices.Clone(w.handled), func(done string) bool { return done != what }))
}

func (w *world) send(path string, d vendors.Delivery, want int) {
	w.t.Helper()
	if status, err := d.Send(w.t.Context(), w.client, w.address+path); err != nil || status != want {
		w.t.Errorf("%s: %d, %v; want %d", path, status, err, want)
	}
}

func (w *world) count(of string) (n int) {
	w.t.Helper()
	if err := w.pool.QueryRow(w.t.Context(), "select count(*) from "+of).Scan(&n); err != nil {
		w.t.Fatal(err)
	}
	return n
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never came to hold: %s", what)
		}
	}
}

func TestWhatComesInIsHandled(t *testing.T) {
	t.Parallel()
	w, now := receive(t), time.Now()
	w.send("zendesk", vendors.ZendeskDelivery("zd", now, vendors.ZendeskEvent("e1", "ticket.created", 7, now)), 204)
	w.send("stripe", vendors.StripeDelivery(now, vendors.StripeEvent("evt_1", "invoice.paid", "cus_1", now), "old"), 204)
	w.send("jira", vendors.JiraDelivery("jira", "i1", vendors.JiraEvent("jira:issue_updated", "10005", "EX-1", now)), 204)
	w.send("statuspage/unguessable", vendors.StatuspageDelivery("page", "inc"), 204)
	for _, what := range []string{"zendesk ticket:7", "stripe cus_1", "jira 10005", "statuspage page"} {
		eventually(t, what, func() bool { return w.did(what) == 1 })
	}
	eventually(t, "all is marked", func() bool { return w.count("webhook_events where handled_at is not null") == 4 })
}

// TestWhatIsRefusedChangesNothing: forged, stale, replayed, oversized, malformed, and sent to where nobody listens.
func TestWhatIsRefusedChangesNothing(t *testing.T) {
	t.Parallel()
	w, now := receive(t), time.Now()
	old := now.Add(-time.Hour)
	good := vendors.StripeDelivery(now, vendors.StripeEvent("evt_1", "customer.updated", "cus_1", now), "new")
	forged := vendors.StripeDelivery(now, vendors.StripeEvent("evt_2", "customer.updated", "cus_2", now), "guessed")
	w.send("stripe", forged, 401)
	w.send("stripe", vendors.StripeDelivery(old, vendors.StripeEvent("evt_3", "customer.updated", "cus_3", old), "new"), 400)
	w.send("zendesk", vendors.ZendeskDelivery("zd", old, vendors.ZendeskEvent("e3", "ticket.created", 3, old)), 400)
	w.send("stripe", vendors.StripeDelivery(now, []byte(`{"id":"evt_4"`), "new"), 400)
	w.send("stripe", vendors.StripeDelivery(now, []byte(`{"id":"evt_5","type":"customer.updated","data":{"object":{"object":"customer"}}}`), "new"), 400)
	w.send("stripe", vendors.StripeDelivery(now, []byte(`{"id":"`+strings.Repeat("x", 600<<10)+`"}`), "new"), 413)
	w.send("stripe", vendors.StripeDelivery(now, []byte(`{"id":"`+strings.Repeat("x", 300)+`","type":"customer.updated"}`), "new"), 400)
	w.send("zendesk", vendors.ZendeskDelivery("zd", now, vendors.ZendeskEvent("e\x006", "article.published", 3, now)), 400)
	w.send("jira", vendors.JiraDelivery("jira", "", vendors.JiraEvent("jira:issue_updated", "1", "EX-1", now)), 400)
	w.send("statuspage", vendors.StatuspageDelivery("page", "inc"), 404)
	w.send("statuspage/guessed", vendors.StatuspageDelivery("page", "inc"), 404)
	w.send("statuspage/unguessable", vendors.Delivery{Body: []byte(`[]`)}, 400)
	w.send("stripe/unguessable", good, 404)
	w.send("cloudflare", vendors.CloudflareDelivery("", "a", now), 404)
	w.send("salesforce", good, 404)
	w.send("", good, 404)
	if response, err := w.client.Get(w.address + "stripe"); err != nil || response.StatusCode != 405 {
		t.Errorf("GET: %v", err)
	} else {
		_ = response.Body.Close()
	}
	if n := w.count("webhook_events") + w.count("webhook_signatures") + w.count("river_job where kind = 'webhook.handle'"); n != 0 {
		t.Errorf("%d rows are left of what was refused", n)
	}
	w.send("stripe", good, 204)
	w.send("stripe", good, 400) // replayed
	jiraOnce := vendors.JiraEvent("jira:issue_updated", "10005", "EX-1", now)
	w.send("jira", vendors.JiraDelivery("jira", "i1", jiraOnce), 204)
	w.send("jira", vendors.JiraDelivery("jira", "i1", jiraOnce), 204) // as Jira itself repeats it
	w.send("jira", vendors.JiraDelivery("jira", "i2", jiraOnce), 400) // replayed under another identifier, which is not signed
	if n := w.count("webhook_events where (vendor, event_id, deliveries) in (('stripe', 'evt_1', 1), ('jira', 'i1', 2))"); n != 2 || w.count("webhook_events") != 2 {
		t.Errorf("%d of %d events", n, w.count("webhook_events"))
	}
}

func TestADeliveryThatIsRepeatedIsHandledOnce(t *testing.T) {
	t.Parallel()
	w, now := receive(t), time.Now()
	body := vendors.StripeEvent("evt_1", "customer.updated", "cus_1", now)
	var sending sync.WaitGroup
	for i := range 20 {
		sending.Go(func() {
			w.send("stripe", vendors.StripeDelivery(now.Add(time.Duration(i)*time.Second), body, "new"), 204) // signed anew each time
		})
	}
	sending.Wait()
	eventually(t, "it is handled", func() bool { return w.count("webhook_events where handled_at is not null and deliveries = 20") == 1 })
	if n := w.count("river_job where kind = 'webhook.handle'"); n != 1 || w.did("stripe cus_1") != 1 {
		t.Errorf("%d jobs", n)
	}
}

// TestAnUnknownTypeIsAcceptedAndNothingIsDone: and it is answered in no time, as all are.
func TestAnUnknownTypeIsAcceptedAndNothingIsDone(t *testing.T) {
	t.Parallel()
	w, now := receive(t), time.Now()
	w.send("stripe", vendors.StripeDelivery(now, []byte(`{"id":"evt_1","type":"charge.refunded","data":{"object":{"id":"ch_1","object":"charge","customer":"cus_1"}}}`), "new"), 204)
	w.send("zendesk", vendors.ZendeskDelivery("zd", now, vendors.ZendeskEvent("e", "article.published", 1, now)), 204)
	if n := w.count("webhook_events where handled_at is not null"); n != 2 || w.count("river_job where kind = 'webhook.handle'") != 0 {
		t.Errorf("%d events", n)
	}
}

func TestWhatFailsIsHandledLater(t *testing.T) {
	t.Parallel()
	w, now := receive(t), time.Now()
	w.mu.Lock()
	w.fail = errors.New("the vendor is down")
	w.mu.Unlock()
	w.send("zendesk", vendors.ZendeskDelivery("zd", now, vendors.ZendeskEvent("e1", "ticket.created", 7, now)), 204)
	eventually(t, "it is handled", func() bool { return w.count("webhook_events where handled_at is not null and attempts = 1") == 1 })
	if w.did("zendesk ticket:7") != 1 {
		t.Error("it was not handled once")
	}
}

// BenchmarkAccept is the time to an answer: an event noted, with its job.
func BenchmarkAccept(b *testing.B) {
	config, err := server.Database(b.Context(), "accept", "")
	if err != nil {
		b.Fatal(err)
	}
	pool, err := postgres.Open(b.Context(), config, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer pool.Close()
	if err := postgres.Migrate(b.Context(), pool); err != nil {
		b.Fatal(err)
	}
	queue, err := jobs.New(pool, jobs.Options{})
	if err != nil {
		b.Fatal(err)
	}
	receiver := webhooks.New(pool, queue, nil, map[string]webhooks.Sender{"stripe": {Secrets: []string{"s"}, Read: stripe.ReadWebhook}})
	now := time.Now()
	for i := 0; b.Loop(); i++ {
		d := vendors.StripeDelivery(now, vendors.StripeEvent(fmt.Sprint("evt_", i), "customer.updated", "cus_1", now), "s")
		request := httptest.NewRequestWithContext(b.Context(), http.MethodPost, webhooks.Path+"stripe", strings.NewReader(string(d.Body)))
		request.Header = d.Header
		answer := httptest.NewRecorder()
		if receiver.ServeHTTP(answer, request); answer.Code != 204 {
			b.Fatal(answer.Code, answer.Body)
		}
	}
}
