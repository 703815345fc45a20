// Package cache is the Redis that makes answers quicker. Nothing depends on it: where it does not answer, the sources do.
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
	URL postgres.Secret // redis://user:password@host:port/database
}

// Client is a pool of connections to Redis.
type Client struct{ *redis.Client }

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
	return &Client{redis.NewClient(options)}, nil
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
