package identity

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/MicahParks/jwkset"
)

// ServeHTTP answers /{issuer}/jwks.json and /{issuer}/.well-known/openid-configuration as OpenID Connect Discovery 1.0,
// section 4 has them, as far as a service that only verifies tokens asks for.
func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.mux.ServeHTTP(w, r) }

func (p *Provider) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{issuer}/jwks.json", p.serveKeys)
	mux.HandleFunc("GET /{issuer}/.well-known/openid-configuration", p.serveDiscovery)
	return mux
}

func (p *Provider) serveKeys(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("issuer")
	text, err := p.keySet(r.Context(), name)
	switch {
	case err != nil:
		http.Error(w, "the keys cannot be written", http.StatusInternalServerError)
	case text == nil:
		http.NotFound(w, r)
	default:
		answer(w, text)
	}
}

// keySet is the JWK Set of an issuer, nil for an unknown one.
func (p *Provider) keySet(ctx context.Context, name string) (json.RawMessage, error) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	issuer := p.issuers[name]
	if issuer == nil {
		return nil, nil
	}
	set := jwkset.NewMemoryStorage()
	for _, key := range issuer.keys {
		public, err := jwkset.NewJWKFromKey(key.private.Public(), jwkset.JWKOptions{Metadata: jwkset.JWKMetadataOptions{
			ALG: jwkset.ALG(issuer.method.Alg()),
			KID: key.id,
			USE: jwkset.UseSig,
		}})
		if err != nil {
			return nil, fmt.Errorf("publish key %s: %w", key.id, err)
		}
		if err := set.KeyWrite(ctx, public); err != nil {
			return nil, fmt.Errorf("publish key %s: %w", key.id, err)
		}
	}
	return set.JSONPublic(ctx)
}

func (p *Provider) serveDiscovery(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("issuer")
	issuer := p.issuers[name]
	if issuer == nil {
		http.NotFound(w, r)
		return
	}
	text, err := json.Marshal(map[string]any{
		"issuer":                                p.issuerAddress(name),
		"jwks_uri":                              p.keysAddress(name),
		"id_token_signing_alg_values_supported": []string{issuer.method.Alg()},
		"subject_types_supported":               []string{"public"},
		"response_types_supported":              []string{"id_token"},
	})
	if err != nil {
		http.Error(w, "the document cannot be written", http.StatusInternalServerError)
		return
	}
	answer(w, text)
}

func answer(w http.ResponseWriter, text []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "public, max-age=300")
	_, _ = w.Write(text) // a client that is gone needs no answer
}
