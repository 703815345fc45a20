package upstream

import (
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Allowance is what a vendor says that we may still ask, by the headers of its newest answer.
type Allowance struct {
	Limit     int // calls within the vendor's time
	Remaining int // of them left; never negative
	At        time.Time
}

// Allowance is the newest that the vendor told, nil while it has told none.
func (c *Client) Allowance() *Allowance { return c.allowance.Load() }

// notice keeps what an answer's headers tell of the allowance.
func (c *Client) notice(header http.Header) {
	if c.vendor.Allowance == nil {
		return
	}
	if limit, remaining, ok := c.vendor.Allowance(header); ok {
		c.allowance.Store(&Allowance{Limit: limit, Remaining: min(max(remaining, 0), limit), At: time.Now()})
	}
}

// Counted reads an allowance from two headers that each hold a whole number.
func Counted(header http.Header, limit, remaining string) (int, int, bool) {
	most, errLimit := strconv.Atoi(strings.TrimSpace(header.Get(limit)))
	left, errLeft := strconv.Atoi(strings.TrimSpace(header.Get(remaining)))
	return most, left, errLimit == nil && errLeft == nil && most > 0
}

type allowance = atomic.Pointer[Allowance]
