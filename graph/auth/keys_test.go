package auth_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"supportgraph/graph/auth"
)

// TestRotationUnderLoad: whoever gets a token from the issuer is let in, at every moment of three rotations.
func TestRotationUnderLoad(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	type signer struct {
		id  string
		key any
	}
	var current atomic.Pointer[signer]
	published := map[string]any{}
	rotate := func(id string) {
		key := ecKey(t)
		next := map[string]any{id: key}
		if old := current.Load(); old != nil {
			next[old.id] = old.key
		}
		published = next
		p.publish(published)
		current.Store(&signer{id, key})
	}
	rotate("key-0")
	v := verifier(t, p.issuer("https://a.example", "ES256"))

	var (
		stop     = make(chan struct{})
		workers  sync.WaitGroup
		requests [4]atomic.Int64 // by rotation
		phase    atomic.Int64
	)
	for worker := range 8 {
		workers.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				at := phase.Load()
				with := current.Load()
				token := sign(t, jwt.SigningMethodES256, with.id, with.key,
					claims(jwt.MapClaims{"jti": fmt.Sprint(worker, n)}))
				if _, err := v.Verify(t.Context(), token); err != nil {
					t.Errorf("refused during rotation %d: %v", at, err)
					return
				}
				requests[at].Add(1)
			}
		})
	}
	for next := range 4 {
		waitFor(t, func() bool { return requests[next].Load() > 200 || t.Failed() })
		if next < 3 {
			rotate(fmt.Sprintf("key-%d", next+1))
			phase.Add(1)
		}
	}
	close(stop)
	workers.Wait()
	if n := p.fetches.Load(); n > 8 {
		t.Errorf("%d fetches for three rotations", n)
	}
}

func TestUnknownKeyFloodIsBounded(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	key := ecKey(t)
	p.publish(map[string]any{"a": key})
	v := verifier(t, p.issuer("https://a.example", "ES256"))
	good := sign(t, jwt.SigningMethodES256, "a", key, claims(nil))
	if _, err := v.Verify(t.Context(), good); err != nil {
		t.Fatal(err)
	}
	forger := ecKey(t)
	var workers sync.WaitGroup
	for worker := range 8 {
		workers.Go(func() {
			for n := range 100 {
				token := sign(t, jwt.SigningMethodES256, fmt.Sprint("forged-", worker, "-", n), forger, claims(nil))
				if _, err := v.Verify(t.Context(), token); code(t, err) != auth.TokenInvalid {
					t.Errorf("forged: %v", err)
				}
			}
		})
	}
	workers.Wait()
	if n := p.fetches.Load(); n > 8 {
		t.Errorf("800 forged tokens caused %d fetches", n)
	}
	if _, err := v.Verify(t.Context(), good); err != nil {
		t.Errorf("a good token during the flood: %v", err)
	}
}

func TestIssuerDownKeepsItsKeys(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	key := ecKey(t)
	p.publish(map[string]any{"a": key})
	v := verifier(t, p.issuer("https://a.example", "ES256"))
	if _, err := v.Verify(t.Context(), sign(t, jwt.SigningMethodES256, "a", key, claims(nil))); err != nil {
		t.Fatal(err)
	}
	const other = `{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"o","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`
	// Each of these makes an unknown key trigger a fetch that must change nothing.
	for name, fault := range map[string]func(){
		"502":      func() { p.down.Store(true) },
		"no keys":  func() { p.down.Store(false); p.serve(`{"keys":[]}`) },
		"no JSON":  func() { p.down.Store(false); p.serve(`<html>maintenance</html>`) },
		"too long": func() { p.down.Store(false); p.serve(strings.Repeat(" ", 600<<10) + other) },
	} {
		fault()
		before := p.fetches.Load()
		_, err := v.Verify(t.Context(), sign(t, jwt.SigningMethodES256, "z", key, claims(jwt.MapClaims{"jti": name})))
		if code(t, err) != auth.TokenInvalid || p.fetches.Load() == before {
			t.Errorf("%s: %v after %d fetches", name, err, p.fetches.Load()-before)
		}
		fresh := sign(t, jwt.SigningMethodES256, "a", key, claims(jwt.MapClaims{"jti": "good " + name}))
		if _, err := v.Verify(t.Context(), fresh); err != nil {
			t.Errorf("%s: a good token was refused: %v", name, err)
		}
	}
}

func TestRemovedKeyIsGoneAfterARefresh(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	old, young := ecKey(t), ecKey(t)
	p.publish(map[string]any{"old": old})
	v := verifier(t, p.issuer("https://a.example", "ES256"))
	token := sign(t, jwt.SigningMethodES256, "old", old, claims(nil))
	for range 3 { // by now it is remembered
		if _, err := v.Verify(t.Context(), token); err != nil {
			t.Fatal(err)
		}
	}
	p.publish(map[string]any{"young": young})
	if _, err := v.Verify(t.Context(), sign(t, jwt.SigningMethodES256, "young", young, claims(nil))); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Verify(t.Context(), token); code(t, err) != auth.TokenInvalid {
		t.Errorf("a token of a removed key, once remembered, was accepted: %v", err)
	}
}

func TestRedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	evil, p := newProvider(t), newProvider(t)
	key := ecKey(t)
	evil.publish(map[string]any{"a": key})
	p.server.Config.Handler = http.RedirectHandler(evil.server.URL, http.StatusFound)
	v := verifier(t, p.issuer("https://a.example", "ES256"))
	_, err := v.Verify(t.Context(), sign(t, jwt.SigningMethodES256, "a", key, claims(nil)))
	if code(t, err) != auth.KeysUnavailable || evil.fetches.Load() != 0 {
		t.Errorf("%v, %d fetches elsewhere", err, evil.fetches.Load())
	}
}

func TestPublishedSecretsAreNoKeys(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	p.serve(`{"keys":[{"kty":"oct","kid":"a","alg":"HS256","k":"c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"}]}`)
	v := verifier(t, p.issuer("https://a.example", "ES256"))
	_, err := v.Verify(t.Context(), sign(t, jwt.SigningMethodES256, "a", ecKey(t), claims(nil)))
	if code(t, err) != auth.KeysUnavailable {
		t.Errorf("%v", err)
	}
}

// waitFor polls until the condition holds, and fails the test when that takes too long.
func waitFor(t *testing.T, condition func() bool) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal(errors.New("waited in vain"))
		}
	}
}

// TestKeyPublishedDuringAFetch: a fetch that was answered before the key was published must not decide on its token.
func TestKeyPublishedDuringAFetch(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	old, young := ecKey(t), ecKey(t)
	p.publish(map[string]any{"old": old})
	answered, release := make(chan struct{}), make(chan struct{})
	var first sync.Once
	p.server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.ServeHTTP(w, r)
		first.Do(func() {
			close(answered)
			<-release // the answer is written, but its end is not told
		})
	})
	v := verifier(t, p.issuer("https://a.example", "ES256"))
	<-answered
	p.publish(map[string]any{"old": old, "young": young})
	verified := make(chan error)
	go func() {
		_, err := v.Verify(t.Context(), sign(t, jwt.SigningMethodES256, "young", young, claims(nil)))
		verified <- err
	}()
	select {
	case err := <-verified:
		t.Errorf("decided without the fetch under way: %v", err)
	case <-time.After(50 * time.Millisecond): // it waits
	}
	close(release)
	if err := <-verified; err != nil {
		t.Error(err)
	}
}
