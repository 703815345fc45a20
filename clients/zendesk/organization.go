package zendesk

import (
	"context"
	"time"

	"supportgraph/clients/upstream"
)

// OrganizationID is Zendesk's key of an organisation.
type OrganizationID int64

// VendorOrganization is a customer at Zendesk.
type VendorOrganization struct {
	ID         OrganizationID
	Name       string
	ExternalID *string // our key of it
	Domains    []string
	Tags       []string
	CreatedAt  time.Time
	UpdatedAt  time.Time
	Source     upstream.Source
}

const readOrganizations = "organizations.show_many"

// Organizations reads organisations: one call for up to 100 distinct ids. An id in neither map is one that Zendesk does not
// know. Errors are *upstream.Error.
func (c *Client) Organizations(ctx context.Context, ids []OrganizationID) (map[OrganizationID]*VendorOrganization, map[OrganizationID]error) {
	return show(ctx, c.upstream, readOrganizations, "organizations", "ids", ids, number[OrganizationID], func(a *answer, at time.Time, found map[string]*VendorOrganization) {
		for _, row := range a.Organizations {
			found[number(row.ID)] = row.organization(at)
		}
	})
}

// OrganizationsByExternalID reads organisations by our keys of them, as Organizations does by Zendesk's.
func (c *Client) OrganizationsByExternalID(ctx context.Context, ids []string) (map[string]*VendorOrganization, map[string]error) {
	return show(ctx, c.upstream, readOrganizations, "organizations", "external_ids", ids, external, func(a *answer, at time.Time, found map[string]*VendorOrganization) {
		for _, row := range a.Organizations {
			if row.ExternalID != nil {
				found[external(*row.ExternalID)] = row.organization(at)
			}
		}
	})
}
