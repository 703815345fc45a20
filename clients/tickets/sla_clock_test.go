package tickets_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"supportgraph/clients/tickets"
)

// TestClocks tells stories of tickets, in minutes of a Monday at nine on which people are there until five, with an hour off
// at noon. The promises are an hour for the first answer, half an hour for the next, and five hours for the solution; the
// clocks stand while the customer has the next word.
func TestClocks(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	rules, err := tickets.NewSlaRules([]*tickets.SlaRule{{
		CalendarKey: "DAY", CalendarName: "Day", TimeZone: "Etc/UTC", TierKey: new("T"), TierName: new("T"), Priority: new(tickets.P1),
		Weekdays: []tickets.Weekday{"MONDAY", "MONDAY", "TUESDAY"}, Begins: []int{540, 780, 540}, Ends: []int{720, 1020, 1020},
		FirstResponse: new(60), NextResponse: new(30), Resolution: new(300), PausesIn: []tickets.Status{tickets.StatusPendingCustomer},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		story string // "10 staff": staff writes after ten minutes
		now   int
		want  string // first response, next response and solution: state, minute at which it is due, minutes that remain
	}{
		{"0 customer", 0, "PENDING 60 60 | - | PENDING 360 300"}, // over noon
		{"0 customer", 48, "IMMINENT 60 12 | - | PENDING 360 252"},
		{"0 customer", 47, "PENDING 60 13 | - | PENDING 360 253"},
		{"0 customer", 60, "BREACHED 60 0 | - | PENDING 360 240"},
		{"0 customer", 90, "BREACHED 60 -30 | - | PENDING 360 210"},
		{"0 customer, 59 staff", 100, "ACHIEVED 60 1 | - | PENDING 360 200"},
		{"0 customer, 60 staff", 100, "ACHIEVED 60 0 | - | PENDING 360 200"},
		{"0 customer, 61 staff", 100, "BREACHED 60 -1 | - | PENDING 360 200"},
		{"0 customer, 10 staff, 20 customer", 30, "ACHIEVED 60 50 | PENDING 50 20 | PENDING 360 270"},
		{"0 customer, 10 staff, 20 customer, 25 customer", 30, "ACHIEVED 60 50 | PENDING 50 20 | PENDING 360 270"},           // the first word counts
		{"0 customer, 10 staff, 20 customer, 30 staff", 60, "ACHIEVED 60 50 | ACHIEVED 50 20 | PENDING 360 240"},             // and stays answered
		{"0 customer, 10 staff, 20 customer, 30 staff, 40 customer", 60, "ACHIEVED 60 50 | PENDING 70 10 | PENDING 360 240"}, // until the next
		{"0 customer, 10 PENDING_CUSTOMER", 20, "PAUSED - 50 | - | PAUSED - 290"},
		{"0 customer, 10 PENDING_CUSTOMER, 40 OPEN", 50, "PENDING 90 40 | - | PENDING 390 280"},
		{"0 customer, 10 PENDING_CUSTOMER, 20 SNOOZED, 40 OPEN", 50, "PENDING 70 20 | - | PENDING 370 260"}, // here it runs while snoozed
		{"0 customer, 70 PENDING_CUSTOMER", 80, "BREACHED 60 -10 | - | PAUSED - 230"},                       // what is broken stays so
		{"0 customer, 10 PENDING_CUSTOMER, 30 staff", 80, "ACHIEVED 80 50 | - | PAUSED - 290"},              // answered while it stood
		{"0 customer, 10 staff, 20 SOLVED", 500, "ACHIEVED 60 50 | - | ACHIEVED 360 280"},
		{"0 customer, 20 SOLVED", 500, "ACHIEVED 60 40 | - | ACHIEVED 360 280"}, // to solve it is an answer
		{"0 customer, 20 SOLVED, 30 customer", 500, "ACHIEVED 60 40 | - | ACHIEVED 360 280"},
		{"0 customer, 20 SOLVED, 50 customer, 50 OPEN", 60, "ACHIEVED 60 40 | PENDING 80 20 | PENDING 390 270"}, // goes on with what is left
		{"0 customer, 20 SOLVED, 40 CLOSED", 500, "ACHIEVED 60 40 | - | ACHIEVED 360 280"},
		{"0 customer, 20 SOLVED, 40 MERGED, 50 OPEN", 60, "ACHIEVED 60 40 | - | PENDING 390 270"},
		{"0 customer, 400 SOLVED", 500, "BREACHED 60 -280 | - | BREACHED 360 -40"},
	} {
		h := &tickets.SlaHistory{Tier: "T", Priority: tickets.P1, CreatedAt: begin, Statuses: []tickets.Status{tickets.StatusNew}, StatusTimes: []time.Time{begin}}
		for word := range strings.SplitSeq(test.story, ", ") {
			var minute int
			var what string
			if _, err := fmt.Sscan(word, &minute, &what); err != nil {
				t.Fatal(err)
			}
			at := begin.Add(time.Duration(minute) * time.Minute)
			switch what {
			case "customer", "staff":
				h.FromStaff, h.MessageTimes = append(h.FromStaff, what == "staff"), append(h.MessageTimes, at)
			default:
				h.Statuses, h.StatusTimes = append(h.Statuses, tickets.Status(what)), append(h.StatusTimes, at)
			}
		}
		now := begin.Add(time.Duration(test.now) * time.Minute)
		sla := rules.Sla(h, now)
		var got []string
		for _, clock := range []*tickets.SlaClock{sla.FirstResponse, sla.NextResponse, sla.Resolution} {
			switch {
			case clock == nil:
				got = append(got, "-")
			case clock.DueAt == nil:
				got = append(got, fmt.Sprintf("%s - %d", clock.State, clock.Remaining/60))
			default:
				got = append(got, fmt.Sprintf("%s %d %d", clock.State, int(clock.DueAt.Sub(begin)/time.Minute), clock.Remaining/60))
			}
		}
		if got := strings.Join(got, " | "); got != test.want {
			t.Errorf("%s, seen at %d: %s, want %s", test.story, test.now, got, test.want)
		}
	}
}
