package identity_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"

	"supportgraph/clients/sandbox/identity"
)

func serve(t *testing.T) (*identity.Provider, string) {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	base := "http://" + server.Listener.Addr().String()
	provider, err := identity.New(base)
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = provider
	server.Start()
	t.Cleanup(server.Close)
	return provider, base
}

func get(t *testing.T, address string) (int, []byte) {
	t.Helper()
	answer, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, body
}

func keyIDs(t *testing.T, address string) []string {
	t.Helper()
	status, body := get(t, address)
	var set struct {
		Keys []map[string]string `json:"keys"`
	}
	if err := json.Unmarshal(body, &set); err != nil || status != http.StatusOK {
		t.Fatalf("GET %s: %d %s (%v)", address, status, body, err)
	}
	var ids []string
	for _, key := range set.Keys {
		if _, private := key["d"]; private {
			t.Errorf("%s publishes a private key", address)
		}
		ids = append(ids, key["kid"])
	}
	return ids
}

func TestTokensVerifyWithThePublishedKeys(t *testing.T) {
	t.Parallel()
	provider, base := serve(t)
	for _, grant := range []identity.Grant{
		{Issuer: identity.Customers, Subject: "con_1", Name: "Ada", Lifetime: time.Hour},
		{Issuer: identity.Workforce, Subject: "agt_1", Role: identity.Agent, Lifetime: time.Hour},
	} {
		token, err := provider.Token(grant)
		if err != nil {
			t.Fatal(err)
		}
		_, set := get(t, base+"/"+grant.Issuer+"/jwks.json")
		keys, err := keyfunc.NewJWKSetJSON(set)
		if err != nil {
			t.Fatal(err)
		}
		claims := jwt.MapClaims{}
		if _, err := jwt.ParseWithClaims(token, claims, keys.Keyfunc,
			jwt.WithIssuer(base+"/"+grant.Issuer), jwt.WithAudience("support-graph"), jwt.WithExpirationRequired()); err != nil {
			t.Errorf("%s: %v", grant.Issuer, err)
		}
		if claims["sub"] != grant.Subject {
			t.Errorf("sub = %v", claims["sub"])
		}
	}
}

func TestRotationKeepsOneKeyBeforeTheNewest(t *testing.T) {
	t.Parallel()
	provider, base := serve(t)
	first := keyIDs(t, base+"/customers/jwks.json")
	if err := provider.Rotate(); err != nil {
		t.Fatal(err)
	}
	second := keyIDs(t, base+"/customers/jwks.json")
	if err := provider.Rotate(); err != nil {
		t.Fatal(err)
	}
	third := keyIDs(t, base+"/customers/jwks.json")
	if len(first) != 1 || len(second) != 2 || len(third) != 2 {
		t.Fatalf("keys: %v, %v, %v", first, second, third)
	}
	if second[1] != first[0] || third[1] != second[0] || slices.Contains(third, first[0]) {
		t.Errorf("keys: %v, %v, %v", first, second, third)
	}
}

func TestDiscovery(t *testing.T) {
	t.Parallel()
	_, base := serve(t)
	status, body := get(t, base+"/workforce/.well-known/openid-configuration")
	var document struct {
		Issuer string `json:"issuer"`
		JWKS   string `json:"jwks_uri"`
	}
	if err := json.Unmarshal(body, &document); err != nil || status != http.StatusOK {
		t.Fatalf("%d %s (%v)", status, body, err)
	}
	if document.Issuer != base+"/workforce" || document.JWKS != base+"/workforce/jwks.json" {
		t.Errorf("%s", body)
	}
	for _, path := range []string{"/", "/nobody/jwks.json", "/nobody/.well-known/openid-configuration"} {
		if status, _ := get(t, base+path); status != http.StatusNotFound {
			t.Errorf("%s: %d", path, status)
		}
	}
}

func TestTokenRefusesWhatNoIssuerGrants(t *testing.T) {
	t.Parallel()
	provider, _ := serve(t)
	for name, grant := range map[string]identity.Grant{
		"unknown issuer":       {Issuer: "nobody", Subject: "x", Lifetime: time.Hour},
		"customer with a role": {Issuer: identity.Customers, Subject: "x", Role: identity.Agent, Lifetime: time.Hour},
		"staff without a role": {Issuer: identity.Workforce, Subject: "x", Lifetime: time.Hour},
		"no subject":           {Issuer: identity.Customers, Lifetime: time.Hour},
		"no lifetime":          {Issuer: identity.Customers, Subject: "x"},
	} {
		if _, err := provider.Token(grant); err == nil {
			t.Errorf("%s: minted", name)
		}
	}
}

func TestPersonas(t *testing.T) {
	t.Parallel()
	provider, _ := serve(t)
	personas, err := provider.Personas(
		identity.Role{Persona: "Ada", Issuer: identity.Customers, Subject: "con_1", Description: "A customer."},
		identity.Role{Persona: "Ben", Issuer: identity.Workforce, Subject: "agt_1", Role: identity.Agent},
		identity.Role{Persona: "Eve", Issuer: identity.Workforce, Subject: "eve", Role: identity.Engineer},
	)
	if err != nil {
		t.Fatal(err)
	}
	var audiences []string
	for _, persona := range personas {
		audiences = append(audiences, persona.Audience)
	}
	if diff := cmp.Diff([]string{"portal", "console", "explorer"}, audiences); diff != "" {
		t.Error(diff)
	}
	claims := jwt.MapClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(personas[0].Token, claims); err != nil {
		t.Fatal(err)
	}
	expiry, err := claims.GetExpirationTime()
	if err != nil || time.Until(expiry.Time) < 23*time.Hour {
		t.Errorf("expiry %v, %v", expiry, err)
	}
	text, err := json.Marshal(identity.Persona{Name: "a", Audience: "b", Description: "c", Token: "d"})
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"persona":"a","audience":"b","description":"c","token":"d"}`; string(text) != want {
		t.Errorf("%s", text)
	}
	if _, err := provider.Personas(identity.Role{Persona: "Mallory", Issuer: "nobody"}); err == nil {
		t.Error("a persona of an unknown issuer was made")
	}
}
