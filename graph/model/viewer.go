package model

import (
	"supportgraph/clients/accounts"
)

// Audience is the part of the schema that a kind of viewer may see.
type Audience string

// Viewer is who asks, as the token says.
type Viewer struct {
	Audience  Audience
	Name      string
	ContactID *accounts.ContactID
	AgentID   *accounts.AgentID
}
