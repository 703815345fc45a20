package model

import "time"

// RateLimit is what a viewer may spend, in points.
type RateLimit struct {
	Cost        int // of the operation that asks
	MaximumCost *int
	Limit       int
	Remaining   int
	Used        int
	ResetAt     time.Time
}
