package upstream

import (
	"context"
	_ "embed" // the script
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

//go:embed bucket.lua
var bucketScript string

// alone is the part of a limit that one process allows itself while it cannot see what the others take.
const alone = 0.5

// Redis runs scripts. It answers within a short deadline of its own, or with an error.
type Redis interface {
	Run(ctx context.Context, script *redis.Script, keys []string, args ...any) (any, error)
}

// Budgets keeps all processes together within the vendors' limits, by a bucket per vendor or operation in Redis. While
// Redis does not answer, each process keeps to half of every limit by itself. It is safe for concurrent use.
//
// It is one script of its own: libraries that limit by Redis know no lanes, and two buckets would be two round trips.
type Budgets struct {
	redis  Redis // nil: by itself always
	script *redis.Script

	mu    sync.Mutex
	local map[string]*bucket
}

// NewBudgets makes budgets that are shared through Redis; nil makes budgets of this process alone.
func NewBudgets(shared Redis) *Budgets {
	return &Budgets{redis: shared, script: redis.NewScript(bucketScript), local: make(map[string]*bucket)}
}

// take takes a token of the named bucket for a lane.
func (b *Budgets) take(ctx context.Context, name string, limit Limit, lane Lane) (left float64, wait time.Duration, ok bool) {
	if b.redis == nil {
		return b.bucket(name).take(time.Now(), limit, lane)
	}
	answer, err := b.redis.Run(ctx, b.script, []string{"supportgraph:budget:" + name}, limit.Rate, limit.Burst, limit.floor(lane))
	if err == nil {
		left, wait, ok, err = readTaken(answer)
	}
	if err != nil {
		limit.Rate, limit.Burst = limit.Rate*alone, max(1, int(float64(limit.Burst)*alone))
		return b.bucket(name).take(time.Now(), limit, lane)
	}
	return left, wait, ok
}

func (b *Budgets) bucket(name string) *bucket {
	b.mu.Lock()
	defer b.mu.Unlock()
	found := b.local[name]
	if found == nil {
		found = &bucket{}
		b.local[name] = found
	}
	return found
}

// readTaken reads what the script answers.
func readTaken(answer any) (left float64, wait time.Duration, ok bool, err error) {
	fields, _ := answer.([]any)
	if len(fields) != 3 {
		return 0, 0, false, errors.New("the bucket answered something else")
	}
	left, errLeft := strconv.ParseFloat(fmt.Sprint(fields[1]), 64)
	seconds, errWait := strconv.ParseFloat(fmt.Sprint(fields[2]), 64)
	return left, time.Duration(seconds * float64(time.Second)), fields[0] == int64(1), errors.Join(errLeft, errWait)
}

// afford takes a token for an attempt. It waits for one up to half of the time that the call has left, so that a page of
// many keys still gets through; then the call fails as RATE_LIMITED, for the vendor would only say the same.
func (c *Client) afford(ctx context.Context, op string) *Error {
	limit := c.limit
	if c.budgets == nil || limit.Rate <= 0 || limit.Burst <= 0 {
		return nil
	}
	name := strings.ToLower(string(c.vendor.Service))
	if limit.PerOperation {
		name += ":" + op
	}
	started := time.Now()
	patience := c.timeout / 2
	if until, ok := ctx.Deadline(); ok {
		patience = time.Until(until) / 2
	}
	for {
		left, wait, ok := c.budgets.take(ctx, name, limit, c.lane)
		c.health.afforded(left)
		if ok {
			return nil
		}
		wait = max(wait, 5*time.Millisecond)
		if time.Since(started)+wait > patience {
			failed := c.fail(op, RateLimited, errors.New("our budget for the vendor is used up"))
			failed.RetryAfter = (wait + time.Second - 1).Truncate(time.Second)
			return failed
		}
		if !pause(ctx, wait) {
			return c.fail(op, ended(ctx, RateLimited), fmt.Errorf("wait for the budget: %w", ctx.Err()))
		}
	}
}

// pause waits, and reports false where the context ended first.
func pause(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
