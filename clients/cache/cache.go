// Package cache keeps what the sources answered: in this process, and in Redis for all processes. Nothing depends on it:
// where it does not answer, the sources do.
//
// A Table keeps the values of one kind and reads through; its freshness rules are Times (times.go). table.go has the
// reading, flight.go what joins those who want the same key, fleet.go the leases that join processes, store.go what all
// tables share, entry.go and code.go what is kept and how it is written, spoil.go the invalidation, and cache.go and
// guard.go the way to Redis.
package cache

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"supportgraph/clients/postgres"
)

// Config says how to reach Redis.
type Config struct {
	URL      postgres.Secret // redis://user:password@host:port/database
	Patience time.Duration   // for one round trip on the way of an answer; 0 means 50 ms
}

// Client is a pool of connections to Redis.
type Client struct {
	*redis.Client
	guard *guard
}

// Open makes a client. Only an address that cannot be read is an error: Redis may come and go, so nothing is asked of it.
// Its deadlines are short, for waiting longer than the sources take would make it no accelerator.
func Open(config Config) (*Client, error) {
	options, err := redis.ParseURL(string(config.URL))
	if err != nil {
		return nil, errors.New("redis: the address cannot be read") // the library's text repeats parts of it
	}
	options.ClientName = "support-graph"
	options.DisableIdentity = true
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	options.DialTimeout = 500 * time.Millisecond
	options.ReadTimeout = 250 * time.Millisecond
	options.WriteTimeout = 250 * time.Millisecond
	options.ContextTimeoutEnabled = true
	options.MaxRetries = -1
	return &Client{redis.NewClient(options), newGuard(config.Patience)}, nil
}

// Ping returns an error where Redis does not answer now.
func (c *Client) Ping(ctx context.Context) error {
	if err := c.Client.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("redis does not answer: %w", err)
	}
	return nil
}

// Close ends the connections.
func (c *Client) Close() {
	_ = c.Client.Close() // fails only where it was closed before
}
