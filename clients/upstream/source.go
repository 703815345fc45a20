package upstream

import (
	"context"
	"errors"
	"time"
)

// Service names a source of facts. The values are those of the contract's SourceName.
type Service string

// The vendors.
const (
	Cloudflare Service = "CLOUDFLARE"
	Stripe     Service = "STRIPE"
	Statuspage Service = "STATUSPAGE"
	Salesforce Service = "SALESFORCE"
	Jira       Service = "JIRA"
	Zendesk    Service = "ZENDESK"
)

// Freshness says how current a vendor's value is. The values are those of the contract's Freshness.
type Freshness string

// The degrees of freshness.
const (
	Live   Freshness = "LIVE"   // read for this request
	Cached Freshness = "CACHED" // read before, within its time
	Stale  Freshness = "STALE"  // past its time, shown because the source gave nothing newer
)

// Source tells where a vendor's value came from and how old it is.
type Source struct {
	Name      Service
	FetchedAt *time.Time // nil where nothing was fetched
	Freshness *Freshness // nil where nothing was fetched
	Reason    *Reason    // why the value is not current; nil when it is
}

// LiveFrom is the provenance of a value that was read just now.
func LiveFrom(name Service, at time.Time) Source {
	live := Live
	return Source{Name: name, FetchedAt: &at, Freshness: &live}
}

// Age is the time since the value was fetched in whole seconds, nil where nothing was fetched.
func (s Source) Age() *int {
	if s.FetchedAt == nil {
		return nil
	}
	seconds := max(int(time.Since(*s.FetchedAt)/time.Second), 0)
	return &seconds
}

// SourceUnavailable stands in a result for a source that gave no answer, and of which no earlier answer is known.
type SourceUnavailable struct {
	Source     Source
	Reason     Reason
	RetryAfter *int // seconds, where the source said so
}

// NotLinked stands in a result for a record that has no counterpart at the vendor.
type NotLinked struct {
	Source Source
}

// Absent says that a record has no counterpart at the named vendor.
func Absent(name Service) *NotLinked { return &NotLinked{Source: Source{Name: name}} }

// NotPermitted stands in a result that the viewer's role does not open; the source was not asked.
type NotPermitted struct {
	Source Source
}

// ReasonOf is the class of a failed call, whatever its error is.
func ReasonOf(err error) Reason {
	var failed *Error
	switch {
	case errors.As(err, &failed):
		return failed.Reason
	case errors.Is(err, context.DeadlineExceeded):
		return Timeout
	case errors.Is(err, context.Canceled):
		return Canceled
	default:
		return Unavailable
	}
}

// Down turns a failed call into the value that stands for it, with nothing of the cause but its class.
func Down(name Service, err error) *SourceUnavailable {
	down := &SourceUnavailable{Reason: ReasonOf(err)}
	var failed *Error
	if errors.As(err, &failed) {
		if seconds := int(failed.RetryAfter / time.Second); seconds > 0 {
			down.RetryAfter = &seconds
		}
	}
	down.Source = Source{Name: name, Reason: &down.Reason}
	return down
}
