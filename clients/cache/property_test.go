package cache

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"supportgraph/clients/upstream"
)

// TestFreshnessRules lets random times pass between reads, faults and invalidations, and demands of every answer that it
// is what the rules promise. What happened is known here from the source's side alone.
func TestFreshnessRules(t *testing.T) {
	t.Parallel()
	for seed := range uint64(150) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 1))
			times := Times{
				Fresh:      time.Duration(1+random.IntN(100)) * time.Second,
				Revalidate: time.Duration(random.IntN(100)) * time.Second,
				Stale:      time.Duration(random.IntN(600)) * time.Second,
				Absent:     time.Duration(random.IntN(30)) * time.Second,
				Rest:       time.Duration(random.IntN(10)) * time.Second,
			}
			now := newClock()
			things := table(t, nil, times, Clock(now.time))
			var mu sync.Mutex // reads may be in the background
			var (
				fetched   []time.Time // of the n-th good answer
				last      = -1        // the newest good answer, -1 where the source last knew nothing
				down      bool
				absent    bool
				calls     int
				spoiled   bool      // since the last answer
				failed    time.Time // since the last answer
				forgotten time.Time // when the source last said that it knows nothing
			)
			read := func(_ context.Context, keys []key) (map[key]*thing, map[key]error) {
				mu.Lock()
				defer mu.Unlock()
				calls++
				switch {
				case down:
					failed = now.time()
					return nil, map[key]error{keys[0]: errDown}
				case absent:
					last, spoiled, failed, forgotten = -1, false, time.Time{}, now.time()
					return nil, nil
				}
				fetched = append(fetched, now.time())
				last, spoiled, failed, forgotten = len(fetched)-1, false, time.Time{}, time.Time{}
				return map[key]*thing{keys[0]: {Count: last}}, nil
			}
			for step := range 60 {
				switch random.IntN(6) {
				case 0:
					down = !down
				case 1:
					absent = random.IntN(3) == 0
				case 2:
					if err := things.Invalidate(t.Context(), "a"); err != nil {
						t.Fatal(err)
					}
					spoiled = true
				default:
					now.pass(time.Duration(random.Int64N(int64(times.Fresh + times.Revalidate + times.Stale/4 + 1))))
				}
				before, known, wasSpoiled, hadFailed, hadForgotten := calls, last, spoiled, failed, forgotten
				found, errs := things.Get(t.Context(), upstream.Agents, []key{"a"}, read)
				await(t, func() bool { return len(things.store.refreshes) == 0 })
				mu.Lock()
				asked := calls - before
				mu.Unlock()
				age := time.Duration(-1)
				if known >= 0 {
					age = now.time().Sub(fetched[known])
				}
				got, err := found["a"], errs["a"]
				fault := func(what string) {
					t.Errorf("step %d, %+v: %s: got %s %v, %v; %d calls, known %d of age %s, spoiled %v, down %v, absent %v", step, times, what,
						freshness(got), got.Value, err, asked, known, age, wasSpoiled, down, absent)
				}
				if asked > 1 {
					fault("one call at most")
				}
				switch {
				case err != nil:
					if !errors.Is(err, errDown) || age >= 0 && age < max(times.Stale, times.Fresh) {
						fault("an error where there was a value")
					}
				case got.Value == nil:
					remembered := !hadForgotten.IsZero() && now.time().Sub(hadForgotten) < times.Absent && !wasSpoiled
					if asked == 0 && !remembered || asked > 0 && (down || !absent) {
						fault("nothing where there is something")
					}
				default:
					if !got.Source.FetchedAt.Equal(fetched[got.Value.Count]) {
						fault("the time is another value's")
					}
					switch *got.Source.Freshness {
					case upstream.Live:
						if asked == 0 || got.Value.Count != len(fetched)-1 || got.Source.Reason != nil {
							fault("not read now")
						}
					case upstream.Cached:
						if asked != 0 || got.Value.Count != known || age >= times.Fresh || wasSpoiled || got.Source.Reason != nil {
							fault("not within its time")
						}
					case upstream.Stale:
						if got.Value.Count != known || age >= max(times.Stale, times.Fresh) {
							fault("too old")
						}
						if asked == 0 && (hadFailed.IsZero() || now.time().Sub(hadFailed) >= times.Rest) {
							fault("not asked again")
						}
						if got.Source.Reason == nil && (wasSpoiled || age >= times.Fresh+times.Revalidate) {
							fault("no reason for what is not renewed behind")
						}
					}
				}
				if t.Failed() {
					return
				}
			}
		})
	}
}

func TestCode(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 21, 18, 0, 0, 123456000, time.UTC)
	for _, value := range []any{&thing{Name: "Ünï", Count: -1, Parts: []string{}}, &thing{}, nil} {
		text, err := encode(&entry{value: value, fetchedAt: at})
		if err != nil {
			t.Fatal(err)
		}
		e, err := decode[thing](text, at)
		if err != nil || !e.fetchedAt.Equal(at) {
			t.Fatalf("%v: got %v, %v", value, e, err)
		}
		if diff := cmp.Diff(value, e.value); diff != "" {
			t.Error(diff)
		}
		for i := range header {
			if _, err := decode[thing](text[:i], at); err == nil {
				t.Errorf("%d bytes are an entry", i)
			}
		}
		text[0]++
		if _, err := decode[thing](text, at); !errors.Is(err, errFormat) {
			t.Errorf("another format: %v", err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, value := range []any{&thing{Name: "a"}, nil} {
		text, err := encode(&entry{value: value, fetchedAt: time.Now()})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		e, err := decode[thing](text, time.Now())
		if err != nil {
			return
		}
		if again, err := encode(e); err != nil || len(again) < header {
			t.Errorf("%q: %v", text, err)
		}
	})
}

// Whatever else is under a key of ours in Redis, the source is asked.
func TestStrangeEntries(t *testing.T) {
	t.Parallel()
	redis := serveRedis(t)
	things := table(t, connect(t, redis.address), rules)
	s := newSource()
	for i, text := range []string{"", "x", string([]byte{format, holds, 0, 0, 0, 0, 0, 0, 0, 0}) + "{", string([]byte{99}) + "v        {}"} {
		k := key(fmt.Sprint(i))
		if err := redis.command(t, "SET", things.full(k), text); err != nil {
			t.Fatal(err)
		}
		if got, err := one(t, things, s, k); err != nil || freshness(got) != "LIVE" {
			t.Errorf("%q: got %s, %v", text, freshness(got), err)
		}
	}
	if err := redis.command(t, "LPUSH", things.full("list"), "x"); err != nil {
		t.Fatal(err)
	}
	if got, err := one(t, things, s, "list"); err != nil || freshness(got) != "LIVE" {
		t.Errorf("a list: got %s, %v", freshness(got), err)
	}
}
