// Package upstream is what all sources share: the transport of the REST vendors with its deadlines, retries, circuits,
// budgets and bounds on calls in flight, the classes of failure, and the provenance that every vendor value carries.
package upstream

import (
	"context"
	"time"
)

// Call is one statement or request to a source, as it ended. A vendor's call that is tried again is several.
type Call struct {
	Source string        // "postgres", "stripe"
	Op     string        // "tickets.page", "customers.get"
	Took   time.Duration // from hand-over to the last byte read
	Err    error         // nil when it succeeded

	// Attempt counts the requests of a vendor's call: 1 is the first, more are retries and hedges, 0 is a call that was
	// turned away before a request was sent. It means nothing for other sources.
	Attempt int
}

// Observer is told of every call when it has ended. It must be safe for concurrent use and quick.
type Observer func(ctx context.Context, call Call)
