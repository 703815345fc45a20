package upstream

import (
	"math"
	"sync"
	"time"
)

// Limit is how much a vendor lets us ask. The zero value is no limit.
type Limit struct {
	Rate         float64 // calls a second in the long run
	Burst        int     // calls at once after a rest
	PerOperation bool    // every operation has a bucket of its own
}

// bucket is a token bucket whose last tokens some lanes leave to others. bucket.lua is the same in Redis.
type bucket struct {
	mu   sync.Mutex
	left float64
	at   time.Time
}

// take takes a token, or tells how long it takes until the lane can have one when nobody else comes.
func (b *bucket) take(now time.Time, limit Limit, lane Lane) (left float64, wait time.Duration, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	burst, floor := float64(limit.Burst), limit.floor(lane)
	if b.at.IsZero() {
		b.left, b.at = burst, now
	}
	if passed := now.Sub(b.at).Seconds(); passed > 0 {
		b.left, b.at = math.Min(burst, b.left+passed*limit.Rate), now
	}
	if b.left-1 < floor {
		return b.left, time.Duration((floor + 1 - b.left) / limit.Rate * float64(time.Second)), false
	}
	b.left--
	return b.left, 0, true
}

// floor is how many tokens a lane leaves; at least one can be had by any.
func (l Limit) floor(lane Lane) float64 {
	return math.Max(0, math.Min(math.Floor(float64(l.Burst)*lane.leaves()), float64(l.Burst-1)))
}

// share is an allowance that grows with traffic: each call earns a part of one extra attempt.
type share struct {
	mu         sync.Mutex
	part, most float64
	left       float64
}

// newShare begins with one attempt, so that a quiet source's first fault can be mended too.
func newShare(part, most float64) *share { return &share{part: part, most: most, left: 1} }

func (s *share) earn() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left = math.Min(s.most, s.left+s.part)
}

func (s *share) spend() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.left < 1 {
		return false
	}
	s.left--
	return true
}

func (s *share) refund() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left = math.Min(s.most, s.left+1)
}
