package cloudflare

import (
	"context"
	"errors"
	"maps"
	"math"
	"net/url"
	"strconv"
	"time"

	"supportgraph/clients/cache"
	"supportgraph/clients/upstream"
)

// AccountID is Cloudflare's key of an account: 32 lower-case hexadecimal digits.
type AccountID string

// ZoneList is the first 50 zones of an account by name.
type ZoneList struct {
	Nodes      []*Zone
	TotalCount int             // zones of the account, listed or not
	Truncated  bool            // the account has more zones than are listed
	Source     upstream.Source `json:"-"` // of this answer, not of the list as it is kept
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

// Zones returns the first 50 zones of each account, kept ones and those that are read now. Without a batch read it takes the
// cheaper of two ways, so that n distinct accounts cost about min(n, pages of all zones) calls: one call per account, or one
// sweep of everybody's pages, grouped by account. The number of pages is known from the last sweep; while it is not, the
// first page of a sweep finds it out. Both ways answer alike. An account without zones has an empty list; errors are
// *upstream.Error. What lists hold is shared and must not be changed.
func (c *Client) Zones(ctx context.Context, lane upstream.Lane, accounts []AccountID) (map[AccountID]*ZoneList, map[AccountID]error) {
	wanted, refused := c.valid(listZones, accounts)
	found, failed := c.zones.Get(ctx, lane, wanted, func(ctx context.Context, wanted []AccountID) (map[AccountID]*ZoneList, map[AccountID]error) {
		return c.read(ctx, lane, wanted)
	})
	maps.Copy(failed, refused)
	return cache.Values(found, func(list *ZoneList) *upstream.Source { return &list.Source }), failed
}

// Invalidate says that what is kept of accounts is no longer right. An error means that other processes were not told.
func (c *Client) Invalidate(ctx context.Context, accounts ...AccountID) error {
	return errors.Join(
		c.zones.Invalidate(ctx, accounts...),
		c.accounts.Invalidate(ctx, accounts...),
		c.plans.Invalidate(ctx, accounts...),
	)
}

// read asks Cloudflare. The accounts that a sweep brought along are among the lists.
func (c *Client) read(ctx context.Context, lane upstream.Lane, wanted []AccountID) (map[AccountID]*ZoneList, map[AccountID]error) {
	up := c.upstream.In(lane)
	if len(wanted) <= c.cheapUpTo() {
		return each(ctx, up, wanted)
	}
	lists, failed, rest := c.sweep(ctx, lane, wanted)
	found, faults := each(ctx, up, rest)
	maps.Copy(failed, faults)
	maps.Copy(lists, found)
	return lists, failed
}

// valid splits off the keys that cannot be accounts; the vendor refuses them.
func (c *Client) valid(op string, accounts []AccountID) ([]AccountID, map[AccountID]error) {
	seen := make(map[AccountID]bool, len(accounts))
	wanted := make([]AccountID, 0, len(accounts))
	failed := make(map[AccountID]error)
	for _, id := range accounts {
		switch {
		case seen[id]:
		case !isHex32(string(id)):
			failed[id] = &upstream.Error{Service: c.upstream.Source(), Op: op, Reason: upstream.NotFound,
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

func each(ctx context.Context, up *upstream.Client, accounts []AccountID) (map[AccountID]*ZoneList, map[AccountID]error) {
	return upstream.Each(ctx, up, listZones, accounts, func(ctx context.Context, account AccountID) (*ZoneList, error) {
		answer := page{asked: account}
		query := pageQuery(1, "name")
		query.Set("account.id", string(account))
		if err := up.Get(ctx, listZones, "/zones", query, &answer); err != nil {
			return nil, err
		}
		return zoneList(answer.Result, int(answer.Info.TotalCount)), nil
	})
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
