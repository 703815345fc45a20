package statuspage

import (
	"strings"
	"time"

	"supportgraph/clients/upstream"
)

// Incident is a disturbance that the vendor reports, or work that it plans or carries out. The vendor gives both the same
// form; work has a window beside it.
type Incident struct {
	ID             string
	Kind           IncidentKind
	Name           string
	Status         IncidentStatus
	Impact         IncidentImpact
	URL            *string // the public page of the incident
	StartedAt      time.Time
	UpdatedAt      time.Time
	ResolvedAt     *time.Time
	ScheduledFor   *time.Time        // of work: when it begins
	ScheduledUntil *time.Time        // of work: when it is to end
	Updates        []*IncidentUpdate // newest first, as on the page
	Components     []*Component      // affected, with their present status
	Source         upstream.Source   // of the reading that it is from
}

// Active tells whether the incident goes on now: a disturbance that is not over, or work that is under way.
func (i *Incident) Active() bool {
	switch i.Status {
	case IncidentResolved, IncidentPostmortem, IncidentScheduled, IncidentCompleted:
		return false
	default:
		return true
	}
}

// IncidentKind tells what was planned from what was not.
type IncidentKind string

// The kinds.
const (
	Disturbance IncidentKind = "DISTURBANCE"
	Maintenance IncidentKind = "MAINTENANCE"
)

// IncidentUpdate is one message of the vendor on an incident.
type IncidentUpdate struct {
	ID     string
	Status IncidentStatus
	Body   string
	At     time.Time
}

// IncidentStatus is where an incident stands.
type IncidentStatus string

// The statuses, in upper case: those of disturbances, then those of work. A status that we do not know is IncidentOther.
const (
	IncidentInvestigating IncidentStatus = "INVESTIGATING"
	IncidentIdentified    IncidentStatus = "IDENTIFIED"
	IncidentMonitoring    IncidentStatus = "MONITORING"
	IncidentResolved      IncidentStatus = "RESOLVED"
	IncidentPostmortem    IncidentStatus = "POSTMORTEM"
	IncidentScheduled     IncidentStatus = "SCHEDULED"
	IncidentInProgress    IncidentStatus = "IN_PROGRESS"
	IncidentVerifying     IncidentStatus = "VERIFYING"
	IncidentCompleted     IncidentStatus = "COMPLETED"
	IncidentOther         IncidentStatus = "OTHER"
)

// IncidentImpact is how bad an incident is.
type IncidentImpact string

// The impacts, in upper case. An impact that we do not know is ImpactOther.
const (
	ImpactNone        IncidentImpact = "NONE"
	ImpactMinor       IncidentImpact = "MINOR"
	ImpactMajor       IncidentImpact = "MAJOR"
	ImpactCritical    IncidentImpact = "CRITICAL"
	ImpactMaintenance IncidentImpact = "MAINTENANCE"
	ImpactOther       IncidentImpact = "OTHER"
)

func incidentStatus(foreign string) IncidentStatus {
	switch status := IncidentStatus(strings.ToUpper(foreign)); status {
	case IncidentInvestigating, IncidentIdentified, IncidentMonitoring, IncidentResolved, IncidentPostmortem,
		IncidentScheduled, IncidentInProgress, IncidentVerifying, IncidentCompleted:
		return status
	default:
		return IncidentOther
	}
}

func incidentImpact(foreign string) IncidentImpact {
	switch impact := IncidentImpact(strings.ToUpper(foreign)); impact {
	case ImpactNone, ImpactMinor, ImpactMajor, ImpactCritical, ImpactMaintenance:
		return impact
	default:
		return ImpactOther
	}
}
