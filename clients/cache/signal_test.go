package cache

import (
	"context"
	"testing"

	"supportgraph/clients/postgres"
)

// TestSignal: a signal is heard where it is raised and everywhere else, and here alone without Redis.
func TestSignal(t *testing.T) {
	t.Parallel()
	redis := serveRedis(t)
	heard := make(chan int, 10)
	var signals []*Signal
	for i := range 2 {
		client, err := Open(Config{URL: postgres.Secret("redis://" + redis.address)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(client.Close)
		store := NewStore(client)
		signals = append(signals, NewSignal(store, "page", func(context.Context) { heard <- i }))
		NewSignal(store, "other", func(context.Context) { heard <- -1 })
		store.Start()
		t.Cleanup(store.Close)
		await(t, func() bool { return store.subscribed.Load() > 0 })
	}
	if err := signals[0].Raise(t.Context()); err != nil {
		t.Fatal(err)
	}
	if first, second := <-heard, <-heard; first+second != 1 || first*second != 0 {
		t.Errorf("heard by %d and %d", first, second)
	}
	redis.kill()
	if err := signals[0].Raise(t.Context()); err == nil {
		t.Error("nobody is told that others were not")
	}
	if first := <-heard; first != 0 {
		t.Errorf("heard by %d", first)
	}
	alone := NewStore(nil)
	t.Cleanup(alone.Close)
	if err := NewSignal(alone, "page", func(context.Context) { heard <- 7 }).Raise(t.Context()); err != nil || <-heard != 7 {
		t.Errorf("without Redis: %v", err)
	}
}
