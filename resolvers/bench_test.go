package resolvers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"supportgraph/clients"
	"supportgraph/clients/sandbox/vendors"
)

// The benchmarks ask for a page of the console in four ways, all in this process and by ServeHTTP: the floor (by hand,
// without GraphQL; see the type floor), compiled (the graph as it is served), look-ahead (the same plans in gqlgen's
// executor) and plain (that executor with nothing but a window of a millisecond to gather keys in). All four check the token, hold the request's deadline, ask the same
// Postgres over a socket and the same stand-in of Stripe over HTTP, which answers at once, and write the same bytes.
//
// In the figures: everything from the request to the last byte handed over, and the work of the vendors' stand-in, which
// runs in this process; it weighs on all alike, and "unbilled" is the inbox without it. Not in the figures: the
// caller's connection, and Postgres's own CPU. The graph's include its log line, metrics, limits and document cache,
// which the floor does without.
//
// x-floor-time and x-floor-cpu compare with the floor in turn, a tenth of a second each, within the same benchmark:
// whatever else the machine does meets both. cpu-ms is user and system time of this process.

func BenchmarkInbox(b *testing.B)    { benchmark(b, inboxScreen(), 10, 50, 100) }
func BenchmarkUnbilled(b *testing.B) { benchmark(b, unbilledScreen(), 10, 50, 100) }
func BenchmarkTicket(b *testing.B)   { benchmark(b, ticketScreen(longTicket(b)), 10, 50, 100) }

// BenchmarkInboxSlowStripe is the inbox while Stripe takes 20 ms for each call, of which eight run at a time: what is left
// to see of our own work.
func BenchmarkInboxSlowStripe(b *testing.B) {
	const pause = vendors.Duration(20 * time.Millisecond)
	if err := theHouse.sandbox.Vendors.Break(vendors.Fault{Vendor: vendors.Stripe, Latency: vendors.Latency{P50: pause, P99: pause}}); err != nil {
		b.Fatal(err)
	}
	defer theHouse.sandbox.Vendors.Heal()
	benchmark(b, inboxScreen(), 50)
}

func benchmark(b *testing.B, screen screen, sizes ...int) {
	handler := newFloor(b, theHouse)
	var table strings.Builder
	fmt.Fprintf(&table, "\n%s: ms and (cpu-ms) per page, and how many times those of the floor beside it\n", screen.name)
	fmt.Fprintf(&table, "%10s%19s%36s%36s%36s\n", "page size", "floor", "compiled", "look-ahead", "plain")
	for _, first := range sizes {
		theHouse.same(b, handler, screen, first)
		floor := theHouse.visit(b, handler, http.MethodGet, fmt.Sprintf("%s?first=%d", screen.path, first), nil)
		body, err := json.Marshal(map[string]any{"query": screen.query, "variables": screen.of(first)})
		if err != nil {
			b.Fatal(err)
		}
		ways := []struct {
			name  string
			visit *visit
		}{
			{"floor", floor},
			{"compiled", theHouse.visit(b, theHouse.planned, http.MethodPost, "/graphql", body)},
			{"look-ahead", theHouse.visit(b, theHouse.walked, http.MethodPost, "/graphql", body)},
			{"plain", theHouse.visit(b, theHouse.plain, http.MethodPost, "/graphql", body)},
		}
		fmt.Fprintf(&table, "%10d", first)
		for _, way := range ways {
			var own, below cost
			ran := b.Run(fmt.Sprintf("%d/%s", first, way.name), func(b *testing.B) { own, below = measure(b, way.visit, floor) })
			switch {
			case !ran || own.pages == 0: // left out by -bench
				fmt.Fprintf(&table, "%*s", 36, "-")
			case way.visit == floor:
				fmt.Fprintf(&table, "%10.2f (%6.2f)", own.ms(), own.cpuMS())
			default:
				fmt.Fprintf(&table, "%10.2f (%6.2f) %5.1f x (%5.1f x)",
					own.ms(), own.cpuMS(), own.ms()/below.ms(), own.cpuMS()/below.cpuMS())
			}
		}
		table.WriteByte('\n')
	}
	fmt.Print(table.String())
}

// round is how long one of two ways is measured before the other has its turn.
const round = 100 * time.Millisecond

// measure counts the pages of one way by the benchmark's clock, and those of the floor's rounds beside it.
func measure(b *testing.B, way, floor *visit) (own, below cost) {
	b.ReportAllocs()
	for range 20 { // connections, prepared statements, the parsed document
		way.page(b, b.Context())
		floor.page(b, b.Context())
	}
	var turn cost
	stopwatch := start()
	end := func() {
		own.add(turn, stopwatch)
		turn = cost{}
		if way != floor {
			stopwatch = start()
			for time.Since(stopwatch.wall) < round {
				floor.page(b, b.Context())
				turn.pages++
			}
			below.add(turn, stopwatch)
			turn = cost{}
		}
		own.count(b, way)
	}
	for b.Loop() {
		way.page(b, b.Context())
		if turn.pages++; time.Since(stopwatch.wall) > round {
			b.StopTimer()
			end()
			b.StartTimer()
			stopwatch = start()
		}
	}
	if turn.pages > 0 {
		end()
	}
	b.ReportMetric(own.cpuMS(), "cpu-ms/op")
	b.ReportMetric(float64(own.sql)/float64(own.counted), "sql/op")
	b.ReportMetric(float64(own.rest)/float64(own.counted), "rest/op")
	if way != floor {
		b.ReportMetric(own.ms()/below.ms(), "x-floor-time")
		b.ReportMetric(own.cpuMS()/below.cpuMS(), "x-floor-cpu")
	}
	return own, below
}

// cost is what pages took.
type cost struct {
	pages              int
	wall, cpu          time.Duration
	counted, sql, rest int // pages whose calls were counted, beside the clock, and those calls
}

func (c *cost) ms() float64    { return c.wall.Seconds() * 1000 / float64(c.pages) }
func (c *cost) cpuMS() float64 { return c.cpu.Seconds() * 1000 / float64(c.pages) }

func (c *cost) add(turn cost, since stopwatch) {
	now := start()
	c.pages += turn.pages
	c.wall += now.wall.Sub(since.wall)
	c.cpu += now.cpu - since.cpu
}

func (c *cost) count(b *testing.B, way *visit) {
	ctx, calls := clients.Count(b.Context())
	way.page(b, ctx)
	for line := range strings.Lines(calls.String()) {
		var source, op string
		var count int
		if _, err := fmt.Sscan(line, &source, &op, &count); err != nil {
			b.Fatal(err)
		}
		if source == "postgres" {
			c.sql += count
		} else {
			c.rest += count
		}
	}
	c.counted++
}

// stopwatch is the time, and the CPU that this process had used by then.
type stopwatch struct {
	wall time.Time
	cpu  time.Duration
}

func start() stopwatch {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return stopwatch{time.Now(), time.Duration(usage.Utime.Nano() + usage.Stime.Nano())}
}

// visit is a request that is sent again and again, and where its answer goes.
type visit struct {
	handler http.Handler
	request http.Request
	body    []byte
	header  http.Header
	status  int
	written int
	want    int // bytes of the answer
}

// visit prepares a request of the agent's, and learns how long its answer is.
func (h *house) visit(b *testing.B, handler http.Handler, method, address string, body []byte) *visit {
	target, err := url.Parse(address)
	if err != nil {
		b.Fatal(err)
	}
	header := http.Header{
		"Authorization": {"Bearer " + h.tokens["agent"]},
		"Content-Type":  {"application/json"},
		"Accept":        {"application/json"},
	}
	v := &visit{handler: handler, body: body, header: http.Header{}, request: http.Request{
		Method: method, URL: target, Header: header, Host: "localhost",
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, ContentLength: int64(len(body)),
	}}
	v.serve(b.Context())
	v.want = v.written
	return v
}

// page asks once, and fails where the answer is not what it was.
func (v *visit) page(b *testing.B, ctx context.Context) {
	if v.serve(ctx); v.status != http.StatusOK || v.written != v.want {
		b.Fatalf("%s: HTTP %d with %d bytes, where there were %d", v.request.URL, v.status, v.written, v.want)
	}
}

func (v *visit) serve(ctx context.Context) {
	request := v.request.WithContext(ctx)
	request.Body = io.NopCloser(bytes.NewReader(v.body))
	clear(v.header)
	v.status, v.written = http.StatusOK, 0
	v.handler.ServeHTTP(v, request)
}

func (v *visit) Header() http.Header             { return v.header }
func (v *visit) WriteHeader(status int)          { v.status = status }
func (v *visit) Write(part []byte) (int, error)  { v.written += len(part); return len(part), nil }
func (v *visit) SetReadDeadline(time.Time) error { return nil }

// longTicket is the reference of a ticket with more than a page of everything, made of what is there.
func longTicket(b *testing.B) string {
	b.Helper()
	var number int64
	if err := theHouse.clients.Postgres.QueryRow(b.Context(), lengthen).Scan(&number); err != nil {
		b.Fatal(err)
	}
	return fmt.Sprintf("T-%d", number)
}

// lengthen gives the ticket with the most notes and messages more of all that happened to it, unless it was done before.
const lengthen = `
	with ticket as (
		select t.id, t.number from tickets t
		where t.assignee_agent_id is not null
		order by (select count(*) from internal_notes n where n.ticket_id = t.id) desc,
			(select count(*) from messages m where m.ticket_id = t.id) desc, t.id
		limit 1
	), turns as (
		select n * interval '90 minutes' as later from generate_series(1, 60) n
		where (select count(*) from internal_notes o join ticket on ticket.id = o.ticket_id) <= 100
	), said as (
		insert into messages (id, ticket_id, author_contact_id, author_agent_id, channel, body, created_at)
		select gen_random_uuid(), m.ticket_id, m.author_contact_id, m.author_agent_id, m.channel, m.body, m.created_at + later
		from messages m join ticket on ticket.id = m.ticket_id, turns
		returning id, ticket_id, author_contact_id, author_agent_id, created_at
	), noted as (
		insert into internal_notes (id, ticket_id, author_agent_id, body, created_at)
		select gen_random_uuid(), o.ticket_id, o.author_agent_id, o.body, o.created_at + later
		from internal_notes o join ticket on ticket.id = o.ticket_id, turns
		returning id, ticket_id, author_agent_id, created_at
	), happened as (
		insert into ticket_events (id, ticket_id, kind, actor_contact_id, actor_agent_id, from_value, to_value, reason,
			message_id, note_id, tag_id, from_agent_id, from_team_id, to_agent_id, to_team_id, created_at)
		select gen_random_uuid(), ticket_id, 'MESSAGE', author_contact_id, author_agent_id, null, null, null,
			id, null, null::uuid, null::uuid, null::uuid, null::uuid, null::uuid, created_at from said
		union all
		select gen_random_uuid(), ticket_id, 'NOTE', null, author_agent_id, null, null, null,
			null, id, null, null, null, null, null, created_at from noted
		union all
		select gen_random_uuid(), e.ticket_id, e.kind, e.actor_contact_id, e.actor_agent_id, e.from_value, e.to_value, e.reason,
			null, null, e.tag_id, e.from_agent_id, e.from_team_id, e.to_agent_id, e.to_team_id, e.created_at + later
		from ticket_events e join ticket on ticket.id = e.ticket_id, turns
		where e.kind not in ('MESSAGE', 'NOTE')
	)
	select number from ticket`
