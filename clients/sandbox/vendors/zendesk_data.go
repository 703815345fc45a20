package vendors

import "time"

// ZendeskData is what a Zendesk account holds.
type ZendeskData struct {
	Users         []ZendeskUser
	Organizations []ZendeskOrganization
	Tickets       []ZendeskTicket
}

// ZendeskUser is a user of Zendesk: an end user or somebody of the staff.
type ZendeskUser struct {
	ID             int64
	Name           string
	Email          string // empty: null on the wire
	Role           string // as on the wire: "end-user", "agent", "admin"; empty: "end-user"
	ExternalID     string // our id of them; empty: null on the wire
	OrganizationID int64  // 0: null on the wire
	Suspended      bool
	Deleted        bool
	Created        time.Time
	Updated        time.Time
}

// ZendeskOrganization is an organisation of Zendesk.
type ZendeskOrganization struct {
	ID         int64
	Name       string
	ExternalID string // our id of it; empty: null on the wire
	Domains    []string
	Tags       []string
	Created    time.Time
	Updated    time.Time
}

// ZendeskTicket is a ticket of Zendesk.
type ZendeskTicket struct {
	ID             int64
	ExternalID     string // our id of it; empty: null on the wire
	Subject        string
	Description    string
	Type           string // as on the wire: "incident"; empty: null on the wire
	Priority       string // as on the wire: "high"; empty: null on the wire
	Status         string // as on the wire: "open"
	RequesterID    int64
	AssigneeID     int64 // 0: null on the wire
	OrganizationID int64 // 0: null on the wire
	Tags           []string
	Created        time.Time
	Updated        time.Time
	Comments       []ZendeskComment // in the order of time
}

// ZendeskComment is one message of a ticket.
type ZendeskComment struct {
	ID       int64
	AuthorID int64
	Body     string
	Public   bool
	Created  time.Time
	Custom   map[string]string // metadata of the change that wrote it
}
