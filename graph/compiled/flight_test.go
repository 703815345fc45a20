package compiled

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// asking is the context of a request that may be given up.
func asking() (context.Context, context.CancelFunc) {
	return context.WithCancel(graphql.WithResponseContext(context.Background(), graphql.DefaultErrorPresenter, graphql.DefaultRecover))
}

func answering(data string) *graphql.Response { return &graphql.Response{Data: []byte(data)} }

// joined waits until so many have joined the flight of a key.
func joined(t *testing.T, f *flights, key flightKey, count int32) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); runtime.Gosched() {
		f.mu.Lock()
		under := f.known[key]
		f.mu.Unlock()
		if under != nil && under.waiting.Load() == count {
			return
		}
	}
	t.Fatalf("%d never joined", count)
}

// TestOneFlight has 200 ask the same at once: it runs once, and all have its bytes.
func TestOneFlight(t *testing.T) {
	t.Parallel()
	var f flights
	var runs atomic.Int32
	key, release := flightKey{variables: "1"}, make(chan struct{})
	var all sync.WaitGroup
	for range 200 {
		all.Go(func() {
			ctx, cancel := asking()
			defer cancel()
			got := f.do(ctx, key, func() *graphql.Response {
				runs.Add(1)
				<-release
				return answering("once")
			})
			if string(got.Data) != "once" {
				t.Errorf("got %s", got.Data)
			}
		})
	}
	joined(t, &f, key, 199)
	close(release)
	all.Wait()
	if runs.Load() != 1 {
		t.Errorf("it ran %d times", runs.Load())
	}
	if len(f.known) != 0 {
		t.Error("the flight is kept")
	}
}

// TestFlightWithoutItsLeader has the first caller leave, or fail, or panic: the others have their answers all the same.
func TestFlightWithoutItsLeader(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(ctx context.Context, cancel context.CancelFunc) *graphql.Response{
		"who leaves": func(_ context.Context, cancel context.CancelFunc) *graphql.Response {
			cancel()
			return answering("null")
		},
		"who has errors": func(ctx context.Context, _ context.CancelFunc) *graphql.Response {
			graphql.AddError(ctx, errors.New("mine alone"))
			return answering(`{"a":null}`)
		},
		"who has something beside": func(ctx context.Context, _ context.CancelFunc) *graphql.Response {
			graphql.RegisterExtension(ctx, "cost", 1)
			return answering(`{"a":1}`)
		},
		"who panics": func(context.Context, context.CancelFunc) *graphql.Response { panic("mine") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var f flights
			key, release := flightKey{scope: "s"}, make(chan struct{})
			var all sync.WaitGroup
			ctx, cancel := asking()
			all.Go(func() {
				defer func() { _ = recover() }()
				f.do(ctx, key, func() *graphql.Response {
					<-release
					return end(ctx, cancel)
				})
			})
			joined(t, &f, key, 0)
			for range 5 {
				all.Go(func() {
					ctx, cancel := asking()
					defer cancel()
					if got := f.do(ctx, key, func() *graphql.Response { return answering("own") }); string(got.Data) != "own" || graphql.GetErrors(ctx) != nil {
						t.Errorf("a follower got %s and %v", got.Data, graphql.GetErrors(ctx))
					}
				})
			}
			joined(t, &f, key, 5)
			close(release)
			all.Wait()
			cancel()
		})
	}
}

// TestFollowerLeaves has a follower give up: it goes at once, and the flight goes on.
func TestFollowerLeaves(t *testing.T) {
	t.Parallel()
	var f flights
	key, release := flightKey{scope: "s"}, make(chan struct{})
	var leader sync.WaitGroup
	leader.Go(func() {
		ctx, cancel := asking()
		defer cancel()
		if got := f.do(ctx, key, func() *graphql.Response { <-release; return answering("whole") }); string(got.Data) != "whole" {
			t.Errorf("the leader got %s", got.Data)
		}
	})
	joined(t, &f, key, 0)
	ctx, cancel := asking()
	cancel()
	got := f.do(ctx, key, func() *graphql.Response { t.Error("it ran again"); return answering("") })
	if string(got.Data) != "null" || len(graphql.GetErrors(ctx)) != 1 {
		t.Errorf("got %s and %v", got.Data, graphql.GetErrors(ctx))
	}
	close(release)
	leader.Wait()
}

// TestFlightsStayApart has many ask at once for many things, each of which must be answered by its own: whatever differs
// in one part of the key has an answer of its own.
func TestFlightsStayApart(t *testing.T) {
	t.Parallel()
	var f flights
	plans := []*plan{{}, {size: 1}, {size: 2}}
	var all sync.WaitGroup
	for worker := range 16 {
		all.Go(func() {
			for n := range 500 {
				mixed := worker*7919 + n*31
				key := flightKey{plan: plans[mixed%3], variables: strconv.Itoa(mixed / 3 % 4), scope: strconv.Itoa(mixed / 12 % 5), changes: uint64(mixed / 60 % 2)}
				want := fmt.Sprintf("%p %s %s %d", key.plan, key.variables, key.scope, key.changes)
				ctx, cancel := asking()
				got := f.do(ctx, key, func() *graphql.Response { runtime.Gosched(); return answering(want) })
				cancel()
				if string(got.Data) != want {
					t.Errorf("got the answer of %s, not of %s", got.Data, want)
				}
			}
		})
	}
	all.Wait()
}
