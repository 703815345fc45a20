package endpoint_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"supportgraph/clients/cache"
	"supportgraph/clients/postgres"
	"supportgraph/graph/auth"
	"supportgraph/graph/endpoint"
	"supportgraph/graph/endpoint/budget"
)

// inProcess makes this test binary a process that serves an endpoint, with its budgets in the Redis at that address.
const inProcess = "ENDPOINT_TEST_REDIS"

func TestMain(m *testing.M) {
	if address := os.Getenv(inProcess); address != "" {
		if err := serveAsProcess(address); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// The budget that three processes share.
const processes = 3

var sharedBucket = budget.Bucket{Points: 300, PerSecond: 150}

// serveAsProcess serves until its standard input ends. Every bearer is a customer, by the name in the token.
func serveAsProcess(address string) error {
	client, err := cache.Open(cache.Config{URL: postgres.Secret("redis://" + address)})
	if err != nil {
		return err
	}
	defer client.Close()
	var failures atomic.Int64
	served := endpoint.New(endpoint.Config{
		Contracts: map[auth.Audience]endpoint.Contract{auth.Portal: {Schema: newProbe(portalSDL)}},
		Verify: func(_ context.Context, token string) (*auth.Viewer, error) {
			return &auth.Viewer{Audience: auth.Portal, Subject: token}, nil
		},
		Prepare: func(ctx context.Context, _ *auth.Viewer) (context.Context, error) { return ctx, nil },
		Logger:  slog.New(slog.DiscardHandler),
		Metrics: endpoint.NewMetrics(prometheus.NewRegistry()),
		Budgets: &endpoint.Budgets{
			Keeper:     budget.New(client, processes, nil, func(error) { failures.Add(1) }),
			Allowances: map[auth.Audience]endpoint.Allowance{auth.Portal: {Viewer: sharedBucket}},
		},
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		served.ServeHTTP(&telling{w, &failures}, r)
	})}
	go func() { _ = server.Serve(listener) }()
	_, _ = io.Copy(io.Discard, os.Stdin)
	return server.Close()
}

// redisFailures is the header in which a process says how often Redis did not answer it in time.
const redisFailures = "Redis-Failures"

// telling adds that header to an answer.
type telling struct {
	http.ResponseWriter
	failures *atomic.Int64
}

func (t *telling) WriteHeader(status int) {
	t.Header().Set(redisFailures, strconv.FormatInt(t.failures.Load(), 10))
	t.ResponseWriter.WriteHeader(status)
}

// startProcess starts this binary as such a process, and returns where it listens.
func startProcess(t *testing.T, redis string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	process := exec.Command(self)
	process.Env = append(os.Environ(), inProcess+"="+redis)
	var faults bytes.Buffer // and what the client of Redis says of a server that is gone
	process.Stderr = &faults
	input, err := process.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		input.Close()
		_ = process.Wait()
	})
	address, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		_ = process.Wait()
		t.Fatalf("a process did not say where it listens: %v\n%s", err, &faults)
	}
	return strings.TrimSpace(address)
}

// startRedis starts a real Redis, and returns its address and what ends it.
func startRedis(t *testing.T) (address string, end func()) {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("skipped: budgets that processes share need redis-server, which is not installed")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address = listener.Addr().String()
	_, port, _ := net.SplitHostPort(address)
	listener.Close()
	process := exec.Command(program, "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", t.TempDir())
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	end = sync.OnceFunc(func() {
		_ = process.Process.Kill()
		_ = process.Wait()
	})
	t.Cleanup(end)
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if connection, err := net.Dial("tcp", address); err == nil {
			connection.Close()
			return address, end
		}
		if time.Now().After(deadline) {
			t.Fatal("redis-server does not answer")
		}
	}
}

// spent is what a caller was granted in some time: up to the last refusal, at which nothing was left.
type spent struct {
	points   int
	took     time.Duration
	failures int // of Redis, in all processes since they started
}

// spendAll asks all processes at once, each as often as two callers can, until the time is over. An operation costs a
// point. It returns what each granted, and what they did together.
func spendAll(t *testing.T, addresses []string, caller string, over time.Duration) (each []spent, together spent) {
	t.Helper()
	type event struct {
		process int
		at      time.Duration
		granted bool
	}
	var mu sync.Mutex
	var events []event
	failures := make([]int, len(addresses))
	var callers sync.WaitGroup
	transport := &http.Transport{MaxIdleConnsPerHost: 4}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	began := time.Now()
	for i := range 2 * len(addresses) {
		callers.Go(func() {
			for time.Since(began) < over {
				process := i % len(addresses)
				r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+addresses[process], strings.NewReader(`{"query":"{hello}"}`))
				if err != nil {
					t.Error(err)
					return
				}
				r.Header.Set("Content-Type", "application/json")
				r.Header.Set("Authorization", "Bearer "+caller)
				answer, err := client.Do(r)
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, answer.Body)
				answer.Body.Close()
				granted := answer.StatusCode == http.StatusOK
				if !granted && answer.StatusCode != http.StatusTooManyRequests {
					t.Errorf("got %s", answer.Status)
					return
				}
				failed, _ := strconv.Atoi(answer.Header.Get(redisFailures))
				mu.Lock()
				failures[process] = max(failures[process], failed)
				events = append(events, event{process, time.Since(began), granted})
				mu.Unlock()
				if !granted {
					time.Sleep(2 * time.Millisecond) // as a caller does who is told to wait
				}
			}
		})
	}
	callers.Wait()
	count := func(of func(event) bool) (s spent) {
		for _, e := range events {
			if of(e) && !e.granted {
				s.took = max(s.took, e.at)
			}
		}
		for _, e := range events {
			if of(e) && e.granted && e.at <= s.took {
				s.points++
			}
		}
		return s
	}
	for process := range addresses {
		each = append(each, count(func(e event) bool { return e.process == process }))
	}
	together = count(func(event) bool { return true })
	for _, n := range failures {
		together.failures += n
	}
	return each, together
}

// off is by which part of what is allowed something differs from it.
func (s spent) off(bucket budget.Bucket) float64 {
	allowed := float64(bucket.Points) + bucket.PerSecond*s.took.Seconds()
	return math.Abs(float64(s.points)-allowed) / allowed
}

// TestProcessesShareABudget has three processes that share a Redis hold one caller's budget within 5 %, and each its own
// share of it within 20 % when Redis is gone: for one whom they know, and for one whom they have never seen.
func TestProcessesShareABudget(t *testing.T) {
	t.Parallel()
	redis, end := startRedis(t)
	var addresses []string
	for range processes {
		addresses = append(addresses, startProcess(t, redis))
	}
	const over = 2 * time.Second
	var together spent
	known := ""
	for try := range 10 {
		// On a machine that does much else Redis may be late, and then a process goes on alone: that is for below.
		before := together.failures
		known = fmt.Sprint("known", try)
		if _, together = spendAll(t, addresses, known, over); together.failures == before {
			break
		}
		t.Logf("try %d: Redis was late %d times", try, together.failures-before)
	}
	t.Logf("with Redis: %d points in %v, off by %.1f %%", together.points, together.took, 100*together.off(sharedBucket))
	if together.off(sharedBucket) > 0.05 || together.took < over/2 {
		t.Error("three processes do not hold the budget together")
	}
	end()
	share := budget.Bucket{PerSecond: sharedBucket.PerSecond / processes} // it is spent; only what flows in is left
	full := budget.Bucket{Points: sharedBucket.Points / processes, PerSecond: share.PerSecond}
	for _, test := range []struct {
		caller string
		bucket budget.Bucket
	}{{known, share}, {"unknown", full}} {
		each, _ := spendAll(t, addresses, test.caller, over)
		for process, own := range each {
			t.Logf("without Redis, process %d, %s: %d points in %v, off by %.1f %%", process, test.caller, own.points, own.took, 100*own.off(test.bucket))
			if own.off(test.bucket) > 0.2 || own.took < over/2 {
				t.Errorf("process %d does not hold its share for who is %s", process, test.caller)
			}
		}
	}
}
