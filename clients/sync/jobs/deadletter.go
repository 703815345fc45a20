package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river/rivertype"

	"supportgraph/clients/postgres"
)

// DeadLetter is a job that was given up.
type DeadLetter struct {
	ID        int64
	Kind      string
	Attempts  int
	Error     string // of the last attempt
	CreatedAt time.Time
	GivenUpAt time.Time
}

// DeadLetters reads the jobs that were given up last, up to most.
func DeadLetters(most int) postgres.Query[*DeadLetter] {
	return postgres.Query[*DeadLetter]{
		SQL: `-- jobs.dead
			select id, kind, attempt as attempts, coalesce(errors[cardinality(errors)] ->> 'error', '') as error, created_at, finalized_at as given_up_at
			from river_job
			where state in ('cancelled', 'discarded')
			order by finalized_at desc, id desc
			limit $1`,
		Args: []any{most},
		Row:  pgx.RowToAddrOfStructByName[DeadLetter],
	}
}

// Resend has a dead letter worked on again, from its first attempt. It reports false where there is none of the id.
func (q *Queue) Resend(ctx context.Context, id int64) (bool, error) {
	_, err := q.client.JobRetry(ctx, id)
	if errors.Is(err, rivertype.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("send the job %d again: %w", id, err)
	}
	return true, nil
}

// Backlog is how many jobs of a kind are in a state, for metrics.
type Backlog struct {
	Kind  string
	State string  // "available", "running", "retryable", "scheduled", "discarded", "cancelled"
	Jobs  int     // how many
	Age   float64 // seconds since the oldest of them was due
}

// Backlogs counts the jobs that are not done.
func Backlogs() postgres.Query[Backlog] {
	return postgres.Query[Backlog]{
		SQL: `-- jobs.backlogs
			select kind, state::text, count(*) as jobs, greatest(extract(epoch from now() - min(scheduled_at)), 0)::float8 as age
			from river_job
			where state <> 'completed'
			group by kind, state
			order by kind, state
			limit 500`,
		Row: pgx.RowToStructByName[Backlog],
	}
}
