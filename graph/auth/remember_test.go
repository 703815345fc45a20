package auth

import (
	"testing"
	"time"
)

func TestRememberUntil(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for name, test := range map[string]struct{ expiry, want time.Duration }{
		"long token":            {time.Hour, rememberFor},
		"short token":           {10 * time.Second, 10 * time.Second},
		"in its leeway already": {-10 * time.Second, -10 * time.Second},
	} {
		if got := rememberUntil(now, now.Add(test.expiry)); !got.Equal(now.Add(test.want)) {
			t.Errorf("%s: %v", name, got.Sub(now))
		}
	}
}
