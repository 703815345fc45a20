package auth

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Issuer is an identity provider whose tokens we accept, and what its tokens open. Either Serves is set, and every
// token of the issuer opens that contract, or Claim and Values are, and the claim's value chooses.
type Issuer struct {
	// Issuer is the exact iss claim of its tokens.
	Issuer string `json:"issuer"`
	// JWKS is the address of its public keys: https, or http on a loopback address.
	JWKS string `json:"jwks"`
	// Audience lists the aud claims that name this service; one match is enough.
	Audience Texts `json:"audience"`
	// Algorithms lists the signature algorithms it may use; asymmetric ones only.
	Algorithms Texts `json:"algorithms"`
	// Serves is the one contract that its tokens open.
	Serves Audience `json:"serves,omitempty"`
	// Claim names the claim, a text or a list of texts, that chooses the contract.
	Claim string `json:"claim,omitempty"`
	// Values maps a value of Claim to its contract.
	Values map[string]Audience `json:"values,omitempty"`
	// SubjectClaim names the claim that becomes Viewer.Subject; "sub" where empty.
	SubjectClaim string `json:"subjectClaim,omitempty"`
	// NameClaim names the claim that becomes Viewer.Name; none where empty.
	NameClaim string `json:"nameClaim,omitempty"`
}

// Issuers is the list of issuers as the configuration has it: a JSON list.
type Issuers []Issuer

// Texts is a list of texts that may be written in JSON as one text.
type Texts []string

// algorithms are those that may be allowed: with a symmetric one, whoever can verify could also sign.
var algorithms = []string{
	"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
}

// UnmarshalJSON reads a list of texts, or one text as a list of one.
func (t *Texts) UnmarshalJSON(data []byte) error {
	if data = bytes.TrimSpace(data); len(data) > 0 && data[0] == '"' {
		var one string
		if err := json.Unmarshal(data, &one); err != nil {
			return err
		}
		*t = Texts{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(t))
}

// UnmarshalText reads the JSON list of an environment variable. Unknown fields are faults.
func (s *Issuers) UnmarshalText(text []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode((*[]Issuer)(s)); err != nil {
		return fmt.Errorf("read the list of issuers: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("read the list of issuers: text after the list")
	}
	return nil
}

// Check gives every fault of the list, joined, or nil.
func (s Issuers) Check() error {
	if len(s) == 0 {
		return errors.New("no issuer is configured")
	}
	var faults []error
	seen := map[string]bool{}
	for i, issuer := range s {
		if err := issuer.Check(); err != nil {
			faults = append(faults, fmt.Errorf("issuer %d: %w", i+1, err))
		}
		if issuer.Issuer != "" && seen[issuer.Issuer] {
			faults = append(faults, fmt.Errorf("issuer %d: %q is configured twice", i+1, issuer.Issuer))
		}
		seen[issuer.Issuer] = true
	}
	return errors.Join(faults...)
}

// Check gives every fault of the issuer, joined, or nil.
func (i Issuer) Check() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }

	if i.Issuer == "" {
		fault("issuer is missing")
	}
	if err := checkKeysAddress(i.JWKS); err != nil {
		fault("jwks: %w", err)
	}
	if len(i.Audience) == 0 || slices.Contains(i.Audience, "") {
		fault("audience is missing: without it a token for another service would be accepted")
	}
	if len(i.Algorithms) == 0 {
		fault("algorithms is missing")
	}
	for _, name := range i.Algorithms {
		if !slices.Contains(algorithms, name) {
			fault("algorithm %q is not allowed: use one of %s", name, strings.Join(algorithms, ", "))
		}
	}
	switch byClaim := i.Claim != "" || len(i.Values) > 0; {
	case i.Serves != "" && byClaim:
		fault("serves excludes claim and values")
	case i.Serves != "":
		if !slices.Contains(Audiences, i.Serves) {
			fault("serves: %q is no audience", i.Serves)
		}
	case !byClaim:
		fault("serves, or claim with values, is missing")
	case i.Claim == "":
		fault("values without claim")
	case len(i.Values) == 0:
		fault("claim without values")
	}
	for _, value := range slices.Sorted(maps.Keys(i.Values)) {
		if !slices.Contains(Audiences, i.Values[value]) {
			fault("values: %q of %q is no audience", i.Values[value], value)
		}
	}
	return errors.Join(faults...)
}

// checkKeysAddress refuses addresses from which somebody on the way could serve keys of their own.
func checkKeysAddress(address string) error {
	if address == "" {
		return errors.New("the address is missing")
	}
	parsed, err := url.Parse(address)
	if err != nil {
		return errors.New("the address cannot be read")
	}
	switch {
	case parsed.Host == "" || parsed.User != nil:
		return errors.New("the address must have a host and no credentials")
	case parsed.Scheme == "https":
		return nil
	case parsed.Scheme == "http" && isLoopback(parsed.Hostname()):
		return nil
	default:
		return errors.New("the address must be https, or http on a loopback address")
	}
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// opens returns the contract that the claims open.
func (i Issuer) opens(claims map[string]any) (Audience, error) {
	if i.Serves != "" {
		return i.Serves, nil
	}
	var values []string
	switch claim := claims[i.Claim].(type) {
	case string:
		values = []string{claim}
	case []any:
		for _, item := range claim {
			if text, ok := item.(string); ok {
				values = append(values, text)
			}
		}
	}
	var opened Audience
	for _, value := range values {
		audience, ok := i.Values[value]
		switch {
		case !ok:
		case opened != "" && opened != audience:
			return "", fmt.Errorf("claim %q names several audiences", i.Claim)
		default:
			opened = audience
		}
	}
	if opened == "" {
		return "", fmt.Errorf("claim %q names no audience", i.Claim)
	}
	return opened, nil
}
