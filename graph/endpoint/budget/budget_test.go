package budget_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
	"go.uber.org/goleak"

	"supportgraph/clients/cache/cachetest"
	"supportgraph/graph/endpoint/budget"
)

func TestMain(m *testing.M) {
	// A pool of go-redis looks for its server for up to a second after it was closed.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/redis/go-redis/v9/internal/pool.(*ConnPool).tryDial"))
}

func client(t *testing.T, address string) *redis.Client {
	c := redis.NewClient(&redis.Options{
		Addr: address, MaxRetries: -1, DialTimeout: 200 * time.Millisecond, DisableIdentity: true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// clock is turned by hand.
type clock struct{ ms atomic.Int64 }

func (c *clock) now() time.Time        { return time.UnixMilli(1_800_000_000_000 + c.ms.Load()) }
func (c *clock) turn(by time.Duration) { c.ms.Add(by.Milliseconds()) }
func quiet(error)                      {}
func viewer(b budget.Bucket) []budget.Account {
	return []budget.Account{{Kind: "viewer", ID: "con_1", Bucket: b}}
}

// spend has three processes ask in turn, ten times a second for a minute, for more than there is, and returns what
// they got in all.
func spend(t *testing.T, c *clock, keepers []*budget.Keeper, from []budget.Account) (got int) {
	t.Helper()
	for range 600 {
		for _, k := range keepers {
			for k.Take(t.Context(), 7, from).Granted {
				got += 7
			}
		}
		c.turn(100 * time.Millisecond)
	}
	return got
}

// TestProcessesShareABudget: three of them hold it together within 5 %, and on their own, without Redis, within 20 %.
func TestProcessesShareABudget(t *testing.T) {
	t.Parallel()
	address, end := cachetest.Redis(t)
	bucket := budget.Bucket{Points: 1000, PerSecond: 50}
	const allowed = 1000 + 60*50
	c := &clock{}
	var failures atomic.Int64
	var keepers []*budget.Keeper
	for range 3 {
		keepers = append(keepers, budget.New(client(t, address), 3, c.now, func(error) { failures.Add(1) }))
	}
	got := spend(t, c, keepers, viewer(bucket))
	t.Logf("with Redis: %d of %d points, off by %.1f %%", got, allowed, 100*float64(got-allowed)/allowed)
	if got > allowed*105/100 || got < allowed*95/100 || failures.Load() > 0 {
		t.Errorf("%d failures", failures.Load())
	}
	end()
	c.turn(time.Hour)
	got = spend(t, c, keepers, viewer(bucket))
	t.Logf("without Redis: %d of %d points, off by %.1f %%", got, allowed, 100*float64(got-allowed)/allowed)
	if got > allowed*120/100 || got < allowed*80/100 {
		t.Error("the shares do not add up")
	}
	if n := failures.Load(); n == 0 || n > 200 {
		t.Errorf("Redis was asked %d times in a minute in vain", n)
	}
}

// TestBuckets shows what is taken and given back, the same in Redis and without it.
func TestBuckets(t *testing.T) {
	t.Parallel()
	stand := miniredis.RunT(t)
	for name, address := range map[string]string{"Redis": stand.Addr(), "no Redis": "127.0.0.1:1"} {
		c := &clock{}
		k := budget.New(client(t, address), 1, c.now, quiet)
		ctx, narrow := t.Context(), budget.Account{Kind: "viewer", ID: name, Bucket: budget.Bucket{Points: 100, PerSecond: 10}}
		wide := budget.Account{Kind: "account", ID: name, Bucket: budget.Bucket{Points: 1000, PerSecond: 10}}
		both := []budget.Account{narrow, wide}
		expect := func(step string, got budget.Answer, granted bool, wait time.Duration, left ...int) {
			t.Helper()
			if got.Granted != granted || got.Wait != wait || len(got.Left) != len(left) || got.Left[0] != left[0] || got.Left[1] != left[1] {
				t.Errorf("%s, %s: got %+v", name, step, got)
			}
		}
		expect("full", k.Take(ctx, 80, both), true, 0, 20, 920)
		expect("too much for one", k.Take(ctx, 60, both), false, 4*time.Second, 20, 920)
		c.turn(3 * time.Second)
		expect("too early", k.Take(ctx, 60, both), false, time.Second, 50, 950)
		c.turn(time.Second)
		expect("after the wait", k.Take(ctx, 60, both), true, 0, 0, 900)
		expect("given back", k.Settle(ctx, -40, both), true, 0, 40, 940)
		expect("owed", k.Settle(ctx, 70, both), true, 0, -30, 870)
		expect("in debt", k.Take(ctx, 1, both), false, 3100*time.Millisecond, -30, 870)
		c.turn(time.Hour)
		expect("never more than full", k.Settle(ctx, -40, both), true, 0, 100, 1000)
		expect("dearer than a bucket", k.Take(ctx, 150, both), true, 0, -50, 850)
	}
}

// TestRedisKeepsItsOwnTime where no clock is given.
func TestRedisKeepsItsOwnTime(t *testing.T) {
	t.Parallel()
	address, _ := cachetest.Redis(t)
	var failed error
	k := budget.New(client(t, address), 1, nil, func(err error) { failed = err })
	from := viewer(budget.Bucket{Points: 10, PerSecond: 0.001})
	if got := k.Take(t.Context(), 4, from); !got.Granted || got.Left[0] != 6 || failed != nil {
		t.Errorf("got %+v, %v", got, failed)
	}
	if got := k.Take(t.Context(), 7, from); got.Granted || got.Wait < 900*time.Second || got.Wait > 1001*time.Second {
		t.Errorf("got %+v", got)
	}
}

// TestCallersWhoLeaveSayNothingOfRedis: it is asked again by the next.
func TestCallersWhoLeaveSayNothingOfRedis(t *testing.T) {
	t.Parallel()
	stand := miniredis.RunT(t)
	k := budget.New(client(t, stand.Addr()), 1, nil, func(err error) { t.Error(err) })
	gone, leave := context.WithCancelCause(t.Context())
	leave(errors.New("gone"))
	k.Take(gone, 1, viewer(budget.Bucket{Points: 10, PerSecond: 1}))
	if k.Take(t.Context(), 1, viewer(budget.Bucket{Points: 10, PerSecond: 1})); !stand.Exists("budget:viewer:con_1") {
		t.Error("Redis was not asked")
	}
}

func TestConcurrency(t *testing.T) {
	t.Parallel()
	var c budget.Concurrency
	first, ok1 := c.Enter("a", 2)
	_, ok2 := c.Enter("a", 2)
	_, ok3 := c.Enter("a", 2)
	_, other := c.Enter("b", 2)
	if !ok1 || !ok2 || ok3 || !other {
		t.Error(ok1, ok2, ok3, other)
	}
	first()
	if _, ok := c.Enter("a", 2); !ok {
		t.Error("a place that was left stays taken")
	}
}
