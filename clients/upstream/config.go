package upstream

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"time"
)

// Config is how one vendor is reached. It prints and logs without its token.
type Config struct {
	BaseURL     string        // "https://api.stripe.com/v1", with or without a slash at its end
	User        string        // the name that the token belongs to; empty where the token stands alone
	Token       string        `json:"-"` // sent as a bearer token, or as the user's password; empty for a public API
	Timeout     time.Duration // of one call, the wait for a free place included; 0 means the vendor's default
	Concurrency int           // calls in flight; 0 means the vendor's default
}

// Validate names everything that is wrong with the configuration, without repeating the token.
func (c Config) Validate() error {
	var faults []error
	base, err := url.Parse(c.BaseURL)
	switch {
	case err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https":
		faults = append(faults, errors.New("the base URL must be an absolute http or https URL"))
	case base.User != nil || base.RawQuery != "" || base.Fragment != "":
		faults = append(faults, errors.New("the base URL must have no user, query or fragment"))
	}
	if c.Timeout < 0 {
		faults = append(faults, errors.New("the timeout must not be negative"))
	}
	if c.Concurrency < 0 {
		faults = append(faults, errors.New("the concurrency must not be negative"))
	}
	return errors.Join(faults...)
}

// String shows the configuration without its token.
func (c Config) String() string {
	return fmt.Sprintf("{BaseURL:%s Token:%s Timeout:%s Concurrency:%d}", c.BaseURL, c.hidden(), c.Timeout, c.Concurrency)
}

// Format shows the configuration without its token, whatever the verb.
func (c Config) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, c.String()) }

// LogValue shows the configuration without its token.
func (c Config) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("base_url", c.BaseURL),
		slog.String("token", c.hidden()),
		slog.Duration("timeout", c.Timeout),
		slog.Int("concurrency", c.Concurrency),
	)
}

func (c Config) hidden() string {
	if c.Token == "" {
		return "none"
	}
	return "hidden"
}

// Vendor is what one vendor's API does in its own way.
type Vendor struct {
	Service     Service
	Timeout     time.Duration // of one call, where the configuration names none
	Concurrency int           // calls in flight, where the configuration names none
	Header      http.Header   // sent with every call
	// Explain reads the vendor's short code and message from the body of a refused call. It reports false for a body
	// that is not the vendor's own, such as a proxy's page. Nil for a vendor whose errors have no documented body.
	Explain func(body []byte) (code, message string, ok bool)
	// Quota tells a refusal because an allowance of an hour or a day is used up from any other. Nil for a vendor that has none.
	Quota func(status int, header http.Header, code string) bool
	// Allowance reads from an answer's headers how many calls there are and how many are left. Nil for a vendor that
	// does not tell.
	Allowance func(http.Header) (limit, remaining int, ok bool)
	// Sessions says that the configured token opens sessions and is not sent with calls: see As.
	Sessions bool
}
