package cache

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"supportgraph/clients/upstream"
)

// A lease says that a process reads a key; others wait for what it brings, or for its end.
const (
	lease     = ":lease"
	leaseFor  = 10 * time.Second // at most, should its holder be gone
	leaseWait = 3 * time.Second  // others wait at most; then they ask the source too
	firstLook = 10 * time.Millisecond
	lastLook  = 100 * time.Millisecond
)

// look lands what Redis has, in one round trip, and tells whether Redis answered at all.
func (t *Table[K, V]) look(ctx context.Context, trip *trip, flights []*flight) (left []*flight, shared bool) {
	if t.store.redis == nil {
		return flights, false
	}
	var texts []any
	err := t.store.redis.guard.do(ctx, func(ctx context.Context) (err error) {
		texts, err = t.store.redis.MGet(ctx, keysOf(flights, "")...).Result()
		return err
	})
	if err != nil {
		return flights, false
	}
	for i, f := range flights {
		if !t.use(trip, f, texts[i]) {
			left = append(left, f)
		}
	}
	return left, true
}

// use lands a flight with what Redis holds for it. What is past its time is good for a reader who waits, but not for
// the renewal in the background.
func (t *Table[K, V]) use(trip *trip, f *flight, held any) bool {
	text, ok := held.(string)
	if !ok {
		return false
	}
	now := t.store.clock()
	e, err := decode[V]([]byte(text), now)
	if err != nil {
		return false // of another format: it is written anew
	}
	if older := t.fallback(f); older != nil && older.spoiled && !e.fetchedAt.After(older.fetchedAt) {
		return false // invalidated while Redis was away
	}
	switch t.entity.Times.judge(e, trip.lane, now, time.Time{}) {
	case fresh:
		t.land(f, e, false, nil)
		return true
	case tired:
		if t.awaited(trip) {
			t.land(f, e, false, nil)
			return true
		}
		t.remember(f, e)
	case old:
		t.remember(f, e)
	}
	return false
}

// seek asks the source for what no other process is asking it for, and waits for what the others bring.
func (t *Table[K, V]) seek(ctx context.Context, trip *trip, flights []*flight, read Read[K, V]) {
	var asking sync.WaitGroup
	defer asking.Wait()
	until := time.Now().Add(leaseWait)
	for wait := firstLook; len(flights) > 0; wait = min(2*wait, lastLook) {
		mine, theirs, leased := t.claim(ctx, trip, flights)
		if len(theirs) == 0 {
			t.ask(ctx, mine, leased, read)
			return
		}
		if len(mine) > 0 {
			asking.Go(func() { t.guarded(mine, func() { t.ask(ctx, mine, leased, read) }) })
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
		if flights = theirs; time.Now().After(until) {
			t.ask(ctx, flights, false, read)
			return
		}
	}
}

// guarded strands the flights of work that panics, which runs beside that of the trip.
func (t *Table[K, V]) guarded(flights []*flight, work func()) {
	defer t.recovered(flights)
	work()
}

// claim takes the leases of keys, as far as they are free, and lands what other processes brought meanwhile. A lease of a
// lane that has to stand back is not waited for.
func (t *Table[K, V]) claim(ctx context.Context, trip *trip, flights []*flight) (mine, theirs []*flight, leased bool) {
	taken := make([]*redis.BoolCmd, len(flights))
	var holders, texts *redis.SliceCmd
	holder := strconv.Itoa(int(trip.lane))
	err := t.store.redis.guard.do(ctx, func(ctx context.Context) error {
		_, err := t.store.redis.Pipelined(ctx, func(pipe redis.Pipeliner) error {
			for i, f := range flights {
				taken[i] = pipe.SetNX(ctx, f.key+lease, holder, leaseFor)
			}
			holders = pipe.MGet(ctx, keysOf(flights, lease)...)
			texts = pipe.MGet(ctx, keysOf(flights, "")...) // last: what a lease brought is there before it ends
			return nil
		})
		return err
	})
	if err != nil && (texts == nil || texts.Err() != nil) {
		return flights, nil, false
	}
	brought := shelf{}
	for i, f := range flights {
		switch took := taken[i].Err() == nil && taken[i].Val(); {
		case t.use(trip, f, at(texts, i)):
			if took {
				brought.leases = append(brought.leases, f.key+lease)
			}
		case took || taken[i].Err() != nil || laneOf(at(holders, i)) > trip.lane:
			mine = append(mine, f)
			leased = leased || took
		default:
			theirs = append(theirs, f)
		}
	}
	t.store.put(brought)
	return mine, theirs, leased
}

func at(values *redis.SliceCmd, i int) any {
	if values.Err() != nil || i >= len(values.Val()) {
		return nil
	}
	return values.Val()[i]
}

// laneOf is the lane of a lease's holder; a lease that has just ended counts as an agent's, so that it is looked at again.
func laneOf(held any) upstream.Lane {
	text, _ := held.(string)
	lane, _ := strconv.Atoi(strings.TrimSpace(text))
	return upstream.Lane(lane)
}

func keysOf(flights []*flight, suffix string) []string {
	keys := make([]string, len(flights))
	for i, f := range flights {
		keys[i] = f.key + suffix
	}
	return keys
}

// shelf is what goes to Redis in one round trip: entries, and the end of leases.
type shelf struct {
	keys   []string
	texts  [][]byte
	keep   []time.Duration
	leases []string
}

func (s *shelf) add(key string, text []byte, keep time.Duration) {
	if text != nil && len(text) <= maxText && keep > 0 {
		s.keys, s.texts, s.keep = append(s.keys, key), append(s.texts, text), append(s.keep, keep)
	}
}

// put writes a shelf. Whether Redis takes it makes no difference to anybody here.
func (s *Store) put(shelf shelf) {
	if s.redis == nil || len(shelf.keys)+len(shelf.leases) == 0 {
		return
	}
	_ = s.redis.guard.do(context.WithoutCancel(s.life), func(ctx context.Context) error {
		_, err := s.redis.Pipelined(ctx, func(pipe redis.Pipeliner) error {
			for i, key := range shelf.keys {
				pipe.Set(ctx, key, shelf.texts[i], shelf.keep[i])
			}
			if len(shelf.leases) > 0 {
				pipe.Del(ctx, shelf.leases...)
			}
			return nil
		})
		return err
	})
}
