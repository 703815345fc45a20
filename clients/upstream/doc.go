// Package upstream is what all sources share: the transport of the REST vendors with its deadline and its bound on
// calls in flight, the classes of failure, and the provenance that every vendor value carries.
package upstream

import (
	"context"
	"time"
)

// Call is one statement or request to a source, as it ended.
type Call struct {
	Source string        // "postgres", "stripe"
	Op     string        // "tickets.page", "customers.get"
	Took   time.Duration // from hand-over to the last byte read
	Err    error         // nil when it succeeded
}

// Observer is told of every call when it has ended. It must be safe for concurrent use and quick.
type Observer func(ctx context.Context, call Call)
