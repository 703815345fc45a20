package vendors

import (
	"cmp"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"time"
)

var hex32 = regexp.MustCompile(`^[0-9a-f]{32}$`)

// mountCloudflare serves developers.cloudflare.com/api/resources/zones/methods/list.
func (s *Server) mountCloudflare(accounts []Account, options Options) {
	zones := newZoneIndex(accounts)
	limit := options.MaxSweepAccounts
	if limit == 0 {
		limit = 500
	}
	d := dialect{
		vendor:  Cloudflare,
		latency: options.latency(80*time.Millisecond, 500*time.Millisecond),
		allows:  allows(options.CloudflareToken),
		refuse:  cloudflareRefuses,
		stamp: func(header http.Header, _ *http.Request, turn turn) {
			header.Set("Cf-Ray", fmt.Sprintf("%016x-AMS", uint64(turn.number)))
			window := int(time.Duration(turn.rate.Window) / time.Second)
			header.Set("Ratelimit", fmt.Sprintf(`"default";r=%d;t=%d`, turn.left, window))
			header.Set("Ratelimit-Policy", fmt.Sprintf(`"default";q=%d;w=%d`, turn.rate.Calls, window))
			turn.retryAfter(header)
		},
		// Of a token; beyond it every call is refused until the window has passed
		// (developers.cloudflare.com/fundamentals/api/reference/limits).
		rate: func(string) (string, Rate) {
			return "", Rate{Calls: 1200, Window: Duration(5 * time.Minute), Shut: true}
		},
	}
	s.handle(d, "zones.list", "GET "+CloudflarePath+"/zones", func(r *http.Request, fault Fault) reply {
		query := r.URL.Query()
		page, errPage := number(query.Get("page"), 1, 1, 1<<30)
		perPage, errSize := number(query.Get("per_page"), 20, 5, 50)
		account, order, direction := query.Get("account.id"), query.Get("order"), query.Get("direction")
		switch {
		case errPage != nil || errSize != nil:
			return envelope(http.StatusBadRequest, 6003, "Invalid request: page or per_page is out of range")
		case account != "" && !hex32.MatchString(account):
			return envelope(http.StatusBadRequest, 6003, "Invalid request: account.id is not an identifier")
		case !slices.Contains([]string{"", "name", "status", "account.id", "account.name", "plan.id"}, order):
			return envelope(http.StatusBadRequest, 6003, "Invalid request: order is not a field to order by")
		case direction != "" && direction != "asc" && direction != "desc":
			return envelope(http.StatusBadRequest, 6003, "Invalid request: direction is neither asc nor desc")
		case account == "" && len(accounts) > limit: // documented as not allowed, without its code
			return envelope(http.StatusBadRequest, 6003, "Listing zones across more than 500 accounts is currently not allowed")
		}
		rows := zones.rows(account, order, direction == "desc")
		if len(fault.Drop) > 0 {
			rows = slices.DeleteFunc(slices.Clone(rows), func(zone cloudflareZone) bool { return fault.drops(zone.ID) })
		}
		return resultPage(rows, page, perPage, fault.OmitTotalPages)
	})
	s.mountCloudflareAccounts(d, accounts)
	s.handle(d, "zones.get", "GET "+CloudflarePath+"/zones/{id}", func(r *http.Request, fault Fault) reply {
		for _, zone := range zones.byName {
			if id := r.PathValue("id"); zone.ID == id && !fault.drops(id) {
				return success(zone)
			}
		}
		return cloudflareRefuses(http.StatusNotFound, fault)
	})
	s.handle(d, "unknown", CloudflarePath+"/", func(r *http.Request, _ Fault) reply {
		return envelope(http.StatusNotFound, 7003, "Could not route to "+r.URL.Path+", perhaps your object identifier is invalid?")
	})
}

// number reads a parameter within bounds.
func number(text string, usual, least, most int) (int, error) {
	if text == "" {
		return usual, nil
	}
	value, err := strconv.Atoi(text)
	if err == nil && (value < least || value > most) {
		err = fmt.Errorf("%d is not within %d and %d", value, least, most)
	}
	return value, err
}

// success is an envelope around one result.
func success(result any) reply {
	return reply{status: http.StatusOK, body: map[string]any{
		"success": true, "errors": []any{}, "messages": []any{}, "result": result,
	}}
}

func resultPage[R any](rows []R, page, perPage int, omitTotalPages bool) reply {
	start := min((page-1)*perPage, len(rows))
	shown := rows[start:min(start+perPage, len(rows))]
	info := map[string]int{"page": page, "per_page": perPage, "count": len(shown), "total_count": len(rows)}
	if !omitTotalPages {
		info["total_pages"] = (len(rows) + perPage - 1) / perPage
	}
	if shown == nil {
		shown = []R{}
	}
	return reply{status: http.StatusOK, body: map[string]any{
		"success": true, "errors": []any{}, "messages": []any{}, "result": shown, "result_info": info,
	}}
}

// envelope is a failure (developers.cloudflare.com/fundamentals/api/how-to/make-api-calls).
func envelope(status, code int, message string) reply {
	return reply{status: status, body: map[string]any{
		"success": false, "messages": []any{}, "result": nil,
		"errors": []any{map[string]any{"code": code, "message": message}},
	}}
}

func cloudflareRefuses(status int, _ Fault) reply {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return envelope(status, 10000, "Authentication error")
	case http.StatusTooManyRequests:
		return envelope(status, 10429, "Rate limited. Please wait and consider throttling your request speed")
	case http.StatusNotFound:
		return envelope(status, 7003, "Could not route to the resource, perhaps your object identifier is invalid?")
	}
	if status >= 500 {
		return envelope(status, 10013, "Internal server error")
	}
	return envelope(status, 6003, "Invalid request")
}

type cloudflareZone struct {
	ID                  string         `json:"id"`
	Name                string         `json:"name"`
	Status              string         `json:"status"`
	Paused              bool           `json:"paused"`
	Type                string         `json:"type"`
	DevelopmentMode     int            `json:"development_mode"`
	NameServers         []string       `json:"name_servers"`
	OriginalNameServers []string       `json:"original_name_servers"`
	Account             cloudflareName `json:"account"`
	Owner               map[string]any `json:"owner"`
	Plan                cloudflarePlan `json:"plan"`
	CreatedOn           string         `json:"created_on"`
	ModifiedOn          string         `json:"modified_on"`
	ActivatedOn         *string        `json:"activated_on"`
	Meta                map[string]any `json:"meta"`
}

type cloudflareName struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type cloudflarePlan struct {
	ID           string `json:"id"`
	Name         string `json:"name"`
	LegacyID     string `json:"legacy_id"`
	IsSubscribed bool   `json:"is_subscribed"`
	Currency     string `json:"currency"`
	Frequency    string `json:"frequency"`
}

func (z Zone) wire(account Account) cloudflareZone {
	created := z.Created.UTC().Format("2006-01-02T15:04:05.000000Z07:00")
	wire := cloudflareZone{
		ID: z.ID, Name: z.Name, Status: orElse(z.Status, "active"), Paused: z.Paused, Type: orElse(z.Type, "full"),
		NameServers: z.NameServers, Account: cloudflareName{account.ID, account.Name},
		Owner: map[string]any{"id": nil, "type": "organization"}, CreatedOn: created, ModifiedOn: created,
		Plan: cloudflarePlan{ID: z.PlanKey, Name: z.Plan, LegacyID: z.PlanKey, IsSubscribed: true, Currency: "USD"},
		Meta: map[string]any{},
	}
	if !z.Activated.IsZero() {
		activated := z.Activated.UTC().Format("2006-01-02T15:04:05.000000Z07:00")
		wire.ActivatedOn = &activated
	}
	return wire
}

// zoneIndex keeps the zones in the orders that are asked for most.
type zoneIndex struct {
	byName, byAccount []cloudflareZone
	accounts          map[string][]cloudflareZone // by name
}

func newZoneIndex(accounts []Account) *zoneIndex {
	index := &zoneIndex{accounts: make(map[string][]cloudflareZone, len(accounts))}
	for _, account := range accounts {
		for _, zone := range account.Zones {
			index.byName = append(index.byName, zone.wire(account))
		}
	}
	slices.SortFunc(index.byName, zoneOrder("name"))
	for _, zone := range index.byName {
		index.accounts[zone.Account.ID] = append(index.accounts[zone.Account.ID], zone)
	}
	index.byAccount = slices.SortedFunc(slices.Values(index.byName), zoneOrder("account.id"))
	return index
}

// rows are the zones of an account, or of all, in an order. They must not be changed.
func (i *zoneIndex) rows(account, order string, descending bool) []cloudflareZone {
	rows := i.byName
	switch {
	case account != "":
		rows = i.accounts[account]
	case order == "account.id":
		rows = i.byAccount
	}
	if order != "" && order != "name" && (order != "account.id" || account != "") {
		rows = slices.SortedFunc(slices.Values(rows), zoneOrder(order))
	}
	if descending {
		rows = slices.Clone(rows)
		slices.Reverse(rows)
	}
	return rows
}

// zoneOrder orders by one field; among equals by id, for the vendor promises nothing there.
func zoneOrder(field string) func(a, b cloudflareZone) int {
	key := func(zone cloudflareZone) string {
		switch field {
		case "status":
			return zone.Status
		case "account.id":
			return zone.Account.ID
		case "account.name":
			return zone.Account.Name
		case "plan.id":
			return zone.Plan.ID
		default:
			return zone.Name
		}
	}
	return func(a, b cloudflareZone) int { return cmp.Or(cmp.Compare(key(a), key(b)), cmp.Compare(a.ID, b.ID)) }
}
