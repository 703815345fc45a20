package tickets

import (
	"fmt"
	"iter"
	"time"
	_ "time/tzdata" // due times must not depend on which machine has which time zones
)

// BusinessCalendar says when people are there.
type BusinessCalendar struct {
	Key      string
	Name     string
	TimeZone string // of the IANA database: "Europe/Berlin"
	Slots    []*BusinessSlot
	Holidays []*Holiday

	location *time.Location
	closed   map[day]bool
}

// Weekday is a day of the week.
type Weekday string

// weekdays are in Go's order.
var weekdays = [...]Weekday{"SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY"}

// BusinessSlot is a stretch of a weekday on which people are there, by the clock of the calendar's time zone.
type BusinessSlot struct {
	Weekday Weekday
	Begins  int // minutes since midnight
	Ends    int // up to 1440, the next midnight
}

// From is when the slot begins: "09:00".
func (s *BusinessSlot) From() string { return clockText(s.Begins) }

// Until is when the slot ends: "17:30", at most "24:00".
func (s *BusinessSlot) Until() string { return clockText(s.Ends) }

func clockText(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }

// Holiday is a day on which nobody is there.
type Holiday struct {
	Day  string // "2026-12-25"
	Name string
}

// day is a date of a calendar.
type day struct {
	year  int
	month time.Month
	day   int
}

func dayOf(at time.Time) day {
	year, month, of := at.Date()
	return day{year, month, of}
}

// prepare finds the calendar's time zone and reads its holidays.
func (c *BusinessCalendar) prepare() error {
	location, err := time.LoadLocation(c.TimeZone)
	if err != nil {
		return fmt.Errorf("calendar %s: %w", c.Key, err)
	}
	c.location, c.closed = location, make(map[day]bool, len(c.Holidays))
	for _, holiday := range c.Holidays {
		at, err := time.Parse(time.DateOnly, holiday.Day)
		if err != nil {
			return fmt.Errorf("calendar %s: %w", c.Key, err)
		}
		c.closed[dayOf(at)] = true
	}
	return nil
}

// horizon is how far a calendar is looked through, in days: nothing is due later.
const horizon = 5 * 366

// open yields the stretches in which people are there, from a moment on, in the order of time. They never overlap.
func (c *BusinessCalendar) open(from time.Time) iter.Seq2[time.Time, time.Time] {
	return func(yield func(begin, end time.Time) bool) {
		year, month, first := from.In(c.location).Date()
		open := from                    // what lies before is passed
		for n := -1; n < horizon; n++ { // from the day before: where clocks are put back at midnight, it goes on
			date := time.Date(year, month, first+n, 0, 0, 0, 0, time.UTC)
			if c.closed[dayOf(date)] {
				continue
			}
			weekday := weekdays[date.Weekday()]
			for _, slot := range c.Slots {
				if slot.Weekday != weekday {
					continue
				}
				begin, end := c.at(date, slot.Begins), c.at(date, slot.Ends)
				if begin.Before(open) {
					begin = open
				}
				if !begin.Before(end) {
					continue
				}
				if !yield(begin, end) {
					return
				}
				open = end
			}
		}
	}
}

// at is the first moment at which the clock shows a minute of a date, or a later one: where it leaps over the minute, the
// moment of the leap; where it shows the minute twice, the first time. So slots that follow each other never overlap, and
// what is open when the clock is put back stays so.
func (c *BusinessCalendar) at(date time.Time, minute int) time.Time {
	wall := date.Add(time.Duration(minute) * time.Minute)
	at := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), 0, 0, c.location)
	_, offset := at.Zone()
	shown := at.Add(time.Duration(offset) * time.Second).UTC()
	begin, end := at.ZoneBounds()
	switch {
	case shown.After(wall):
		return begin.UTC()
	case shown.Before(wall):
		return end.UTC()
	case begin.IsZero():
		return at.UTC()
	}
	_, before := begin.Add(-time.Nanosecond).Zone()
	if first := wall.Add(-time.Duration(before) * time.Second); first.Before(begin) {
		return first
	}
	return at.UTC()
}

// Interval is a stretch of time.
type Interval struct {
	From  time.Time
	Until *time.Time // nil: it goes on
}

// SlaSegment is a stretch of time that a clock counts.
type SlaSegment struct {
	From  time.Time
	Until time.Time
}

// unlimited is more than any clock counts.
const unlimited = time.Duration(1<<63 - 1)

// count is what a clock counts that runs from a moment: when people are there, but for the pauses, which are in the order
// of time and do not overlap. It ends where it has counted most, or at until, which may be zero for never.
func (c *BusinessCalendar) count(from, until time.Time, most time.Duration, pauses []*Interval) (counted []*SlaSegment) {
	left := most
	for begin, end := range c.open(from) {
		for begin.Before(end) {
			for len(pauses) > 0 && pauses[0].Until != nil && !pauses[0].Until.After(begin) {
				pauses = pauses[1:]
			}
			stop := end
			if len(pauses) > 0 {
				pause := pauses[0]
				if !pause.From.After(begin) {
					if pause.Until == nil {
						return counted
					}
					begin = *pause.Until
					continue
				}
				if pause.From.Before(stop) {
					stop = pause.From
				}
			}
			if !until.IsZero() && stop.After(until) {
				stop = until
			}
			if stop.Sub(begin) > left {
				stop = begin.Add(left)
			}
			if !begin.Before(stop) {
				return counted
			}
			counted = append(counted, &SlaSegment{begin, stop})
			if left -= stop.Sub(begin); left == 0 {
				return counted
			}
			begin = stop
		}
	}
	return counted
}

// total is how long the segments are together.
func total(segments []*SlaSegment) (sum time.Duration) {
	for _, segment := range segments {
		sum += segment.Until.Sub(segment.From)
	}
	return sum
}
