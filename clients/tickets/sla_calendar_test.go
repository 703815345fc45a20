package tickets_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"supportgraph/clients/tickets"
)

// zones are time zones whose clocks are put forward and back: at night, at midnight, by half an hour, by a whole day, never.
var zones = []string{
	"Europe/Berlin", "America/New_York", "America/Santiago", "Africa/Cairo", "Australia/Lord_Howe", "Pacific/Apia", "America/St_Johns",
	"Asia/Kolkata", "Etc/UTC", "Asia/Beirut",
}

var week = []tickets.Weekday{"SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY"}

// desk is a made-up calendar, one policy by it, and a ticket that stood here and there.
type desk struct {
	rule    tickets.SlaRule
	history tickets.SlaHistory
	now     time.Time
}

func (d *desk) String() string {
	return fmt.Sprintf("%+v\n%+v\nminutes %d, seen at %s", d.rule, d.history, *d.rule.Resolution, d.now)
}

// imagine makes a desk near a moment at which the clocks of its zone are put forward or back.
func imagine(t *testing.T, r *rand.Rand) *desk {
	t.Helper()
	zone := zones[r.IntN(len(zones))]
	location, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	from := time.Date(2010+r.IntN(16), time.Month(1+r.IntN(12)), 1, 0, 0, 0, 0, time.UTC)
	if _, change := from.In(location).ZoneBounds(); !change.IsZero() {
		from = change.UTC().Truncate(time.Minute).Add(-time.Duration(r.IntN(4*24*60)) * time.Minute)
	}
	d := &desk{rule: tickets.SlaRule{
		CalendarKey: "X", CalendarName: "X", TimeZone: zone, TierKey: new("T"), TierName: new("T"), Priority: new(tickets.P1),
		Resolution: new(1 + r.IntN(3000)), PausesIn: []tickets.Status{tickets.StatusPendingCustomer, tickets.StatusSnoozed},
	}}
	if r.IntN(3) == 0 {
		d.rule.Resolution = new(1 + r.IntN(90))
	}
	for _, weekday := range week {
		if r.IntN(6) == 0 {
			continue
		}
		edges := map[int]bool{}
		for range 2 * (1 + r.IntN(3)) {
			edges[min(1440, 30*r.IntN(50))] = true // night hours too, up to the end of the day
		}
		var sorted []int
		for edge := range edges {
			sorted = append(sorted, edge)
		}
		slices.Sort(sorted)
		for i := 0; i+1 < len(sorted); i += 2 {
			d.rule.Weekdays = append(d.rule.Weekdays, weekday)
			d.rule.Begins, d.rule.Ends = append(d.rule.Begins, sorted[i]), append(d.rule.Ends, sorted[i+1])
		}
	}
	for n := range 10 {
		if r.IntN(5) == 0 {
			d.rule.Days, d.rule.Names = append(d.rule.Days, from.AddDate(0, 0, n).Format(time.DateOnly)), append(d.rule.Names, "Holiday")
		}
	}
	h := &d.history
	h.Tier, h.Priority, h.CreatedAt = "T", tickets.P1, from
	all := []tickets.Status{
		tickets.StatusOpen, tickets.StatusPendingCustomer, tickets.StatusSnoozed, tickets.StatusOnHoldEngineering, tickets.StatusSolved,
	}
	at := from
	h.Statuses, h.StatusTimes = []tickets.Status{tickets.StatusNew}, []time.Time{from}
	for range r.IntN(7) {
		at = at.Add(time.Duration(1+r.IntN(1500)) * time.Minute)
		h.Statuses, h.StatusTimes = append(h.Statuses, all[r.IntN(len(all))]), append(h.StatusTimes, at)
	}
	d.now = at.Add(time.Duration(r.IntN(4000)) * time.Minute)
	return d
}

// stepped works out when the desk's solution is due, and how many minutes are counted until a moment, minute by minute: the
// clock on the wall never goes back, but stands until it has caught up.
func (d *desk) stepped(t *testing.T, days int) (due time.Time, used int) {
	t.Helper()
	location, err := time.LoadLocation(d.rule.TimeZone)
	if err != nil {
		t.Fatal(err)
	}
	h := d.history
	last := len(h.Statuses) - 1
	ended := slices.Contains([]tickets.Status{tickets.StatusSolved}, h.Statuses[last])
	end := h.StatusTimes[last]
	for i := last; i > 0 && ended && h.Statuses[i-1] == tickets.StatusSolved; i-- {
		end = h.StatusTimes[i-1]
	}
	var wall time.Time
	minutes := 0
	for at := h.CreatedAt.Add(-48 * time.Hour); at.Before(h.CreatedAt.AddDate(0, 0, days)); at = at.Add(time.Minute) {
		_, offset := at.In(location).Zone()
		if shown := at.Add(time.Duration(offset) * time.Second); shown.After(wall) {
			wall = shown
		}
		if at.Before(h.CreatedAt) {
			continue
		}
		status := h.Statuses[0]
		for i, since := range h.StatusTimes {
			if !since.After(at) {
				status = h.Statuses[i]
			}
		}
		stands := slices.Contains(d.rule.PausesIn, status) || status == tickets.StatusSolved
		if ended && !at.Before(end) { // as if it had gone on
			stands = false
		}
		if stands || slices.Contains(d.rule.Days, wall.Format(time.DateOnly)) {
			continue
		}
		minute, open := wall.Hour()*60+wall.Minute(), false
		for i, weekday := range d.rule.Weekdays {
			open = open || weekday == week[wall.Weekday()] && d.rule.Begins[i] <= minute && minute < d.rule.Ends[i]
		}
		if !open {
			continue
		}
		if minutes++; minutes == *d.rule.Resolution {
			due = at.Add(time.Minute)
		}
		if at.Before(d.now) && (!ended || at.Before(end)) {
			used++
		}
	}
	return due, used
}

// TestDueTimes works out due times of made-up desks across the changes of their clocks, and holds them to minutes that are
// counted one by one, and their explanations to their due times.
func TestDueTimes(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(11, 20))
	const days = 70
	reached, paused := 0, 0
	for range 400 {
		d := imagine(t, r)
		rules, err := tickets.NewSlaRules([]*tickets.SlaRule{&d.rule})
		if err != nil {
			t.Fatal(err)
		}
		clock := rules.Sla(&d.history, d.now).Resolution
		due, used := d.stepped(t, days)
		switch {
		case clock.DueAt == nil && !due.IsZero():
			t.Fatalf("it is due at %s, by nothing\n%s", due, d)
		case clock.DueAt != nil && clock.DueAt.After(d.history.CreatedAt.AddDate(0, 0, days-1)):
			continue // beyond what was counted
		case clock.DueAt != nil && !clock.DueAt.Equal(due):
			t.Fatalf("it is due at %s, not %s\n%s", due, clock.DueAt, d)
		}
		if want := (*d.rule.Resolution - used) * 60; clock.Remaining != want {
			t.Fatalf("%d s remain, not %d\n%s", want, clock.Remaining, d)
		}
		explained(t, d, clock)
		if clock.DueAt != nil {
			reached++
		} else {
			paused++
		}
	}
	if reached < 200 || paused < 20 {
		t.Errorf("%d were due, %d stood: too few to prove anything", reached, paused)
	}
}

// explained holds that the segments are in order, apart from each other and from the pauses, and sum to the due time.
func explained(t *testing.T, d *desk, clock *tickets.SlaClock) {
	t.Helper()
	var sum time.Duration
	at := clock.StartedAt
	for _, segment := range clock.Explanation.Segments {
		if segment.From.Before(at) || !segment.From.Before(segment.Until) {
			t.Fatalf("a segment %v is out of order\n%s", segment, d)
		}
		at = segment.Until
		sum += segment.Until.Sub(segment.From)
		for _, pause := range clock.PausedIntervals {
			if pause.From.Before(segment.Until) && (pause.Until == nil || pause.Until.After(segment.From)) {
				t.Fatalf("a segment %v lies in a pause %v\n%s", segment, pause, d)
			}
		}
	}
	target := time.Duration(clock.Target) * time.Second
	if clock.DueAt == nil && sum >= target || clock.DueAt != nil && (sum != target || !at.Equal(*clock.DueAt)) {
		t.Fatalf("the segments are %s of %s, and end at %s\n%s", sum, target, at, d)
	}
	if clock.Explanation.Policy.Calendar.TimeZone != d.rule.TimeZone || clock.Explanation.Why == "" {
		t.Fatalf("nothing is explained\n%s", d)
	}
}

// TestCalendarsThatAreNeverOpen holds that nothing is due by them, and that nobody looks for ever.
func TestCalendarsThatAreNeverOpen(t *testing.T) {
	t.Parallel()
	rule := &tickets.SlaRule{CalendarKey: "X", TimeZone: "Etc/UTC", TierKey: new("T"), TierName: new("T"), Priority: new(tickets.P1), Resolution: new(1)}
	rules, err := tickets.NewSlaRules([]*tickets.SlaRule{rule})
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	h := &tickets.SlaHistory{Tier: "T", Priority: tickets.P1, CreatedAt: at, Statuses: []tickets.Status{tickets.StatusNew}, StatusTimes: []time.Time{at}}
	clock := rules.Sla(h, at.AddDate(1, 0, 0)).Resolution
	if clock.DueAt != nil || clock.State != tickets.SlaPending && clock.State != tickets.SlaImminent || clock.Remaining != 60 {
		t.Errorf("%+v", clock)
	}
	if rules.Sla(&tickets.SlaHistory{Tier: "T", Priority: tickets.P2}, at) != nil {
		t.Error("something is promised to those to whom nothing is")
	}
	rule.TimeZone = "Europe/Atlantis"
	if _, err := tickets.NewSlaRules([]*tickets.SlaRule{rule}); err == nil {
		t.Error("there is a time zone Europe/Atlantis")
	}
}
