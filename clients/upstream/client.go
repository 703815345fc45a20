package upstream

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/bulkhead"
)

// Client calls one vendor. All calls go the same way: a deadline within the caller's, the vendor's budget, a free place,
// the circuit, the request, and an answer that is capped, decoded and checked, or an *Error. What fails is tried again
// where that is of use: see exchange. It is safe for concurrent use; its views (In, Once) share all but what they name.
type Client struct {
	vendor  Vendor
	base    string
	timeout time.Duration
	width   int
	lane    Lane
	once    bool // calls must not be repeated
	room    bulkhead.Bulkhead[any]
	http    *http.Client
	observe Observer

	gate          *gate
	limit         Limit
	budgets       *Budgets
	again         int    // attempts after the first, at most
	retries       *share // those that traffic has earned
	hedges        *share
	plain         failsafe.Executor[any]
	hedged        failsafe.Executor[any] // nil where nothing is hedged
	health        *health
	authorization string   // the header, empty for none
	secrets       []string // what must not be spoken
	allowance     *allowance
}

// New makes a client; it opens nothing. A configuration that does not validate makes every call fail.
func New(vendor Vendor, cfg Config, observe Observer) *Client {
	if cfg.Timeout <= 0 {
		cfg.Timeout = vendor.Timeout
	}
	if cfg.Concurrency <= 0 {
		cfg.Concurrency = vendor.Concurrency
	}
	if cfg.Retries == 0 {
		cfg.Retries = usualRetries
	}
	if cfg.Limit == (Limit{}) {
		cfg.Limit = vendor.Limit
	}
	if observe == nil {
		observe = func(context.Context, Call) {}
	}
	authorization := cfg.authorization()
	if vendor.Sessions {
		authorization = ""
	}
	client := &Client{
		authorization: authorization,
		secrets:       cfg.secrets(),
		allowance:     &allowance{},

		vendor:  vendor,
		base:    strings.TrimRight(cfg.BaseURL, "/"),
		timeout: cfg.Timeout,
		width:   cfg.Concurrency,
		room:    bulkhead.New[any](uint(cfg.Concurrency)),
		observe: observe,
		gate:    newGate(cfg.Rest),
		limit:   cfg.Limit,
		budgets: cfg.Budgets,
		retries: newShare(retryShare, retryMost),
		hedges:  newShare(hedgeShare, hedgeMost),
		again:   max(cfg.Retries, 0),
		health:  &health{},
		http: &http.Client{
			Transport: &http.Transport{
				Proxy:                  http.ProxyFromEnvironment,
				DialContext:            (&net.Dialer{Timeout: cfg.Timeout, KeepAlive: 30 * time.Second}).DialContext,
				ForceAttemptHTTP2:      true,
				MaxIdleConns:           cfg.Concurrency,
				MaxIdleConnsPerHost:    cfg.Concurrency,
				IdleConnTimeout:        90 * time.Second,
				TLSHandshakeTimeout:    cfg.Timeout,
				MaxResponseHeaderBytes: 64 << 10,
			},
			// No redirect is followed: none of the vendors documents one, and the token must not travel.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	retry := retryPolicy(client.again)
	client.plain = failsafe.With(retry)
	if cfg.Hedge {
		client.hedged = failsafe.With(retry, hedgePolicy())
	}
	return client
}

// Close drops the idle connections. Calls in flight end on their own deadline.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Get reads path below the base URL into answer and tells the observer. The path must be escaped already. Every error is
// an *Error; after one, answer holds nothing that may be used.
func (c *Client) Get(ctx context.Context, op, path string, query url.Values, answer Answer) error {
	return c.call(ctx, op, func(ctx context.Context) (*http.Request, error) {
		target := c.base + path
		if len(query) > 0 {
			target += "?" + query.Encode()
		}
		return http.NewRequestWithContext(ctx, http.MethodGet, target, http.NoBody)
	}, answer)
}

// Source is the vendor's name as calls and failures carry it: "stripe".
func (c *Client) Source() string { return strings.ToLower(string(c.vendor.Service)) }

// call makes a call of the request that build makes, once for every attempt. Each attempt is told to the observer.
func (c *Client) call(ctx context.Context, op string, build func(context.Context) (*http.Request, error), answer Answer) error {
	within, cancel := c.within(ctx)
	defer cancel()
	c.health.calls.Add(1)
	x := &exchange{client: c, op: op, build: build, answer: answer}
	if failed := x.run(within); failed != nil {
		return failed
	}
	return nil
}

// spare is what a call leaves of its caller's deadline, to make something of what came back.
const spare = 20 * time.Millisecond

// within is the context of a call: it ends a little before the caller's, and in the vendor's time at the latest.
func (c *Client) within(ctx context.Context) (context.Context, context.CancelFunc) {
	timeout := c.timeout
	if until, ok := ctx.Deadline(); ok {
		left := time.Until(until)
		timeout = min(timeout, left-min(left/10, spare))
	}
	return context.WithTimeout(ctx, timeout)
}

// broken classifies a call that ended without a whole answer.
func (c *Client) broken(ctx context.Context, op string, response *http.Response, err error) *Error {
	var addressed *url.Error
	if errors.As(err, &addressed) {
		err = addressed.Err // the same without the URL, which names customers
	}
	reason := Unavailable
	if ctx.Err() != nil {
		reason, err = ended(ctx, Timeout), ctx.Err()
	}
	failed := c.fail(op, reason, err)
	if response != nil {
		failed.Status, failed.RequestID = response.StatusCode, c.requestID(response.Header)
	}
	return failed
}

// ended is the reason for a call whose context is done: nobody waits, or the deadline passed in the given phase.
func ended(ctx context.Context, late Reason) Reason {
	if errors.Is(ctx.Err(), context.Canceled) {
		return Canceled
	}
	return late
}

func (c *Client) fail(op string, reason Reason, cause error) *Error {
	return &Error{Service: c.Source(), Op: op, Reason: reason, Err: cause}
}
