package cache

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"
)

const channel = "supportgraph:spoiled"

// spoiler is a table, whatever its values are.
type spoiler interface{ spoil(keys []string) }

// spoiled is the message that keys are no longer right.
type spoiled struct {
	From string   `json:"from"`
	Keys []string `json:"keys"`
}

func newName() string { return rand.Text() }

// Start listens to what other processes invalidate until Close is called. Only the first call counts.
func (s *Store) Start() {
	s.start.Do(func() {
		if s.redis != nil {
			s.run(s.listen)
		}
	})
}

func (s *Store) listen() {
	messages := s.redis.Subscribe(s.life, channel)
	stop := context.AfterFunc(s.life, func() { _ = messages.Close() })
	defer stop()
	for message := range messages.ChannelWithSubscriptions() {
		switch message := message.(type) {
		case *redis.Subscription:
			if s.subscribed.Add(1) > 1 { // anew after a break, in which messages were lost
				s.heardFrom.Store(s.clock().UnixNano())
			}
		case *redis.Message:
			var told spoiled
			if json.Unmarshal([]byte(message.Payload), &told) == nil && told.From != s.self {
				s.spoil(told.Keys)
			}
		}
	}
}

// spoil hands keys to their tables.
func (s *Store) spoil(keys []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for prefix, table := range s.tables {
		var own []string
		for _, key := range keys {
			if strings.HasPrefix(key, prefix) {
				own = append(own, key)
			}
		}
		if len(own) > 0 {
			table.spoil(own)
		}
	}
}

// Invalidate says that the values of the keys are no longer right: here, in Redis, and to all other processes. The next
// read asks the source; where that fails, the old value is still better than nothing. An error means that others were not
// told, who then go by the times alone.
func (t *Table[K, V]) Invalidate(ctx context.Context, keys ...K) error {
	if len(keys) == 0 || !t.On() {
		return nil
	}
	full := make([]string, len(keys))
	for i, key := range keys {
		full[i] = t.full(key)
	}
	t.spoil(full)
	if t.store.redis == nil {
		return nil
	}
	message, err := json.Marshal(spoiled{From: t.store.self, Keys: full})
	if err != nil {
		return fmt.Errorf("invalidate %s: %w", t.entity.Name, err)
	}
	err = t.store.redis.guard.do(ctx, func(ctx context.Context) error {
		_, err := t.store.redis.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
			pipe.Del(ctx, full...)
			pipe.Publish(ctx, channel, message)
			return nil
		})
		return err
	})
	if err != nil {
		return fmt.Errorf("invalidate %s for others: %w", t.entity.Name, err)
	}
	return nil
}

// spoil marks what is kept, and dooms what is under way: it may have been answered before the change.
func (t *Table[K, V]) spoil(full []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.spoils++
	for _, key := range full {
		if f := t.flights[key]; f != nil {
			f.doomed = true
			delete(t.flights, key)
		}
		if e := t.store.find(key); e != nil {
			t.store.keep(key, e.spoil())
		}
	}
}
