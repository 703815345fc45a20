package endpoint

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"supportgraph/clients/upstream"
)

// LastCalls remembers how the last call to each source went, so that /readyz can tell of vendors without asking them.
// The zero value is ready, and safe for concurrent use.
type LastCalls struct {
	mu   sync.Mutex
	last map[string]lastCall
}

type lastCall struct {
	at  time.Time
	err error
}

// Observe remembers a call. It is an upstream.Observer.
func (l *LastCalls) Observe(_ context.Context, call upstream.Call) {
	var failed *upstream.Error
	if errors.As(call.Err, &failed) {
		switch failed.Reason {
		case upstream.Canceled:
			return // tells nothing of the source
		case upstream.NotFound:
			call.Err = nil // an answer
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.last == nil {
		l.last = map[string]lastCall{}
	}
	l.last[call.Source] = lastCall{time.Now(), call.Err}
}

// Check is the information of a source, as its last call left it.
func (l *LastCalls) Check(source string) Check {
	return Check{Name: source, Probe: func(context.Context) (string, error) {
		l.mu.Lock()
		defer l.mu.Unlock()
		last, asked := l.last[source]
		if !asked {
			return "not asked yet", nil
		}
		return fmt.Sprintf("last asked %d s ago", int(time.Since(last.at).Seconds())), last.err
	}}
}
