package model

import (
	"supportgraph/clients/accounts"
	"supportgraph/clients/statuspage"
	"supportgraph/clients/tickets"
	"supportgraph/clients/upstream"
)

// The interfaces and unions of the schema. Their members are pointers to the types that gqlgen.yml names; the name of each
// Go type is the name of its GraphQL type.
type (
	Node                       any
	Actor                      any
	Assignee                   any
	BillingResult              any
	ZonesResult                any
	HostingResult              any
	HostingSubscriptionsResult any
	IncidentsResult            any
	IncidentResult             any
	IncidentSuggestionsResult  any
	VendorCommentsResult       any
	CrmResult                  any
	EngineeringIssueResult     any
	VendorTicketsResult        any
	InvoicesResult             any
)

// IncidentList is incidents as one reading of the status page tells them.
type IncidentList struct {
	Nodes      []*statuspage.Incident
	Components []*statuspage.Component
	Source     upstream.Source
}

// IncidentSuggestionList is what one reading of the status page suggests for a case.
type IncidentSuggestionList struct {
	Nodes  []*statuspage.Suggestion
	Source upstream.Source
}

// SuggestIncidentInput is what is known of a case that is being written.
type SuggestIncidentInput struct {
	Account  *accounts.ID
	Plan     *accounts.Plan
	Category *tickets.CategoryID
	Zones    []string
	Text     *string
}
