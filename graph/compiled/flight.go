package compiled

import (
	"bytes"
	"context"
	"encoding/json"
	"sync"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
)

// Changes counts the mutations that begin and end. What was asked before one is never the answer to what is asked after
// it, so that whoever makes a change sees it. The contracts of one process share one.
type Changes struct{ count atomic.Uint64 }

// flightKey is what must be equal for two operations to have one answer: the operation with its conditions, which is of
// one contract; what its variables are; what its viewer may see; and that nothing was changed in between.
type flightKey struct {
	plan      *plan
	variables string
	scope     string
	changes   uint64
}

// flights are the operations under way that others may join.
type flights struct {
	mu    sync.Mutex
	known map[flightKey]*flight
}

// flight is one execution. What stands below done may be read when that is closed.
type flight struct {
	waiting atomic.Int32
	done    chan struct{}
	end     ending
	data    []byte
}

// ending is what became of an execution for those who joined it.
type ending int

const (
	alone  ending = iota // it failed, and its errors are those of its own request: each runs by itself
	shared               // all have its data
	left                 // its caller went away: somebody else takes over
)

// do runs an operation, or waits for an equal one that is under way. Of one that is joined only whole answers are taken.
// Neither a caller who leaves nor a panic takes anything away from the others.
func (f *flights) do(ctx context.Context, key flightKey, run func() *graphql.Response) *graphql.Response {
	for {
		f.mu.Lock()
		under, ok := f.known[key]
		if !ok {
			own := &flight{done: make(chan struct{})}
			if f.known == nil {
				f.known = map[flightKey]*flight{}
			}
			f.known[key] = own
			f.mu.Unlock()
			return f.lead(ctx, key, own, run)
		}
		under.waiting.Add(1)
		f.mu.Unlock()
		select {
		case <-under.done:
		case <-ctx.Done():
			graphql.AddError(ctx, context.Cause(ctx))
			return &graphql.Response{Data: []byte("null")}
		}
		switch under.end {
		case shared:
			return &graphql.Response{Data: under.data}
		case alone:
			return run()
		case left:
		}
	}
}

func (f *flights) lead(ctx context.Context, key flightKey, own *flight, run func() *graphql.Response) *graphql.Response {
	defer func() { // whatever run does
		f.mu.Lock()
		delete(f.known, key)
		f.mu.Unlock()
		close(own.done)
	}()
	response := run()
	switch {
	case ctx.Err() != nil:
		own.end = left
	case len(response.Errors) == 0 && graphql.GetErrors(ctx) == nil && len(graphql.GetExtensions(ctx)) == 0:
		own.end, own.data = shared, response.Data
	}
	return response
}

// flightKey returns under which key an operation may be joined; false where it may not be.
func (s *Schema) flightKey(ctx context.Context, operation *graphql.OperationContext, p *plan) (key flightKey, ok bool) {
	if s.scope == nil {
		return key, false
	}
	for name := range operation.Extensions {
		if name != "persistedQuery" { // the request asks for something beside the data
			return key, false
		}
	}
	key = flightKey{plan: p, scope: s.scope(ctx), changes: s.changes.count.Load()}
	if len(operation.Variables) > 0 {
		text, err := json.Marshal(operation.Variables)
		if err != nil || bytes.Contains(text, []byte(`\ufffd`)) { // which stands for any bytes that are no text
			return key, false
		}
		key.variables = string(text)
	}
	return key, key.scope != ""
}

// change has an operation of gqlgen's executor counted as a change, when it begins and when it ends.
func (s *Schema) change(next graphql.ResponseHandler) graphql.ResponseHandler {
	return func(ctx context.Context) *graphql.Response {
		s.changes.count.Add(1)
		defer s.changes.count.Add(1)
		return next(ctx)
	}
}
