package upstream

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode"
)

const (
	maxAnswer  = 8 << 20  // bytes of an answer; more is a bad answer
	maxRefusal = 64 << 10 // bytes read of the body of an error
	maxSpoken  = 200      // bytes kept of a vendor's message, code or reference
)

// Answer is what a vendor's JSON is decoded into.
type Answer interface {
	// Check reports what makes a well-formed answer unusable: an essential part that is missing, or a failure that the
	// vendor reports with status 200. Its text must not repeat the answer beyond the vendor's short code and message.
	Check() error
}

// Decode reads one JSON value and nothing after it into the answer and checks it. Its errors name places and types,
// never what stood there.
func Decode(body []byte, answer Answer) error {
	err := json.Unmarshal(body, answer)
	var (
		syntax *json.SyntaxError
		typed  *json.UnmarshalTypeError
	)
	switch {
	case err == nil:
		return answer.Check()
	case errors.As(err, &syntax):
		return fmt.Errorf("not JSON from byte %d on", syntax.Offset)
	case errors.As(err, &typed):
		return fmt.Errorf("the type of %q at byte %d is wrong", typed.Field, typed.Offset)
	default:
		return errors.New("a value in the answer cannot be read")
	}
}

// check turns a response into the answer, or into the class of its failure and what the vendor says of trying again.
func (x *exchange) check(ctx context.Context, response *http.Response) (*Error, advice) {
	c := x.client
	if response.StatusCode >= 300 {
		return c.refusal(ctx, x.op, response)
	}
	body, whole, err := read(response, maxAnswer)
	if err != nil {
		return c.broken(ctx, x.op, response, fmt.Errorf("read the answer: %w", err)), usual
	}
	if !whole {
		err = fmt.Errorf("the answer is larger than %d bytes", maxAnswer)
	} else if err = x.decode(body); errors.Is(err, errLate) {
		return c.fail(x.op, Canceled, err), never
	} else if err != nil {
		err = fmt.Errorf("decode the answer%s: %w", kind(response), err)
	}
	if err == nil {
		return nil, usual
	}
	failed := c.fail(x.op, BadAnswer, errors.New(c.spoken(err.Error())))
	failed.Status, failed.RequestID = response.StatusCode, c.requestID(response.Header)
	return failed, usual
}

// refusal classifies a response whose status is not a success.
func (c *Client) refusal(ctx context.Context, op string, response *http.Response) (*Error, advice) {
	failed := c.fail(op, BadAnswer, nil)
	failed.Status, failed.RequestID = response.StatusCode, c.requestID(response.Header)
	failed.RetryAfter = retryAfter(response.StatusCode, response.Header)

	body, _, err := read(response, maxRefusal)
	if err != nil && ctx.Err() != nil {
		return c.broken(ctx, op, response, err), usual
	}
	explained := c.vendor.Explain == nil
	if c.vendor.Explain != nil && err == nil {
		var code, message string
		if code, message, explained = c.vendor.Explain(body); explained {
			failed.Code, failed.Err = c.spoken(code), errors.New(c.spoken(message))
		}
	}
	switch status := response.StatusCode; {
	case status < 400:
		failed.Err = errors.New("a redirect, which is not followed")
	case status == http.StatusTooManyRequests:
		failed.Reason = RateLimited
	case status >= 500 || status == http.StatusRequestTimeout:
		failed.Reason = Unavailable
	case status != http.StatusNotFound:
		failed.Reason = Refused
	case explained:
		failed.Reason = NotFound
	default: // a proxy's 404 says nothing about the key
		failed.Err = fmt.Errorf("not found, in words that are not the vendor's%s", kind(response))
	}
	if c.vendor.Quota != nil && c.vendor.Quota(response.StatusCode, response.Header, failed.Code) {
		failed.Reason, failed.Quota = RateLimited, true
		if failed.RetryAfter == 0 {
			failed.RetryAfter = c.vendor.Quiet
		}
		return failed, never
	}
	if c.vendor.Retry != nil {
		if worth, said := c.vendor.Retry(response.StatusCode, response.Header, failed.Code); said && worth {
			return failed, again
		} else if said {
			return failed, never
		}
	}
	return failed, usual
}

// read returns up to limit bytes of the body and whether that was all. A body read whole leaves its connection reusable.
func read(response *http.Response, limit int) ([]byte, bool, error) {
	if response.ContentLength > int64(limit) {
		return nil, false, nil
	}
	var body bytes.Buffer
	if response.ContentLength > 0 {
		body.Grow(int(response.ContentLength) + bytes.MinRead)
	}
	_, err := body.ReadFrom(io.LimitReader(response.Body, int64(limit)+1))
	if body.Len() > limit {
		return body.Bytes()[:limit], false, err
	}
	return body.Bytes(), true, err
}

// kind names the media type of a response that says it is something else than JSON.
func kind(response *http.Response) string {
	media, _, err := mime.ParseMediaType(response.Header.Get("Content-Type"))
	if err != nil || media == "application/json" {
		return ""
	}
	return " (" + media + ")"
}

// requestID is the vendor's reference of a call: Stripe's Request-Id, Cloudflare's cf-ray, Jira's atl-traceid, others'
// X-Request-Id. Salesforce has none.
func (c *Client) requestID(header http.Header) string {
	for _, name := range []string{"Request-Id", "Cf-Ray", "Atl-Traceid", "X-Request-Id"} {
		if id := header.Get(name); id != "" {
			return c.spoken(id)
		}
	}
	return ""
}

// spoken makes a vendor's text fit for a log line: short, printable, and without our token, should it be echoed.
func (c *Client) spoken(text string) string {
	for _, secret := range c.secrets {
		text = strings.ReplaceAll(text, secret, "[token]")
	}
	if len(text) > maxSpoken {
		text = text[:maxSpoken]
	}
	return strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text)
}
