package vendors

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

// mountStatuspage serves the summary and the incidents of a public status page, which takes no credentials.
func (s *Server) mountStatuspage(page Page, options Options) {
	d := dialect{
		vendor:  Statuspage,
		latency: options.latency(30*time.Millisecond, 120*time.Millisecond),
		allows:  func(*http.Request) bool { return true },
		refuse: func(status int, _ Fault) reply {
			return reply{status: status, body: map[string]string{"error": http.StatusText(status)}}
		},
		stamp: func(header http.Header, _ *http.Request, turn turn) {
			header.Set("X-Request-Id", fmt.Sprintf("00000000-0000-4000-8000-%012x", uint64(turn.number)))
		},
	}
	s.handle(d, "summary.get", "GET "+StatuspagePath+"/summary.json", func(_ *http.Request, fault Fault) reply {
		return reply{status: http.StatusOK, body: page.wire(fault)}
	})
	s.handle(d, "incidents.get", "GET "+StatuspagePath+"/incidents.json", func(_ *http.Request, fault Fault) reply {
		return reply{status: http.StatusOK, body: page.history(fault)}
	})
	s.handle(d, "unknown", StatuspagePath+"/", func(*http.Request, Fault) reply { return d.refuse(http.StatusNotFound, Fault{}) })
}

type object = map[string]any

// newest is how many incidents the vendor lists.
const newest = 50

// history is the page's list of incidents, those that are over among them, without what a fault drops. The vendor lists no
// components beside it.
func (p Page) history(fault Fault) object {
	components, incidents := make(map[string]object, len(p.Components)), []object{}
	for place, component := range p.Components {
		components[component.ID] = component.wire(p.ID, place+1)
	}
	for _, incident := range slices.Concat(p.Incidents, p.Past) {
		if !fault.drops(incident.ID) && len(incidents) < newest {
			incidents = append(incidents, incident.wire(p.ID, components))
		}
	}
	return object{
		"page":      object{"id": p.ID, "name": p.Name, "url": p.URL, "time_zone": "Etc/UTC", "updated_at": millis(p.Updated)},
		"incidents": incidents,
	}
}

// wire is the page's summary without what a fault drops.
func (p Page) wire(fault Fault) object {
	components, incidents, maintenances := []object{}, []object{}, []object{}
	byID := make(map[string]object, len(p.Components))
	members := make(map[string][]string)
	for _, component := range p.Components {
		if component.GroupID != "" && !fault.drops(component.ID) {
			members[component.GroupID] = append(members[component.GroupID], component.ID)
		}
	}
	for place, component := range p.Components {
		if fault.drops(component.ID) {
			continue
		}
		wire := component.wire(p.ID, place+1)
		if component.Group {
			wire["components"] = members[component.ID]
		}
		byID[component.ID] = wire
		components = append(components, wire)
	}
	for _, incident := range p.Incidents {
		if !fault.drops(incident.ID) {
			incidents = append(incidents, incident.wire(p.ID, byID))
		}
	}
	for _, work := range p.Maintenances {
		if fault.drops(work.ID) {
			continue
		}
		wire := work.Incident.wire(p.ID, byID)
		wire["scheduled_for"], wire["scheduled_until"] = millis(work.From), millis(work.Until)
		maintenances = append(maintenances, wire)
	}
	return object{
		"page":       object{"id": p.ID, "name": p.Name, "url": p.URL, "time_zone": "Etc/UTC", "updated_at": millis(p.Updated)},
		"status":     object{"indicator": orElse(p.Indicator, "none"), "description": p.Description},
		"components": components, "incidents": incidents, "scheduled_maintenances": maintenances,
	}
}

func (c Component) wire(page string, position int) object {
	return object{
		"id": c.ID, "name": c.Name, "status": orElse(c.Status, "operational"), "group": c.Group, "group_id": orNull(c.GroupID),
		"position": position, "description": nil, "showcase": false, "only_show_if_degraded": false, "page_id": page,
		"start_date": nil, "created_at": millis(c.Created), "updated_at": millis(c.Updated),
	}
}

func (i Incident) wire(page string, components map[string]object) object {
	updates := make([]object, 0, len(i.Updates))
	for _, update := range i.Updates {
		updates = append(updates, object{
			"id": update.ID, "status": update.Status, "body": update.Body, "incident_id": i.ID, "created_at": millis(update.At),
			"updated_at": millis(update.At), "display_at": millis(update.At), "affected_components": []object{},
		})
	}
	affected := make([]object, 0, len(i.Components))
	for _, id := range i.Components {
		if component, ok := components[id]; ok {
			affected = append(affected, component)
		}
	}
	return object{
		"id": i.ID, "name": i.Name, "status": i.Status, "impact": i.Impact, "shortlink": orNull(i.URL), "page_id": page,
		"started_at": millis(i.Started), "created_at": millis(i.Started), "updated_at": millis(i.Updated), "monitoring_at": nil,
		"resolved_at": orNull(millisOrNone(i.Resolved)), "incident_updates": updates, "components": affected,
	}
}

// millis writes a time as the vendor does.
func millis(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z07:00") }

func millisOrNone(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return millis(at)
}
