package cloudflare

import (
	"context"
	"errors"
	"maps"
	"math"
	"net/url"
	"strconv"
	"time"

	"supportgraph/clients/upstream"
)

// AccountID is Cloudflare's key of an account: 32 lower-case hexadecimal digits.
type AccountID string

// ZoneList is the first 50 zones of an account by name.
type ZoneList struct {
	Nodes      []*Zone
	TotalCount int  // zones of the account, listed or not
	Truncated  bool // the account has more zones than are listed
	Source     upstream.Source
}

// Zone is a domain at Cloudflare.
type Zone struct {
	ID          string
	Name        string // "example.com"
	Status      ZoneStatus
	Paused      bool // Cloudflare answers DNS only: no proxy, no protection
	Type        ZoneType
	Plan        string // the plan's name, "Enterprise Website"; empty once the vendor drops the deprecated field
	PlanKey     string // the plan's stable key, "enterprise"; empty likewise
	NameServers []string
	CreatedAt   time.Time
	ActivatedAt *time.Time // nil until the zone was first active
}

// ZoneStatus is where a zone stands (developers.cloudflare.com/api/resources/zones).
type ZoneStatus string

// The statuses, in upper case. A status that we do not know is ZoneOther.
const (
	ZoneInitializing ZoneStatus = "INITIALIZING"
	ZonePending      ZoneStatus = "PENDING"
	ZoneActive       ZoneStatus = "ACTIVE"
	ZoneMoved        ZoneStatus = "MOVED"
	ZoneOther        ZoneStatus = "OTHER"
)

// ZoneType is who answers a zone's DNS (developers.cloudflare.com/dns/zone-setups).
type ZoneType string

// The types, in upper case. A type that we do not know is ZoneTypeOther.
const (
	ZoneFull      ZoneType = "FULL"
	ZonePartial   ZoneType = "PARTIAL"
	ZoneSecondary ZoneType = "SECONDARY"
	ZoneInternal  ZoneType = "INTERNAL"
	ZoneTypeOther ZoneType = "OTHER"
)

const (
	perPage   = 50 // the vendor's maximum
	listZones = "zones.list"
	// fewAccounts are read one by one while the number of zones is unknown: finding it out costs a call too.
	fewAccounts = 3
	// sweepAgain is how long a refused sweep is not tried again.
	sweepAgain = 10 * time.Minute
)

// Zones reads the first 50 zones of each account. Without a batch read it takes the cheaper of two ways, so that n distinct
// accounts cost about min(n, pages of all zones) calls: one call per account, or one sweep of everybody's pages, grouped by
// account. The number of pages is known from the last sweep; while it is not, the first page of a sweep finds it out.
// Both ways answer alike. An account without zones has an empty list; errors are *upstream.Error.
func (c *Client) Zones(ctx context.Context, accounts []AccountID) (map[AccountID]*ZoneList, map[AccountID]error) {
	wanted, failed := c.valid(accounts)
	if len(wanted) > c.cheapUpTo() {
		lists, faults, rest := c.sweep(ctx, wanted)
		maps.Copy(failed, faults)
		found, faults := c.each(ctx, rest)
		maps.Copy(failed, faults)
		maps.Copy(lists, found)
		return lists, failed
	}
	lists, faults := c.each(ctx, wanted)
	maps.Copy(failed, faults)
	return lists, failed
}

// valid splits off the keys that cannot be accounts; the vendor refuses them.
func (c *Client) valid(accounts []AccountID) ([]AccountID, map[AccountID]error) {
	seen := make(map[AccountID]bool, len(accounts))
	wanted := make([]AccountID, 0, len(accounts))
	failed := make(map[AccountID]error)
	for _, id := range accounts {
		switch {
		case seen[id]:
		case !isHex32(string(id)):
			failed[id] = &upstream.Error{Service: c.upstream.Source(), Op: listZones, Reason: upstream.NotFound,
				Err: errors.New("the account id is not 32 hexadecimal digits")}
		default:
			wanted = append(wanted, id)
		}
		seen[id] = true
	}
	return wanted, failed
}

// cheapUpTo is the number of accounts that cost no more one by one than a sweep does.
func (c *Client) cheapUpTo() int {
	if at := c.refused.Load(); at != 0 && time.Since(time.Unix(0, at)) < sweepAgain {
		return math.MaxInt
	}
	if total := c.total.Load(); total > 0 {
		return int((total + perPage - 1) / perPage)
	}
	return fewAccounts
}

func (c *Client) each(ctx context.Context, accounts []AccountID) (map[AccountID]*ZoneList, map[AccountID]error) {
	return upstream.Each(ctx, c.upstream, listZones, accounts, c.list)
}

func (c *Client) list(ctx context.Context, account AccountID) (*ZoneList, error) {
	answer := page{asked: account}
	query := pageQuery(1, "name")
	query.Set("account.id", string(account))
	if err := c.upstream.Get(ctx, listZones, "/zones", query, &answer); err != nil {
		return nil, err
	}
	return zoneList(answer.Result, int(answer.Info.TotalCount), time.Now()), nil
}

func pageQuery(number int, order string) url.Values {
	return url.Values{
		"page":      {strconv.Itoa(number)},
		"per_page":  {strconv.Itoa(perPage)},
		"order":     {order},
		"direction": {"asc"},
	}
}

func isHex32(text string) bool {
	if len(text) != 32 {
		return false
	}
	for _, r := range text {
		if (r < '0' || r > '9') && (r < 'a' || r > 'f') {
			return false
		}
	}
	return true
}
