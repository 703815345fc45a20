package statuspage

import (
	"errors"
	"slices"
	"strings"

	"supportgraph/clients/upstream"
)

// Snapshot is a status page as it was at one moment.
type Snapshot struct {
	Name         string // the page's, "Cloudflare"
	URL          string
	Indicator    Indicator
	Description  string // "All Systems Operational"
	Components   []*Component
	Incidents    []*Incident    // unresolved, in the page's order: newest first
	Maintenances []*Maintenance // upcoming and under way
	Source       upstream.Source

	touching map[string][]int // lower-case component name: places in Incidents, ascending
}

// Indicator is the worst impact that a page reports.
type Indicator string

// The indicators, in upper case. One that we do not know is IndicatorOther.
const (
	IndicatorNone        Indicator = "NONE"
	IndicatorMinor       Indicator = "MINOR"
	IndicatorMajor       Indicator = "MAJOR"
	IndicatorCritical    Indicator = "CRITICAL"
	IndicatorMaintenance Indicator = "MAINTENANCE"
	IndicatorOther       Indicator = "OTHER"
)

// Touching returns the incidents that affect at least one of the components, which are named as on the page in any case,
// in the page's order.
func (s *Snapshot) Touching(components []string) []*Incident {
	var places []int
	for _, name := range components {
		places = append(places, s.touching[folded(name)]...)
	}
	slices.Sort(places)
	places = slices.Compact(places)
	incidents := make([]*Incident, len(places))
	for i, place := range places {
		incidents[i] = s.Incidents[place]
	}
	return incidents
}

// index prepares Touching.
func (s *Snapshot) index() {
	s.touching = make(map[string][]int)
	for place, incident := range s.Incidents {
		for _, component := range incident.Components {
			name := folded(component.Name)
			s.touching[name] = append(s.touching[name], place)
		}
	}
}

// shown is the snapshot with its freshness, given what became of the refreshes since.
func (s *Snapshot) shown(err error) *Snapshot {
	shown := *s
	freshness := upstream.Cached
	if err != nil {
		freshness = upstream.Stale
		reason := upstream.Unavailable
		var failed *upstream.Error
		if errors.As(err, &failed) {
			reason = failed.Reason
		}
		shown.Source.Reason = &reason
	}
	shown.Source.Freshness = &freshness
	return &shown
}

func folded(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

func indicator(foreign string) Indicator {
	switch value := Indicator(strings.ToUpper(foreign)); value {
	case IndicatorNone, IndicatorMinor, IndicatorMajor, IndicatorCritical, IndicatorMaintenance:
		return value
	default:
		return IndicatorOther
	}
}
