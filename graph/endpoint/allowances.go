package endpoint

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"supportgraph/graph/auth"
	"supportgraph/graph/endpoint/budget"
)

// Allowances are what the audiences may spend.
type Allowances map[auth.Audience]Allowance

// UnmarshalText reads what differs from DefaultAllowances: buckets as portal.viewer=10000/200, the points of a full one and
// how many flow in each second, 0 for no bucket; and portal.concurrent=20.
func (a *Allowances) UnmarshalText(text []byte) error {
	*a = maps.Clone(DefaultAllowances())
	for part := range strings.SplitSeq(string(text), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		audience, of, _ := strings.Cut(name, ".")
		if !slices.Contains(auth.Audiences, auth.Audience(audience)) {
			return fmt.Errorf("budgets are written as portal.viewer=10000/200,portal.concurrent=20; %q is none of %v", audience, auth.Audiences)
		}
		allowance := (*a)[auth.Audience(audience)]
		if err := allowance.set(of, value); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		(*a)[auth.Audience(audience)] = allowance
	}
	return nil
}

func (a *Allowance) set(of, value string) (err error) {
	switch of {
	case "viewer":
		a.Viewer, err = parseBucket(value)
	case "client":
		a.Client, err = parseBucket(value)
	case "account":
		a.Account, err = parseBucket(value)
	case "concurrent":
		a.Concurrent, err = strconv.Atoi(value)
		if err != nil || a.Concurrent < 0 {
			err = errors.New("this is a number of requests, 0 for any")
		}
	default:
		err = errors.New("there are viewer, client, account and concurrent")
	}
	return err
}

func parseBucket(text string) (budget.Bucket, error) {
	if text == "0" {
		return budget.Bucket{}, nil
	}
	points, perSecond, _ := strings.Cut(text, "/")
	p, err := strconv.Atoi(points)
	r, malformed := strconv.ParseFloat(perSecond, 64)
	if err != nil || malformed != nil || p <= 0 || !(r > 0 && r <= 1e9) {
		return budget.Bucket{}, errors.New("a bucket is written as its points and how many flow in each second: 10000/200")
	}
	return budget.Bucket{Points: p, PerSecond: r}, nil
}
