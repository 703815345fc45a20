package cache

import (
	"context"
	"net"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"supportgraph/clients/postgres"
)

// server is a Redis that can be killed and come back at the same address: a real one, or one in this process where the
// program is not installed.
type server struct {
	address string
	start   func()
	kill    func()
	flush   func()
}

func serveRedis(t testing.TB) *server {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		t.Log("redis-server is not installed: a Redis in this process stands in for it")
		return serveMini(t)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	_ = free.Close()
	_, port, _ := net.SplitHostPort(address)
	s := &server{address: address}
	var running *exec.Cmd
	dir := t.TempDir()
	s.start = func() {
		running = exec.Command(program, "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", dir)
		if err := running.Start(); err != nil {
			t.Fatal(err)
		}
		await(t, func() bool { return s.command(t, "PING") == nil })
	}
	s.kill = func() {
		if running != nil {
			_ = running.Process.Kill()
			_ = running.Wait()
			running = nil
		}
	}
	s.flush = func() {
		if err := s.command(t, "FLUSHALL"); err != nil {
			t.Error(err)
		}
	}
	s.start()
	t.Cleanup(func() { s.kill() })
	return s
}

func serveMini(t testing.TB) *server {
	mini := miniredis.NewMiniRedis()
	if err := mini.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(mini.Close)
	return &server{
		address: mini.Addr(),
		start:   func() { _ = mini.Restart() },
		kill:    mini.Close,
		flush:   mini.FlushAll,
	}
}

func (s *server) command(t testing.TB, words ...any) error {
	t.Helper()
	client := redis.NewClient(&redis.Options{Addr: s.address, DisableIdentity: true, MaxRetries: -1})
	defer func() { _ = client.Close() }()
	return client.Do(context.Background(), words...).Err()
}

// connect opens a client as another process would.
func connect(t testing.TB, address string) *Client {
	t.Helper()
	// Patient, for the race detector is slow; what a lack of it does is tested with its own.
	client, err := Open(Config{URL: postgres.Secret("redis://" + address), Patience: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// proxy passes bytes on to an address, each way as late as it is told.
type proxy struct {
	address string
	delay   atomic.Int64
}

func delayed(t testing.TB, to string) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{address: listener.Addr().String()}
	ctx, cancel := context.WithCancel(context.Background())
	var passing sync.WaitGroup
	pass := func(from, to net.Conn) {
		defer func() { _, _ = from.Close(), to.Close() }()
		buffer := make([]byte, 32<<10)
		for {
			n, err := from.Read(buffer)
			if n > 0 {
				timer := time.NewTimer(time.Duration(p.delay.Load()))
				select {
				case <-timer.C:
				case <-ctx.Done():
					timer.Stop()
					return
				}
				if _, err := to.Write(buffer[:n]); err != nil {
					return
				}
			}
			if err != nil {
				return
			}
		}
	}
	passing.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", to)
			if err != nil {
				_ = client.Close()
				continue
			}
			stop := context.AfterFunc(ctx, func() { _, _ = client.Close(), server.Close() })
			passing.Go(func() { pass(client, server) })
			passing.Go(func() { defer stop(); pass(server, client) })
		}
	})
	t.Cleanup(func() { cancel(); _ = listener.Close(); passing.Wait() })
	return p
}

// await waits until something holds.
func await(t testing.TB, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it never came to hold")
		}
	}
}

// trips counts what goes to Redis and back.
type trips struct{ count atomic.Int64 }

func (h *trips) DialHook(next redis.DialHook) redis.DialHook { return next }

func (h *trips) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if !strings.EqualFold(cmd.Name(), "hello") && !strings.EqualFold(cmd.Name(), "client") {
			h.count.Add(1)
		}
		return next(ctx, cmd)
	}
}

func (h *trips) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		for _, cmd := range cmds {
			if strings.EqualFold(cmd.Name(), "hello") || strings.EqualFold(cmd.Name(), "client") {
				return next(ctx, cmds) // of a new connection
			}
		}
		h.count.Add(1)
		return next(ctx, cmds)
	}
}
