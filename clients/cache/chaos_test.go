package cache

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"supportgraph/clients/postgres"
	"supportgraph/clients/upstream"
)

// TestRedisMayDoWhatItWants loads three processes while their Redis is killed, slow, flushed and full. The source always
// answers, so no operation may fail, and none may take much longer than the source.
func TestRedisMayDoWhatItWants(t *testing.T) {
	t.Parallel()
	redis := serveRedis(t)
	between := delayed(t, redis.address)
	times := Times{Fresh: 20 * time.Millisecond, Revalidate: 20 * time.Millisecond, Stale: time.Hour, Absent: 10 * time.Millisecond, Rest: time.Second}
	var operations, failures, reads atomic.Int64
	var slowest atomic.Int64
	read := func(_ context.Context, keys []key) (map[key]*thing, map[key]error) {
		reads.Add(1)
		found := map[key]*thing{}
		for _, k := range keys {
			found[k] = &thing{Name: string(k)}
		}
		return found, nil
	}
	stop := make(chan struct{})
	var running sync.WaitGroup
	for range 3 {
		client, err := Open(Config{URL: postgres.Secret("redis://" + between.address)}) // as patient as in production
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(client.Close)
		things := table(t, client, times)
		for range 3 {
			running.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
					}
					keys := make([]key, 10)
					for i := range keys {
						keys[i] = key(fmt.Sprint(rand.N(100)))
					}
					started := time.Now()
					found, failed := things.Get(context.Background(), upstream.Agents, keys, read)
					took := time.Since(started)
					for before := slowest.Load(); int64(took) > before && !slowest.CompareAndSwap(before, int64(took)); before = slowest.Load() {
						continue
					}
					for _, k := range keys {
						if found[k].Value == nil || found[k].Value.Name != string(k) {
							failures.Add(1)
							t.Errorf("%s: got %v, %v", k, found[k], failed[k])
						}
					}
					operations.Add(1)
				}
			})
		}
	}
	phase := func(name string, change func()) {
		change()
		before, asked := operations.Load(), reads.Load()
		slowest.Store(0)
		started := time.Now()
		await(t, func() bool { return operations.Load() >= before+500 && time.Since(started) > 150*time.Millisecond })
		worst := time.Duration(slowest.Load()).Round(time.Millisecond)
		t.Logf("%-8s %5d operations, %4d reads, slowest %s", name, operations.Load()-before, reads.Load()-asked, worst)
		if worst > leaseWait {
			t.Errorf("%s: an operation took %s", name, worst)
		}
	}
	phase("well", func() {})
	phase("killed", redis.kill)
	phase("back", redis.start)
	phase("slow", func() { between.delay.Store(int64(300 * time.Millisecond)) })
	phase("quick", func() { between.delay.Store(0) })
	phase("flushed", redis.flush)
	phase("full", func() {
		_ = redis.command(t, "CONFIG", "SET", "maxmemory-policy", "noeviction") // a stand-in knows no such thing
		_ = redis.command(t, "CONFIG", "SET", "maxmemory", "1")
	})
	close(stop)
	running.Wait()
	if failures.Load() != 0 {
		t.Errorf("%d of %d operations failed", failures.Load(), operations.Load())
	}
}

// Reads that find what they need in the process do not wait for Redis, whatever becomes of it.
func TestASilentRedisDoesNotSlowHits(t *testing.T) {
	t.Parallel()
	redis := serveRedis(t)
	between := delayed(t, redis.address)
	client, err := Open(Config{URL: postgres.Secret("redis://" + between.address)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	s := newSource()
	things := table(t, client, rules)
	_, _ = one(t, things, s, "a")
	between.delay.Store(int64(time.Hour))
	started := time.Now()
	for range 1000 {
		if got, err := one(t, things, s, "a"); err != nil || freshness(got) != "CACHED" {
			t.Fatalf("got %s, %v", freshness(got), err)
		}
	}
	if took := time.Since(started); took > time.Second {
		t.Errorf("1,000 hits took %s", took)
	}
	// Misses wait for its patience a few times, then not at all.
	started = time.Now()
	for i := range 50 {
		if got, err := one(t, things, s, key(fmt.Sprint("miss", i))); err != nil || freshness(got) != "LIVE" {
			t.Fatalf("got %s, %v", freshness(got), err)
		}
	}
	if took := time.Since(started); took > 2*time.Second {
		t.Errorf("50 misses took %s", took)
	}
}
