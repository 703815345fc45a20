package cache

import (
	"context"
	"errors"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/redis/go-redis/v9"
)

// What is asked of Redis on the way of an answer.
const (
	usualPatience = 50 * time.Millisecond // for one round trip: a vendor's answer takes about twice that
	awayAfter     = 3                     // failures in a row
	awayFor       = time.Second           // until it is asked again
)

// errAway says that Redis is not asked, for it did not answer lately.
var errAway = errors.New("redis is away")

// guard keeps what waits for Redis short, and does not ask it at all while it is away.
type guard struct {
	patience time.Duration
	breaker  circuitbreaker.CircuitBreaker[any]
}

func newGuard(patience time.Duration) *guard {
	if patience <= 0 {
		patience = usualPatience
	}
	return &guard{patience: patience, breaker: circuitbreaker.NewBuilder[any]().
		WithFailureThreshold(awayAfter).
		WithSuccessThreshold(1).
		WithDelay(awayFor).
		Build()}
}

// do asks Redis within the guard's patience. What Redis itself refuses (no memory, no script, no such type) is an error of
// the question alone.
func (g *guard) do(ctx context.Context, ask func(context.Context) error) error {
	if !g.breaker.TryAcquirePermit() {
		return errAway
	}
	tried := g.breaker.IsHalfOpen()
	within, cancel := context.WithTimeout(ctx, g.patience)
	defer cancel()
	err := ask(within)
	var refused redis.Error
	switch {
	case err == nil || errors.As(err, &refused):
		g.breaker.RecordSuccess()
	case ctx.Err() == nil || tried: // who leaves says nothing of Redis, but must not keep the one permit
		g.breaker.RecordFailure()
	}
	return err
}

// Run runs a script, as upstream.Redis demands.
func (c *Client) Run(ctx context.Context, script *redis.Script, keys []string, args ...any) (answer any, err error) {
	err = c.guard.do(ctx, func(ctx context.Context) error {
		answer, err = script.Run(ctx, c.Client, keys, args...).Result()
		return err
	})
	return answer, err
}
