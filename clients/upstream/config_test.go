package upstream_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"supportgraph/clients/upstream"
)

func TestConfigHidesItsToken(t *testing.T) {
	t.Parallel()
	cfg := upstream.Config{BaseURL: "https://api.example.com/v1", Token: token}
	nested := struct {
		Stripe upstream.Config
		Other  *upstream.Config
	}{cfg, &cfg}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb+verb+verb, cfg, &cfg, nested)
	}
	slog.New(slog.NewJSONHandler(&out, nil)).Info("start", "cfg", cfg, "nested", nested)
	slog.New(slog.NewTextHandler(&out, nil)).Info("start", "cfg", cfg, "nested", nested)
	if err := json.NewEncoder(&out).Encode(cfg); err != nil {
		t.Fatal(err)
	}
	if text := out.String(); strings.Contains(text, token) || strings.Contains(text, fmt.Sprintf("%x", token)) {
		t.Errorf("the token is shown: %s", text)
	} else if !strings.Contains(text, "https://api.example.com/v1") {
		t.Errorf("the address is not: %s", text)
	}
}

func TestConfigValidate(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"https://api.stripe.com/v1", "http://127.0.0.1:8099/status/api/v2/"} {
		if err := (upstream.Config{BaseURL: good}).Validate(); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{"", "api.stripe.com", "ftp://api.stripe.com", "https://", "https://me:" + token + "@host", "https://host?a=" + token, "http://\x7f"} {
		err := (upstream.Config{BaseURL: bad, Token: token}).Validate()
		if err == nil || strings.Contains(err.Error(), token) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	err := (upstream.Config{Timeout: -1, Concurrency: -1}).Validate()
	if err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("not every fault is named: %v", err)
	}
}
