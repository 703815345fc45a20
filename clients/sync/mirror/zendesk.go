// Package mirror keeps copies of what vendors hold, and brings to our own records what happened there. A copy is fed by
// webhooks, which say what changed, and by the vendor's export, which makes good what webhooks left out; both may tell the
// same again and in any order, for a row is only ever replaced by what is newer at the vendor, or was read later.
package mirror

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"supportgraph/clients/postgres"
	"supportgraph/clients/sync/jobs"
	"supportgraph/clients/tickets"
	"supportgraph/clients/upstream"
	"supportgraph/clients/zendesk"
)

// SyncEvery is the time between two readings of the exports. They leave out the last minute anyway.
const SyncEvery = 90 * time.Second

const vendor = "zendesk"

// Zendesk is the mirror of a Zendesk account: organisations, users and tickets, and the messages of those tickets that are
// about ours. It is safe for concurrent use.
type Zendesk struct {
	pool    *postgres.Pool
	queue   *jobs.Queue
	client  *zendesk.Client
	tickets *tickets.Store
	clock   Clock

	mu   sync.Mutex
	next time.Time // when an export may be called again
}

// Clock is the time by which calls are spaced.
type Clock struct {
	Now   func() time.Time
	Sleep func(ctx context.Context, pause time.Duration) error
}

// Real is the real time.
func Real() Clock {
	return Clock{Now: time.Now, Sleep: func(ctx context.Context, pause time.Duration) error {
		timer := time.NewTimer(pause)
		defer timer.Stop()
		select {
		case <-timer.C:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}}
}

// sync is the job that reads the exports to their end.
type syncZendesk struct{}

// Kind names the job.
func (syncZendesk) Kind() string { return "zendesk.sync" }

// InsertOpts say that there is one at a time, and that it holds nobody up.
func (syncZendesk) InsertOpts() river.InsertOpts {
	options := jobs.Once()
	options.Queue = jobs.Steady
	return options
}

// threads is the job that reads the messages of tickets that changed. One reads all that are due, so that one that is put down
// for nothing costs nothing.
type threads struct{}

// Kind names the job.
func (threads) Kind() string { return "zendesk.threads" }

// NewZendesk makes the mirror and tells the queue of its jobs, before the queue is started. The exports are read at intervals where
// the account is configured.
func NewZendesk(pool *postgres.Pool, queue *jobs.Queue, client *zendesk.Client, store *tickets.Store, clock Clock, configured bool) *Zendesk {
	z := &Zendesk{pool: pool, queue: queue, client: client, tickets: store, clock: clock}
	retry := func(attempt int) time.Duration { return min(jobs.Backoff(attempt), SyncEvery) }
	jobs.Do(queue, jobs.How{Timeout: time.Hour, Retry: retry}, func(ctx context.Context, _ *river.Job[syncZendesk]) error { return z.Sync(ctx, nil) })
	jobs.Do(queue, jobs.How{Timeout: 10 * time.Minute, Retry: retry}, func(ctx context.Context, _ *river.Job[threads]) error { return z.Threads(ctx) })
	if configured {
		queue.Every(SyncEvery, syncZendesk{})
	}
	return z
}

// Changed reads anew what a webhook said has changed: "ticket:35436", "user:2097", "organization:509974".
func (z *Zendesk) Changed(ctx context.Context, subjects []string) error {
	ids := map[string][]int64{}
	for _, subject := range subjects {
		kind, text, _ := strings.Cut(subject, ":")
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return jobs.Hopeless(fmt.Errorf("read what changed: %w", err))
		}
		ids[kind] = append(ids[kind], id)
	}
	at := z.clock.Now()
	page := &zendesk.Export{At: at}
	gone := map[zendesk.Feed][]int64{}
	faults := []error{
		show(ctx, ids["organization"], z.client.Organizations, func(o *zendesk.VendorOrganization) { page.Organizations = append(page.Organizations, o) }, func(id int64) {
			gone[zendesk.FeedOrganizations] = append(gone[zendesk.FeedOrganizations], id)
		}),
		show(ctx, ids["user"], z.client.FreshUsers, func(u *zendesk.VendorUser) { page.Users = append(page.Users, u) }, func(id int64) {
			gone[zendesk.FeedUsers] = append(gone[zendesk.FeedUsers], id)
		}),
		show(ctx, ids["ticket"], z.client.Tickets, func(t *zendesk.VendorTicket) { page.Tickets = append(page.Tickets, t) }, func(id int64) {
			gone[zendesk.FeedTickets] = append(gone[zendesk.FeedTickets], id)
		}),
	}
	if err := pgx.BeginFunc(ctx, z.pool, func(tx pgx.Tx) error {
		if err := z.put(ctx, tx, page); err != nil {
			return err
		}
		return bury(ctx, tx, gone, at)
	}); err != nil {
		return err
	}
	var organizations []zendesk.OrganizationID
	for _, ticket := range page.Tickets {
		if ticket.OrganizationID != nil {
			organizations = append(organizations, *ticket.OrganizationID)
		}
	}
	return errors.Join(append(faults, z.client.Invalidate(ctx, organizations...))...)
}

// show reads records by id; those that the vendor does not know are gone.
func show[K ~int64, V any](ctx context.Context, ids []int64, read func(context.Context, []K) (map[K]*V, map[K]error), keep func(*V), gone func(int64)) error {
	keys := make([]K, len(ids))
	for i, id := range ids {
		keys[i] = K(id)
	}
	found, failed := read(ctx, keys)
	var faults []error
	for _, key := range keys {
		switch {
		case failed[key] != nil:
			faults = append(faults, failed[key])
		case found[key] != nil:
			keep(found[key])
		default:
			gone(int64(key))
		}
	}
	return errors.Join(faults...)
}

// Progress is how far a feed has been read.
type Progress struct {
	Feed    zendesk.Feed
	Records int64 // in all
	End     bool  // there is no more
}

// Sync reads all feeds from where the last reading ended, or from nothing, to their ends, then the messages that are due. Each
// page is kept in one transaction with the place of the next, so that it goes on where it was when it is ended. Progress is told after
// each page; nil is told nothing. Several may run at once: a page is kept by one of them.
func (z *Zendesk) Sync(ctx context.Context, progress func(Progress)) error {
	for _, feed := range zendesk.Feeds() {
		if err := z.feed(ctx, feed, progress); err != nil {
			z.failed(ctx, feed, err)
			return fmt.Errorf("read the %s of Zendesk: %w", feed, err)
		}
	}
	return z.Threads(ctx)
}

// Forget has the next Sync begin from nothing. What is held stays.
func (z *Zendesk) Forget(ctx context.Context) error {
	_, err := z.pool.Exec(ctx, "-- mirror.forget\ndelete from sync_checkpoints where vendor = $1", vendor)
	if err != nil {
		return fmt.Errorf("forget how far Zendesk was read: %w", err)
	}
	return nil
}

// errOvertaken says that another process has kept the page.
var errOvertaken = errors.New("the page is kept already")

func (z *Zendesk) feed(ctx context.Context, feed zendesk.Feed, progress func(Progress)) error {
	for {
		var cursor string
		var records int64
		err := z.pool.QueryRow(ctx, `-- mirror.checkpoint
			insert into sync_checkpoints (vendor, feed) values ($1, $2)
			on conflict (vendor, feed) do update set vendor = excluded.vendor
			returning cursor, records`, vendor, string(feed)).Scan(&cursor, &records)
		if err != nil {
			return fmt.Errorf("read the checkpoint: %w", err)
		}
		page, err := z.export(ctx, feed, cursor)
		if err != nil {
			return err
		}
		err = pgx.BeginFunc(ctx, z.pool, func(tx pgx.Tx) error {
			tag, err := tx.Exec(ctx, `-- mirror.advance
				update sync_checkpoints set cursor = $4, records = records + $5, read_at = $6, failed_at = null, failure = null,
					caught_up = case when $7 then $6 else caught_up end
				where vendor = $1 and feed = $2 and cursor = $3`, vendor, string(feed), cursor, page.Cursor, page.Len(), z.clock.Now(), page.End)
			if err != nil {
				return fmt.Errorf("keep the checkpoint: %w", err)
			}
			if tag.RowsAffected() == 0 {
				return errOvertaken
			}
			return z.put(ctx, tx, page)
		})
		if errors.Is(err, errOvertaken) {
			continue
		}
		if err != nil {
			return err
		}
		if progress != nil {
			progress(Progress{Feed: feed, Records: records + int64(page.Len()), End: page.End})
		}
		if page.End {
			return nil
		}
	}
}

// export reads a page when it is time for it, and waits where the vendor says so.
func (z *Zendesk) export(ctx context.Context, feed zendesk.Feed, cursor string) (*zendesk.Export, error) {
	for {
		z.mu.Lock()
		now := z.clock.Now()
		pause := max(z.next.Sub(now), 0)
		z.next = now.Add(pause + zendesk.ExportEvery)
		z.mu.Unlock()
		if pause > 0 {
			if err := z.clock.Sleep(ctx, pause); err != nil {
				return nil, err
			}
		}
		page, err := z.client.Export(ctx, feed, cursor)
		var failed *upstream.Error
		if errors.As(err, &failed) && failed.Reason == upstream.RateLimited && failed.RetryAfter > 0 {
			z.mu.Lock()
			z.next = z.clock.Now().Add(failed.RetryAfter)
			z.mu.Unlock()
			continue
		}
		return page, err
	}
}

// failed notes that a feed could not be read. It is best effort: what failed may be the database.
func (z *Zendesk) failed(ctx context.Context, feed zendesk.Feed, cause error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_, _ = z.pool.Exec(ctx, "-- mirror.failed\nupdate sync_checkpoints set failed_at = now(), failure = $3 where vendor = $1 and feed = $2",
		vendor, string(feed), string(upstream.ReasonOf(cause)))
}
