package endpoint

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"supportgraph/clients/settings"
	"supportgraph/graph/auth"
	"supportgraph/graph/limits"
	"supportgraph/graph/operations"
)

// Settings is what can be configured of how the graph is served.
type Settings struct {
	AuthIssuers      auth.Issuers    `env:"AUTH_ISSUERS" production:"required" help:"whose tokens are accepted: a JSON list"`
	Playground       string          `env:"PLAYGROUND" envDefault:"off" demo:"on" oneof:"on,off" help:"whether /playground is there"`
	Introspection    []auth.Audience `env:"INTROSPECTION" envDefault:"console,explorer" demo:"portal,console,explorer" help:"audiences that may read their contract, or none"`
	AllowedOrigins   []Origin        `env:"ALLOWED_ORIGINS" help:"origins of the pages that may ask from a browser, as https://portal.example,https://console.example"`
	Documents        Levels          `env:"DOCUMENTS" envDefault:"portal=require,console=require,explorer=log" demo:"portal=log,console=log,explorer=log" help:"which documents an audience may run: log (any), prefer (known ones), require (known ones, by ID alone)"`
	Manifests        string          `env:"MANIFESTS" help:"directory of further manifests, at audience/client/release.json; read again on SIGHUP"`
	Automatic        string          `env:"AUTOMATIC_DOCUMENTS" envDefault:"off" demo:"on" oneof:"on,off" production:"off" help:"whether clients may name documents by themselves, where the level is log"`
	ClientHeader     string          `env:"CLIENT_HEADER" envDefault:"X-Client-Name" help:"header with the name of the app that asks"`
	ReleaseHeader    string          `env:"RELEASE_HEADER" envDefault:"X-Client-Version" help:"header with its release"`
	Replicas         int             `env:"REPLICAS" envDefault:"1" help:"how many processes share Redis: without it, each holds callers to its part of their budgets"`
	MaxInFlight      int             `env:"MAX_IN_FLIGHT" envDefault:"256" help:"how many requests are worked on at once"`
	Limits           limits.Policies `env:"LIMITS" help:"what differs from the limits that audiences start with: portal.DEPTH=10,console=measure,console.COST=measure"`
	Budgets          Allowances      `env:"BUDGETS" help:"what differs from the budgets that callers start with, in points and points per second: portal.viewer=10000/200,portal.concurrent=20"`
	OperationTimeout time.Duration   `env:"OPERATION_TIMEOUT" envDefault:"10s" help:"from the first byte of a request to its answer"`
	MaxBody          int64           `env:"MAX_BODY" envDefault:"262144" help:"bytes of a request's body"`
}

// Faults tells of issuers that cannot be used, of audiences that do not exist, and of bounds that would be none.
func (s *Settings) Faults() (faults []settings.Fault) {
	if err := s.AuthIssuers.Check(); len(s.AuthIssuers) > 0 && err != nil {
		faults = append(faults, settings.Fault{Key: "AUTH_ISSUERS", Err: errors.New(strings.ReplaceAll(err.Error(), "\n", "; "))})
	}
	for _, audience := range s.Introspection {
		if audience != "none" && !slices.Contains(auth.Audiences, audience) {
			faults = append(faults, settings.Fault{Key: "INTROSPECTION", Err: fmt.Errorf("%v, or none", auth.Audiences)})
		}
	}
	for _, bound := range []struct {
		key  string
		held bool
		said string
	}{
		// The server gives up on a connection after a minute: an answer must be out by then.
		{"OPERATION_TIMEOUT", s.OperationTimeout >= 100*time.Millisecond && s.OperationTimeout <= 45*time.Second, "from 100ms to 45s"},
		{"MAX_BODY", s.MaxBody >= 1<<10 && s.MaxBody <= 1<<20, "from 1,024 to 1,048,576 bytes"},
		{"MAX_IN_FLIGHT", s.MaxInFlight > 0, "at least 1"},
		{"REPLICAS", s.Replicas > 0, "at least 1"},
	} {
		if !bound.held {
			faults = append(faults, settings.Fault{Key: bound.key, Err: errors.New(bound.said)})
		}
	}
	return faults
}

// Library reads the trusted documents: those that are built in, and those of the configured directory.
func (s *Settings) Library() (*operations.Library, error) {
	if s.Manifests == "" {
		return operations.Load(operations.BuiltIn())
	}
	return operations.Load(operations.BuiltIn(), os.DirFS(s.Manifests))
}
