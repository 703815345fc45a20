package statuspage

import (
	"errors"
	"time"

	"supportgraph/clients/upstream"
)

// summary is the page's document summary.json (a page's own documentation stands at its /api).
type summary struct {
	Page struct {
		ID   string `json:"id"`
		Name string `json:"name"`
		URL  string `json:"url"`
	} `json:"page"`
	Status struct {
		Indicator   string `json:"indicator"`
		Description string `json:"description"`
	} `json:"status"`
	Components   []*component `json:"components"`
	Incidents    []*incident  `json:"incidents"`
	Maintenances []*incident  `json:"scheduled_maintenances"`
}

type component struct {
	ID      string  `json:"id"`
	Name    string  `json:"name"`
	Status  string  `json:"status"`
	Group   bool    `json:"group"`
	GroupID *string `json:"group_id"`
}

type incident struct {
	ID             string       `json:"id"`
	Name           string       `json:"name"`
	Status         string       `json:"status"`
	Impact         string       `json:"impact"`
	Shortlink      *string      `json:"shortlink"`
	StartedAt      *time.Time   `json:"started_at"`
	CreatedAt      time.Time    `json:"created_at"`
	UpdatedAt      time.Time    `json:"updated_at"`
	ResolvedAt     *time.Time   `json:"resolved_at"`
	Updates        []*update    `json:"incident_updates"`
	Components     []*component `json:"components"`
	ScheduledFor   *time.Time   `json:"scheduled_for"`   // of maintenances only
	ScheduledUntil *time.Time   `json:"scheduled_until"` // of maintenances only
}

type update struct {
	ID        string     `json:"id"`
	Status    string     `json:"status"`
	Body      string     `json:"body"`
	CreatedAt time.Time  `json:"created_at"`
	DisplayAt *time.Time `json:"display_at"` // when it is said to have been, where that was changed
}

// Check demands the whole document: an empty one would read as "all is well".
func (s *summary) Check() error {
	switch {
	case s.Page.ID == "" || s.Status.Indicator == "":
		return errors.New("the page or its status is missing")
	case s.Components == nil || s.Incidents == nil:
		return errors.New("the components or incidents are missing")
	}
	if err := checkComponents(s.Components); err != nil {
		return err
	}
	for _, incident := range s.Incidents {
		if err := incident.check(); err != nil {
			return err
		}
	}
	for _, work := range s.Maintenances {
		if err := work.check(); err != nil {
			return err
		}
		if work.ScheduledFor == nil || work.ScheduledUntil == nil {
			return errors.New("a maintenance has no window")
		}
	}
	return nil
}

func (i *incident) check() error {
	if i == nil || i.ID == "" || i.Status == "" || i.CreatedAt.IsZero() {
		return errors.New("an incident has no id, status or time")
	}
	for _, update := range i.Updates {
		if update == nil || update.ID == "" || update.CreatedAt.IsZero() {
			return errors.New("an update of an incident has no id or time")
		}
	}
	return checkComponents(i.Components)
}

func checkComponents(components []*component) error {
	for _, component := range components {
		if component == nil || component.ID == "" || component.Name == "" {
			return errors.New("a component has no id or name")
		}
	}
	return nil
}

// snapshot is the one conversion from the wire.
func (s *summary) snapshot(at time.Time) *Snapshot {
	known := make(components, len(s.Components))
	snapshot := &Snapshot{
		Name:         s.Page.Name,
		URL:          s.Page.URL,
		Indicator:    indicator(s.Status.Indicator),
		Description:  s.Status.Description,
		Components:   known.all(s.Components),
		Incidents:    make([]*Incident, 0, len(s.Incidents)),
		Maintenances: make([]*Maintenance, 0, len(s.Maintenances)),
		Source:       upstream.Source{Name: upstream.Statuspage, FetchedAt: &at},
	}
	for _, incident := range s.Incidents {
		snapshot.Incidents = append(snapshot.Incidents, incident.incident(known))
	}
	for _, work := range s.Maintenances {
		snapshot.Maintenances = append(snapshot.Maintenances, work.maintenance(known))
	}
	snapshot.index()
	return snapshot
}

func (i *incident) incident(known components) *Incident {
	converted := &Incident{
		ID:         i.ID,
		Name:       i.Name,
		Status:     incidentStatus(i.Status),
		Impact:     incidentImpact(i.Impact),
		URL:        i.Shortlink,
		StartedAt:  i.CreatedAt,
		UpdatedAt:  i.UpdatedAt,
		ResolvedAt: i.ResolvedAt,
		Updates:    make([]*IncidentUpdate, 0, len(i.Updates)),
		Components: known.all(i.Components),
	}
	if i.StartedAt != nil {
		converted.StartedAt = *i.StartedAt
	}
	for _, update := range i.Updates {
		said := update.CreatedAt
		if update.DisplayAt != nil {
			said = *update.DisplayAt
		}
		converted.Updates = append(converted.Updates,
			&IncidentUpdate{ID: update.ID, Status: incidentStatus(update.Status), Body: update.Body, At: said})
	}
	return converted
}

func (i *incident) maintenance(known components) *Maintenance {
	return &Maintenance{
		ID:             i.ID,
		Name:           i.Name,
		Status:         maintenanceStatus(i.Status),
		Impact:         incidentImpact(i.Impact),
		URL:            i.Shortlink,
		ScheduledFor:   *i.ScheduledFor,
		ScheduledUntil: *i.ScheduledUntil,
		UpdatedAt:      i.UpdatedAt,
		Components:     known.all(i.Components),
	}
}

// components are the page's by id, so that an incident shows a component as the page does.
type components map[string]*Component

func (known components) all(wire []*component) []*Component {
	converted := make([]*Component, 0, len(wire))
	for _, foreign := range wire {
		component, ok := known[foreign.ID]
		if !ok {
			component = &Component{ID: foreign.ID, Name: foreign.Name, Status: componentStatus(foreign.Status),
				Group: foreign.Group, GroupID: foreign.GroupID}
			known[foreign.ID] = component
		}
		converted = append(converted, component)
	}
	return converted
}
