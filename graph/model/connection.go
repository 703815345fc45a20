package model

import (
	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
	"supportgraph/clients/tickets"
)

// Connection shows a page of a list as Relay wants it.
type Connection[T any] struct{ page *postgres.Page[T] }

// Connect shows a page; the error passes through, so that it can wrap a load.
func Connect[T any](page *postgres.Page[T], err error) (*Connection[T], error) {
	if err != nil {
		return nil, err
	}
	return &Connection[T]{page}, nil
}

// The connections and their edges, by their names in the schema.
type (
	TicketConnection            = Connection[*tickets.Ticket]
	TicketEdge                  = Edge[*tickets.Ticket]
	TicketHitConnection         = Connection[*tickets.Hit]
	TicketHitEdge               = Edge[*tickets.Hit]
	MessageConnection           = Connection[*tickets.Message]
	MessageEdge                 = Edge[*tickets.Message]
	InternalNoteConnection      = Connection[*tickets.InternalNote]
	InternalNoteEdge            = Edge[*tickets.InternalNote]
	TimelineConnection          = Connection[tickets.TimelineEntry]
	TimelineEdge                = Edge[tickets.TimelineEntry]
	AccountConnection           = Connection[*accounts.Account]
	AccountEdge                 = Edge[*accounts.Account]
	AccountMembershipConnection = Connection[*accounts.Membership]
	AccountMembershipEdge       = Edge[*accounts.Membership]
	AgentConnection             = Connection[*accounts.Agent]
	AgentEdge                   = Edge[*accounts.Agent]
)

// Edge is an item of a page with its position.
type Edge[T any] struct {
	Cursor postgres.Cursor
	Node   T
}

// Nodes are the items of the page.
func (c *Connection[T]) Nodes() []T { return c.page.Nodes }

// Edges are the items of the page with their positions.
func (c *Connection[T]) Edges() []*Edge[T] {
	edges := make([]*Edge[T], len(c.page.Nodes))
	for i, node := range c.page.Nodes {
		edges[i] = &Edge[T]{c.page.Cursor(node), node}
	}
	return edges
}

// PageInfo is where the page lies in its list.
type PageInfo struct {
	HasNextPage     bool
	HasPreviousPage bool
	StartCursor     *postgres.Cursor
	EndCursor       *postgres.Cursor
}

// PageInfo is where the page lies in its list.
func (c *Connection[T]) PageInfo() *PageInfo {
	info := &PageInfo{HasNextPage: c.page.HasNext, HasPreviousPage: c.page.HasPrevious}
	if n := len(c.page.Nodes); n > 0 {
		start, end := c.page.Cursor(c.page.Nodes[0]), c.page.Cursor(c.page.Nodes[n-1])
		info.StartCursor, info.EndCursor = &start, &end
	}
	return info
}
