package cache

import (
	"time"

	"supportgraph/clients/upstream"
)

// Times are the freshness rules of a kind of values. The zero value keeps nothing: every read asks the source.
type Times struct {
	Fresh      time.Duration // a value is served as it is
	Revalidate time.Duration // after that, a value is served at once and read anew in the background
	Stale      time.Duration // the age up to which a value is served while the source gives nothing newer
	Absent     time.Duration // how long it is remembered that the source does not know a key
	Patience   time.Duration // how long a read waits for the source while there is an older value; 0: to its deadline
	Rest       time.Duration // how long after a failure the older value is served without asking again
}

// Usual are the times of what changes seldom and is looked at often, such as billing and zones.
func Usual() Times {
	return Times{
		Fresh:      time.Minute,
		Revalidate: 5 * time.Minute,
		Stale:      24 * time.Hour,
		Absent:     30 * time.Second,
		Patience:   time.Second,
		Rest:       5 * time.Second,
	}
}

// On tells whether anything is kept.
func (t Times) On() bool { return t.Fresh > 0 }

// state is what an entry is good for.
type state int

const (
	gone    state = iota // not at all
	old                  // for when the source gives nothing newer
	resting              // likewise, and the source is not to be asked yet
	tired                // to be served while it is read anew
	fresh                // to be served
)

// judge tells what an entry is good for now, to a reader of the lane. What was kept before since may have been invalidated
// unheard.
func (t Times) judge(e *entry, lane upstream.Lane, now, since time.Time) state {
	if e == nil {
		return gone
	}
	age := max(now.Sub(e.fetchedAt), 0) // another process's clock may be ahead
	switch {
	case e.absent() && (e.spoiled || age >= t.Absent || e.keptAt.Before(since)):
		return gone
	case e.absent():
		return fresh
	case age >= max(t.Stale, t.Fresh):
		return gone
	case e.concerns(lane) && now.Sub(e.failedAt) < t.Rest:
		return resting
	case e.spoiled:
		return old
	case age < t.Fresh && !e.keptAt.Before(since):
		return fresh
	case age < t.Fresh+t.Revalidate:
		return tired
	default:
		return old
	}
}

// keep is how long an entry is of any use.
func (t Times) keep(e *entry) time.Duration {
	if e.absent() {
		return t.Absent
	}
	return max(t.Stale, t.Fresh)
}
