package cache

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"
)

// The bounds of a store.
const (
	usualBytes = 64 << 20
	refreshes  = 16               // batches read in the background beside each other; more are left for the next read
	longest    = 30 * time.Second // a batch may take, whoever waits for it
)

// Store is what all tables share: the memory of this process, Redis, and the work in the background. It is safe for
// concurrent use.
type Store struct {
	redis  *Client // nil: this process alone
	local  *otter.Cache[string, *entry]
	clock  func() time.Time
	tenant string
	self   string // tells our own messages from others'

	life       context.Context
	end        context.CancelFunc
	start      sync.Once
	closing    sync.Mutex // held to add to running, so that Close misses nobody
	running    sync.WaitGroup
	refreshes  chan struct{}
	subscribed atomic.Int64 // times
	heardFrom  atomic.Int64 // what was kept before may have been invalidated unheard, in nanoseconds since 1970

	mu     sync.Mutex
	tables map[string]spoiler // by prefix of their keys
}

// Option changes how a store works.
type Option func(*options)

type options struct {
	bytes  uint64
	tenant string
	clock  func() time.Time
}

// Bytes sets about how much memory of this process the values take at most, 64 MB where it is not given.
func Bytes(most int) Option { return func(o *options) { o.bytes = uint64(most) } }

// Tenant sets whose values these are, where several share a Redis.
func Tenant(name string) Option { return func(o *options) { o.tenant = name } }

// Clock sets where the store has the time from.
func Clock(now func() time.Time) Option { return func(o *options) { o.clock = now } }

// NewStore makes a store that is shared through Redis; nil makes one of this process alone.
func NewStore(redis *Client, settings ...Option) *Store {
	o := options{bytes: usualBytes, tenant: "main", clock: time.Now}
	for _, set := range settings {
		set(&o)
	}
	s := &Store{
		redis: redis,
		local: otter.Must(&otter.Options[string, *entry]{
			MaximumWeight: o.bytes,
			Weigher:       func(_ string, e *entry) uint32 { return e.weight() },
		}),
		clock:     o.clock,
		tenant:    strings.ReplaceAll(o.tenant, ":", "_"),
		self:      newName(),
		refreshes: make(chan struct{}, refreshes),
		tables:    make(map[string]spoiler),
	}
	s.life, s.end = context.WithCancel(context.Background())
	return s
}

// Close ends the work in the background and waits for it. Reads that wait fail; what is kept stays readable.
func (s *Store) Close() {
	s.closing.Lock()
	s.end()
	s.closing.Unlock()
	s.running.Wait()
	s.local.StopAllGoroutines()
}

// run does work in the background, which Close waits for. It reports false when the store is closed.
func (s *Store) run(work func()) bool {
	s.closing.Lock()
	defer s.closing.Unlock()
	if s.life.Err() != nil {
		return false
	}
	s.running.Go(work)
	return true
}

func (s *Store) since() time.Time {
	if at := s.heardFrom.Load(); at != 0 {
		return time.Unix(0, at)
	}
	return time.Time{}
}

func (s *Store) find(key string) *entry {
	e, _ := s.local.GetIfPresent(key)
	return e
}

func (s *Store) keep(key string, e *entry) { s.local.Set(key, e) }
