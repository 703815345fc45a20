package auth_test

import (
	"strings"
	"testing"

	"github.com/caarlos0/env/v11"
	"github.com/google/go-cmp/cmp"

	"supportgraph/graph/auth"
)

const issuersText = `[
  {"issuer": "https://customers.example", "jwks": "https://customers.example/jwks.json",
   "audience": "support-graph", "algorithms": ["ES256"], "serves": "portal", "nameClaim": "name"},
  {"issuer": "https://staff.example", "jwks": "http://127.0.0.1:9000/jwks.json",
   "audience": ["support-graph", "graph"], "algorithms": ["RS256", "EdDSA"],
   "claim": "role", "values": {"agent": "console"}, "subjectClaim": "uid"}
]`

func TestIssuersFromTheEnvironment(t *testing.T) {
	t.Parallel()
	var configuration struct {
		Issuers auth.Issuers `env:"ISSUERS"`
	}
	if err := env.ParseWithOptions(&configuration, env.Options{
		Environment: map[string]string{"ISSUERS": issuersText},
	}); err != nil {
		t.Fatal(err)
	}
	want := auth.Issuers{
		{
			Issuer: "https://customers.example", JWKS: "https://customers.example/jwks.json",
			Audience: auth.Texts{"support-graph"}, Algorithms: auth.Texts{"ES256"}, Serves: auth.Portal, NameClaim: "name",
		},
		{
			Issuer: "https://staff.example", JWKS: "http://127.0.0.1:9000/jwks.json",
			Audience: auth.Texts{"support-graph", "graph"}, Algorithms: auth.Texts{"RS256", "EdDSA"},
			Claim: "role", Values: map[string]auth.Audience{"agent": auth.Console}, SubjectClaim: "uid",
		},
	}
	if diff := cmp.Diff(want, configuration.Issuers); diff != "" {
		t.Error(diff)
	}
	if err := configuration.Issuers.Check(); err != nil {
		t.Error(err)
	}
}

func TestIssuersTextIsStrict(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"empty":            ``,
		"no list":          `{}`,
		"no JSON":          `https://customers.example`,
		"unknown field":    `[{"isuer": "x"}]`,
		"text after":       `[] []`,
		"audience numbers": `[{"audience": [1]}]`,
	} {
		var issuers auth.Issuers
		if err := issuers.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestCheckGivesEveryFault(t *testing.T) {
	t.Parallel()
	good := func() auth.Issuer {
		return auth.Issuer{
			Issuer: "https://a.example", JWKS: "https://a.example/jwks", Audience: auth.Texts{"x"},
			Algorithms: auth.Texts{"ES256"}, Serves: auth.Portal,
		}
	}
	for name, test := range map[string]struct {
		change func(*auth.Issuer)
		want   []string // each in the error; none means no error
	}{
		"good":         {func(*auth.Issuer) {}, nil},
		"nothing":      {func(i *auth.Issuer) { *i = auth.Issuer{} }, []string{"issuer is", "jwks:", "audience is", "algorithms is", "serves, or"}},
		"none":         {func(i *auth.Issuer) { i.Algorithms = auth.Texts{"none"} }, []string{`"none" is not allowed`}},
		"symmetric":    {func(i *auth.Issuer) { i.Algorithms = auth.Texts{"ES256", "HS256"} }, []string{`"HS256" is not allowed`}},
		"plain http":   {func(i *auth.Issuer) { i.JWKS = "http://a.example/jwks" }, []string{"must be https"}},
		"loopback":     {func(i *auth.Issuer) { i.JWKS = "http://[::1]:8000/jwks" }, nil},
		"localhost":    {func(i *auth.Issuer) { i.JWKS = "http://localhost:8000/jwks" }, nil},
		"no loopback":  {func(i *auth.Issuer) { i.JWKS = "http://localhost.a.example/jwks" }, []string{"must be https"}},
		"credentials":  {func(i *auth.Issuer) { i.JWKS = "https://u:geheim@a.example/jwks" }, []string{"no credentials"}},
		"empty aud":    {func(i *auth.Issuer) { i.Audience = auth.Texts{""} }, []string{"audience is missing"}},
		"no audience":  {func(i *auth.Issuer) { i.Serves = "everyone" }, []string{`"everyone" is no audience`}},
		"both ways":    {func(i *auth.Issuer) { i.Claim = "role" }, []string{"serves excludes"}},
		"values alone": {func(i *auth.Issuer) { i.Serves, i.Values = "", map[string]auth.Audience{"a": "b"} }, []string{"values without claim", `"b" of "a"`}},
		"claim alone":  {func(i *auth.Issuer) { i.Serves, i.Claim = "", "role" }, []string{"claim without values"}},
		"claim, values": {func(i *auth.Issuer) {
			i.Serves, i.Claim, i.Values = "", "role", map[string]auth.Audience{"a": auth.Console}
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			issuer := good()
			test.change(&issuer)
			err := auth.Issuers{issuer}.Check()
			if (err == nil) != (test.want == nil) {
				t.Fatalf("error %v", err)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is not in %v", want, err)
				}
			}
			if err != nil && strings.Contains(err.Error(), "geheim") {
				t.Errorf("a secret is in %v", err)
			}
		})
	}
	if err := (auth.Issuers{good(), good()}).Check(); err == nil || !strings.Contains(err.Error(), "twice") {
		t.Errorf("twice: %v", err)
	}
	if err := (auth.Issuers{}).Check(); err == nil {
		t.Error("an empty list passed")
	}
	if _, err := auth.NewVerifier(t.Context(), nil, nil, nil); err == nil {
		t.Error("a verifier without issuers was made")
	}
}
