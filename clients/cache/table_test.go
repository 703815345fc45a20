package cache

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"supportgraph/clients/upstream"
)

type key string

type thing struct {
	Name  string
	Count int
	Parts []string
}

// source answers for keys and counts what it was asked.
type source struct {
	mu     sync.Mutex
	reads  int
	asked  map[key]int
	fail   error
	absent map[key]bool
	along  map[key]*thing
	hold   chan struct{} // reads wait for it, where there is one
	held   chan struct{} // told of each read that waits
}

func newSource() *source {
	return &source{asked: map[key]int{}, absent: map[key]bool{}, held: make(chan struct{}, 10000)}
}

func (s *source) read(ctx context.Context, keys []key) (map[key]*thing, map[key]error) {
	s.mu.Lock()
	s.reads++
	for _, k := range keys {
		s.asked[k]++
	}
	hold := s.hold
	s.mu.Unlock()
	if hold != nil {
		s.held <- struct{}{}
		select {
		case <-hold:
		case <-ctx.Done():
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found, failed := map[key]*thing{}, map[key]error{}
	for _, k := range keys {
		switch {
		case ctx.Err() != nil:
			failed[k] = &upstream.Error{Service: "stripe", Op: "test", Reason: upstream.ReasonOf(ctx.Err()), Err: ctx.Err()}
		case s.fail != nil:
			failed[k] = s.fail
		case !s.absent[k]:
			found[k] = &thing{Name: string(k), Count: s.asked[k], Parts: []string{}}
		}
	}
	for k, value := range s.along {
		found[k] = value
	}
	return found, failed
}

func (s *source) count(k key) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[k]
}

func (s *source) set(change func(*source)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

var errDown = &upstream.Error{Service: "stripe", Op: "test", Reason: upstream.Unavailable, Status: 503}

// clock is a time that goes on only when it is told to.
type clock struct{ now atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.now.Store(time.Date(2026, 11, 21, 18, 0, 0, 0, time.UTC).UnixNano())
	return c
}

func (c *clock) time() time.Time       { return time.Unix(0, c.now.Load()).UTC() }
func (c *clock) pass(by time.Duration) { c.now.Add(int64(by)) }

var rules = Times{Fresh: time.Minute, Revalidate: 5 * time.Minute, Stale: 24 * time.Hour, Absent: 30 * time.Second, Rest: 5 * time.Second}

func table(t testing.TB, redis *Client, times Times, settings ...Option) *Table[key, thing] {
	t.Helper()
	store := NewStore(redis, settings...)
	store.Start()
	t.Cleanup(store.Close)
	return NewTable[key, thing](store, Entity{Name: "test.things", Version: 1, Service: upstream.Stripe, Times: times})
}

func freshness(f Found[thing]) string {
	if f.Value == nil {
		return "nothing"
	}
	text := string(*f.Source.Freshness)
	if f.Source.Reason != nil {
		text += " " + string(*f.Source.Reason)
	}
	return text
}

func one(t testing.TB, table *Table[key, thing], s *source, k key) (Found[thing], error) {
	t.Helper()
	found, failed := table.Get(t.Context(), upstream.Agents, []key{k}, s.read)
	return found[k], failed[k]
}

func TestTheLifeOfAValue(t *testing.T) {
	t.Parallel()
	now, s := newClock(), newSource()
	things := table(t, nil, rules, Clock(now.time))
	expect := func(want string, calls int) {
		t.Helper()
		got, err := one(t, things, s, "a")
		await(t, func() bool { return len(things.store.refreshes) == 0 })
		if err != nil || freshness(got) != want || s.count("a") != calls {
			t.Errorf("got %s, %v after %d calls; want %s after %d", freshness(got), err, s.count("a"), want, calls)
		}
		if got.Source.FetchedAt == nil || got.Source.FetchedAt.After(now.time()) || got.Source.Name != upstream.Stripe {
			t.Errorf("source %+v", got.Source)
		}
	}
	expect("LIVE", 1)
	expect("CACHED", 1)
	now.pass(59 * time.Second)
	expect("CACHED", 1)
	now.pass(time.Second)
	expect("STALE", 2) // at once, and read anew behind
	expect("CACHED", 2)
	now.pass(time.Hour)
	expect("LIVE", 3)
	s.set(func(s *source) { s.fail = errDown })
	now.pass(2 * time.Minute)
	expect("STALE", 4) // nothing is known of a failure yet
	expect("STALE UNAVAILABLE", 4)
	now.pass(6 * time.Second)
	expect("STALE UNAVAILABLE", 5) // asked again after a rest
	now.pass(23 * time.Hour)
	expect("STALE UNAVAILABLE", 6)
	expect("STALE UNAVAILABLE", 6)
	now.pass(time.Hour)
	if got, err := one(t, things, s, "a"); !errors.Is(err, errDown) || got.Value != nil {
		t.Errorf("past all its time: got %v, %v", got, err)
	}
	s.set(func(s *source) { s.fail = nil })
	expect("LIVE", 8)
}

func TestAbsenceIsRememberedBriefly(t *testing.T) {
	t.Parallel()
	now, s := newClock(), newSource()
	s.absent["a"] = true
	things := table(t, nil, rules, Clock(now.time))
	for range 3 {
		if got, err := one(t, things, s, "a"); got.Value != nil || err != nil {
			t.Fatalf("got %v, %v", got, err)
		}
	}
	if s.count("a") != 1 {
		t.Errorf("%d calls", s.count("a"))
	}
	now.pass(30 * time.Second)
	s.set(func(s *source) { s.absent["a"] = false })
	if got, _ := one(t, things, s, "a"); freshness(got) != "LIVE" || s.count("a") != 2 {
		t.Errorf("got %s after %d calls", freshness(got), s.count("a"))
	}
	// A value that is gone at the source is not served any more, whatever its age.
	s.set(func(s *source) { s.absent["a"] = true })
	now.pass(time.Hour)
	if got, err := one(t, things, s, "a"); got.Value != nil || err != nil {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestOffAsksAlways(t *testing.T) {
	t.Parallel()
	s := newSource()
	for _, things := range []*Table[key, thing]{
		NewTable[key, thing](nil, Entity{Service: upstream.Stripe, Times: rules}), table(t, nil, Times{}),
	} {
		s.set(func(s *source) { s.asked = map[key]int{} })
		for range 3 {
			if got, err := one(t, things, s, "a"); err != nil || freshness(got) != "LIVE" {
				t.Errorf("got %s, %v", freshness(got), err)
			}
		}
		if s.count("a") != 3 {
			t.Errorf("%d calls", s.count("a"))
		}
		if err := things.Invalidate(t.Context(), "a"); err != nil {
			t.Error(err)
		}
	}
}

func TestManyForOneColdKey(t *testing.T) {
	t.Parallel()
	s := newSource()
	s.hold = make(chan struct{})
	things := table(t, nil, rules)
	var running sync.WaitGroup
	for range 1000 {
		running.Go(func() {
			if got, err := one(t, things, s, "a"); err != nil || got.Value == nil {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
	<-s.held
	await(t, func() bool {
		things.mu.Lock()
		defer things.mu.Unlock()
		f := things.flights[things.full("a")]
		return f != nil && f.trip.waiting == 1000
	})
	close(s.hold)
	running.Wait()
	if s.count("a") != 1 {
		t.Errorf("%d calls", s.count("a"))
	}
}

func TestManyInTwoProcesses(t *testing.T) {
	t.Parallel()
	redis := serveRedis(t)
	s := newSource()
	tables := []*Table[key, thing]{table(t, connect(t, redis.address), rules), table(t, connect(t, redis.address), rules)}
	s.hold = make(chan struct{})
	var running sync.WaitGroup
	for i := range 1000 {
		running.Go(func() {
			if got, err := one(t, tables[i%2], s, "a"); err != nil || got.Value == nil {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
	<-s.held
	time.AfterFunc(300*time.Millisecond, func() { close(s.hold) })
	running.Wait()
	if s.count("a") != 1 {
		t.Errorf("%d calls", s.count("a"))
	}
}

func TestALeaderThatLeavesHurtsNobody(t *testing.T) {
	t.Parallel()
	s := newSource()
	s.hold = make(chan struct{})
	things := table(t, nil, rules)
	leading, leave := context.WithCancel(t.Context())
	led := make(chan error, 1)
	go func() {
		_, failed := things.Get(leading, upstream.Agents, []key{"a"}, s.read)
		led <- failed["a"]
	}()
	<-s.held
	followed := make(chan error, 1)
	go func() {
		_, err := one(t, things, s, "a")
		followed <- err
	}()
	await(t, func() bool {
		things.mu.Lock()
		defer things.mu.Unlock()
		return things.flights[things.full("a")].trip.waiting == 2
	})
	leave()
	if err := <-led; upstream.ReasonOf(err) != upstream.Canceled {
		t.Errorf("the leader got %v", err)
	}
	close(s.hold)
	if err := <-followed; err != nil {
		t.Errorf("the follower got %v", err)
	}
	if s.count("a") != 1 {
		t.Errorf("%d calls", s.count("a"))
	}
}

func TestTheLastToLeaveEndsTheRead(t *testing.T) {
	t.Parallel()
	s := newSource()
	s.hold = make(chan struct{})
	things := table(t, nil, rules)
	ended := make(chan error, 1)
	read := func(ctx context.Context, keys []key) (map[key]*thing, map[key]error) {
		found, failed := s.read(ctx, keys)
		ended <- ctx.Err()
		return found, failed
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-s.held; cancel() }()
	if _, failed := things.Get(ctx, upstream.Agents, []key{"a", "b"}, read); upstream.ReasonOf(failed["a"]) != upstream.Canceled || len(failed) != 2 {
		t.Errorf("failed %v", failed)
	}
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the read ended with %v", err)
	}
	s.set(func(s *source) { s.hold = nil })
	if got, err := one(t, things, s, "a"); err != nil || freshness(got) != "LIVE" { // nobody gets what was abandoned
		t.Errorf("got %v, %v", got, err)
	}
}

func TestPatienceEndsWithTheOlderValue(t *testing.T) {
	t.Parallel()
	now, s := newClock(), newSource()
	times := rules
	times.Patience = 30 * time.Millisecond
	things := table(t, nil, times, Clock(now.time))
	_, _ = one(t, things, s, "a")
	now.pass(time.Hour)
	hold := make(chan struct{})
	s.set(func(s *source) { s.hold = hold })
	if got, err := one(t, things, s, "a"); err != nil || freshness(got) != "STALE TIMEOUT" {
		t.Errorf("got %s, %v", freshness(got), err)
	}
	close(hold) // what was not waited for is kept all the same
	await(t, func() bool { got, err := one(t, things, s, "a"); return err == nil && freshness(got) == "CACHED" })
	if s.count("a") != 2 {
		t.Errorf("%d calls", s.count("a"))
	}
}

func TestADeadlineEndsWithTheOlderValue(t *testing.T) {
	t.Parallel()
	now, s := newClock(), newSource()
	things := table(t, nil, rules, Clock(now.time))
	_, _ = one(t, things, s, "a")
	now.pass(time.Hour)
	s.set(func(s *source) { s.hold = make(chan struct{}) })
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	found, failed := things.Get(ctx, upstream.Agents, []key{"a", "b"}, s.read)
	if freshness(found["a"]) != "STALE TIMEOUT" || upstream.ReasonOf(failed["b"]) != upstream.Timeout || len(failed) != 1 {
		t.Errorf("found %v, failed %v", found, failed)
	}
}

func TestLanesDoNotWaitForThoseBehindThem(t *testing.T) {
	t.Parallel()
	s := newSource()
	things := table(t, nil, rules)
	hold := make(chan struct{})
	s.hold = hold
	slow := make(chan struct{})
	go func() {
		defer close(slow)
		found, failed := things.Get(t.Context(), upstream.Engineers, []key{"a"}, s.read)
		if found["a"].Value == nil {
			t.Errorf("the engineer got %v", failed)
		}
	}()
	<-s.held
	s.set(func(s *source) { s.hold = nil })
	if got, err := one(t, things, s, "a"); err != nil || freshness(got) != "LIVE" {
		t.Errorf("the agent got %s, %v", freshness(got), err)
	}
	close(hold)
	<-slow
	if s.count("a") != 2 {
		t.Errorf("%d calls", s.count("a"))
	}
}

// An explorer whose budget is used up must not keep agents from what is new.
func TestAFailureBehindDoesNotRestThoseBefore(t *testing.T) {
	t.Parallel()
	now, s := newClock(), newSource()
	things := table(t, nil, rules, Clock(now.time))
	_, _ = one(t, things, s, "a")
	now.pass(time.Hour)
	s.set(func(s *source) { s.fail = &upstream.Error{Reason: upstream.RateLimited} })
	for range 2 {
		found, _ := things.Get(t.Context(), upstream.Engineers, []key{"a"}, s.read)
		if freshness(found["a"]) != "STALE RATE_LIMITED" || s.count("a") != 2 {
			t.Errorf("the engineer got %s after %d calls", freshness(found["a"]), s.count("a"))
		}
	}
	s.set(func(s *source) { s.fail = nil })
	if got, _ := one(t, things, s, "a"); freshness(got) != "LIVE" {
		t.Errorf("the agent got %s", freshness(got))
	}
	now.pass(time.Hour)
	s.set(func(s *source) { s.fail = errDown })
	_, _ = one(t, things, s, "a")
	calls := s.count("a")
	if found, _ := things.Get(t.Context(), upstream.Engineers, []key{"a"}, s.read); freshness(found["a"]) != "STALE UNAVAILABLE" || s.count("a") != calls {
		t.Errorf("the engineer got %s after %d calls", freshness(found["a"]), s.count("a")-calls)
	}
}

func TestInvalidationReachesAll(t *testing.T) {
	t.Parallel()
	redis := serveRedis(t)
	s := newSource()
	here, there := table(t, connect(t, redis.address), rules), table(t, connect(t, redis.address), rules)
	await(t, func() bool { return here.store.subscribed.Load() > 0 && there.store.subscribed.Load() > 0 }) // they listen
	_, _ = one(t, here, s, "a")
	await(t, func() bool { got, _ := one(t, there, s, "a"); return freshness(got) == "CACHED" })
	if s.count("a") > 2 {
		t.Errorf("%d calls", s.count("a"))
	}
	before := s.count("a")
	if err := here.Invalidate(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if got, _ := one(t, here, s, "a"); freshness(got) != "LIVE" || got.Value.Count != before+1 {
		t.Errorf("here: got %s %v", freshness(got), got.Value)
	}
	await(t, func() bool { got, _ := one(t, there, s, "a"); return got.Value.Count == before+1 })

	// Where the source is down, what was wrong is better than nothing.
	s.set(func(s *source) { s.fail = errDown })
	if err := here.Invalidate(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if got, err := one(t, here, s, "a"); freshness(got) != "STALE UNAVAILABLE" || err != nil {
		t.Errorf("here: got %s, %v", freshness(got), err)
	}
}

// After a break in which messages may have been lost, what was kept before it is asked for again.
func TestABreakIsMadeUpFor(t *testing.T) {
	t.Parallel()
	redis := serveRedis(t)
	s := newSource()
	things := table(t, connect(t, redis.address), rules)
	await(t, func() bool { return things.store.subscribed.Load() == 1 })
	_, _ = one(t, things, s, "a")
	redis.kill()
	if got, err := one(t, things, s, "a"); err != nil || freshness(got) != "CACHED" {
		t.Errorf("without Redis: got %s, %v", freshness(got), err)
	}
	redis.start()
	await(t, func() bool { return things.store.subscribed.Load() > 1 })
	await(t, func() bool {
		got, err := one(t, things, s, "a")
		return err == nil && freshness(got) == "CACHED" && got.Value.Count == 2
	})
}

// What was read before an invalidation and comes after it is for those who wait, and for nobody else.
func TestInvalidationDoomsWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	s := newSource()
	hold := make(chan struct{})
	s.hold = hold
	things := table(t, nil, rules)
	done := make(chan Found[thing], 1)
	go func() { got, _ := one(t, things, s, "a"); done <- got }()
	<-s.held
	if err := things.Invalidate(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	s.set(func(s *source) { s.hold = nil })
	close(hold)
	if got := <-done; got.Value == nil {
		t.Error("who waited got nothing")
	}
	if got, _ := one(t, things, s, "a"); freshness(got) != "LIVE" {
		t.Errorf("afterwards: %s", freshness(got))
	}
}

func TestOneRoundTripForABatch(t *testing.T) {
	t.Parallel()
	redis := serveRedis(t)
	s := newSource()
	keys := make([]key, 50)
	for i := range keys {
		keys[i] = key(fmt.Sprint("k", i))
	}
	s.absent[keys[7]] = true
	first := table(t, connect(t, redis.address), rules)
	if found, failed := first.Get(t.Context(), upstream.Agents, keys, s.read); len(found) != 49 || len(failed) != 0 {
		t.Fatalf("%d found, failed %v", len(found), failed)
	}
	first.store.Close()

	counted := &trips{}
	client := connect(t, redis.address)
	client.AddHook(counted)
	store := NewStore(client) // does not listen: a subscription is no trip of a read
	t.Cleanup(store.Close)
	second := NewTable[key, thing](store, first.entity)
	found, failed := second.Get(t.Context(), upstream.Agents, keys, s.read)
	if len(found) != 49 || len(failed) != 0 || freshness(found[keys[0]]) != "CACHED" || counted.count.Load() != 1 {
		t.Errorf("%d found, failed %v, %s, %d trips", len(found), failed, freshness(found[keys[0]]), counted.count.Load())
	}
	if diff := cmp.Diff(&thing{Name: "k3", Count: 1, Parts: []string{}}, found["k3"].Value); diff != "" {
		t.Error(diff)
	}
	if found, _ := second.Get(t.Context(), upstream.Agents, keys, s.read); len(found) != 49 || counted.count.Load() != 1 {
		t.Errorf("%d found after %d trips", len(found), counted.count.Load())
	}
	if s.reads != 1 {
		t.Errorf("%d reads", s.reads)
	}
}

func TestWhatComesAlongIsKept(t *testing.T) {
	t.Parallel()
	s := newSource()
	s.along = map[key]*thing{"b": {Name: "b"}}
	things := table(t, nil, rules)
	if found, _ := things.Get(t.Context(), upstream.Agents, []key{"a"}, s.read); len(found) != 1 {
		t.Errorf("found %v", found)
	}
	await(t, func() bool { return things.store.find(things.full("b")) != nil })
	if got, _ := one(t, things, s, "b"); freshness(got) != "CACHED" {
		t.Errorf("got %s", freshness(got))
	}
}

func TestPanicsReachThoseWhoWait(t *testing.T) {
	t.Parallel()
	things := table(t, nil, rules)
	for range 2 {
		func() {
			defer func() {
				if cause, ok := recover().(string); !ok || !strings.HasPrefix(cause, "boom\n") {
					t.Errorf("recovered %q", cause)
				}
			}()
			things.Get(t.Context(), upstream.Agents, []key{"a"}, func(context.Context, []key) (map[key]*thing, map[key]error) { panic("boom") })
		}()
	}
}

func TestCloseEndsWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	s := newSource()
	s.hold = make(chan struct{})
	store := NewStore(nil)
	things := NewTable[key, thing](store, Entity{Name: "test.things", Service: upstream.Stripe, Times: rules})
	done := make(chan error, 1)
	go func() { _, err := one(t, things, s, "a"); done <- err }()
	<-s.held
	store.Close()
	if err := <-done; upstream.ReasonOf(err) != upstream.Canceled {
		t.Errorf("got %v", err)
	}
	if _, err := one(t, things, s, "b"); upstream.ReasonOf(err) != upstream.Canceled {
		t.Errorf("after the end: got %v", err)
	}
}

func TestTheStoreIsBounded(t *testing.T) {
	t.Parallel()
	things := table(t, nil, rules, Bytes(1<<20))
	long := strings.Repeat("x", 10<<10)
	read := func(_ context.Context, keys []key) (map[key]*thing, map[key]error) {
		return map[key]*thing{keys[0]: {Name: long}}, nil
	}
	for i := range 1000 {
		things.Get(t.Context(), upstream.Agents, []key{key(fmt.Sprint(i))}, read)
	}
	await(t, func() bool { return things.store.local.WeightedSize() <= 1<<20 })
}
