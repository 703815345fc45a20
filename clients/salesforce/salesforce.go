// Package salesforce reads customer records from a Salesforce organisation: accounts and their owners by id, up to 2,000 in
// one call. session.go keeps the access token, which ends without notice; id.go knows the two lengths of ids; wire.go has
// the wire shapes and their one conversion.
package salesforce

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"supportgraph/clients/cache"
	"supportgraph/clients/upstream"
)

// apiVersion pins the shapes that wire.go reads (developer.salesforce.com/docs/platform/api-rest).
const apiVersion = "v66.0"

// Config says how one organisation is reached. Its base URL is that of My Domain, "https://acme.my.salesforce.com"; its user
// and token are the consumer key and secret of a connected app with the client-credentials flow.
type Config struct {
	upstream.Config

	Currency string // ISO 4217 of all amounts, for an organisation that has only one currency; empty: not known
	Fields   Fields
}

// Fields are the API names of those fields of Account that every organisation names for itself. One that the organisation
// does not have makes it refuse every read.
type Fields struct {
	Segment       string // "Segment__c"; empty: the standard field Type
	RenewalDate   string // a date; empty: not read
	ContractValue string // a currency field; empty: not read
	Currency      string // "CurrencyIsoCode" where the organisation has several currencies; empty: not read
}

// Client reads from one organisation. It is safe for concurrent use.
type Client struct {
	upstream *upstream.Client
	session  *session
	accounts *cache.Table[AccountID, CrmAccount]
	owners   *cache.Table[UserID, CrmOwner]
	timeout  time.Duration
	currency string
	fields   Fields
}

// Option changes how a client reads.
type Option func(*Client)

// Times are how long what is read is kept.
type Times struct {
	Accounts cache.Times
	Owners   cache.Times
}

// Keep has the client keep what it reads in the store. Without it, and where times are off, every read asks Salesforce.
func Keep(store *cache.Store, times Times) Option {
	return func(c *Client) {
		c.accounts = cache.NewTable[AccountID, CrmAccount](store, cache.Entity{
			Name: "salesforce.accounts", Version: 1, Service: upstream.Salesforce, Times: times.Accounts,
		})
		c.owners = cache.NewTable[UserID, CrmOwner](store, cache.Entity{
			Name: "salesforce.owners", Version: 1, Service: upstream.Salesforce, Times: times.Owners,
		})
	}
}

// New makes a client; it opens nothing. The first read opens a session.
func New(cfg Config, observe upstream.Observer, options ...Option) *Client {
	if cfg.Timeout <= 0 {
		cfg.Timeout = 8 * time.Second
	}
	calls := upstream.New(upstream.Vendor{
		Service: upstream.Salesforce,
		// Calls under 20 seconds have no limit of their own (developer.salesforce.com, "API Request Limits and Allocations").
		Concurrency: 8,
		// A day allows 100,000 calls and more, by licences (developer.salesforce.com, "API Request Limits and Allocations"),
		// which other programs of the organisation use too: here it is 86,400.
		Limit:     upstream.Limit{Rate: 1, Burst: 100},
		Explain:   explain,
		Quota:     quota,
		Allowance: allowance,
		Sessions:  true,
	}, cfg.Config, observe)
	if cfg.Fields.Segment == "" {
		cfg.Fields.Segment = "Type"
	}
	client := &Client{
		upstream: calls,
		session:  newSession(calls, cfg.User, cfg.Token),
		timeout:  cfg.Timeout,
		currency: strings.ToUpper(cfg.Currency),
		fields:   cfg.Fields,
	}
	Keep(nil, Times{})(client)
	for _, option := range options {
		option(client)
	}
	return client
}

// Status is how Salesforce fares.
func (c *Client) Status() *upstream.Status { return c.upstream.Status() }

// Close drops idle connections.
func (c *Client) Close() { c.upstream.Close() }

// Allowance is what the organisation's day still holds, nil while no answer told.
func (c *Client) Allowance() *upstream.Allowance { return c.upstream.Allowance() }

// invalidSession is the code of a session that has ended.
const invalidSession = "INVALID_SESSION_ID"

// retrieve reads records by id in a session. A session that has ended is opened anew, once, and all of it takes no longer
// than a call may.
func (c *Client) retrieve(ctx context.Context, up *upstream.Client, op, object string, ids, fields []string, answer upstream.Answer) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	token, err := c.session.token(ctx, "")
	if err != nil {
		return err
	}
	body := upstream.JSON(map[string][]string{"ids": ids, "fields": fields})
	path := "/services/data/" + apiVersion + "/composite/sobjects/" + object
	err = up.As(token).Post(ctx, op, path, body, answer)
	var failed *upstream.Error
	if !errors.As(err, &failed) || failed.Status != http.StatusUnauthorized || failed.Code != invalidSession {
		return err
	}
	if token, err = c.session.token(ctx, token); err != nil {
		return err
	}
	return up.As(token).Post(ctx, op, path, body, answer)
}

// explain reads the first of the errors of a refused call, which are an array, or the one of a refused session
// (RFC 6749 section 5.2).
func explain(body []byte) (code, message string, ok bool) {
	var refused []struct {
		Code    string `json:"errorCode"`
		Message string `json:"message"`
	}
	if json.Unmarshal(body, &refused) == nil && len(refused) > 0 && refused[0].Code != "" {
		return refused[0].Code, refused[0].Message, true
	}
	var login struct {
		Code    string `json:"error"`
		Message string `json:"error_description"`
	}
	if json.Unmarshal(body, &login) == nil && login.Code != "" {
		return login.Code, login.Message, true
	}
	return "", "", false
}

// quota tells the end of the day's calls, which is a 403, from a refusal of our rights. The day is a moving one: nothing
// says when there is room again.
func quota(status int, _ http.Header, code string) bool {
	return status == http.StatusForbidden && code == "REQUEST_LIMIT_EXCEEDED"
}

// allowance reads "api-usage=10018/100000", with other parts before or behind it (developer.salesforce.com, "Limit Info
// Header").
func allowance(header http.Header) (limit, remaining int, ok bool) {
	for part := range strings.SplitSeq(header.Get("Sforce-Limit-Info"), ";") {
		usage, found := strings.CutPrefix(strings.TrimSpace(part), "api-usage=")
		used, most, cut := strings.Cut(usage, "/")
		spent, errSpent := strconv.Atoi(used)
		total, errTotal := strconv.Atoi(most)
		if found && cut && errSpent == nil && errTotal == nil && total > 0 {
			return total, total - spent, true
		}
	}
	return 0, 0, false
}
