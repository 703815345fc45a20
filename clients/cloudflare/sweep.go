package cloudflare

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"supportgraph/clients/upstream"
)

const (
	sweepZones = "zones.sweep"
	// authFailed is the code of an invalid token, which one call per account would only repeat.
	authFailed = "10000"
	lastHex    = AccountID("g") // sorts after every account
)

// gap is a run of accounts, both ends included, of which a sweep may have missed zones: with a cause when a page failed,
// without one when the list changed while it was read.
type gap struct {
	from, to AccountID
	cause    error
}

// swept is what a sweep found.
type swept struct {
	zones map[AccountID][]*zone
	gaps  []gap
	ended time.Time
	err   error // its first page failed
}

// sweeps lets one sweep run at a time; those who waited for it have what it found.
type sweeps struct {
	turn chan struct{}
	last *swept // guarded by the turn
}

// sweep reads the zones of everybody, page after page in parallel once the first has told how many there are. The pages are
// ordered by account, so that a page that fails takes down only the accounts between its neighbours. Accounts that it
// could not answer but that one call each can (a refused sweep, a sweep that turned out dearer than that, a list that
// changed meanwhile) are returned as the rest. Other accounts that it found come along where lists are kept.
func (c *Client) sweep(ctx context.Context, lane upstream.Lane, accounts []AccountID) (lists map[AccountID]*ZoneList, faults map[AccountID]error, rest []AccountID) {
	lists, faults = make(map[AccountID]*ZoneList, len(accounts)), make(map[AccountID]error)
	found := c.sharedSweep(ctx, lane, len(accounts))
	switch {
	case found.err != nil && refusesSweep(found.err), found.err == nil && found.zones == nil:
		return lists, faults, accounts
	case found.err != nil:
		for _, account := range accounts {
			faults[account] = found.err
		}
		return lists, faults, nil
	}
	if c.zones.On() {
		for account, zones := range found.zones {
			if within(account, found.gaps) == nil {
				lists[account] = zoneList(slices.Clone(zones), len(zones))
			}
		}
	}
	for _, account := range accounts {
		switch doubt := within(account, found.gaps); {
		case doubt == nil:
			zones := found.zones[account]
			lists[account] = zoneList(slices.Clone(zones), len(zones))
		case doubt.cause != nil:
			faults[account] = doubt.cause
		default:
			rest = append(rest, account)
		}
	}
	return lists, faults, rest
}

// sharedSweep makes a sweep, or waits for one of the same lane that is under way and takes what it found. Where nothing is
// kept, everybody sweeps alone.
func (c *Client) sharedSweep(ctx context.Context, lane upstream.Lane, accounts int) *swept {
	up := c.upstream.In(lane)
	if !c.zones.On() {
		return c.sweepAll(ctx, up, accounts)
	}
	came, sweeps := time.Now(), &c.sweeps[lane]
	select {
	case sweeps.turn <- struct{}{}:
	case <-ctx.Done():
		return &swept{err: &upstream.Error{Service: up.Source(), Op: sweepZones, Reason: upstream.ReasonOf(ctx.Err()),
			Err: fmt.Errorf("wait for a sweep: %w", ctx.Err())}}
	}
	defer func() { <-sweeps.turn }()
	if last := sweeps.last; last != nil && last.ended.After(came) && (last.err == nil || upstream.ReasonOf(last.err) != upstream.Canceled) {
		return last
	}
	sweeps.last = c.sweepAll(ctx, up, accounts)
	return sweeps.last
}

// sweepAll reads all pages, unless there are more of them than accounts: one call each is cheaper then, and it finds nothing.
func (c *Client) sweepAll(ctx context.Context, up *upstream.Client, accounts int) *swept {
	first, err := sweepPage(ctx, up, 1)
	if err != nil {
		if refusesSweep(err) {
			c.refused.Store(time.Now().UnixNano())
		}
		return &swept{err: err, ended: time.Now()}
	}
	c.refused.Store(0)
	c.total.Store(int64(first.Info.TotalCount))
	if first.pages()-1 > accounts {
		return &swept{ended: time.Now()}
	}
	numbers := make([]int, 0, first.pages())
	for number := 2; number <= first.pages(); number++ {
		numbers = append(numbers, number)
	}
	pages, causes := upstream.Each(ctx, up, sweepZones, numbers, func(ctx context.Context, number int) (*page, error) {
		return sweepPage(ctx, up, number)
	})
	pages[1] = first
	zones, gaps := group(pages, causes, first.pages())
	return &swept{zones: zones, gaps: gaps, ended: time.Now()}
}

func sweepPage(ctx context.Context, up *upstream.Client, number int) (*page, error) {
	answer := &page{}
	return answer, up.Get(ctx, sweepZones, "/zones", pageQuery(number, "account.id"), answer)
}

// refusesSweep tells the refusal of an unfiltered list, which the vendor does not serve across more than 500 accounts
// (developers.cloudflare.com/api/resources/zones/methods/list), from a refusal of our token.
func refusesSweep(err error) bool {
	var failed *upstream.Error
	return errors.As(err, &failed) && failed.Reason == upstream.Refused &&
		failed.Status != http.StatusUnauthorized && failed.Code != authFailed
}

// group sorts the zones of a sweep to their accounts and finds the gaps.
//
// The order by account says nothing of the order within one, so that two pages may split an account differently; a zone
// then appears twice and hides another of the same account. And a zone that comes or goes meanwhile shifts all pages after
// it by one: the counts then differ, and what was missed stood at a border between two pages or at the end.
func group(pages map[int]*page, causes map[int]error, last int) (map[AccountID][]*zone, []gap) {
	var (
		zones   = make(map[AccountID][]*zone)
		gaps    []gap
		seen    = make(map[string]bool)
		rows    int
		changed bool
		ordered = true
		before  AccountID // of the last row so far
	)
	for number := 1; number <= last; number++ {
		page := pages[number]
		if page == nil {
			continue
		}
		rows += len(page.Result)
		changed = changed || page.Info.TotalCount != pages[1].Info.TotalCount
		for _, zone := range page.Result {
			account := zone.Account.ID
			if seen[zone.ID] {
				gaps = append(gaps, gap{from: account, to: account})
				continue
			}
			seen[zone.ID] = true
			ordered = ordered && before <= account
			before = account
			zones[account] = append(zones[account], zone)
		}
	}
	changed = changed || len(causes) == 0 && rows != int(pages[1].Info.TotalCount)

	// A failed page leaves a gap between its neighbours, a change one at every border. The failures go first: an
	// account in both is failed, not asked again.
	var failed []gap
	before = ""
	for number := 1; number <= last; number++ {
		page := pages[number]
		switch {
		case page == nil:
			failed = append(failed, gap{from: before, to: next(pages, number, last), cause: causes[number]})
		case len(page.Result) > 0:
			before = page.Result[len(page.Result)-1].Account.ID
		}
		if changed {
			gaps = append(gaps, gap{from: before, to: next(pages, number, last)})
		}
	}
	if !ordered && len(failed) > 0 {
		failed = []gap{{to: lastHex, cause: failed[0].cause}}
	}
	if !ordered && changed {
		gaps = []gap{{to: lastHex}}
	}
	return zones, append(failed, gaps...)
}

// next is the account at which the pages after the given one go on.
func next(pages map[int]*page, number, last int) AccountID {
	for number++; number <= last; number++ {
		if page := pages[number]; page != nil && len(page.Result) > 0 {
			return page.Result[0].Account.ID
		}
	}
	return lastHex
}

func within(account AccountID, gaps []gap) *gap {
	for i := range gaps {
		if gaps[i].from <= account && account <= gaps[i].to {
			return &gaps[i]
		}
	}
	return nil
}
