package clients

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"supportgraph/clients/upstream"
)

// Calls counts the calls to sources that one operation makes. It is safe for concurrent use.
type Calls struct {
	mu     sync.Mutex
	counts map[string]int // by "source op"
}

type callsKey struct{}

// Count returns a context whose calls are counted, where Tally is told of them.
func Count(ctx context.Context) (context.Context, *Calls) {
	calls := &Calls{counts: map[string]int{}}
	return context.WithValue(ctx, callsKey{}, calls), calls
}

// Tally is an observer that counts a call where its context asks for that. Opening a session with a vendor is nobody's:
// it serves everybody who comes later.
func Tally(ctx context.Context, call upstream.Call) {
	if calls, ok := ctx.Value(callsKey{}).(*Calls); ok && call.Op != "oauth.token" {
		calls.mu.Lock()
		defer calls.mu.Unlock()
		calls.counts[call.Source+" "+call.Op]++
	}
}

var _ upstream.Observer = Tally

// Of is how many calls of a name there were, such as "postgres tickets.page"; of all calls where name is empty.
func (c *Calls) Of(name string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if name != "" {
		return c.counts[name]
	}
	total := 0
	for _, count := range c.counts {
		total += count
	}
	return total
}

// String lists the calls by name, a line each: "postgres tickets.page 1".
func (c *Calls) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var lines strings.Builder
	for _, name := range slices.Sorted(maps.Keys(c.counts)) {
		fmt.Fprintf(&lines, "%s %d\n", name, c.counts[name])
	}
	return lines.String()
}
