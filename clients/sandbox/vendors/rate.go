package vendors

import (
	"fmt"
	"net/http"
	"sync"
	"time"
)

// Rate is how many calls a vendor allows: so many at once, and as many again spread evenly over each window.
type Rate struct {
	Calls  int      `json:"calls"`
	Window Duration `json:"window"`
	Shut   bool     `json:"shut,omitempty"` // who asks too much is refused for a whole window, not until there is room
}

func (r Rate) none() bool { return r.Calls == 0 }

func (r Rate) valid() error {
	if r.Calls < 0 || r.Window < 0 || (r.Calls > 0) != (r.Window > 0) {
		return fmt.Errorf("%d calls in %s is no rate", r.Calls, time.Duration(r.Window))
	}
	return nil
}

// turn is one call as the headers of its answer tell of it.
type turn struct {
	number  serial
	op      string
	status  int
	fault   Fault
	rate    Rate // what the vendor allows, enforced or only shown
	left    int  // calls that are left of it
	wait    time.Duration
	limited bool // refused for its rate
}

// seconds is the time to wait, rounded up so that nobody comes back too early.
func (t turn) seconds() int { return int((t.wait + time.Second - 1) / time.Second) }

// retryAfter tells how long to wait, where the vendor would: after a refusal for the rate.
func (t turn) retryAfter(header http.Header) {
	if t.limited {
		header.Set("Retry-After", fmt.Sprint(t.seconds()))
	}
}

type buckets struct {
	mu    sync.Mutex
	known map[string]*bucket
}

type bucket struct {
	tokens float64
	at     time.Time
	shut   time.Time // refuses until then
}

// take takes a token from a bucket, and tells how many are left, or how long to wait for the next.
func (b *buckets) take(name string, rate Rate, now time.Time) (left int, wait time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.known == nil {
		b.known = make(map[string]*bucket)
	}
	full, window := float64(rate.Calls), time.Duration(rate.Window)
	one := b.known[name]
	if one == nil {
		one = &bucket{tokens: full, at: now}
		b.known[name] = one
	}
	one.tokens = min(full, one.tokens+full*float64(now.Sub(one.at))/float64(window))
	one.at = now
	switch {
	case now.Before(one.shut):
		return 0, one.shut.Sub(now)
	case one.tokens < 1 && rate.Shut:
		one.shut = now.Add(window)
		return 0, window
	case one.tokens < 1:
		return 0, time.Duration((1 - one.tokens) / full * float64(window))
	}
	one.tokens--
	return int(one.tokens), 0
}

// allow decides whether a call is within its rate: that of the fault, or the vendor's where rates are switched on. A rate
// that is not enforced is shown as if nobody had called.
func (s *Server) allow(d dialect, op string, fault Fault) turn {
	t := turn{number: s.number(), op: op, fault: fault}
	name, enforced := d.vendor, s.rates
	if d.rate != nil {
		var pool string
		pool, t.rate = d.rate(op)
		name += " " + pool
	}
	if !fault.Rate.none() {
		t.rate, enforced = fault.Rate, true
		name = "fault " + fault.Vendor + " " + fault.Op + " " + fault.Match
	}
	switch {
	case t.rate.none():
	case enforced:
		t.left, t.wait = s.buckets.take(name, t.rate, s.now())
		t.limited = t.wait > 0
	default:
		t.left = t.rate.Calls - 1
	}
	return t
}
