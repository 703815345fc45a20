package tickets

import (
	"fmt"
	"strings"
	"time"
)

// SlaExplanation is how a clock's due time comes about.
type SlaExplanation struct {
	Policy   *SlaPolicy
	Why      string        // why this policy
	Segments []*SlaSegment // what is counted, up to the due time: together as long as the clock's target; less where it stands
	Moves    []*SlaMove
}

// SlaMove is something that moves a clock's due time, or ends the clock.
type SlaMove struct {
	Cause       SlaCause
	Description string
}

// SlaCause is what moves a clock's due time.
type SlaCause string

// The causes.
const (
	CauseStatus   SlaCause = "STATUS"
	CauseReply    SlaCause = "REPLY"
	CauseSolution SlaCause = "SOLUTION"
	CausePriority SlaCause = "PRIORITY"
)

// explain tells how a clock came about that counts the segments.
func (p *SlaPolicy) explain(h *SlaHistory, c *SlaClock, segments []*SlaSegment) *SlaExplanation {
	e := &SlaExplanation{Policy: p, Segments: segments, Moves: []*SlaMove{}}
	if segments == nil {
		e.Segments = []*SlaSegment{}
	}
	e.Why = fmt.Sprintf("The account was of the tier %s when the ticket was made, and the ticket has priority %s: %s, counted by the calendar %s (%s).",
		p.TierName, h.Priority, spoken(time.Duration(c.Target)*time.Second), p.Calendar.Name, p.Calendar.TimeZone)
	move := func(cause SlaCause, description string) { e.Moves = append(e.Moves, &SlaMove{cause, description}) }
	switch {
	case c.EndedAt != nil && c.Goal == GoalResolution:
		move(CauseStatus, "When the ticket is opened again, the clock goes on with what is left.")
		return e
	case c.EndedAt != nil:
		return e
	}
	if len(p.PausesIn) > 0 {
		move(CauseStatus, "The clock stands while the ticket is "+either(p.PausesIn)+".")
	}
	if c.Goal != GoalResolution {
		move(CauseReply, "A reply of staff ends the clock.")
	}
	move(CauseSolution, "Solving the ticket ends the clock.")
	move(CausePriority, "Another priority brings another policy, counted from the same beginning.")
	return e
}

func either(statuses []Status) string {
	words := make([]string, len(statuses))
	for i, status := range statuses {
		words[i] = string(status)
	}
	if last := len(words) - 1; last > 0 {
		return strings.Join(words[:last], ", ") + " or " + words[last]
	}
	return words[0]
}

// spoken is a time in hours and minutes.
func spoken(d time.Duration) string {
	hours, minutes := int(d/time.Hour), int(d%time.Hour/time.Minute)
	switch {
	case hours == 0:
		return fmt.Sprintf("%d min", minutes)
	case minutes == 0:
		return fmt.Sprintf("%d h", hours)
	default:
		return fmt.Sprintf("%d h %d min", hours, minutes)
	}
}
