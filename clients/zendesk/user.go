package zendesk

import (
	"context"
	"time"

	"supportgraph/clients/cache"
	"supportgraph/clients/upstream"
)

// UserID is Zendesk's key of a user.
type UserID int64

// VendorUser is somebody at Zendesk: who asks, or who answers.
type VendorUser struct {
	ID             UserID
	Name           string
	Email          *string
	Role           VendorUserRole
	OrganizationID *OrganizationID
	ExternalID     *string // our key of them
	Suspended      bool    // may not sign in
	Deleted        bool
	CreatedAt      time.Time
	UpdatedAt      time.Time
	Source         upstream.Source `json:"-"` // of this answer, not of what is kept
}

// VendorUserRole is what a user is at Zendesk (developer.zendesk.com/api-reference/ticketing/users/users).
type VendorUserRole string

// The roles. A role that we do not know is VendorUserOther.
const (
	VendorUserEndUser VendorUserRole = "END_USER"
	VendorUserAgent   VendorUserRole = "AGENT"
	VendorUserAdmin   VendorUserRole = "ADMIN"
	VendorUserOther   VendorUserRole = "OTHER"
)

const readUsers = "users.show_many"

// Users returns users: those that are kept, and one call for up to 100 other distinct ids. An id in neither map is one that
// Zendesk does not know. Errors are *upstream.Error. What users hold is shared and must not be changed.
func (c *Client) Users(ctx context.Context, lane upstream.Lane, ids []UserID) (map[UserID]*VendorUser, map[UserID]error) {
	up := c.upstream.In(lane)
	found, failed := cache.GetBy(ctx, c.users, lane, ids, number[UserID], func(ctx context.Context, keys []string) (map[string]*VendorUser, map[string]error) {
		return show(ctx, up, readUsers, "users", "ids", keys, itself, func(a *answer, at time.Time, found map[string]*VendorUser) {
			for _, row := range a.Users {
				found[number(row.ID)] = row.user(at)
			}
		})
	})
	return cache.Values(found, func(user *VendorUser) *upstream.Source { return &user.Source }), failed
}

// UsersByExternalID reads users by our keys of them, as Users does by Zendesk's, and keeps nothing.
func (c *Client) UsersByExternalID(ctx context.Context, ids []string) (map[string]*VendorUser, map[string]error) {
	return show(ctx, c.upstream, readUsers, "users", "external_ids", ids, external, func(a *answer, at time.Time, found map[string]*VendorUser) {
		for _, row := range a.Users {
			if row.ExternalID != nil {
				found[external(*row.ExternalID)] = row.user(at)
			}
		}
	})
}

// FreshUsers reads users as they are now, as Users does those that are kept.
func (c *Client) FreshUsers(ctx context.Context, ids []UserID) (map[UserID]*VendorUser, map[UserID]error) {
	return show(ctx, c.upstream, readUsers, "users", "ids", ids, number[UserID], func(a *answer, at time.Time, found map[string]*VendorUser) {
		for _, row := range a.Users {
			found[number(row.ID)] = row.user(at)
		}
	})
}
