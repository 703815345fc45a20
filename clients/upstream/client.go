package upstream

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/failsafe-go/failsafe-go/bulkhead"
)

// Client calls one vendor. All calls go the same way: a deadline, a free place, the request, and an answer that is
// capped, decoded and checked, or an *Error. It is safe for concurrent use.
type Client struct {
	vendor  Vendor
	base    string
	timeout time.Duration
	width   int
	room    bulkhead.Bulkhead[any]
	http    *http.Client
	observe Observer

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
	if observe == nil {
		observe = func(context.Context, Call) {}
	}
	authorization := cfg.authorization()
	if vendor.Sessions {
		authorization = ""
	}
	return &Client{
		authorization: authorization,
		secrets:       cfg.secrets(),
		allowance:     &allowance{},

		vendor:  vendor,
		base:    strings.TrimRight(cfg.BaseURL, "/"),
		timeout: cfg.Timeout,
		width:   cfg.Concurrency,
		room:    bulkhead.New[any](uint(cfg.Concurrency)),
		observe: observe,
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
}

// Close drops the idle connections. Calls in flight end on their own deadline.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Get reads path below the base URL into answer and tells the observer. The path must be escaped already. Every error is
// an *Error; after one, answer holds nothing that may be used.
func (c *Client) Get(ctx context.Context, op, path string, query url.Values, answer Answer) error {
	started := time.Now()
	err := c.call(ctx, op, func(ctx context.Context) (*http.Request, error) {
		target := c.base + path
		if len(query) > 0 {
			target += "?" + query.Encode()
		}
		return http.NewRequestWithContext(ctx, http.MethodGet, target, http.NoBody)
	}, answer)
	c.observe(ctx, Call{Source: c.Source(), Op: op, Took: time.Since(started), Err: err})
	return err
}

// Source is the vendor's name as calls and failures carry it: "stripe".
func (c *Client) Source() string { return strings.ToLower(string(c.vendor.Service)) }

func (c *Client) call(ctx context.Context, op string, build func(context.Context) (*http.Request, error), answer Answer) error {
	within, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	if within.Err() != nil {
		return c.fail(op, ended(within, Timeout), within.Err())
	}
	if err := c.room.AcquirePermit(within); err != nil {
		return c.fail(op, ended(within, Overloaded), fmt.Errorf("wait for one of %d places: %w", c.width, err))
	}
	defer c.room.ReleasePermit()

	request, err := build(within)
	if err != nil {
		return c.fail(op, Unavailable, errors.New("make the request: the address is not a URL"))
	}
	for name, values := range c.vendor.Header {
		request.Header[name] = values
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "supportgraph")
	if c.authorization != "" {
		request.Header.Set("Authorization", c.authorization)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return c.broken(within, op, nil, err)
	}
	defer func() { _ = response.Body.Close() }()
	c.notice(response.Header)
	return c.check(within, op, response, answer)
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
