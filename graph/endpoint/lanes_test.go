package endpoint

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"supportgraph/graph/auth"
)

// await waits until n requests wait.
func (l *lanes) await(t *testing.T, n int) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
		l.mu.Lock()
		waiting := len(l.waiting)
		l.mu.Unlock()
		if waiting == n {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d requests wait, want %d", waiting, n)
		}
	}
}

// TestLanes shows the order in which places are given: agents, customers, engineers, and in a lane who came first.
func TestLanes(t *testing.T) {
	t.Parallel()
	l := lanes{patience: time.Minute}
	var mu sync.Mutex
	var order []string
	var all sync.WaitGroup
	for i, audience := range []auth.Audience{auth.Explorer, auth.Portal, auth.Console, auth.Portal, auth.Console} {
		name := string(audience) + string(rune('0'+i))
		all.Go(func() {
			if l.enter(t.Context(), laneOf(audience)) {
				mu.Lock()
				order = append(order, name)
				mu.Unlock()
				l.leave()
			}
		})
		l.await(t, i+1)
	}
	l.leave() // a place becomes free
	all.Wait()
	if want := []string{"console2", "console4", "portal1", "portal3", "explorer0"}; !slices.Equal(order, want) {
		t.Errorf("got %v, want %v", order, want)
	}
	if l.free != 1 {
		t.Errorf("%d places are free, want 1", l.free)
	}
}

// TestFullLanes: where nobody more may wait, the last of the lowest lane is sent away, at once.
func TestFullLanes(t *testing.T) {
	t.Parallel()
	l := lanes{patience: time.Minute}
	ctx, leave := context.WithCancel(t.Context())
	results := make(chan bool, maxWaiting)
	var all sync.WaitGroup
	for i := range maxWaiting {
		all.Go(func() { results <- l.enter(ctx, laneOf(auth.Explorer)) })
		l.await(t, i+1)
	}
	agent := make(chan bool, 1)
	all.Go(func() { agent <- l.enter(ctx, laneOf(auth.Console)) })
	if <-results {
		t.Error("an engineer was let in")
	}
	if l.enter(ctx, laneOf(auth.Explorer)) {
		t.Error("another engineer was let in")
	}
	l.leave()
	if !<-agent {
		t.Error("the agent was not let in")
	}
	leave()
	all.Wait()
	if len(l.waiting) != 0 {
		t.Errorf("%d still wait", len(l.waiting))
	}
}
