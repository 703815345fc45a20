package statuspage

import "strings"

// Component is a part of the service that a page reports on.
type Component struct {
	ID      string
	Name    string
	Status  ComponentStatus
	Group   bool    // a heading that holds others
	GroupID *string // the heading it stands under
}

// ComponentStatus is how a component fares.
type ComponentStatus string

// The statuses, in upper case. A status that we do not know is ComponentOther.
const (
	ComponentOperational         ComponentStatus = "OPERATIONAL"
	ComponentDegradedPerformance ComponentStatus = "DEGRADED_PERFORMANCE"
	ComponentPartialOutage       ComponentStatus = "PARTIAL_OUTAGE"
	ComponentMajorOutage         ComponentStatus = "MAJOR_OUTAGE"
	ComponentUnderMaintenance    ComponentStatus = "UNDER_MAINTENANCE"
	ComponentOther               ComponentStatus = "OTHER"
)

func componentStatus(foreign string) ComponentStatus {
	switch status := ComponentStatus(strings.ToUpper(foreign)); status {
	case ComponentOperational, ComponentDegradedPerformance, ComponentPartialOutage, ComponentMajorOutage,
		ComponentUnderMaintenance:
		return status
	default:
		return ComponentOther
	}
}
