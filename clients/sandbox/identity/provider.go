// Package identity stands in for the identity providers: it mints tokens for two issuers, customers and workforce,
// and serves their public keys as real providers do.
package identity

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// The issuers.
const (
	Customers = "customers" // contacts of accounts: every token opens the portal
	Workforce = "workforce" // staff: the role claim chooses
)

// The roles of the workforce.
const (
	Agent    = "agent"    // opens the console
	Engineer = "engineer" // opens the explorer
)

// service is the aud claim of every token: the service it is meant for.
const service = "support-graph"

// opens tells what a role of an issuer opens, empty for a role it does not have. Customers have no role.
func opens(issuer, role string) string {
	switch {
	case issuer == Customers && role == "":
		return "portal"
	case issuer == Workforce && role == Agent:
		return "console"
	case issuer == Workforce && role == Engineer:
		return "explorer"
	default:
		return ""
	}
}

// Provider is both issuers. It is an http.Handler and safe for concurrent use.
type Provider struct {
	base string
	mux  *http.ServeMux

	mu      sync.RWMutex
	issuers map[string]*issuer // the map itself never changes
}

// issuer signs with its newest key and publishes that one and the one before it.
type issuer struct {
	method jwt.SigningMethod
	made   int
	keys   []signingKey // newest first, at most two
}

type signingKey struct {
	id      string
	private crypto.Signer
}

// Grant is what a token says.
type Grant struct {
	Issuer   string // Customers or Workforce
	Subject  string // con_..., agt_... or an engineer's name
	Role     string // of the workforce: Agent or Engineer; empty for customers
	Name     string // what to call the subject; may be empty
	Lifetime time.Duration
}

// New makes a provider with fresh keys that will be served under the base address, such as http://127.0.0.1:9000.
func New(base string) (*Provider, error) {
	p := &Provider{
		base: strings.TrimRight(base, "/"),
		issuers: map[string]*issuer{
			Customers: {method: jwt.SigningMethodES256},
			Workforce: {method: jwt.SigningMethodEdDSA},
		},
	}
	p.mux = p.routes()
	if err := p.Rotate(); err != nil {
		return nil, err
	}
	return p, nil
}

// Rotate gives each issuer a new key to sign with. The key before it stays published, older ones do not.
func (p *Provider) Rotate() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for name, issuer := range p.issuers {
		private, err := generate(issuer.method)
		if err != nil {
			return fmt.Errorf("generate a key of %s: %w", name, err)
		}
		issuer.made++
		key := signingKey{id: fmt.Sprintf("%s-%d-%s", name, issuer.made, rand.Text()[:8]), private: private}
		issuer.keys = append([]signingKey{key}, issuer.keys[:min(len(issuer.keys), 1)]...)
	}
	return nil
}

func generate(method jwt.SigningMethod) (crypto.Signer, error) {
	if method == jwt.SigningMethodES256 {
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	_, private, err := ed25519.GenerateKey(rand.Reader)
	return private, err
}

// Token mints a token.
func (p *Provider) Token(grant Grant) (string, error) {
	if opens(grant.Issuer, grant.Role) == "" {
		return "", fmt.Errorf("mint a token: issuer %q has no role %q", grant.Issuer, grant.Role)
	}
	if grant.Subject == "" || grant.Lifetime <= 0 {
		return "", errors.New("mint a token: a subject and a lifetime are needed")
	}
	now := time.Now()
	claims := jwt.MapClaims{
		"iss": p.issuerAddress(grant.Issuer),
		"sub": grant.Subject,
		"aud": service,
		"iat": now.Unix(),
		"nbf": now.Unix(),
		"exp": now.Add(grant.Lifetime).Unix(),
		"jti": rand.Text(),
	}
	if grant.Role != "" {
		claims["role"] = grant.Role
	}
	if grant.Name != "" {
		claims["name"] = grant.Name
	}
	p.mu.RLock()
	issuer := p.issuers[grant.Issuer]
	key := issuer.keys[0]
	p.mu.RUnlock()

	token := jwt.NewWithClaims(issuer.method, claims)
	token.Header["kid"] = key.id
	signed, err := token.SignedString(key.private)
	if err != nil {
		return "", fmt.Errorf("sign a token of %s: %w", grant.Issuer, err)
	}
	return signed, nil
}

// Issuers is the configuration that makes the server accept these tokens: a JSON list, as its environment variable
// takes it.
func (p *Provider) Issuers() (string, error) {
	type entry struct {
		Issuer     string            `json:"issuer"`
		JWKS       string            `json:"jwks"`
		Audience   string            `json:"audience"`
		Algorithms []string          `json:"algorithms"`
		Serves     string            `json:"serves,omitempty"`
		Claim      string            `json:"claim,omitempty"`
		Values     map[string]string `json:"values,omitempty"`
		NameClaim  string            `json:"nameClaim"`
	}
	list := []entry{
		{Issuer: p.issuerAddress(Customers), JWKS: p.keysAddress(Customers), Serves: opens(Customers, "")},
		{Issuer: p.issuerAddress(Workforce), JWKS: p.keysAddress(Workforce), Claim: "role", Values: map[string]string{
			Agent:    opens(Workforce, Agent),
			Engineer: opens(Workforce, Engineer),
		}},
	}
	for i, name := range []string{Customers, Workforce} {
		list[i].Audience = service
		list[i].Algorithms = []string{p.issuers[name].method.Alg()}
		list[i].NameClaim = "name"
	}
	text, err := json.Marshal(list)
	if err != nil {
		return "", fmt.Errorf("write the list of issuers: %w", err)
	}
	return string(text), nil
}

func (p *Provider) issuerAddress(name string) string { return p.base + "/" + name }

func (p *Provider) keysAddress(name string) string { return p.issuerAddress(name) + "/jwks.json" }
