package cache

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// Signal calls all processes that share the store's Redis to do something anew.
type Signal struct {
	store *Store
	key   string
	heard func(ctx context.Context)
}

// NewSignal makes a signal; heard is called in the background in this process, whoever raised it, with a context that ends with
// the store. A store has one signal of a name.
func NewSignal(store *Store, name string, heard func(ctx context.Context)) *Signal {
	s := &Signal{store: store, key: "supportgraph:signal:" + name + ":" + store.tenant, heard: heard}
	store.mu.Lock()
	defer store.mu.Unlock()
	store.tables[s.key] = s
	return s
}

func (s *Signal) spoil([]string) { s.store.run(func() { s.heard(s.store.life) }) }

// Raise calls this process and the others. An error means that others were not told.
func (s *Signal) Raise(ctx context.Context) error {
	s.spoil(nil)
	if s.store.redis == nil {
		return nil
	}
	message, err := json.Marshal(spoiled{From: s.store.self, Keys: []string{s.key}})
	if err != nil {
		return fmt.Errorf("raise a signal: %w", err)
	}
	err = s.store.redis.guard.do(ctx, func(ctx context.Context) error {
		_, err := s.store.redis.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
			pipe.Publish(ctx, channel, message)
			return nil
		})
		return err
	})
	if err != nil {
		return fmt.Errorf("raise a signal for others: %w", err)
	}
	return nil
}
