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

// history is the page's document incidents.json: the newest 50 disturbances, with those that are over.
type history struct {
	Page struct {
		ID string `json:"id"`
	} `json:"page"`
	Incidents []*incident `json:"incidents"`
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

// Check demands the whole document.
func (h *history) Check() error {
	if h.Page.ID == "" || h.Incidents == nil {
		return errors.New("the page or its incidents are missing")
	}
	for _, incident := range h.Incidents {
		if err := incident.check(); err != nil {
			return err
		}
	}
	return nil
}

// past is the other conversion from the wire: incidents by their ids.
func (h *history) past(at time.Time) *past {
	converted := &past{source: upstream.Source{Name: upstream.Statuspage, FetchedAt: &at}, incidents: make(map[string]*Incident, len(h.Incidents))}
	known := components{}
	for _, incident := range h.Incidents {
		converted.incidents[incident.ID] = incident.incident(Disturbance, known)
	}
	return converted
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
		Maintenances: make([]*Incident, 0, len(s.Maintenances)),
		Source:       upstream.Source{Name: upstream.Statuspage, FetchedAt: &at},
	}
	for _, incident := range s.Incidents {
		snapshot.Incidents = append(snapshot.Incidents, incident.incident(Disturbance, known))
	}
	for _, work := range s.Maintenances {
		snapshot.Maintenances = append(snapshot.Maintenances, work.incident(Maintenance, known))
	}
	snapshot.index()
	return snapshot
}

func (i *incident) incident(kind IncidentKind, known components) *Incident {
	converted := &Incident{
		ID:             i.ID,
		Kind:           kind,
		Name:           i.Name,
		Status:         incidentStatus(i.Status),
		Impact:         incidentImpact(i.Impact),
		URL:            i.Shortlink,
		StartedAt:      i.CreatedAt,
		UpdatedAt:      i.UpdatedAt,
		ResolvedAt:     i.ResolvedAt,
		ScheduledFor:   i.ScheduledFor,
		ScheduledUntil: i.ScheduledUntil,
		Updates:        make([]*IncidentUpdate, 0, len(i.Updates)),
		Components:     known.all(i.Components),
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
