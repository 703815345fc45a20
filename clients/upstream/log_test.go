package upstream_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"supportgraph/clients/upstream"
)

// A request that failed is a line with the vendor's own reference; what was turned away is for debugging, and what is no
// failure is nothing.
func TestLogNamesEachFailureOnce(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	observe := upstream.Log(slog.New(slog.NewTextHandler(&out, nil)))
	tell := func(attempt int, err error) string {
		out.Reset()
		observe(t.Context(), upstream.Call{Source: "stripe", Op: "customers.get", Attempt: attempt, Took: time.Second, Err: err})
		return out.String()
	}
	failed := &upstream.Error{Service: "stripe", Op: "customers.get", Reason: upstream.RateLimited, Status: 429, Code: "rate_limit",
		RequestID: "req_1", RetryAfter: 2 * time.Second, Err: errors.New("too many")}
	line := tell(2, failed)
	for _, part := range []string{"level=WARN", "source=stripe", "op=customers.get", "reason=RATE_LIMITED", "attempt=2", "took=1s", "status=429",
		"code=rate_limit", "request_id=req_1", "retry_after=2s", `cause="too many"`} {
		if strings.Count(line, part) != 1 {
			t.Errorf("%q has no %s", line, part)
		}
	}
	for name, silent := range map[string]string{
		"an answer":      tell(1, nil),
		"turned away":    tell(0, failed),
		"nobody waits":   tell(1, &upstream.Error{Reason: upstream.Canceled, Err: context.Canceled}),
		"an unknown key": tell(1, &upstream.Error{Reason: upstream.NotFound, Status: 404}),
		"another source": tell(1, errors.New("select: no such table")),
	} {
		if silent != "" {
			t.Errorf("%s: %s", name, silent)
		}
	}
}
