package upstream

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

// runner runs scripts without further care.
type runner struct{ *redis.Client }

func (r runner) Run(ctx context.Context, script *redis.Script, keys []string, args ...any) (any, error) {
	return script.Run(ctx, r.Client, keys, args...).Result()
}

// away is a Redis that does not answer.
type away struct{}

func (away) Run(context.Context, *redis.Script, []string, ...any) (any, error) {
	return nil, errors.New("away")
}

// TestBothBucketsAreOne takes from a bucket in Redis and from one here, at the same random times, and demands the same.
func TestBothBucketsAreOne(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	client := redis.NewClient(&redis.Options{Addr: server.Addr(), DisableIdentity: true})
	defer func() { _ = client.Close() }()
	shared := NewBudgets(runner{client})
	for seed := range uint64(8) {
		random := rand.New(rand.NewPCG(seed, 2))
		limit := Limit{Rate: 0.1 + 50*random.Float64(), Burst: 1 + random.IntN(40)}
		now, local, name := time.Date(2026, 11, 21, 18, 0, 0, 0, time.UTC), &bucket{}, fmt.Sprint("test", seed)
		granted, begun := 0, now
		for step := range 100 {
			now = now.Add(time.Duration(random.Int64N(int64(2 * float64(time.Second) / limit.Rate))).Truncate(time.Microsecond))
			server.SetTime(now)
			lane := Lane(random.IntN(Lanes))
			left, wait, ok := shared.take(t.Context(), name, limit, lane)
			wantLeft, wantWait, want := local.take(now, limit, lane)
			if ok != want || math.Abs(left-wantLeft) > 1e-3 || (wait-wantWait).Abs() > time.Millisecond+wantWait/1000 {
				t.Fatalf("seed %d step %d lane %d: in Redis %v %v %v, here %v %v %v", seed, step, lane, ok, left, wait, want, wantLeft, wantWait)
			}
			if !ok && wait <= 0 || ok && left < limit.floor(lane)-1e-3 {
				t.Fatalf("seed %d step %d lane %d: %v %v %v", seed, step, lane, ok, left, wait)
			}
			if ok {
				granted++
			}
			if most := float64(limit.Burst) + now.Sub(begun).Seconds()*limit.Rate; float64(granted) > most+1e-6 {
				t.Fatalf("seed %d step %d: %d granted of %f", seed, step, granted, most)
			}
		}
	}
}

func TestBudgetsWithoutRedis(t *testing.T) {
	t.Parallel()
	for name, budgets := range map[string]struct {
		budgets *Budgets
		want    int
	}{"by itself": {NewBudgets(nil), 20}, "while Redis is away": {NewBudgets(away{}), 10}} {
		granted := 0
		for range 100 {
			if _, _, ok := budgets.budgets.take(t.Context(), "test", Limit{Rate: 0.001, Burst: 20}, Agents); ok {
				granted++
			}
		}
		if granted != budgets.want {
			t.Errorf("%s: %d granted", name, granted)
		}
	}
}

func TestEveryLaneCanHaveSomething(t *testing.T) {
	t.Parallel()
	for burst := 1; burst < 50; burst++ {
		for lane := Agents; lane <= Engineers; lane++ {
			if floor := (Limit{Rate: 1, Burst: burst}).floor(lane); floor < 0 || floor > float64(burst-1) {
				t.Errorf("burst %d lane %d: floor %f", burst, lane, floor)
			}
		}
	}
}

func TestTheShareOfExtraAttempts(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 3))
	shared := newShare(0.2, 10)
	calls, extra := 0, 0
	for range 10000 {
		if random.IntN(2) == 0 {
			shared.earn()
			calls++
		} else if shared.spend() {
			extra++
		}
		if float64(extra) > 1+0.2*float64(calls) {
			t.Fatalf("%d extra for %d calls", extra, calls)
		}
	}
	if float64(extra) < 0.15*float64(calls) {
		t.Errorf("only %d extra for %d calls", extra, calls)
	}
}
