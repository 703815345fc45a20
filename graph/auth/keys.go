package auth

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/MicahParks/jwkset"
	"golang.org/x/time/rate"
)

const (
	fetchTimeout    = 5 * time.Second  // one fetch, to the last byte
	refreshInterval = 5 * time.Minute  // between two fetches in the background
	retryFirst      = time.Second      // after a first failed fetch, doubling
	retryLast       = time.Minute      // up to this
	demandEvery     = 10 * time.Second // between two fetches that tokens ask for, once the burst is used up
	demandBurst     = 5                // of fetches that tokens may ask for in a row
	minRSABits      = 2048             // NIST SP 800-131A: shorter keys must not be trusted
)

// keys is the key set of one issuer: what it published last, fetched anew in the background and when a token names
// an unknown key. A fetch that fails changes nothing; one that succeeds replaces the set. It is the storage that
// keyfunc reads.
type keys struct {
	*jwkset.MemoryJWKSet // the rest of the storage; reading and replacing are our own

	issuer string
	url    string
	client *http.Client
	log    *slog.Logger

	current atomic.Pointer[keySet] // nil until a first fetch has succeeded
	demand  *rate.Limiter

	life context.Context // of every fetch: one that many wait for must not end with the request that began it
	done sync.WaitGroup

	mu     sync.Mutex
	closed bool    // no fetch begins any more
	now    *flight // the fetch under way, nil without
	last   uint64  // number of the latest fetch begun
}

// keySet is one answer of the issuer. A new one is made only when the keys differ, so its address stands for them.
type keySet struct {
	byID map[string]jwkset.JWK
	text string
}

// flight is a fetch under way, for as many as wait for it.
type flight struct {
	number uint64
	landed chan struct{}
	err    error // set before landed is closed
}

func newKeys(life context.Context, issuer Issuer, client *http.Client, log *slog.Logger) *keys {
	return &keys{
		MemoryJWKSet: jwkset.NewMemoryStorage(),
		issuer:       issuer.Issuer,
		url:          issuer.JWKS,
		client:       client,
		log:          log,
		demand:       rate.NewLimiter(rate.Every(demandEvery), demandBurst),
		life:         life,
	}
}

// refresh fetches at once, then at intervals, until life ends. It must run in a goroutine of its own.
func (k *keys) refresh() {
	retry := retryFirst
	for {
		wait := refreshInterval + rand.N(refreshInterval/10) // many processes must not ask in step
		if flight, _ := k.board(""); flight != nil {
			<-flight.landed
			if flight.err != nil {
				wait = retry
				retry = min(2*retry, retryLast)
			} else {
				retry = retryFirst
			}
		}
		timer := time.NewTimer(wait)
		select {
		case <-k.life.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}

// close waits for what is under way; life must be over.
func (k *keys) close() {
	k.mu.Lock()
	k.closed = true
	k.mu.Unlock()
	k.done.Wait()
}

// board joins the fetch under way or begins one, and returns it with the number of the latest fetch that had begun
// before the call. A token asks with the id of its key, the background with none. The flight is nil when none is under
// way and none may begin: life is over, the key has come meanwhile, or tokens have asked too often.
func (k *keys) board(id string) (*flight, uint64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	before := k.last
	if k.now != nil {
		return k.now, before
	}
	if k.closed || k.life.Err() != nil {
		return nil, before
	}
	if id != "" {
		if _, known := k.known(id); known || !k.demand.Allow() {
			return nil, before
		}
	}
	k.last++
	flight := &flight{number: k.last, landed: make(chan struct{})}
	k.now = flight
	k.done.Go(func() {
		flight.err = k.fetch()
		k.mu.Lock()
		k.now = nil
		k.mu.Unlock()
		close(flight.landed)
	})
	return flight, before
}

// fetch asks the issuer once. jwkset hands what it read to KeyReplaceAll; it gives up without touching the set when
// the answer is not a key set.
func (k *keys) fetch() error {
	ctx, cancel := context.WithTimeout(k.life, fetchTimeout)
	defer cancel()
	_, err := jwkset.NewStorageFromHTTP(k.url, jwkset.HTTPClientStorageOptions{
		Client:      k.client,
		Ctx:         ctx,
		HTTPTimeout: fetchTimeout,
		Storage:     k,
	})
	if err != nil && k.life.Err() == nil {
		k.log.Warn("fetch an issuer's keys", "issuer", k.issuer, "known", k.current.Load() != nil, "error", err)
	}
	return err
}

// KeyRead returns the key of an id. For an unknown one it waits for a fetch that began after the call, because a
// token may be signed with a key that was published a moment ago.
func (k *keys) KeyRead(ctx context.Context, id string) (jwkset.JWK, error) {
	var asked uint64 // latest fetch that had begun when we first asked
	for first := true; ; first = false {
		if key, ok := k.known(id); ok {
			return key, nil
		}
		flight, before := k.board(id)
		if first {
			asked = before
		}
		if flight == nil {
			break
		}
		select {
		case <-flight.landed:
		case <-ctx.Done():
			return jwkset.JWK{}, refuse(KeysUnavailable, fmt.Errorf("wait for an issuer's keys: %w", ctx.Err()))
		}
		if flight.number > asked {
			break
		}
	}
	if key, ok := k.known(id); ok {
		return key, nil
	}
	if k.current.Load() == nil {
		return jwkset.JWK{}, refuse(KeysUnavailable, fmt.Errorf("no keys of issuer %q so far", k.issuer))
	}
	return jwkset.JWK{}, jwkset.ErrKeyNotFound
}

func (k *keys) known(id string) (jwkset.JWK, bool) {
	set := k.current.Load()
	if set == nil {
		return jwkset.JWK{}, false
	}
	key, ok := set.byID[id]
	return key, ok
}

// KeyReplaceAll takes over what the issuer published. An answer without one key that we could use is an error: no
// issuer takes back all its keys, but many answer errors with status 200.
func (k *keys) KeyReplaceAll(ctx context.Context, given []jwkset.JWK) error {
	set := &keySet{byID: make(map[string]jwkset.JWK, len(given))}
	var kept []jwkset.JWK
	var texts []string
	for _, key := range given {
		marshal := key.Marshal()
		if marshal.KID == "" || !usable(key) {
			continue
		}
		if _, twice := set.byID[marshal.KID]; twice {
			continue // the first of an id counts
		}
		text, err := json.Marshal(marshal)
		if err != nil {
			return fmt.Errorf("write down a published key: %w", err)
		}
		set.byID[marshal.KID] = key
		kept = append(kept, key)
		texts = append(texts, string(text))
	}
	if len(set.byID) == 0 {
		return errors.New("the answer holds no key that could verify a token")
	}
	slices.Sort(texts)
	set.text = strings.Join(texts, "\n")
	if old := k.current.Load(); old == nil || old.text != set.text {
		k.current.Store(set)
	}
	return k.MemoryJWKSet.KeyReplaceAll(ctx, kept)
}

// usable reports whether a key is public, for signatures and strong enough. A published private key is none: anybody
// could sign with it.
func usable(key jwkset.JWK) bool {
	if use := key.Marshal().USE; use != "" && use != jwkset.UseSig {
		return false
	}
	switch public := key.Key().(type) {
	case *rsa.PublicKey:
		return public.N.BitLen() >= minRSABits
	case *ecdsa.PublicKey, ed25519.PublicKey:
		return true
	default:
		return false
	}
}
