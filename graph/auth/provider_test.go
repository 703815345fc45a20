package auth_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"

	"supportgraph/graph/auth"
)

// provider is an issuer whose keys, answers and faults a test controls.
type provider struct {
	server  *httptest.Server
	down    atomic.Bool
	fetches atomic.Int64

	mu     sync.Mutex
	keys   map[string]any // private keys by id, all published
	answer []byte         // served instead of the keys where set
}

func newProvider(t testing.TB) *provider {
	t.Helper()
	p := &provider{keys: map[string]any{}}
	p.server = httptest.NewServer(p)
	t.Cleanup(p.server.Close)
	return p
}

func (p *provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.fetches.Add(1)
	if p.down.Load() {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.answer != nil {
		_, _ = w.Write(p.answer)
		return
	}
	set := jwkset.JWKSMarshal{Keys: []jwkset.JWKMarshal{}}
	for id, private := range p.keys {
		key, err := jwkset.NewJWKFromKey(private.(crypto.Signer).Public(), jwkset.JWKOptions{
			Metadata: jwkset.JWKMetadataOptions{KID: id, USE: jwkset.UseSig},
		})
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		set.Keys = append(set.Keys, key.Marshal())
	}
	_ = json.NewEncoder(w).Encode(set)
}

// publish replaces the published keys.
func (p *provider) publish(keys map[string]any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keys, p.answer = keys, nil
}

// serve makes the provider answer with the text, whatever its keys.
func (p *provider) serve(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = []byte(text)
}

// issuer is the configuration for a portal whose tokens are signed with one of the algorithms.
func (p *provider) issuer(name string, algorithms ...string) auth.Issuer {
	return auth.Issuer{
		Issuer:     name,
		JWKS:       p.server.URL,
		Audience:   auth.Texts{"support-graph"},
		Algorithms: algorithms,
		Serves:     auth.Portal,
		NameClaim:  "name",
	}
}

// client is one whose connections end with the test, so that no goroutine of theirs is left.
func client(t testing.TB) *http.Client {
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func verifier(t testing.TB, issuers ...auth.Issuer) *auth.Verifier {
	t.Helper()
	v, err := auth.NewVerifier(t.Context(), issuers, client(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.Close)
	return v
}

func ecKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func edKey(t testing.TB) ed25519.PrivateKey {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func rsaKey(t testing.TB, bits int) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// claims are those of a good token, changed as wanted: a nil value takes a claim away.
func claims(changes jwt.MapClaims) jwt.MapClaims {
	good := jwt.MapClaims{
		"iss":  "https://a.example",
		"sub":  "con_1",
		"aud":  "support-graph",
		"name": "Ada",
		"exp":  time.Now().Add(time.Hour).Unix(),
		"iat":  time.Now().Unix(),
	}
	for name, value := range changes {
		if value == nil {
			delete(good, name)
			continue
		}
		good[name] = value
	}
	return good
}

// sign signs with a header that names the key and has the extra entries, where a nil value takes one away.
func sign(t testing.TB, method jwt.SigningMethod, id string, key any, claims jwt.MapClaims, header ...jwt.MapClaims) string {
	t.Helper()
	token := jwt.NewWithClaims(method, claims)
	token.Header["kid"] = id
	for _, extra := range header {
		for name, value := range extra {
			if value == nil {
				delete(token.Header, name)
				continue
			}
			token.Header[name] = value
		}
	}
	text, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
