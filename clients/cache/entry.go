package cache

import (
	"time"

	"supportgraph/clients/upstream"
)

// entry is what is known of a key. It is never changed, for many read it.
type entry struct {
	value     any       // a *V; nil: the source does not know the key
	fetchedAt time.Time // when the source answered
	keptAt    time.Time // when this process learned of it
	size      int       // bytes of its text, about
	spoiled   bool      // invalidated: known to be wrong, but better than nothing
	failedAt  time.Time // when the source last failed to give a newer one; zero: it did not
	reason    upstream.Reason
	failed    upstream.Lane // whose read failed: it may be that lane's budget alone that is used up
}

func (e *entry) absent() bool { return e.value == nil }

// overhead is about what an entry takes beside its value.
const overhead = 256

// weight is about what an entry takes in memory: decoded values take about twice their text.
func (e *entry) weight() uint32 { return uint32(overhead + 2*e.size) }

func (e *entry) spoil() *entry {
	spoiled := *e
	spoiled.spoiled = true
	return &spoiled
}

func (e *entry) fail(at time.Time, reason upstream.Reason, lane upstream.Lane) *entry {
	failed := *e
	failed.failedAt, failed.reason, failed.failed = at, reason, lane
	return &failed
}

// concerns tells whether there was a failure that means something to a lane. That of one behind it does not.
func (e *entry) concerns(lane upstream.Lane) bool { return !e.failedAt.IsZero() && e.failed <= lane }

// newer is the one that was fetched later; either may be nil.
func newer(a, b *entry) *entry {
	if a == nil || b != nil && b.fetchedAt.After(a.fetchedAt) {
		return b
	}
	return a
}
