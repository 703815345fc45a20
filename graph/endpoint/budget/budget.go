// Package budget holds callers to what they may spend: points in buckets that fill up again at a steady rate, shared by
// all processes through Redis. Where Redis does not answer, each process goes on with its own share.
package budget

import (
	"context"
	_ "embed"
	"fmt"
	"math"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/redis/go-redis/v9"
)

// Bucket is how many points there are when it is full, and how many flow in each second.
type Bucket struct {
	Points    int
	PerSecond float64
}

// Account is a bucket of somebody: "viewer", "con_1".
type Account struct {
	Kind, ID string
	Bucket   Bucket
}

func (a Account) key() string { return "budget:" + a.Kind + ":" + a.ID }

// Answer is what became of a wish to spend.
type Answer struct {
	// Granted tells whether the points were taken, from every bucket; otherwise none were.
	Granted bool
	// Wait is how long it takes until there are enough in all of them.
	Wait time.Duration
	// Left is what each bucket has now, in the order of the accounts; below zero where an operation cost more than was
	// taken for it.
	Left []int
}

const (
	patience  = 50 * time.Millisecond // how long Redis may take; longer would cost callers more than it guards
	pause     = time.Second           // how long Redis is left alone after it did not answer
	keptLocal = 10_000                // buckets that a process remembers by itself
)

// Keeper keeps the buckets. It is safe for concurrent use.
//
// A script of our own, and not redis_rate, for three reasons: what is taken leaves several buckets at once or none, what
// was taken too much goes back, and what was taken too little may leave a bucket in debt.
type Keeper struct {
	redis     redis.Scripter
	processes float64
	now       func() time.Time // nil for Redis' own clock
	failed    func(error)

	mu    sync.Mutex
	local *lru.Cache[string, level]
	away  time.Time // Redis is left alone until then
}

// level is what a bucket has, and since when.
type level struct {
	points float64
	at     time.Time
}

// New makes a keeper, one of so many processes that share Redis. now is nil but in tests: the clock of Redis is the one
// that all processes have in common. failed is told each time that Redis does not answer.
func New(client redis.Scripter, processes int, now func() time.Time, failed func(error)) *Keeper {
	local, _ := lru.New[string, level](keptLocal) // it fails on sizes below one alone
	return &Keeper{redis: client, processes: float64(max(processes, 1)), now: now, failed: failed, local: local}
}

//go:embed budget.lua
var source string

// script is source with its hash; it holds no state.
var script = redis.NewScript(source)

// Take takes points out of the buckets of all accounts, or out of none. A wish for more than a bucket holds is granted
// once it is full, and leaves it in debt: nothing is too dear for ever.
func (k *Keeper) Take(ctx context.Context, points int, from []Account) Answer {
	return k.spend(ctx, points, from, false)
}

// Settle takes what was found to be due beyond what was taken, or gives back what was not, where points are negative.
func (k *Keeper) Settle(ctx context.Context, points int, from []Account) Answer {
	return k.spend(ctx, points, from, true)
}

func (k *Keeper) spend(ctx context.Context, points int, from []Account, owed bool) Answer {
	now := k.clock()
	k.mu.Lock()
	asked := !now.Before(k.away)
	k.mu.Unlock()
	if asked {
		answer, err := k.remote(ctx, points, from, owed)
		if err == nil {
			k.mirror(now, from, answer.Left)
			return answer
		}
		if ctx.Err() == nil {
			k.failed(err)
			k.mu.Lock()
			k.away = now.Add(pause)
			k.mu.Unlock()
		}
	}
	return k.own(now, points, from, owed)
}

func (k *Keeper) clock() time.Time {
	if k.now != nil {
		return k.now()
	}
	return time.Now()
}

// remote spends in Redis.
func (k *Keeper) remote(ctx context.Context, points int, from []Account, owed bool) (Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	clock := int64(-1)
	if k.now != nil {
		clock = k.now().UnixMilli()
	}
	keys, args := make([]string, len(from)), []any{clock, points, owed}
	for i, account := range from {
		keys[i] = account.key()
		args = append(args, account.Bucket.Points, account.Bucket.PerSecond/1000)
	}
	told, err := script.Run(ctx, k.redis, keys, args...).Int64Slice()
	if err != nil || len(told) != len(from)+1 {
		return Answer{}, fmt.Errorf("spend from the budgets in Redis: %w", err)
	}
	answer := Answer{Granted: told[0] == 0, Wait: time.Duration(told[0]) * time.Millisecond}
	for _, left := range told[1:] {
		answer.Left = append(answer.Left, int(left))
	}
	return answer, nil
}

// mirror remembers a process's share of what Redis told, for the time when it will not.
func (k *Keeper) mirror(now time.Time, from []Account, left []int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for i, account := range from {
		k.local.Add(account.key(), level{float64(left[i]) / k.processes, now})
	}
}

// own spends from a process's own share: an equal part of every bucket and of what flows in.
func (k *Keeper) own(now time.Time, points int, from []Account, owed bool) Answer {
	k.mu.Lock()
	defer k.mu.Unlock()
	levels, wait := make([]float64, len(from)), 0.0
	for i, account := range from {
		most, rate := float64(account.Bucket.Points)/k.processes, account.Bucket.PerSecond/k.processes
		known, ok := k.local.Get(account.key())
		if !ok {
			known = level{most, now}
		}
		levels[i] = min(most, known.points+max(0, now.Sub(known.at).Seconds())*rate)
		if need := min(float64(points), most); !owed && levels[i] < need {
			wait = max(wait, (need-levels[i])/rate)
		}
	}
	answer := Answer{Granted: wait == 0, Wait: time.Duration(math.Ceil(wait*1000)) * time.Millisecond}
	for i, account := range from {
		if answer.Granted {
			levels[i] = min(levels[i]-float64(points), float64(account.Bucket.Points)/k.processes)
			k.local.Add(account.key(), level{levels[i], now})
		}
		answer.Left = append(answer.Left, int(math.Floor(levels[i])))
	}
	return answer
}
