// Package jobs is the queue of background work. It lies in our own Postgres (river), so that a job is there exactly when
// the change that wants it is. A job is tried again, later and later, until it succeeds or has used up its attempts; then
// it is a dead letter, which staff can see and send again.
package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"supportgraph/clients/postgres"
	"supportgraph/clients/upstream"
)

// The queues. A job is of Prompt unless its InsertOpts name another.
const (
	Prompt = river.QueueDefault // somebody waits for what comes of it
	Steady = "steady"           // long work, such as loading a vendor from nothing, that must not hold up the others
)

// Options say how a process works on jobs.
type Options struct {
	Work    bool              // work on jobs; without it they are only put down, for other processes
	AtOnce  int               // jobs of a queue that this process works on at once; 0: 8 prompt ones, and 2 steady ones
	Timeout time.Duration     // of an attempt, for kinds that name none; what a process left behind that ended is taken up soon after; 0: a minute
	Grace   time.Duration     // how long Close lets jobs come to their end before it cancels them; 0: 10 s
	Logger  *slog.Logger      // told of failures; nil: silent
	Observe upstream.Observer // told of each attempt, as a call to "jobs"; nil: nobody
}

// Queue puts jobs down and works on them. It is safe for concurrent use; what it can do must be told before Start.
type Queue struct {
	client  *river.Client[pgx.Tx]
	pool    *postgres.Pool
	workers *river.Workers
	observe upstream.Observer
	works   bool
	started atomic.Bool
}

// How long jobs that have ended are kept.
const (
	keepDone = time.Hour
	keepDead = 30 * 24 * time.Hour
)

// New makes a queue over the pool; nothing is worked on before Start.
func New(pool *postgres.Pool, options Options) (*Queue, error) {
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	if options.Grace == 0 {
		options.Grace = 10 * time.Second
	}
	if options.Timeout == 0 {
		options.Timeout = time.Minute
	}
	prompt, steady := 8, 2
	if options.AtOnce > 0 {
		prompt, steady = options.AtOnce, options.AtOnce
	}
	q := &Queue{pool: pool, workers: river.NewWorkers(), observe: options.Observe, works: options.Work}
	config := &river.Config{
		Logger:                      options.Logger,
		MaxAttempts:                 15,
		RetryPolicy:                 backoff{},
		JobTimeout:                  options.Timeout,
		RescueStuckJobsAfter:        options.Timeout + options.Timeout/4,
		SoftStopTimeout:             options.Grace,
		CompletedJobRetentionPeriod: keepDone,
		CancelledJobRetentionPeriod: keepDead,
		DiscardedJobRetentionPeriod: keepDead,
		SkipUnknownJobCheck:         true, // a process may put down what only others work on
	}
	if options.Work {
		config.Workers = q.workers
		config.Queues = map[string]river.QueueConfig{Prompt: {MaxWorkers: prompt}, Steady: {MaxWorkers: steady}}
	}
	client, err := river.NewClient(riverpgxv5.New(pool.Pool), config)
	if err != nil {
		return nil, fmt.Errorf("make a queue of jobs: %w", err)
	}
	q.client = client
	return q, nil
}

// Enqueue puts jobs down in a transaction: they are there once it commits. One that its InsertOpts say is there already is
// left out.
func (q *Queue) Enqueue(ctx context.Context, tx pgx.Tx, jobs ...river.JobArgs) error {
	if len(jobs) == 0 {
		return nil
	}
	params := make([]river.InsertManyParams, 0, len(jobs))
	there := make(map[string]bool, len(jobs)) // one statement cannot find out about equal ones within itself
	for _, job := range jobs {
		if options, ok := job.(river.JobArgsWithInsertOpts); ok && options.InsertOpts().UniqueOpts.ByArgs {
			args, err := json.Marshal(job)
			if err != nil {
				return fmt.Errorf("put down a job, %s: %w", job.Kind(), err)
			}
			name := job.Kind() + string(args)
			if there[name] {
				continue
			}
			there[name] = true
		}
		params = append(params, river.InsertManyParams{Args: job})
	}
	if _, err := q.client.InsertManyTx(ctx, tx, params); err != nil {
		return fmt.Errorf("put down %d jobs, the first %s: %w", len(jobs), jobs[0].Kind(), err)
	}
	return nil
}

// Every puts a job down when work begins and then in each period, by one of the processes that work. Its InsertOpts should
// be Once, as a run may take longer than a period.
func (q *Queue) Every(period time.Duration, job river.JobArgs) {
	if !q.works {
		return
	}
	q.client.PeriodicJobs().Add(river.NewPeriodicJob(river.PeriodicInterval(period),
		func() (river.JobArgs, *river.InsertOpts) { return job, nil },
		&river.PeriodicJobOpts{RunOnStart: true, ID: job.Kind()}))
}

// Start begins to work on jobs until Close, where the options say so. The context bounds nothing but the start.
func (q *Queue) Start(ctx context.Context) error {
	if !q.works || q.started.Swap(true) {
		return nil
	}
	if err := q.client.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("start to work on jobs: %w", err)
	}
	return nil
}

// Close takes up no more jobs, lets those under way come to their end for as long as the grace says, cancels the rest, and
// returns when none is left. A job that was cut off is worked on again.
func (q *Queue) Close() {
	if q.started.Swap(false) {
		_ = q.client.Stop(context.Background()) // ends by the grace; there is nothing to do about an error
	}
}

// Once says that a job is not put down while an equal one waits, is worked on, or will be tried again. What comes up while
// it is worked on is not seen by a second one, so a job that must see everything is put down without it.
func Once() river.InsertOpts {
	return river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning, rivertype.JobStateRetryable, rivertype.JobStateScheduled,
	}}}
}
