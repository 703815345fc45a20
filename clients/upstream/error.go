package upstream

import (
	"fmt"
	"time"
)

// Reason classifies why a source gave no usable answer. The values are those of the contract's SourceReason.
type Reason string

// The reasons, by what a caller can do about them.
const (
	Timeout     Reason = "TIMEOUT"      // no answer within the deadline
	RateLimited Reason = "RATE_LIMITED" // the vendor throttles us
	Unavailable Reason = "UNAVAILABLE"  // no connection, or a 5xx
	BadAnswer   Reason = "BAD_ANSWER"   // an answer that cannot be read: not JSON, wrong shape, too large, a failure inside a 200
	Refused     Reason = "REFUSED"      // the vendor refuses our credentials or the request as such
	NotFound    Reason = "NOT_FOUND"    // the vendor does not know the key
	Overloaded  Reason = "OVERLOADED"   // our own bound on calls in flight left no room in time
	Canceled    Reason = "CANCELED"     // nobody waits for the answer any more
)

// Error is a call to a source that failed. It is for logs and for classification; it never reaches a viewer as text.
type Error struct {
	Service    string        // "stripe"
	Op         string        // "customers.get"
	Reason     Reason        //
	Status     int           // HTTP status, 0 without an answer
	Code       string        // the vendor's own short code, "resource_missing"; empty where it gave none
	RequestID  string        // the vendor's own reference, for its support
	RetryAfter time.Duration // what the vendor asked for; 0 where it said nothing
	Quota      bool          // RATE_LIMITED for long: an allowance of an hour or a day is used up, so that asking again is no use
	Err        error         // the cause, may be nil
}

func (e *Error) Error() string {
	text := fmt.Sprintf("%s %s: %s", e.Service, e.Op, e.Reason)
	if e.Status != 0 {
		text += fmt.Sprintf(" (status %d)", e.Status)
	}
	if e.Code != "" {
		text += " " + e.Code
	}
	if e.RequestID != "" {
		text += " request " + e.RequestID
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }
