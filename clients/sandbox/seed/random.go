package seed

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"time"
)

// random is a sequence of chance. Each part of the world has its own, so that a change in one leaves the others alone.
type random struct{ *rand.Rand }

// The parts of the world; cases follow with a sequence for each ticket.
const (
	partCategories = iota
	partStaff
	partAccounts
	partContacts
	partZones
	partCustomers
	partStatusPage
	partCrm
	partZendesk
	partIssues
	partInvoices
	partViews
	partArticles
	partHosting
	partCases = 1000
)

func sequence(part int) *random {
	return &random{rand.New(rand.NewPCG(0x5eed, uint64(part)))}
}

// id is a time-ordered UUID (version 7, RFC 9562) of a moment.
func (r *random) id(at time.Time) (id [16]byte) {
	binary.BigEndian.PutUint64(id[0:], uint64(at.UnixMilli())<<16|r.Uint64()&0x0fff|0x7000)
	binary.BigEndian.PutUint64(id[8:], r.Uint64()>>2|1<<63)
	return id
}

// chance is true in so many of a hundred cases.
func (r *random) chance(percent int) bool { return r.IntN(100) < percent }

// between is a number from low to high, both included.
func (r *random) between(low, high int) int { return low + r.IntN(high-low+1) }

// about is a time around a mean, with the long tail that waiting times have, and at most ten times the mean.
func (r *random) about(mean time.Duration) time.Duration {
	return time.Duration(math.Min(r.ExpFloat64(), 10) * float64(mean))
}

// word is so many letters of an alphabet.
func (r *random) word(alphabet string, length int) string {
	letters := make([]byte, length)
	for i := range letters {
		letters[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(letters)
}

const (
	hexadecimal  = "0123456789abcdef"
	alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// hex is so many hexadecimal digits.
func (r *random) hex(length int) string { return r.word(hexadecimal, length) }

func pick[T any](r *random, from []T) T { return from[r.IntN(len(from))] }

// weighted picks by the values' weights, of which at least one is positive.
func weighted[T any](r *random, from []T, weight func(T) int) T {
	total := 0
	for _, value := range from {
		total += weight(value)
	}
	left := r.IntN(total)
	for _, value := range from {
		if left -= weight(value); left < 0 {
			return value
		}
	}
	return from[len(from)-1]
}

// choice is a value and its share.
type choice[T any] struct {
	value T
	share int
}

func draw[T any](r *random, from []choice[T]) T {
	return weighted(r, from, func(c choice[T]) int { return c.share }).value
}

func ptr[T any](value T) *T { return &value }

// age is a time of so many days, to the second.
func (r *random) age(low, high int) time.Duration {
	return time.Duration(r.between(low*86_400, high*86_400)) * time.Second
}
