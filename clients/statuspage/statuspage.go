// Package statuspage keeps a snapshot of a public status page (Atlassian Statuspage, API v2): one document that is
// refreshed in the background, so that no request waits for the vendor or costs it a call. snapshot.go has the snapshot and
// what can be asked of it, incident.go and component.go the nouns, wire.go the wire shapes and their one conversion.
package statuspage

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"supportgraph/clients/upstream"
)

const getSummary = "summary.get"

// Client keeps the snapshot of one page. It is safe for concurrent use.
type Client struct {
	upstream *upstream.Client
	every    time.Duration
	keep     time.Duration

	life    context.Context // ends with Close; reads outlive the request that first waits for them
	end     context.CancelFunc
	start   sync.Once
	running sync.WaitGroup
	flight  singleflight.Group
	current atomic.Pointer[state] // nil until the first refresh has ended
	past    atomic.Pointer[past]  // nil until somebody asked for an incident that is over
}

// state is what the last refreshes left: the last good snapshot and, when a later refresh failed, why. shown is the one with
// the other.
type state struct {
	good, shown *Snapshot
	err         error
}

// Option changes how a page is kept.
type Option func(*Client)

// Every sets the time between two refreshes, 30 s where it is not given; each waits up to a tenth more or less.
func Every(interval time.Duration) Option { return func(c *Client) { c.every = interval } }

// Keep sets how long a snapshot is shown while refreshes fail, 10 min where it is not given.
func Keep(age time.Duration) Option { return func(c *Client) { c.keep = age } }

// New makes a client; it starts and opens nothing. The base URL is the page's with its version: ".../api/v2".
func New(cfg upstream.Config, observe upstream.Observer, options ...Option) *Client {
	client := &Client{
		upstream: upstream.New(upstream.Vendor{
			Service:     upstream.Statuspage,
			Timeout:     2 * time.Second,
			Concurrency: 1,
			Limit:       upstream.Limit{Rate: 0.5, Burst: 5}, // none is documented; polite
		}, cfg, observe),
		every: 30 * time.Second, // no limit is documented; polite
		keep:  10 * time.Minute,
	}
	for _, option := range options {
		option(client)
	}
	client.life, client.end = context.WithCancel(context.Background())
	return client
}

// Start refreshes the snapshot in the background, at once and then at intervals, until the context ends or Close is called.
// Only the first call counts.
func (c *Client) Start(ctx context.Context) {
	c.start.Do(func() {
		ctx, cancel := context.WithCancel(ctx)
		stop := context.AfterFunc(c.life, cancel)
		c.running.Go(func() {
			defer stop()
			defer cancel()
			c.refreshUntil(ctx)
		})
	})
}

// Status is how the status page's own page fares.
func (c *Client) Status() *upstream.Status { return c.upstream.Status() }

// Close ends the refreshes, waits for the loop and drops idle connections. The last snapshot stays readable.
func (c *Client) Close() {
	c.end()
	c.running.Wait()
	c.upstream.Close()
}

func (c *Client) refreshUntil(ctx context.Context) {
	for {
		_ = c.Refresh(ctx) // a failure is told to the observer and kept for Snapshot
		wait := c.every
		if last := c.current.Load(); last == nil || last.good == nil {
			wait /= 10 // nothing to show yet: try again soon
		}
		wait += time.Duration((rand.Float64() - 0.5) * float64(wait) / 5)
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}

// Refresh reads the page now, or waits for the read that is under way, within the context. It reports the read's failure.
func (c *Client) Refresh(ctx context.Context) error {
	select {
	case result := <-c.flight.DoChan(getSummary, func() (any, error) { return nil, c.fetch() }):
		return result.Err
	case <-ctx.Done():
		reason := upstream.Timeout
		if errors.Is(ctx.Err(), context.Canceled) {
			reason = upstream.Canceled
		}
		return &upstream.Error{Service: c.upstream.Source(), Op: getSummary, Reason: reason,
			Err: fmt.Errorf("wait for the status page: %w", ctx.Err())}
	}
}

func (c *Client) fetch() error {
	var answer summary
	err := c.upstream.Get(c.life, getSummary, "/summary.json", nil, &answer)
	if c.life.Err() != nil {
		return err // closed meanwhile: says nothing of the page
	}
	next := &state{err: err}
	if err == nil {
		next.good = answer.snapshot(time.Now())
	} else if last := c.current.Load(); last != nil {
		next.good = last.good
	}
	if next.good != nil {
		next.shown = next.good.shown(err)
	}
	c.current.Store(next)
	return err
}

// Snapshot returns the page as it was last read, without a call: CACHED while refreshes succeed, STALE with the reason while
// they fail. Before the first read has ended it waits for it within the context. When there is no snapshot, or only one that
// is too old to show, it returns an *upstream.Error. The snapshot is shared and must not be changed.
func (c *Client) Snapshot(ctx context.Context) (*Snapshot, error) {
	if c.current.Load() == nil {
		if err := c.Refresh(ctx); err != nil {
			return nil, err
		}
	}
	last := c.current.Load()
	if last == nil || last.good == nil || time.Since(*last.good.Source.FetchedAt) > c.keep {
		if last != nil && last.err != nil {
			return nil, last.err
		}
		return nil, &upstream.Error{Service: c.upstream.Source(), Op: getSummary, Reason: upstream.Unavailable,
			Err: errors.New("the page is no longer refreshed")}
	}
	return last.shown, nil
}
