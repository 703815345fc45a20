package zendesk

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"supportgraph/clients/upstream"
)

// answer is any answer on the wire: records under the name of their kind, and for a page by cursor what comes after it.
type answer struct {
	kind string // of the records that were asked for
	most int    // rows of a page; 0 for an answer without pages

	Tickets       []*ticket       `json:"tickets"`
	Results       []*ticket       `json:"results"` // of a search for tickets
	Users         []*user         `json:"users"`
	Organizations []*organization `json:"organizations"`
	Comments      []*comment      `json:"comments"`
	Meta          *struct {
		HasMore bool    `json:"has_more"`
		After   *string `json:"after_cursor"`
	} `json:"meta"`
}

// ticket is a ticket on the wire (developer.zendesk.com/api-reference/ticketing/tickets/tickets).
type ticket struct {
	ID             TicketID        `json:"id"`
	ExternalID     *string         `json:"external_id"`
	Subject        *string         `json:"subject"`
	Status         string          `json:"status"`
	Priority       *string         `json:"priority"`
	RequesterID    UserID          `json:"requester_id"`
	OrganizationID *OrganizationID `json:"organization_id"`
	Tags           []string        `json:"tags"`
	CreatedAt      time.Time       `json:"created_at"`
	UpdatedAt      time.Time       `json:"updated_at"`
}

// user is a user on the wire (developer.zendesk.com/api-reference/ticketing/users/users).
type user struct {
	ID             UserID          `json:"id"`
	Name           string          `json:"name"`
	Email          *string         `json:"email"`
	Role           string          `json:"role"`
	ExternalID     *string         `json:"external_id"`
	OrganizationID *OrganizationID `json:"organization_id"`
	Suspended      bool            `json:"suspended"`
	Active         *bool           `json:"active"` // false for a deleted user
	CreatedAt      time.Time       `json:"created_at"`
	UpdatedAt      time.Time       `json:"updated_at"`
}

// organization is an organisation on the wire
// (developer.zendesk.com/api-reference/ticketing/organizations/organizations).
type organization struct {
	ID         OrganizationID `json:"id"`
	Name       string         `json:"name"`
	ExternalID *string        `json:"external_id"`
	Domains    []string       `json:"domain_names"`
	Tags       []string       `json:"tags"`
	CreatedAt  time.Time      `json:"created_at"`
	UpdatedAt  time.Time      `json:"updated_at"`
}

// comment is a message on the wire (developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments).
type comment struct {
	ID        CommentID `json:"id"`
	AuthorID  UserID    `json:"author_id"` // -1 for the system
	Body      string    `json:"body"`
	Plain     *string   `json:"plain_body"`
	Public    *bool     `json:"public"`
	CreatedAt time.Time `json:"created_at"`
	Metadata  *struct {
		Custom map[string]any `json:"custom"` // what was written with the change that made the comment
	} `json:"metadata"`
}

// Check demands the records that were asked for, each whole, and on a page what comes after it.
func (a *answer) Check() error {
	rows, err := -1, error(nil)
	switch a.kind {
	case "tickets":
		rows, err = whole(a.Tickets, (*ticket).check)
	case "results":
		rows, err = whole(a.Results, (*ticket).check)
	case "users":
		rows, err = whole(a.Users, (*user).check)
	case "organizations":
		rows, err = whole(a.Organizations, (*organization).check)
	case "comments":
		rows, err = whole(a.Comments, (*comment).check)
	}
	switch {
	case rows < 0:
		return fmt.Errorf("the %s are missing", a.kind)
	case err != nil:
		return err
	case a.most == 0:
		return nil
	case rows > a.most:
		return errors.New("the page is larger than was asked for")
	case a.Meta == nil:
		return errors.New("the page does not tell whether there are more")
	case a.Meta.HasMore && (a.Meta.After == nil || *a.Meta.After == ""):
		return errors.New("there are more, and no cursor to them")
	}
	return nil
}

// whole counts and checks rows; there are -1 where the list is missing.
func whole[R any](rows []*R, check func(*R) error) (int, error) {
	if rows == nil {
		return -1, nil
	}
	for _, row := range rows {
		if row == nil {
			return len(rows), errors.New("a record is null")
		}
		if err := check(row); err != nil {
			return len(rows), err
		}
	}
	return len(rows), nil
}

func (t *ticket) check() error {
	switch {
	case t.ID <= 0 || t.Status == "" || t.RequesterID <= 0:
		return errors.New("a ticket has no id, status or requester")
	case !dated(t.CreatedAt) || !dated(t.UpdatedAt):
		return errors.New("a ticket has no times")
	}
	return nil
}

func (u *user) check() error {
	if u.ID <= 0 || u.Role == "" || !dated(u.CreatedAt) || !dated(u.UpdatedAt) {
		return errors.New("a user has no id, role or times")
	}
	return nil
}

func (o *organization) check() error {
	if o.ID <= 0 || o.Name == "" || !dated(o.CreatedAt) || !dated(o.UpdatedAt) {
		return errors.New("an organisation has no id, name or times")
	}
	return nil
}

func (c *comment) check() error {
	if c.ID <= 0 || c.AuthorID == 0 || c.Public == nil || !dated(c.CreatedAt) {
		return errors.New("a comment has no id, author, time, or does not tell who may see it")
	}
	return nil
}

func dated(at time.Time) bool {
	year := at.UTC().Year()
	return !at.IsZero() && year >= 1 && year <= 9999
}

func (t *ticket) ticket(agent string) *VendorTicket {
	read := &VendorTicket{
		ID:             t.ID,
		Status:         ticketStatus(t.Status),
		RequesterID:    t.RequesterID,
		OrganizationID: t.OrganizationID,
		ExternalID:     t.ExternalID,
		Tags:           append([]string{}, t.Tags...),
		CreatedAt:      t.CreatedAt.UTC(),
		UpdatedAt:      t.UpdatedAt.UTC(),
		URL:            agent + number(t.ID),
		Deleted:        t.Status == "deleted",
	}
	if t.Subject != nil {
		read.Subject = *t.Subject
	}
	if t.Priority != nil {
		priority := ticketPriority(*t.Priority)
		read.Priority = &priority
	}
	return read
}

func (u *user) user(at time.Time) *VendorUser {
	return &VendorUser{
		ID:             u.ID,
		Name:           u.Name,
		Email:          u.Email,
		Role:           userRole(u.Role),
		OrganizationID: u.OrganizationID,
		ExternalID:     u.ExternalID,
		Suspended:      u.Suspended,
		Deleted:        u.Active != nil && !*u.Active,
		CreatedAt:      u.CreatedAt.UTC(),
		UpdatedAt:      u.UpdatedAt.UTC(),
		Source:         upstream.LiveFrom(upstream.Zendesk, at),
	}
}

func (o *organization) organization(at time.Time) *VendorOrganization {
	return &VendorOrganization{
		ID:         o.ID,
		Name:       o.Name,
		ExternalID: o.ExternalID,
		Domains:    append([]string{}, o.Domains...),
		Tags:       append([]string{}, o.Tags...),
		CreatedAt:  o.CreatedAt.UTC(),
		UpdatedAt:  o.UpdatedAt.UTC(),
		Source:     upstream.LiveFrom(upstream.Zendesk, at),
	}
}

func (c *comment) comment() *VendorComment {
	read := &VendorComment{
		ID:        c.ID,
		AuthorID:  c.AuthorID,
		Body:      *cmp.Or(c.Plain, &c.Body),
		Public:    *c.Public,
		CreatedAt: c.CreatedAt.UTC(),
	}
	if c.Metadata != nil {
		read.MessageID, _ = c.Metadata.Custom[MessageMark].(string)
	}
	return read
}

func ticketStatus(foreign string) VendorTicketStatus {
	switch status := VendorTicketStatus(strings.ToUpper(foreign)); status {
	case VendorTicketNew, VendorTicketOpen, VendorTicketPending, VendorTicketHold, VendorTicketSolved, VendorTicketClosed:
		return status
	default:
		return VendorTicketOther
	}
}

func ticketPriority(foreign string) VendorTicketPriority {
	switch priority := VendorTicketPriority(strings.ToUpper(foreign)); priority {
	case VendorTicketLow, VendorTicketNormal, VendorTicketHigh, VendorTicketUrgent:
		return priority
	default:
		return VendorTicketPriorityOther
	}
}

func userRole(foreign string) VendorUserRole {
	switch foreign {
	case "end-user":
		return VendorUserEndUser
	case "agent":
		return VendorUserAgent
	case "admin":
		return VendorUserAdmin
	default:
		return VendorUserOther
	}
}
