package jobs

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"supportgraph/clients/upstream"
)

// How says how jobs of a kind are worked on.
type How struct {
	Timeout time.Duration                   // of an attempt, whose context then ends; 0: a minute
	Retry   func(attempt int) time.Duration // how long to wait after an attempt failed, from 1 on; nil: Backoff
}

// Do says what jobs of a kind do. It must be said once for a kind, before Start. An error has the job tried again, after what the
// vendor's answer asked for where it throttled us. Hopeless marks one that no other attempt would mend.
func Do[A river.JobArgs](q *Queue, how How, do func(ctx context.Context, job *river.Job[A]) error) {
	river.AddWorker(q.workers, &worker[A]{how: how, do: do, observe: q.observe})
}

// Hopeless has a job be a dead letter at once.
func Hopeless(err error) error { return river.JobCancel(err) }

// Backoff is the time from a failed attempt to the next: 1 s, then 16 s, and so on by the fourth power, at most an hour, give or
// take a tenth.
func Backoff(attempt int) time.Duration {
	seconds := float64(attempt) * float64(attempt) * float64(attempt) * float64(attempt)
	return time.Duration(min(seconds, 3600) * (0.9 + 0.2*rand.Float64()) * float64(time.Second))
}

// worker is how river sees what a kind of jobs does.
type worker[A river.JobArgs] struct {
	river.WorkerDefaults[A]
	how     How
	do      func(ctx context.Context, job *river.Job[A]) error
	observe upstream.Observer
}

// Work does one job.
func (w *worker[A]) Work(ctx context.Context, job *river.Job[A]) error {
	begun := time.Now()
	err := w.do(ctx, job)
	if w.observe != nil {
		w.observe(ctx, upstream.Call{Source: "jobs", Op: job.Kind, Took: time.Since(begun), Err: err})
	}
	var failed *upstream.Error
	if errors.As(err, &failed) && failed.RetryAfter > 0 && (failed.Reason == upstream.RateLimited || failed.Reason == upstream.Overloaded) {
		return river.JobSnooze(failed.RetryAfter) // a vendor that throttles us is no failure of the job
	}
	return err
}

// Timeout is the longest time of an attempt.
func (w *worker[A]) Timeout(*river.Job[A]) time.Duration { return w.how.Timeout }

// NextRetry is when a failed job is tried again.
func (w *worker[A]) NextRetry(job *river.Job[A]) time.Time {
	if w.how.Retry == nil {
		return time.Time{} // as the queue has it
	}
	return time.Now().Add(w.how.Retry(max(len(job.Errors), 0) + 1))
}

// backoff is the queue's way to try again.
type backoff struct{}

// NextRetry is when a failed job is tried again.
func (backoff) NextRetry(job *rivertype.JobRow) time.Time {
	return time.Now().Add(Backoff(len(job.Errors) + 1))
}
