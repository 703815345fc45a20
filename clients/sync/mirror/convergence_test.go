package mirror_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
	"supportgraph/clients/sandbox/vendors"
	"supportgraph/clients/sync/jobs"
	"supportgraph/clients/sync/mirror"
	"supportgraph/clients/sync/webhooks"
	"supportgraph/clients/tickets"
	"supportgraph/clients/upstream"
	"supportgraph/clients/zendesk"
)

// What makes the test binary a process that keeps the mirror: its database, and Zendesk's address.
const (
	workerEnv  = "MIRROR_TEST_DATABASE"
	zendeskEnv = "MIRROR_TEST_ZENDESK"
)

// worker takes webhooks in, works on jobs and reads the exports without a pause until it is killed.
func worker() int {
	ctx := context.Background()
	pool, err := postgres.Open(ctx, postgres.Config{URL: postgres.Secret(os.Getenv(workerEnv))}, nil)
	if err != nil {
		return 1
	}
	queue, err := jobs.New(pool, jobs.Options{Work: true, Timeout: 2 * time.Second})
	if err != nil {
		return 1
	}
	impatient := mirror.Clock{Now: time.Now, Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }}
	client := zendesk.New(upstream.Config{BaseURL: os.Getenv(zendeskEnv), User: "u/token", Token: "t"}, nil)
	z := mirror.NewZendesk(pool, queue, client, tickets.NewStore(pool), impatient, false)
	receiver := webhooks.New(pool, queue, nil, map[string]webhooks.Sender{"zendesk": {Secrets: []string{"s"}, Read: zendesk.ReadWebhook, Handle: z.Changed}})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil || queue.Start(ctx) != nil {
		return 1
	}
	go func() { _ = http.Serve(listener, receiver) }()
	fmt.Println("http://" + listener.Addr().String() + webhooks.Path + "zendesk")
	for {
		_ = z.Sync(ctx, nil) // the vendor fails now and then
	}
}

// history is what happens at Zendesk while processes come and go.
type history struct {
	*world
	random  *rand.Rand
	linked  []int64 // Zendesk's tickets that are about ours
	ours    map[int64]tickets.ID
	said    map[int64][]string // public comments by ticket
	noted   map[int64][]string
	deleted []int64
	next    int64
	unsent  []vendors.Delivery
	process *exec.Cmd
	address string
}

// start starts a process.
func (h *history) start(database string, zendesk string) {
	h.t.Helper()
	h.process = exec.CommandContext(h.t.Context(), os.Args[0], "-test.run=^$")
	h.process.Env = append(os.Environ(), workerEnv+"="+database, zendeskEnv+"="+zendesk)
	output, err := h.process.StdoutPipe()
	if err == nil {
		err = h.process.Start()
	}
	if err != nil {
		h.t.Fatal(err)
	}
	address, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		h.t.Fatalf("the process did not come up: %v", err)
	}
	h.address = strings.TrimSpace(address)
}

// kill ends the process wherever it is.
func (h *history) kill() {
	_ = h.process.Process.Kill()
	_ = h.process.Wait()
}

func (h *history) calls() int { return h.vendors.Stats()[vendors.Zendesk].Calls }

// happen changes one thing at Zendesk, and has the webhooks of it lost, repeated or late.
func (h *history) happen() {
	h.clock.pass(time.Duration(5+h.random.IntN(20)) * time.Second)
	h.next++
	id, kind := h.linked[h.random.IntN(len(h.linked))], "ticket.comment_added"
	say := func(author int64, public bool, status string) {
		body := fmt.Sprintf("Said %d on %d", h.next, id)
		list := h.noted
		if public {
			list = h.said
		}
		list[id] = append(list[id], body)
		h.vendors.ChangeZendeskTicket(id, func(t *vendors.ZendeskTicket) {
			if t.Comments = append(t.Comments, vendors.ZendeskComment{ID: 5000 + h.next, AuthorID: author, Body: body, Public: public, Created: h.clock.Now()}); status != "" {
				t.Status = status
			}
		})
	}
	switch h.random.IntN(8) {
	case 0, 1:
		say(71, true, "open") // a customer's answer opens a ticket again
	case 2, 3:
		say(72, true, "pending")
	case 4:
		say(72, false, "")
	case 5:
		kind = "ticket.status_changed"
		h.vendors.ChangeZendeskTicket(id, func(t *vendors.ZendeskTicket) { t.Status = []string{"open", "hold", "solved"}[h.random.IntN(3)] })
	case 6:
		id, kind = 9000+h.next, "ticket.created"
		h.vendors.PutZendeskTicket(vendors.ZendeskTicket{ID: id, Subject: fmt.Sprint("Made ", id), Status: "new", RequesterID: 71, Tags: []string{"a", "b"}})
	case 7:
		all := h.vendors.ZendeskTickets()
		if id = all[h.random.IntN(len(all))].ID; !slices.Contains(h.linked, id) {
			kind = "ticket.soft_deleted"
			h.deleted = append(h.deleted, id)
			h.vendors.DeleteZendeskTicket(id)
		}
	}
	event := vendors.ZendeskEvent(fmt.Sprint("event-", h.next), kind, id, time.Now())
	for range []int{0, 1, 1, 2, 3}[h.random.IntN(5)] {
		h.unsent = append(h.unsent, vendors.ZendeskDelivery("s", time.Now().Add(time.Duration(h.random.IntN(60))*time.Second), event))
	}
	h.random.Shuffle(len(h.unsent), func(i, j int) { h.unsent[i], h.unsent[j] = h.unsent[j], h.unsent[i] })
	for len(h.unsent) > 5 {
		_, _ = h.unsent[0].Send(h.t.Context(), http.DefaultClient, h.address) // whoever is not there misses it
		h.unsent = h.unsent[1:]
	}
}

// TestConvergence: whatever webhooks are lost, repeated or late, whatever the vendor refuses, and wherever processes are killed:
// in the end we hold what Zendesk holds, and every answer is here once.
func TestConvergence(t *testing.T) {
	t.Parallel()
	const rounds, happenings = 5, 30
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	data := box.World.Vendors.Zendesk
	h := &history{world: open(t, data, vendors.Options{Seed: seed}), random: rand.New(rand.NewPCG(seed, 0)), ours: map[int64]tickets.ID{}, said: map[int64][]string{}, noted: map[int64][]string{}}
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	var requester accounts.ContactID
	requester.UUID = one[[16]byte](h.world, "select id from contacts order by id limit 1")
	h.vendors.PutZendeskUser(vendors.ZendeskUser{ID: 71, Name: "Ann", ExternalID: requester.String()})
	h.vendors.PutZendeskUser(vendors.ZendeskUser{ID: 72, Name: "Agent", Role: "agent", Email: box.World.Agents[0].Email})
	for i := range int64(4) {
		var ours tickets.ID
		ours.UUID = one[[16]byte](h.world, "select id from tickets where status = 'OPEN' order by id limit 1 offset $1", i)
		h.linked, h.ours[700+i] = append(h.linked, 700+i), ours
		h.vendors.PutZendeskTicket(vendors.ZendeskTicket{ID: 700 + i, ExternalID: ours.String(), Subject: "Linked", Status: "open", RequesterID: 71})
	}
	h.sync()
	before := map[int64][2]int{}
	for id, ours := range h.ours {
		before[id] = [2]int{one[int](h.world, "select count(*) from messages where ticket_id = $1", ours), one[int](h.world, "select count(*) from internal_notes where ticket_id = $1", ours)}
	}
	for range rounds {
		if err := h.vendors.Break(vendors.Fault{Vendor: vendors.Zendesk, ErrorRate: 0.1, Status: 503},
			vendors.Fault{Vendor: vendors.Zendesk, Op: "tickets.show_many", Next: []int{200, 429, 200, 429, 429}, RetryAfter: "0"},
			vendors.Fault{Vendor: vendors.Zendesk, Op: "comments.list", ErrorRate: 0.2, Status: 429, RetryAfter: "1"}); err != nil {
			t.Fatal(err)
		}
		h.start(h.database, h.base)
		for range happenings {
			h.happen()
		}
		until := h.calls() + h.random.IntN(40) // a random moment: so many calls later
		for end := time.Now().Add(10 * time.Second); h.calls() < until && time.Now().Before(end); {
			runtime.Gosched()
		}
		h.kill()
	}
	h.vendors.Heal()
	h.sync()

	all := h.vendors.ZendeskTickets()
	h.want(len(all), "zendesk_tickets where deleted_at is null")
	h.want(len(h.deleted), "zendesk_tickets where deleted_at is not null and id = any($1)", h.deleted)
	for _, ticket := range all {
		h.want(1, "zendesk_tickets where id = $1 and subject = $2 and status = upper($3) and tags = $4 and updated_at = date_trunc('second', $5::timestamptz)",
			ticket.ID, ticket.Subject, ticket.Status, append([]string{}, ticket.Tags...), ticket.Updated)
		ours, linked := h.ours[ticket.ID]
		if !linked {
			continue
		}
		for _, body := range h.said[ticket.ID] {
			h.want(1, "messages where ticket_id = $1 and body = $2", ours, body)
		}
		h.want(before[ticket.ID][0]+len(h.said[ticket.ID]), "messages where ticket_id = $1", ours)
		h.want(before[ticket.ID][1]+len(h.noted[ticket.ID]), "internal_notes where ticket_id = $1", ours)
		h.want(1, "tickets where id = $1 and status = $2", ours,
			map[string]string{"open": "OPEN", "pending": "PENDING_CUSTOMER", "hold": "ON_HOLD_ENGINEERING", "solved": "SOLVED"}[ticket.Status])
	}
	h.want(0, "zendesk_tickets where thread_due is not null")
	t.Logf("%d tickets, %d deleted, %d events noted", len(all), len(h.deleted), one[int](h.world, "select count(*) from webhook_events"))
}

// BenchmarkFromNothing loads 100,000 tickets by a clock that passes only where the vendor's limit has us wait.
func BenchmarkFromNothing(b *testing.B) {
	const many = 100_000
	data := box.World.Vendors.Zendesk
	data.Tickets = make([]vendors.ZendeskTicket, many)
	for i := range data.Tickets {
		data.Tickets[i] = vendors.ZendeskTicket{ID: int64(1 + i), Subject: fmt.Sprint("Ticket ", i), Status: "closed", RequesterID: data.Users[1].ID,
			OrganizationID: data.Organizations[i%len(data.Organizations)].ID, Tags: []string{"dns", "apex"}, Created: time.Unix(1e9, 0), Updated: time.Unix(int64(1e9+i), 0)}
	}
	w := open(b, data, vendors.Options{Rates: true})
	for b.Loop() {
		if err := w.Forget(b.Context()); err != nil {
			b.Fatal(err)
		}
		if _, err := w.pool.Exec(b.Context(), "truncate zendesk_tickets, zendesk_comments"); err != nil {
			b.Fatal(err)
		}
		begun, at := time.Now(), w.clock.Now()
		if err := w.Sync(b.Context(), nil); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(many/time.Since(begun).Seconds(), "tickets/s")
		b.ReportMetric(w.clock.Now().Sub(at).Minutes(), "vendor-min")
	}
	w.want(many, "zendesk_tickets")
	if refused := w.vendors.Stats()[vendors.Zendesk].Calls; refused == 0 {
		b.Error("nobody was asked")
	}
}
