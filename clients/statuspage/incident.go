package statuspage

import (
	"strings"
	"time"
)

// Incident is a disturbance that the vendor reports.
type Incident struct {
	ID         string
	Name       string
	Status     IncidentStatus
	Impact     IncidentImpact
	URL        *string // the public page of the incident
	StartedAt  time.Time
	UpdatedAt  time.Time
	ResolvedAt *time.Time
	Updates    []*IncidentUpdate // newest first, as on the page
	Components []*Component      // affected, with their present status
}

// IncidentUpdate is one message of the vendor on an incident.
type IncidentUpdate struct {
	ID     string
	Status IncidentStatus
	Body   string
	At     time.Time
}

// Maintenance is work that the vendor plans or carries out.
type Maintenance struct {
	ID             string
	Name           string
	Status         MaintenanceStatus
	Impact         IncidentImpact
	URL            *string // the public page of the work
	ScheduledFor   time.Time
	ScheduledUntil time.Time
	UpdatedAt      time.Time
	Components     []*Component
}

// IncidentStatus is where an incident stands.
type IncidentStatus string

// The statuses, in upper case. A status that we do not know is IncidentOther.
const (
	IncidentInvestigating IncidentStatus = "INVESTIGATING"
	IncidentIdentified    IncidentStatus = "IDENTIFIED"
	IncidentMonitoring    IncidentStatus = "MONITORING"
	IncidentResolved      IncidentStatus = "RESOLVED"
	IncidentPostmortem    IncidentStatus = "POSTMORTEM"
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

// MaintenanceStatus is where planned work stands.
type MaintenanceStatus string

// The statuses, in upper case. A status that we do not know is MaintenanceOther.
const (
	MaintenanceScheduled  MaintenanceStatus = "SCHEDULED"
	MaintenanceInProgress MaintenanceStatus = "IN_PROGRESS"
	MaintenanceVerifying  MaintenanceStatus = "VERIFYING"
	MaintenanceCompleted  MaintenanceStatus = "COMPLETED"
	MaintenanceOther      MaintenanceStatus = "OTHER"
)

func incidentStatus(foreign string) IncidentStatus {
	switch status := IncidentStatus(strings.ToUpper(foreign)); status {
	case IncidentInvestigating, IncidentIdentified, IncidentMonitoring, IncidentResolved, IncidentPostmortem:
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

func maintenanceStatus(foreign string) MaintenanceStatus {
	switch status := MaintenanceStatus(strings.ToUpper(foreign)); status {
	case MaintenanceScheduled, MaintenanceInProgress, MaintenanceVerifying, MaintenanceCompleted:
		return status
	default:
		return MaintenanceOther
	}
}
