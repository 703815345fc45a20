package zendesk

import (
	"context"
	"net/url"
	"time"

	"supportgraph/clients/upstream"
)

// VendorComment is a message of a ticket at Zendesk.
type VendorComment struct {
	ID        int64
	AuthorID  UserID
	Body      string // plain text
	Public    bool   // false: a note among the staff
	CreatedAt time.Time
}

// VendorCommentPage is a part of a ticket's messages.
type VendorCommentPage struct {
	Nodes  []*VendorComment
	After  *string // where the next page begins; nil where there is none
	Source upstream.Source
}

const readComments = "comments.list"

// Comments reads the messages of one ticket, the oldest first, a page at a time: up to first and at most 100, from where after
// says, which is empty for the beginning. Zendesk lists those of one ticket at a time
// (developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments). Both results are nil for a ticket that it does
// not know. The error is an *upstream.Error.
func (c *Client) Comments(ctx context.Context, ticket TicketID, first int, after string) (*VendorCommentPage, error) {
	if ticket <= 0 {
		return nil, nil
	}
	page, err := c.page(ctx, readComments, "/tickets/"+number(ticket)+"/comments", url.Values{"sort": {"created_at"}}, "comments", first, after)
	if missing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return page.comments(time.Now()), nil
}
