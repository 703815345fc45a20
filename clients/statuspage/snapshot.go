package statuspage

import (
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
	Incidents    []*Incident // unresolved, in the page's order: newest first
	Maintenances []*Incident // upcoming and under way
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

// Of returns the incidents of some kinds, disturbances first, each in the page's order; where active, those alone that go
// on now.
func (s *Snapshot) Of(kinds []IncidentKind, active bool) []*Incident {
	incidents := []*Incident{}
	for _, incident := range slices.Concat(s.Incidents, s.Maintenances) {
		if slices.Contains(kinds, incident.Kind) && (!active || incident.Active()) {
			incidents = append(incidents, incident)
		}
	}
	return incidents
}

// Incident returns the incident or the work that has an id; false where the page has none now.
func (s *Snapshot) Incident(id string) (*Incident, bool) {
	for _, list := range [][]*Incident{s.Incidents, s.Maintenances} {
		if at := slices.IndexFunc(list, func(i *Incident) bool { return i.ID == id }); at >= 0 {
			return list[at], true
		}
	}
	return nil, false
}

// shown is the snapshot with its freshness, given what became of the refreshes since.
func (s *Snapshot) shown(err error) *Snapshot {
	shown := *s
	shown.Source = aged(s.Source, err)
	shown.Incidents, shown.Maintenances = from(shown.Source, s.Incidents), from(shown.Source, s.Maintenances)
	return &shown
}

// aged is the provenance of what was read before, given what became of the readings since.
func aged(source upstream.Source, err error) upstream.Source {
	freshness := upstream.Cached
	if err != nil {
		freshness = upstream.Stale
		reason := upstream.ReasonOf(err)
		source.Reason = &reason
	}
	source.Freshness = &freshness
	return source
}

// from copies incidents, with their provenance.
func from(source upstream.Source, incidents []*Incident) []*Incident {
	copies := make([]*Incident, len(incidents))
	for i, incident := range incidents {
		copied := *incident
		copied.Source = source
		copies[i] = &copied
	}
	return copies
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
