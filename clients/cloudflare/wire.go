package cloudflare

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// page is one page of zones on the wire (developers.cloudflare.com/api/resources/zones/methods/list).
type page struct {
	asked AccountID // the account that the page was filtered by; empty in a sweep

	outcome
	Result []*zone `json:"result"`
	Info   *struct {
		PerPage    count `json:"per_page"`
		TotalCount count `json:"total_count"`
		TotalPages count `json:"total_pages"` // missing from some products' answers
	} `json:"result_info"`
}

// outcome is what every answer says first (developers.cloudflare.com/fundamentals/api/how-to/make-api-calls).
type outcome struct {
	Success bool    `json:"success"` // may be false on a 200
	Errors  []fault `json:"errors"`
}

// failure is nil of a success.
func (o *outcome) failure() error {
	switch {
	case !o.Success && len(o.Errors) > 0:
		return fmt.Errorf("no success: %d %s", o.Errors[0].Code, o.Errors[0].Message)
	case !o.Success:
		return errors.New("no success")
	default:
		return nil
	}
}

// zone is a zone on the wire.
type zone struct {
	ID          string     `json:"id"`
	Name        string     `json:"name"`
	Status      string     `json:"status"`
	Paused      bool       `json:"paused"`
	Type        string     `json:"type"`
	NameServers []string   `json:"name_servers"`
	CreatedOn   time.Time  `json:"created_on"`
	ActivatedOn *time.Time `json:"activated_on"`
	Account     struct {
		ID AccountID `json:"id"`
	} `json:"account"`
	Plan struct {
		Name     string `json:"name"`
		LegacyID string `json:"legacy_id"`
	} `json:"plan"`
}

// count is a whole number that the schema types as "number", so that 2.0 and 1e3 are in order.
type count int

// UnmarshalJSON reads a number that is whole and not negative.
func (n *count) UnmarshalJSON(text []byte) error {
	var value float64
	if err := json.Unmarshal(text, &value); err != nil {
		return err
	}
	if value < 0 || value > math.MaxInt32 || value != math.Trunc(value) {
		return errors.New("a count out of range")
	}
	*n = count(value)
	return nil
}

// Check demands success, a result of the account that was asked for, and the counts.
func (p *page) Check() error {
	switch err := p.failure(); {
	case err != nil:
		return err
	case p.Result == nil || p.Info == nil:
		return errors.New("the result or its counts are missing")
	case int(p.Info.TotalCount) < len(p.Result):
		return errors.New("the counts contradict the result")
	}
	for _, zone := range p.Result {
		switch {
		case zone == nil || zone.ID == "" || zone.Name == "" || zone.Status == "" || !isHex32(string(zone.Account.ID)):
			return errors.New("a zone has no id, name, status or account")
		case p.asked != "" && zone.Account.ID != p.asked:
			return errors.New("a zone is not the account's that was asked for")
		case zone.CreatedOn.IsZero():
			return errors.New("a zone has no time of creation")
		}
	}
	return nil
}

// pages is the number of pages of the whole list: what the vendor says, and no fewer than its other counts demand.
func (p *page) pages() int {
	size := int(p.Info.PerPage)
	if size == 0 {
		size = perPage
	}
	return max(int(p.Info.TotalPages), (int(p.Info.TotalCount)+size-1)/size)
}

// zoneList is the one conversion from the wire: the first zones by name.
func zoneList(zones []*zone, total int) *ZoneList {
	slices.SortFunc(zones, func(a, b *zone) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	listed := zones[:min(len(zones), perPage)]
	list := &ZoneList{
		Nodes:      make([]*Zone, len(listed)),
		TotalCount: total,
		Truncated:  total > len(listed),
	}
	for i, zone := range listed {
		list.Nodes[i] = &Zone{
			ID:          zone.ID,
			Name:        zone.Name,
			Status:      zoneStatus(zone.Status),
			Paused:      zone.Paused,
			Type:        zoneType(zone.Type),
			Plan:        zone.Plan.Name,
			PlanKey:     zone.Plan.LegacyID,
			NameServers: append([]string{}, zone.NameServers...),
			CreatedAt:   zone.CreatedOn,
			ActivatedAt: zone.ActivatedOn,
		}
	}
	return list
}

func zoneStatus(foreign string) ZoneStatus {
	switch status := ZoneStatus(strings.ToUpper(foreign)); status {
	case ZoneInitializing, ZonePending, ZoneActive, ZoneMoved:
		return status
	default:
		return ZoneOther
	}
}

func zoneType(foreign string) ZoneType {
	switch kind := ZoneType(strings.ToUpper(foreign)); kind {
	case ZoneFull, ZonePartial, ZoneSecondary, ZoneInternal:
		return kind
	default:
		return ZoneTypeOther
	}
}
