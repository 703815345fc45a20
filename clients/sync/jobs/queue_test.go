package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"go.uber.org/goleak"

	"supportgraph/clients/postgres"
	"supportgraph/clients/sandbox/pg"
	"supportgraph/clients/sync/jobs"
	"supportgraph/clients/upstream"
)

var server *pg.Server

func TestMain(m *testing.M) {
	var err error
	if server, err = pg.Start(context.Background(), pg.Options{}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	server.Stop()
	if err := goleak.Find(); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

type work struct {
	Number int `json:"number"`
}

func (work) Kind() string { return "test.work" }

type lonely struct {
	Number int `json:"number"`
}

func (lonely) Kind() string { return "test.lonely" }

func (lonely) InsertOpts() river.InsertOpts { return jobs.Once() }

// database is a migrated database of the test's own.
func database(t *testing.T) *postgres.Pool {
	t.Helper()
	config, err := server.Database(t.Context(), strings.ToLower(t.Name()), "")
	if err != nil {
		t.Fatal(err)
	}
	pool, err := postgres.Open(t.Context(), config, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	if err := postgres.Migrate(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	return pool
}

func open(t *testing.T, pool *postgres.Pool, options jobs.Options) *jobs.Queue {
	t.Helper()
	queue, err := jobs.New(pool, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(queue.Close)
	return queue
}

func start(t *testing.T, queue *jobs.Queue) {
	t.Helper()
	if err := queue.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func enqueue(t *testing.T, pool *postgres.Pool, queue *jobs.Queue, args ...river.JobArgs) {
	t.Helper()
	if err := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error { return queue.Enqueue(t.Context(), tx, args...) }); err != nil {
		t.Fatal(err)
	}
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never came to hold: %s", what)
		}
	}
}

func count(t *testing.T, pool *postgres.Pool, where string) (n int) {
	t.Helper()
	if err := pool.QueryRow(t.Context(), "select count(*) from river_job where "+where).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestJobsAreThereWhenTheirTransactionIs(t *testing.T) {
	t.Parallel()
	pool := database(t)
	done := make(chan int, 10)
	queue := open(t, pool, jobs.Options{Work: true})
	jobs.Do(queue, jobs.How{}, func(_ context.Context, job *river.Job[work]) error {
		done <- job.Args.Number
		return nil
	})
	start(t, queue)
	changed := errors.New("changed my mind")
	err := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
		if err := queue.Enqueue(t.Context(), tx, work{Number: 1}); err != nil {
			t.Error(err)
		}
		return changed
	})
	if !errors.Is(err, changed) {
		t.Fatal(err)
	}
	enqueue(t, pool, queue, work{Number: 2})
	enqueue(t, pool, queue)
	if number := <-done; number != 2 {
		t.Errorf("the job %d was done first", number)
	}
	eventually(t, "the job is done", func() bool { return count(t, pool, "state = 'completed'") == 1 })
	if n := count(t, pool, "true"); n != 1 {
		t.Errorf("%d jobs are there", n)
	}
}

func TestOnceIsNotPutDownTwice(t *testing.T) {
	t.Parallel()
	pool := database(t)
	idle := open(t, pool, jobs.Options{})
	enqueue(t, pool, idle, lonely{Number: 1}, lonely{Number: 1}, lonely{Number: 2})
	enqueue(t, pool, idle, lonely{Number: 1})
	if n := count(t, pool, "true"); n != 2 {
		t.Fatalf("%d jobs, not one of each", n)
	}
	var done atomic.Int32
	queue := open(t, pool, jobs.Options{Work: true})
	jobs.Do(queue, jobs.How{}, func(context.Context, *river.Job[lonely]) error { done.Add(1); return nil })
	start(t, queue)
	eventually(t, "both are done", func() bool { return count(t, pool, "state = 'completed'") == 2 })
	enqueue(t, pool, queue, lonely{Number: 1})
	eventually(t, "one that was done is done again", func() bool { return done.Load() == 3 })
}

func TestAJobThatFailsIsTriedAgainAndThenADeadLetter(t *testing.T) {
	t.Parallel()
	pool := database(t)
	var tries atomic.Int32
	var mended atomic.Bool
	var mu sync.Mutex
	told := map[bool]int{}
	queue := open(t, pool, jobs.Options{Work: true, Observe: func(_ context.Context, call upstream.Call) {
		mu.Lock()
		defer mu.Unlock()
		if call.Source == "jobs" && call.Op == "test.work" {
			told[call.Err != nil]++
		}
	}})
	soon := func(int) time.Duration { return time.Millisecond }
	jobs.Do(queue, jobs.How{Retry: soon}, func(_ context.Context, job *river.Job[work]) error {
		switch {
		case mended.Load():
			return nil
		case tries.Add(1) < 3:
			panic("not yet")
		default:
			return jobs.Hopeless(errors.New("no such thing"))
		}
	})
	start(t, queue)
	enqueue(t, pool, queue, work{Number: 7})
	var dead []*jobs.DeadLetter
	eventually(t, "a dead letter", func() bool {
		var err error
		if dead, err = postgres.Select(t.Context(), pool, jobs.DeadLetters(10)); err != nil {
			t.Fatal(err)
		}
		return len(dead) == 1
	})
	if tries.Load() != 3 || dead[0].Kind != "test.work" || dead[0].Attempts != 3 || !strings.Contains(dead[0].Error, "no such thing") || dead[0].GivenUpAt.Before(dead[0].CreatedAt) {
		t.Errorf("after %d tries %+v", tries.Load(), dead[0])
	}
	backlog, err := postgres.Select(t.Context(), pool, jobs.Backlogs())
	if err != nil || len(backlog) != 1 || backlog[0].Kind != "test.work" || backlog[0].State != "cancelled" || backlog[0].Jobs != 1 {
		t.Errorf("backlog %+v, %v", backlog, err)
	}
	mended.Store(true)
	if found, err := queue.Resend(t.Context(), dead[0].ID); err != nil || !found {
		t.Errorf("sent again: %v, %v", found, err)
	}
	eventually(t, "it is done", func() bool { return count(t, pool, "state = 'completed'") == 1 })
	if found, err := queue.Resend(t.Context(), dead[0].ID+1); err != nil || found {
		t.Errorf("one that is not there: %v, %v", found, err)
	}
	mu.Lock()
	defer mu.Unlock()
	if told[true] != 1 || told[false] != 1 { // a panic is told by the log
		t.Errorf("told %v", told)
	}
}

func TestAThrottledJobWaitsAndHasNotFailed(t *testing.T) {
	t.Parallel()
	pool := database(t)
	var tries atomic.Int32
	queue := open(t, pool, jobs.Options{Work: true})
	jobs.Do(queue, jobs.How{}, func(context.Context, *river.Job[work]) error {
		if tries.Add(1) == 1 {
			return fmt.Errorf("read: %w", &upstream.Error{Reason: upstream.RateLimited, RetryAfter: 50 * time.Millisecond})
		}
		return nil
	})
	start(t, queue)
	enqueue(t, pool, queue, work{})
	eventually(t, "it is done", func() bool { return count(t, pool, "state = 'completed' and errors is null") == 1 })
}

func TestCloseLetsJobsEndAndCutsTheRestOff(t *testing.T) {
	t.Parallel()
	pool := database(t)
	begun, ended := make(chan int, 2), make(chan int, 2)
	queue := open(t, pool, jobs.Options{Work: true, Grace: 200 * time.Millisecond})
	release := make(chan struct{})
	jobs.Do(queue, jobs.How{}, func(ctx context.Context, job *river.Job[work]) error {
		begun <- job.Args.Number
		if job.Args.Number == 1 {
			<-release
			ended <- 1
			return ctx.Err()
		}
		<-ctx.Done()
		return ctx.Err()
	})
	start(t, queue)
	enqueue(t, pool, queue, work{Number: 1}, work{Number: 2})
	<-begun
	<-begun
	closing := make(chan struct{})
	go func() { defer close(closing); queue.Close() }()
	close(release)
	<-closing
	if len(ended) != 1 {
		t.Error("the short job did not come to its end")
	}
	if n := count(t, pool, "state = 'completed'"); n != 1 {
		t.Errorf("%d jobs are done", n)
	}
	again := open(t, pool, jobs.Options{Work: true})
	resumed := make(chan int, 2)
	jobs.Do(again, jobs.How{}, func(_ context.Context, job *river.Job[work]) error { resumed <- job.Args.Number; return nil })
	start(t, again)
	if number := <-resumed; number != 2 {
		t.Errorf("the job %d was worked on again", number)
	}
}

func TestSeveralQueuesShareTheWork(t *testing.T) {
	t.Parallel()
	pool := database(t)
	var mu sync.Mutex
	done := map[int]int{}
	var args []river.JobArgs
	for i := range 200 {
		args = append(args, work{Number: i})
	}
	var queues []*jobs.Queue
	for range 3 {
		queue := open(t, pool, jobs.Options{Work: true})
		jobs.Do(queue, jobs.How{}, func(_ context.Context, job *river.Job[work]) error {
			mu.Lock()
			defer mu.Unlock()
			done[job.Args.Number]++
			return nil
		})
		start(t, queue)
		queues = append(queues, queue)
	}
	enqueue(t, pool, queues[0], args...)
	eventually(t, "all are done", func() bool { return count(t, pool, "state = 'completed'") == len(args) })
	mu.Lock()
	defer mu.Unlock()
	for number, times := range done {
		if times != 1 {
			t.Errorf("the job %d was done %d times", number, times)
		}
	}
}

func TestEveryPeriod(t *testing.T) {
	t.Parallel()
	pool := database(t)
	done := make(chan int, 100)
	queue := open(t, pool, jobs.Options{Work: true})
	jobs.Do(queue, jobs.How{}, func(_ context.Context, job *river.Job[lonely]) error { done <- job.Args.Number; return nil })
	queue.Every(time.Second, lonely{Number: 3})
	open(t, pool, jobs.Options{}).Every(time.Second, lonely{Number: 4}) // does not work: nothing comes of it
	start(t, queue)
	for range 2 {
		select {
		case number := <-done:
			if number != 3 {
				t.Errorf("the job %d", number)
			}
		case <-time.After(30 * time.Second):
			t.Fatal("nothing was put down")
		}
	}
}

func TestBackoffGrowsToAnHour(t *testing.T) {
	t.Parallel()
	var waits []time.Duration
	for attempt := 1; attempt < 20; attempt++ {
		waits = append(waits, jobs.Backoff(attempt).Round(time.Second))
	}
	if waits[0] != time.Second || waits[18] < 54*time.Minute || waits[18] > 66*time.Minute || !slices.IsSorted(waits[:7]) {
		t.Errorf("waits %v", waits)
	}
}
