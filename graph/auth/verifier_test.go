package auth_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"supportgraph/clients/sandbox/identity"
	"supportgraph/graph/auth"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// code is the code of a refusal, empty for none.
func code(t testing.TB, err error) auth.Code {
	t.Helper()
	if err == nil {
		return ""
	}
	var refused *auth.Error
	if !errors.As(err, &refused) {
		t.Fatalf("%T is no *auth.Error: %v", err, err)
	}
	return refused.Code
}

func TestVerifyCodes(t *testing.T) {
	t.Parallel()
	a, b := newProvider(t), newProvider(t)
	keyA, keyB, edA, rsaA, weakA := ecKey(t), ecKey(t), edKey(t), rsaKey(t, 2048), rsaKey(t, 1024)
	a.publish(map[string]any{"a": keyA, "ed": edA, "rsa": rsaA, "weak": weakA})
	b.publish(map[string]any{"b": keyB})
	role := b.issuer("https://b.example", "ES256")
	role.Serves, role.Claim, role.Values = "", "role", map[string]auth.Audience{
		"agent": auth.Console, "lead": auth.Console, "engineer": auth.Explorer,
	}
	v := verifier(t, a.issuer("https://a.example", "ES256", "RS256", "EdDSA"), role)

	es256 := jwt.SigningMethodES256
	good := sign(t, es256, "a", keyA, claims(nil))
	public, err := x509.MarshalPKIXPublicKey(&rsaA.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	publicPEM := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})
	past, future := time.Now().Add(-time.Hour).Unix(), time.Now().Add(time.Hour).Unix()
	parts := strings.Split(good, ".")
	fromB := func(changes jwt.MapClaims) string {
		changes["iss"] = "https://b.example"
		return sign(t, es256, "b", keyB, claims(changes))
	}

	for name, test := range map[string]struct {
		token string
		want  auth.Code
	}{
		"good":                          {good, ""},
		"good, EdDSA":                   {sign(t, jwt.SigningMethodEdDSA, "ed", edA, claims(nil)), ""},
		"good, RS256":                   {sign(t, jwt.SigningMethodRS256, "rsa", rsaA, claims(nil)), ""},
		"good, one aud of several":      {sign(t, es256, "a", keyA, claims(jwt.MapClaims{"aud": []string{"x", "support-graph"}})), ""},
		"expired within the leeway":     {sign(t, es256, "a", keyA, claims(jwt.MapClaims{"exp": time.Now().Add(-10 * time.Second).Unix()})), ""},
		"no token":                      {"", auth.Unauthenticated},
		"no JWT":                        {"rubbish", auth.TokenMalformed},
		"four parts":                    {good + ".x", auth.TokenMalformed},
		"bad base64":                    {"!." + parts[1] + "." + parts[2], auth.TokenMalformed},
		"too long":                      {strings.Repeat("a", 9000), auth.TokenMalformed},
		"expired":                       {sign(t, es256, "a", keyA, claims(jwt.MapClaims{"exp": past})), auth.TokenExpired},
		"not before":                    {sign(t, es256, "a", keyA, claims(jwt.MapClaims{"nbf": future})), auth.TokenNotYetValid},
		"issued in the future":          {sign(t, es256, "a", keyA, claims(jwt.MapClaims{"iat": future})), auth.TokenNotYetValid},
		"expired for another audience":  {sign(t, es256, "a", keyA, claims(jwt.MapClaims{"exp": past, "aud": "x"})), auth.TokenInvalid},
		"no exp":                        {sign(t, es256, "a", keyA, claims(jwt.MapClaims{"exp": nil})), auth.TokenInvalid},
		"exp is text":                   {sign(t, es256, "a", keyA, claims(jwt.MapClaims{"exp": "never"})), auth.TokenInvalid},
		"wrong aud":                     {sign(t, es256, "a", keyA, claims(jwt.MapClaims{"aud": "another"})), auth.TokenInvalid},
		"no aud":                        {sign(t, es256, "a", keyA, claims(jwt.MapClaims{"aud": nil})), auth.TokenInvalid},
		"no sub":                        {sign(t, es256, "a", keyA, claims(jwt.MapClaims{"sub": nil})), auth.TokenInvalid},
		"sub is a number":               {sign(t, es256, "a", keyA, claims(jwt.MapClaims{"sub": 7})), auth.TokenInvalid},
		"unknown issuer":                {sign(t, es256, "a", keyA, claims(jwt.MapClaims{"iss": "https://c.example"})), auth.TokenInvalid},
		"no issuer":                     {sign(t, es256, "a", keyA, claims(jwt.MapClaims{"iss": nil})), auth.TokenInvalid},
		"key of A, issuer B":            {sign(t, es256, "a", keyA, claims(jwt.MapClaims{"iss": "https://b.example", "role": "agent"})), auth.TokenInvalid},
		"key of B under A's id":         {sign(t, es256, "a", keyB, claims(nil)), auth.TokenInvalid},
		"unknown key id":                {sign(t, es256, "z", keyA, claims(nil)), auth.TokenInvalid},
		"no key id":                     {sign(t, es256, "", keyA, claims(nil), jwt.MapClaims{"kid": nil}), auth.TokenInvalid},
		"key id is a number":            {sign(t, es256, "", keyA, claims(nil), jwt.MapClaims{"kid": 1}), auth.TokenInvalid},
		"short RSA key":                 {sign(t, jwt.SigningMethodRS256, "weak", weakA, claims(nil)), auth.TokenInvalid},
		"critical extension":            {sign(t, es256, "a", keyA, claims(nil), jwt.MapClaims{"crit": []string{"b64"}}), auth.TokenInvalid},
		"algorithm not of the list":     {sign(t, jwt.SigningMethodPS256, "rsa", rsaA, claims(nil)), auth.TokenInvalid},
		"algorithm of another key type": {sign(t, jwt.SigningMethodRS256, "a", rsaA, claims(nil)), auth.TokenInvalid},
		"HS256 with the public key":     {sign(t, jwt.SigningMethodHS256, "rsa", publicPEM, claims(nil)), auth.TokenInvalid},
		"none":                          {sign(t, jwt.SigningMethodNone, "a", jwt.UnsafeAllowNoneSignatureType, claims(nil)), auth.TokenInvalid},
		"signature cut off":             {parts[0] + "." + parts[1] + ".", auth.TokenInvalid},
		"claims of another token":       {parts[0] + "." + strings.Split(fromB(jwt.MapClaims{}), ".")[1] + "." + parts[2], auth.TokenInvalid},
		"role":                          {fromB(jwt.MapClaims{"role": "engineer"}), ""},
		"roles of one audience":         {fromB(jwt.MapClaims{"role": []string{"agent", "lead", "x"}}), ""},
		"roles of two audiences":        {fromB(jwt.MapClaims{"role": []string{"agent", "engineer"}}), auth.AudienceUnknown},
		"unknown role":                  {fromB(jwt.MapClaims{"role": "intern"}), auth.AudienceUnknown},
		"no role":                       {fromB(jwt.MapClaims{}), auth.AudienceUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			for range 2 { // the second answer may be a remembered one
				viewer, err := v.Verify(t.Context(), test.token)
				if got := code(t, err); got != test.want {
					t.Fatalf("code %q, want %q (%v)", got, test.want, err)
				}
				if (viewer == nil) != (err != nil) {
					t.Fatalf("viewer %v with error %v", viewer, err)
				}
				if refused, ok := errors.AsType[*auth.Error](err); ok {
					for _, secret := range []string{"example", "kid", "key", "algorithm", "RS256", "aud "} {
						if strings.Contains(refused.Message, secret) {
							t.Errorf("the message %q tells of %q", refused.Message, secret)
						}
					}
					if refused.Status() != http.StatusUnauthorized || refused.Retryable() {
						t.Errorf("status %d, retryable %v", refused.Status(), refused.Retryable())
					}
				}
			}
		})
	}
}

func TestViewer(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	key := ecKey(t)
	p.publish(map[string]any{"a": key})
	issuer := p.issuer("https://a.example", "ES256")
	issuer.SubjectClaim = "contact"
	v := verifier(t, issuer)
	token := sign(t, jwt.SigningMethodES256, "a", key, claims(jwt.MapClaims{"contact": "con_9"}))
	want := &auth.Viewer{Audience: auth.Portal, Subject: "con_9", Name: "Ada"}
	for range 3 {
		got, err := v.Verify(t.Context(), token)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		got.Subject = "con_other" // must not reach the next request
	}
}

func TestKeysUnavailable(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	key := ecKey(t)
	p.publish(map[string]any{"a": key})
	p.down.Store(true)
	var log bytes.Buffer
	v, err := auth.NewVerifier(t.Context(), []auth.Issuer{p.issuer("https://a.example", "ES256")}, client(t),
		slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatalf("an issuer that is down must not stop the start: %v", err)
	}
	token := sign(t, jwt.SigningMethodES256, "a", key, claims(nil))
	_, err = v.Verify(t.Context(), token)
	if got := code(t, err); got != auth.KeysUnavailable {
		t.Fatalf("code %q (%v)", got, err)
	}
	refused, _ := errors.AsType[*auth.Error](err)
	if refused.Status() != http.StatusServiceUnavailable || !refused.Retryable() {
		t.Errorf("status %d, retryable %v", refused.Status(), refused.Retryable())
	}

	p.down.Store(false)
	if _, err := v.Verify(t.Context(), token); err != nil {
		t.Errorf("the first need after the outage must fetch: %v", err)
	}
	v.Close()
	if !strings.Contains(log.String(), "https://a.example") || strings.Contains(log.String(), token) {
		t.Errorf("log: %s", log.String())
	}
	if _, err := v.Verify(t.Context(), token); err != nil {
		t.Errorf("known keys must work after Close: %v", err)
	}
}

func TestVerifyEndsWithItsContext(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	asked, release := make(chan struct{}, 16), make(chan struct{})
	p.server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		<-release
	})
	t.Cleanup(func() { close(release) })
	v := verifier(t, p.issuer("https://a.example", "ES256"))
	<-asked
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := v.Verify(ctx, sign(t, jwt.SigningMethodES256, "a", ecKey(t), claims(nil)))
	if got := code(t, err); got != auth.KeysUnavailable || !errors.Is(err, context.Canceled) {
		t.Errorf("code %q (%v)", got, err)
	}
}

// TestSandboxIdentity proves that the sandbox's configuration text and tokens are what the server takes.
func TestSandboxIdentity(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	stand, err := identity.New(p.server.URL)
	if err != nil {
		t.Fatal(err)
	}
	p.server.Config.Handler = stand
	text, err := stand.Issuers()
	if err != nil {
		t.Fatal(err)
	}
	var issuers auth.Issuers
	if err := issuers.UnmarshalText([]byte(text)); err != nil {
		t.Fatal(err)
	}
	v := verifier(t, issuers...)
	personas, err := stand.Personas(
		identity.Role{Persona: "Ada", Issuer: identity.Customers, Subject: "con_1"},
		identity.Role{Persona: "Ben", Issuer: identity.Workforce, Role: identity.Agent, Subject: "agt_1"},
		identity.Role{Persona: "Eve", Issuer: identity.Workforce, Role: identity.Engineer, Subject: "eve"},
	)
	if err != nil {
		t.Fatal(err)
	}
	subjects := []string{"con_1", "agt_1", "eve"}
	for i, persona := range personas {
		got, err := v.Verify(t.Context(), persona.Token)
		if err != nil {
			t.Fatalf("%s: %v", persona.Name, err)
		}
		want := &auth.Viewer{Audience: auth.Audience(persona.Audience), Subject: subjects[i], Name: persona.Name}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
	if err := stand.Rotate(); err != nil {
		t.Fatal(err)
	}
	token, err := stand.Token(identity.Grant{Issuer: identity.Customers, Subject: "con_2", Lifetime: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Verify(t.Context(), token); err != nil {
		t.Errorf("the first token after a rotation: %v", err)
	}
}

func FuzzVerify(f *testing.F) {
	p := newProvider(f)
	key := edKey(f)
	p.publish(map[string]any{"a": key})
	v := verifier(f, p.issuer("https://a.example", "EdDSA", "ES256"))
	good := sign(f, jwt.SigningMethodEdDSA, "a", key, claims(nil))
	f.Add(good)
	f.Add(sign(f, jwt.SigningMethodEdDSA, "z", key, claims(jwt.MapClaims{"exp": nil, "aud": []any{1, nil}})))
	f.Add(sign(f, jwt.SigningMethodNone, "a", jwt.UnsafeAllowNoneSignatureType, claims(nil)))
	f.Add("e30.e30.")
	f.Add("bnVsbA.bnVsbA.")
	f.Add("..")
	f.Fuzz(func(t *testing.T, token string) {
		viewer, err := v.Verify(t.Context(), token)
		if err == nil {
			if token != good || viewer == nil {
				t.Fatalf("accepted %q", token)
			}
			return
		}
		refused, ok := errors.AsType[*auth.Error](err)
		if !ok || viewer != nil || refused.Message == "" {
			t.Fatalf("viewer %v, error %v", viewer, err)
		}
		if _, err := json.Marshal(refused.Message); err != nil {
			t.Fatal(err)
		}
	})
}
