package webhooks

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"supportgraph/clients/postgres"
	"supportgraph/clients/sync/jobs"
)

// What one job handles at once, and how long events are kept.
const (
	maxEvents   = 100 // Zendesk, which tells most, shows as many records in one call
	maxAttempts = 15
	keepEvents  = 30 * 24 * time.Hour
	keepSigned  = 24 * time.Hour // far beyond the age at which a delivery is refused anyway
)

// handle is the job that handles what a vendor has told. There is one for each event, and the first that runs handles all that
// there are: a burst of events costs few calls, and none is overlooked.
type handle struct {
	Vendor string `json:"vendor"`
}

// Kind names the job.
func (handle) Kind() string { return "webhook.handle" }

// forget is the job that drops what is no longer needed.
type forget struct{}

// Kind names the job.
func (forget) Kind() string { return "webhook.forget" }

// InsertOpts say that there is one at a time.
func (forget) InsertOpts() river.InsertOpts { return jobs.Once() }

// work tells the queue what the jobs do.
func (r *Receiver) work() {
	jobs.Do(r.queue, jobs.How{}, func(ctx context.Context, job *river.Job[handle]) error { return r.Handle(ctx, job.Args.Vendor) })
	jobs.Do(r.queue, jobs.How{}, func(ctx context.Context, _ *river.Job[forget]) error { return r.forget(ctx) })
	r.queue.Every(time.Hour, forget{})
}

// due is an event that is not handled yet.
type due struct {
	ID       [16]byte
	Subjects []string
}

// Handle handles what a vendor has told so far.
func (r *Receiver) Handle(ctx context.Context, vendor string) error {
	sender, known := r.senders[vendor]
	if !known {
		return jobs.Hopeless(fmt.Errorf("nobody handles webhooks of %q", vendor))
	}
	for {
		events, err := postgres.Select(ctx, r.pool, postgres.Query[due]{
			SQL: `-- webhooks.due
				select id, subjects
				from webhook_events
				where vendor = $1 and handled_at is null and attempts < $2
				order by attempts, received_at, id
				limit $3`,
			Args: []any{vendor, maxAttempts, maxEvents},
			Row:  pgx.RowToStructByName[due],
		})
		if err != nil || len(events) == 0 {
			return err
		}
		ids := make([][16]byte, len(events))
		var subjects []string
		for i, event := range events {
			ids[i] = event.ID
			subjects = append(subjects, event.Subjects...)
		}
		slices.Sort(subjects)
		failed := sender.Handle(ctx, slices.Compact(subjects))
		if err := r.mark(ctx, ids, failed == nil); failed != nil || err != nil {
			return errors.Join(failed, err)
		}
	}
}

// mark notes that events were handled, or that it failed.
func (r *Receiver) mark(ctx context.Context, ids [][16]byte, handled bool) error {
	_, err := r.pool.Exec(context.WithoutCancel(ctx), `-- webhooks.mark
		update webhook_events set handled_at = case when $2 then now() end, attempts = attempts + case when $2 then 0 else 1 end
		where id = any($1) and handled_at is null`, ids, handled)
	if err != nil {
		return fmt.Errorf("mark events: %w", err)
	}
	return nil
}

// forget drops events that were handled long ago, and signatures.
func (r *Receiver) forget(ctx context.Context) error {
	now := r.now()
	for _, old := range []struct {
		sql    string
		before time.Time
	}{
		{"-- webhooks.forget\ndelete from webhook_events where id in (select id from webhook_events where received_at < $1 and handled_at is not null order by received_at limit 1000)", now.Add(-keepEvents)},
		{"-- webhooks.forget_signatures\ndelete from webhook_signatures where (vendor, digest) in (select vendor, digest from webhook_signatures where received_at < $1 order by received_at limit 1000)", now.Add(-keepSigned)},
	} {
		for {
			tag, err := r.pool.Exec(ctx, old.sql, old.before)
			if err != nil {
				return fmt.Errorf("forget old webhooks: %w", err)
			}
			if tag.RowsAffected() < 1000 {
				break
			}
		}
	}
	return nil
}
