package upstream

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"github.com/failsafe-go/failsafe-go"
)

// exchange is one call with all its attempts.
type exchange struct {
	client *Client
	op     string
	build  func(context.Context) (*http.Request, error)
	until  time.Time // when the call must have ended

	mu       sync.Mutex // two attempts run beside each other where one is hedged
	answer   Answer     // nil once a whole answer was decoded: the first one counts
	last     *Error     // of the attempt that failed last
	hedge    bool       // a hedge was sent
	panicked string     // in an attempt, which may run in another goroutine
}

// run makes the attempts and returns how the call ended. A panic is raised again here.
func (x *exchange) run(ctx context.Context) *Error {
	c := x.client
	x.until, _ = ctx.Deadline()
	c.retries.earn()
	c.hedges.earn()
	executor := c.plain
	if x.mayHedge() {
		executor = c.hedged
		defer x.settle()
	}
	err := executor.WithContext(ctx).RunWithExecution(x.attempt)

	x.mu.Lock()
	defer x.mu.Unlock()
	if x.panicked != "" {
		panic(x.panicked)
	}
	var failed *failure
	switch {
	case err == nil:
		return nil
	case errors.As(err, &failed):
		return failed.cause
	case x.last != nil && !errors.Is(err, context.Canceled):
		return x.last // the deadline came while or after it failed
	default:
		return c.fail(x.op, ended(ctx, Timeout), err)
	}
}

// mayHedge reserves what a hedge costs, for whether it will be needed shows only when it must be sent at once.
func (x *exchange) mayHedge() bool {
	c := x.client
	if c.hedged == nil || c.once || !c.hedges.spend() {
		return false
	}
	if !c.retries.spend() {
		c.hedges.refund()
		return false
	}
	return true
}

// settle gives back what was reserved for a hedge that was not sent.
func (x *exchange) settle() {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.hedge {
		x.client.hedges.refund()
		x.client.retries.refund()
	}
}

// attempt is one try: it is told to the observer, and its failure says whether another is worth it.
func (x *exchange) attempt(execution failsafe.Execution[any]) (err error) {
	ctx, started := execution.Context(), time.Now()
	defer func() {
		if cause := recover(); cause != nil {
			x.mu.Lock()
			defer x.mu.Unlock()
			x.panicked = fmt.Sprintf("%v\n%s", cause, debug.Stack())
			err = errors.New("panic in an attempt")
		}
	}()
	if execution.IsHedge() {
		x.mu.Lock()
		x.hedge = true
		x.mu.Unlock()
	}
	failed, said, sent := x.try(ctx)
	call := Call{Source: x.client.Source(), Op: x.op, Took: time.Since(started)}
	if sent {
		call.Attempt = execution.Attempts()
		x.client.health.ended(failed)
	}
	if failed == nil {
		x.client.observe(ctx, call)
		return nil
	}
	call.Err = failed
	x.client.observe(ctx, call)
	x.mu.Lock()
	x.last = failed
	x.mu.Unlock()
	return &failure{
		cause:    failed,
		exchange: x,
		retries:  execution.Retries(),
		worth:    sent && worthIt(failed, said),
		wait:     delay(failed, execution.Retries()),
	}
}

// try sends the request once, where the budget, the places and the circuit let it through.
func (x *exchange) try(ctx context.Context) (failed *Error, said advice, sent bool) {
	c := x.client
	if ctx.Err() != nil {
		return c.fail(x.op, ended(ctx, Timeout), ctx.Err()), usual, false
	}
	if reason, wait, shut := c.gate.shut(); shut { // before it costs a token or a place
		return c.turnedAway(x.op, reason, wait), usual, false
	}
	if failed := c.afford(ctx, x.op); failed != nil {
		return failed, usual, false
	}
	if err := c.room.AcquirePermit(ctx); err != nil {
		return c.fail(x.op, ended(ctx, Overloaded), fmt.Errorf("wait for one of %d places: %w", c.width, err)), usual, false
	}
	defer c.room.ReleasePermit()
	request, err := x.request(ctx)
	if err != nil {
		return c.fail(x.op, Unavailable, err), never, false
	}
	tried, reason, wait, ok := c.gate.enter()
	if !ok {
		return c.turnedAway(x.op, reason, wait), usual, false
	}
	defer c.health.begin()()
	left := false
	defer func() {
		if !left { // a panic: the circuit must not wait for its one call for ever
			c.gate.leave(tried, c.fail(x.op, BadAnswer, nil), false)
		}
	}()
	// A call with too little time says nothing of the vendor when it runs out of it.
	informative := time.Until(x.until) >= c.timeout/leastPart
	failed, said = x.send(ctx, request)
	left = true
	c.gate.leave(tried, failed, informative)
	return failed, said, true
}

func (x *exchange) send(ctx context.Context, request *http.Request) (*Error, advice) {
	response, err := x.client.http.Do(request)
	if err != nil {
		return x.client.broken(ctx, x.op, nil, err), usual
	}
	defer func() { _ = response.Body.Close() }()
	x.client.notice(response.Header)
	return x.check(ctx, response)
}

func (x *exchange) request(ctx context.Context) (*http.Request, error) {
	request, err := x.build(ctx)
	if err != nil {
		return nil, errors.New("make the request: the address is not a URL")
	}
	for name, values := range x.client.vendor.Header {
		request.Header[name] = values
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "supportgraph")
	if x.client.authorization != "" {
		request.Header.Set("Authorization", x.client.authorization)
	}
	return request, nil
}

// errLate says that nobody waits for this attempt any more.
var errLate = errors.New("another attempt has answered")

// decode reads the body into the caller's answer, unless another attempt was first.
func (x *exchange) decode(body []byte) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.answer == nil {
		return errLate
	}
	answer := x.answer
	x.answer = nil
	return Decode(body, answer)
}

// turnedAway is the failure of a call that the circuit did not let through.
func (c *Client) turnedAway(op string, reason Reason, wait time.Duration) *Error {
	failed := c.fail(op, reason, errOpen)
	failed.RetryAfter = (wait + time.Second - 1).Truncate(time.Second)
	failed.Quota = reason == RateLimited
	return failed
}
