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
	Retries     int           // attempts after the first, where they are of use; 0 means 2, negative means none
	Limit       Limit         // calls that we allow ourselves; zero means the vendor's default; in force with Budgets only
	Budgets     *Budgets      `json:"-"` // what keeps the limit; nil: nothing does
	Hedge       bool          // ask a second time where an answer takes longer than 19 of 20 do, and take the first
	Rest        time.Duration // how long an open circuit keeps calls away; 0 means 5 s
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
	if c.Limit.Rate < 0 || c.Limit.Burst < 0 || (c.Limit.Rate == 0) != (c.Limit.Burst == 0) {
		faults = append(faults, errors.New("the limit needs a rate and a burst, neither negative"))
	}
	if c.Rest < 0 {
		faults = append(faults, errors.New("the rest of an open circuit must not be negative"))
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
	Limit       Limit         // calls that the vendor allows, or somewhat fewer, where the configuration names none
	// Explain reads the vendor's short code and message from the body of a refused call. It reports false for a body
	// that is not the vendor's own, such as a proxy's page. Nil for a vendor whose errors have no documented body.
	Explain func(body []byte) (code, message string, ok bool)
	// Quota tells a refusal because an allowance of minutes, an hour or a day is used up from any other: asking again is no
	// use then, and all calls rest until the vendor allows them, or for as long as Quiet says. Nil for a vendor without.
	Quota func(status int, header http.Header, code string) bool
	// Quiet is how long calls rest after a Quota whose answer does not say; 0 means a minute.
	Quiet time.Duration
	// Retry is the vendor's own word on whether a refused call is worth another attempt; nil, or not said, for the usual:
	// faults of the vendor and throttling are, all else is not.
	Retry func(status int, header http.Header, code string) (worth, said bool)
	// Allowance reads from an answer's headers how many calls there are and how many are left. Nil for a vendor that
	// does not tell.
	Allowance func(http.Header) (limit, remaining int, ok bool)
	// Sessions says that the configured token opens sessions and is not sent with calls: see As.
	Sessions bool
}
