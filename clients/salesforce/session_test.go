package salesforce_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"supportgraph/clients/salesforce"
	"supportgraph/clients/sandbox/vendors"
	"supportgraph/clients/upstream"
)

func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	w := serve(t, 60, vendors.Options{}, salesforce.Config{Config: upstream.Config{Concurrency: 60}})
	ask := func() (failures int) {
		var (
			running sync.WaitGroup
			mu      sync.Mutex
		)
		for i := range 50 {
			running.Go(func() {
				if found, _ := w.client.Accounts(t.Context(), upstream.Agents, []salesforce.AccountID{id(i)}); len(found) != 1 {
					mu.Lock()
					defer mu.Unlock()
					failures++
				}
			})
		}
		running.Wait()
		return failures
	}
	if failures := ask(); failures != 0 || w.calls("oauth.token") != 1 {
		t.Errorf("the first session: %d failures, %d tokens", failures, w.calls("oauth.token"))
	}
	for round := 2; round < 5; round++ {
		w.ExpireSessions()
		if failures := ask(); failures != 0 || w.calls("oauth.token") != round {
			t.Errorf("session %d: %d failures, %d tokens", round, failures, w.calls("oauth.token"))
		}
	}
	w.strike(t, vendors.Fault{Op: "accounts.retrieve", Mode: vendors.Unauthorized, Times: 1})
	if found, failed := w.client.Accounts(t.Context(), upstream.Agents, ids(1)); len(found) != 1 || w.calls("oauth.token") != 5 {
		t.Errorf("refused once: %v, %d tokens", failed, w.calls("oauth.token"))
	}
}

func TestNoSession(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		token string
		fault vendors.Fault
		want  upstream.Reason
	}{
		"wrong secret":  {"wrong", vendors.Fault{Op: "accounts.retrieve"}, upstream.Refused},
		"fault":         {"", vendors.Fault{Op: "oauth.token", ErrorRate: 1}, upstream.Unavailable},
		"no token":      {"", vendors.Fault{Op: "oauth.token", Mode: vendors.Unsuccessful}, upstream.BadAnswer},
		"silence":       {"", vendors.Fault{Op: "oauth.token", Mode: vendors.Hang}, upstream.Timeout},
		"a proxy's 502": {"", vendors.Fault{Op: "oauth.token", Mode: vendors.HTML}, upstream.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := serve(t, 3, vendors.Options{}, salesforce.Config{Config: upstream.Config{Token: test.token, Timeout: time.Second}})
			w.strike(t, test.fault)
			_, failed := w.client.Accounts(t.Context(), upstream.Agents, ids(3))
			var cause *upstream.Error
			if len(failed) != 3 || !errors.As(failed[id(0)], &cause) || cause.Reason != test.want || cause.Op != "oauth.token" {
				t.Fatalf("failed %v", failed)
			}
			if strings.Contains(cause.Error(), "sf_secret") || w.calls("accounts.retrieve") != 0 {
				t.Errorf("%v after %d reads", cause, w.calls("accounts.retrieve"))
			}
			w.Heal()
			if test.token != "" {
				return
			}
			eventually(t, func() bool { // a call for a token that nobody waits for any more may still be under way
				found, _ := w.client.Accounts(t.Context(), upstream.Agents, ids(3))
				return len(found) == 3
			})
		})
	}
}

func TestWhoWaitsForASessionMayLeave(t *testing.T) {
	t.Parallel()
	w := serve(t, 3, vendors.Options{}, salesforce.Config{})
	w.strike(t, vendors.Fault{Op: "oauth.token", Latency: vendors.Latency{P50: vendors.Duration(150 * time.Millisecond)}})
	leaving, leave := context.WithCancel(t.Context())
	done := make(chan map[salesforce.AccountID]error, 1)
	go func() {
		_, failed := w.client.Accounts(leaving, upstream.Agents, ids(1))
		done <- failed
	}()
	eventually(t, func() bool { return w.Stats()[vendors.Salesforce].InFlight == 1 })
	leave()
	var cause *upstream.Error
	if failed := <-done; !errors.As(failed[id(0)], &cause) || cause.Reason != upstream.Canceled {
		t.Errorf("got %v", failed)
	}
	if found, failed := w.client.Accounts(t.Context(), upstream.Agents, ids(2)); len(found) != 2 || w.calls("oauth.token") != 1 {
		t.Errorf("%d tokens, failed %v", w.calls("oauth.token"), failed)
	}
}
