package statuspage

import (
	"context"
	"errors"
	"fmt"
	"time"

	"supportgraph/clients/upstream"
)

const getHistory = "incidents.get"

// What is known of incidents that are over is read again after a while; they hardly change.
const (
	pastFresh = 10 * time.Minute
	pastRetry = 30 * time.Second // after a reading that failed
)

// past is what the page's history told last: disturbances by their ids, and when a later reading failed, why.
type past struct {
	source    upstream.Source
	incidents map[string]*Incident
	err       error
	tried     time.Time
}

// Incidents returns incidents by their ids, at most by one call. Those that go on, and work that is planned, are in the
// snapshot; only for others the page's history is read, which has the newest 50 disturbances and no work that is over, and
// is kept for ten minutes. An id in neither map is one that the page does not tell of any more. Errors are *upstream.Error.
func (c *Client) Incidents(ctx context.Context, ids []string) (map[string]*Incident, map[string]error) {
	found, failed := make(map[string]*Incident, len(ids)), make(map[string]error)
	snapshot, unread := c.Snapshot(ctx)
	var rest []string
	for _, id := range ids {
		if unread == nil {
			if incident, ok := snapshot.Incident(id); ok {
				found[id] = incident
				continue
			}
		}
		rest = append(rest, id)
	}
	if len(rest) == 0 {
		return found, failed
	}
	known, err := c.history(ctx)
	for _, id := range rest {
		switch incident, ok := known[id]; {
		case ok:
			found[id] = incident
		case err != nil:
			failed[id] = err
		case unread != nil: // it may be going on
			failed[id] = unread
		}
	}
	return found, failed
}

// history returns what the page's history told, read anew where that is due; the error where that failed, beside what was
// told before.
func (c *Client) history(ctx context.Context) (map[string]*Incident, error) {
	last := c.past.Load()
	wait := pastFresh
	if last != nil && last.err != nil {
		wait = pastRetry
	}
	if last == nil || time.Since(last.tried) > wait {
		select {
		case <-c.flight.DoChan(getHistory, func() (any, error) { c.readHistory(); return nil, nil }):
		case <-ctx.Done():
			if last == nil {
				return nil, &upstream.Error{Service: c.upstream.Source(), Op: getHistory, Reason: upstream.ReasonOf(context.Cause(ctx)),
					Err: fmt.Errorf("wait for the status page: %w", ctx.Err())}
			}
		}
		if now := c.past.Load(); now != nil {
			last = now
		}
	}
	if last == nil {
		return nil, &upstream.Error{Service: c.upstream.Source(), Op: getHistory, Reason: upstream.Unavailable,
			Err: errors.New("the page is no longer read")}
	}
	return last.incidents, last.err
}

func (c *Client) readHistory() {
	var answer history
	err := c.upstream.Get(c.life, getHistory, "/incidents.json", nil, &answer)
	if c.life.Err() != nil {
		return // closed meanwhile: says nothing of the page
	}
	next := &past{}
	if err == nil {
		next = answer.past(time.Now())
	} else if last := c.past.Load(); last != nil {
		next.source, next.incidents = last.source, last.incidents
	}
	next.err, next.tried = err, time.Now()
	source := aged(next.source, err)
	shown := make(map[string]*Incident, len(next.incidents))
	for id, incident := range next.incidents {
		copied := *incident
		copied.Source = source
		shown[id] = &copied
	}
	next.incidents = shown
	c.past.Store(next)
}
