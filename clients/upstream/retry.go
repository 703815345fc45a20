package upstream

import (
	"errors"
	"math/rand/v2"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/hedgepolicy"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
)

// How often a call may be sent. The shares are of traffic: failsafe-go's own budgets (v0.9.8) bound how many retries run
// beside each other, so that calls that fail one after the other could all be tried three times, and a call that finds
// them used up loses the reason of its failure.
const (
	usualRetries = 2
	retryShare   = 0.2 // extra attempts for each call, hedges included
	retryMost    = 10  // extra attempts saved up at most
	hedgeShare   = 0.05
	hedgeMost    = 3
	backoff      = 100 * time.Millisecond // before the first retry where the vendor says nothing; then twice that
)

// hedgeSamples answers must have been timed before any is hedged, and about as many are remembered.
const (
	hedgeQuantile = 0.95
	hedgeSamples  = 100
)

// advice is what an answer says of another attempt.
type advice int

const (
	usual advice = iota // by the class of the failure
	again               // the vendor wants it
	never               // the vendor does not want it
)

// failure is an attempt that failed, with what decides on the next one.
type failure struct {
	cause    *Error
	exchange *exchange
	retries  int // before it
	worth    bool
	wait     time.Duration // before the next
}

func (f *failure) Error() string { return f.cause.Error() }

// retryPolicy tries again what is worth it, while the deadline has room for it and the share of retries lasts. It decides
// by the failure alone, so that all calls share one policy.
func retryPolicy(most int) failsafe.Policy[any] {
	return retrypolicy.NewBuilder[any]().
		WithMaxRetries(most).
		HandleIf(func(_ any, err error) bool {
			var failed *failure
			return errors.As(err, &failed) && failed.repeat()
		}).
		WithDelayFunc(func(attempt failsafe.ExecutionAttempt[any]) time.Duration {
			var failed *failure
			if errors.As(attempt.LastError(), &failed) {
				return failed.wait
			}
			return backoff
		}).
		ReturnLastFailure().
		Build()
}

// hedgePolicy asks a second time once an answer takes longer than 19 of 20 did.
func hedgePolicy() failsafe.Policy[any] {
	return hedgepolicy.NewBuilderWithDelayQuantile[any](hedgeQuantile, hedgeSamples, hedgeSamples).
		CancelIf(func(_ any, err error) bool { // a final word ends the wait for the other one
			var failed *failure
			return !errors.As(err, &failed) || !failed.worth
		}).
		Build()
}

// repeat decides on another attempt and pays for it.
func (f *failure) repeat() bool {
	x := f.exchange
	return f.worth && !x.client.once && f.retries < x.client.again &&
		time.Until(x.until) >= f.wait+x.client.timeout/leastPart && x.client.retries.spend()
}

// leastPart of a call's time must be left for another attempt, or it would only end in a timeout.
const leastPart = 5

// worthIt tells whether a failure may be gone by the next attempt.
func worthIt(failed *Error, said advice) bool {
	return said == again || said == usual && (failed.Reason == Unavailable || failed.Reason == RateLimited)
}

// delay is how long to wait before the next attempt: what the vendor asks for or else a little, with jitter on top, for
// earlier than it asked is no use.
func delay(failed *Error, retries int) time.Duration {
	wait := failed.RetryAfter
	if wait == 0 {
		wait = backoff << retries
	}
	return wait + rand.N(min(wait, 250*time.Millisecond))
}
