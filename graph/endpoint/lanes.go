package endpoint

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"supportgraph/graph/auth"
)

// The bounds on what a process takes on at once, where the configuration names none.
const (
	DefaultMaxInFlight = 256
	maxWaiting         = 128                    // requests, of all lanes
	maxWait            = 250 * time.Millisecond // a caller who waits longer had better ask another process
)

// lanes lets in as many requests as a process can work on, and makes a few wait for a place. Agents come before
// customers, and customers before engineers: where nobody more may wait, who came last in the lowest lane is sent away.
type lanes struct {
	patience time.Duration // how long a request may wait

	mu      sync.Mutex
	free    int
	waiting []*waiting // in the order in which they will be let in
}

// waiting is a request without a place.
type waiting struct {
	lane int
	turn chan bool // true: a place is yours; false: go away
}

// laneOf gives the rank of an audience, the first one first.
func laneOf(audience auth.Audience) int {
	return slices.Index([]auth.Audience{auth.Console, auth.Portal, auth.Explorer}, audience)
}

// enter waits for a place. Who gets one must leave.
func (l *lanes) enter(ctx context.Context, lane int) bool {
	l.mu.Lock()
	if l.free > 0 {
		l.free--
		l.mu.Unlock()
		return true
	}
	me := &waiting{lane, make(chan bool, 1)}
	at, _ := slices.BinarySearchFunc(l.waiting, lane+1, func(w *waiting, lane int) int { return w.lane - lane })
	if l.waiting = slices.Insert(l.waiting, at, me); len(l.waiting) > maxWaiting {
		last := len(l.waiting) - 1
		l.waiting[last].turn <- false
		l.waiting = l.waiting[:last]
	}
	l.mu.Unlock()
	patience := time.NewTimer(l.patience)
	defer patience.Stop()
	select {
	case in := <-me.turn:
		return in
	case <-patience.C:
	case <-ctx.Done():
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if at := slices.Index(l.waiting, me); at >= 0 {
		l.waiting = slices.Delete(l.waiting, at, at+1)
		return false
	}
	return <-me.turn // it was decided in the meantime
}

// leave hands the place to who waits first.
func (l *lanes) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) == 0 {
		l.free++
		return
	}
	l.waiting[0].turn <- true
	l.waiting = slices.Delete(l.waiting, 0, 1)
}

// place gives a request a place to be worked on, or refuses it. Who gets one must leave, and may do so more than once.
func (h *handler) place(ctx context.Context, x *exchange) (leave func(), refused *refusal) {
	if !h.lanes.enter(ctx, laneOf(x.viewer.Audience)) {
		h.Metrics.observeShed(x.viewer.Audience, "process")
		return nil, refuse(http.StatusServiceUnavailable, Overloaded).with("Retry-After", "1")
	}
	return sync.OnceFunc(h.lanes.leave), nil
}
