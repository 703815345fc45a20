package upstream

import (
	"net/http"
	"strconv"
	"time"
)

// maxRetryAfter bounds what a vendor can ask for; the longest documented wait is an hour (Jira's quota).
const maxRetryAfter = 24 * time.Hour

// retryAfter is how long the vendor asks to be left alone, 0 where it says nothing usable. The order is that of the
// vendors' own precision: Retry-After in seconds or as an HTTP date (RFC 9110 section 10.2.3), ratelimit-reset in seconds
// (PagerDuty, Zendesk), X-RateLimit-Reset as a point in time (Jira). The latter two stand on other answers too, where they
// tell of the allowance and not of the failure.
func retryAfter(status int, header http.Header) time.Duration {
	if value := header.Get("Retry-After"); value != "" {
		if wait, ok := seconds(value); ok {
			return wait
		}
		if at, err := http.ParseTime(value); err == nil {
			return until(at)
		}
	}
	if status != http.StatusTooManyRequests {
		return 0
	}
	if wait, ok := seconds(header.Get("Ratelimit-Reset")); ok {
		return wait
	}
	value := header.Get("X-Ratelimit-Reset")
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00"} {
		if at, err := time.Parse(layout, value); err == nil {
			return until(at)
		}
	}
	return 0
}

func seconds(value string) (time.Duration, bool) {
	count, err := strconv.ParseUint(value, 10, 32)
	if err != nil {
		return 0, false
	}
	return min(time.Duration(count)*time.Second, maxRetryAfter), true
}

// until is the time from now in whole seconds, rounded up so that nobody comes back too early.
func until(at time.Time) time.Duration {
	wait := (time.Until(at) + time.Second - 1).Truncate(time.Second)
	return min(max(wait, 0), maxRetryAfter)
}
