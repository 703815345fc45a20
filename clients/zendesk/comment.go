package zendesk

import (
	"context"
	"net/url"
	"time"

	"supportgraph/clients/upstream"
)

// CommentID is Zendesk's key of a comment.
type CommentID int64

// VendorComment is a message of a ticket at Zendesk.
type VendorComment struct {
	ID        CommentID
	AuthorID  UserID
	Body      string // plain text
	Public    bool   // false: a note among the staff
	CreatedAt time.Time
	MessageID string // our key of the message, where it was written here; empty otherwise
}

// MessageMark is the name under which our key of a message stands in the metadata of the change that wrote it to Zendesk
// (developer.zendesk.com/api-reference/ticketing/tickets/tickets, "Setting Metadata"), so that it is known when it comes back.
const MessageMark = "message_id"

// VendorCommentPage is a part of a ticket's messages.
type VendorCommentPage struct {
	Nodes  []*VendorComment
	After  *string         // where the next page begins; nil where there is none
	Source upstream.Source `json:"-"` // of this answer, not of what is kept
}

// CommentsKey is a page of one ticket's messages, as Comments takes it.
type CommentsKey struct {
	Ticket TicketID
	First  int
	After  string
}

// CommentPages reads pages of the messages of several tickets: one call for each that is not kept, no more at a time than
// Zendesk is asked at once. A key in neither map is one of a ticket that it does not know. Errors are *upstream.Error.
func (c *Client) CommentPages(ctx context.Context, lane upstream.Lane, keys []CommentsKey) (map[CommentsKey]*VendorCommentPage, map[CommentsKey]error) {
	return upstream.Each(ctx, c.upstream, readComments, keys, func(ctx context.Context, key CommentsKey) (*VendorCommentPage, error) {
		return c.Comments(ctx, lane, key.Ticket, key.First, key.After)
	})
}

const readComments = "comments.list"

// Comments reads the messages of one ticket, the oldest first, a page at a time: up to first and at most 100, from where after
// says, which is empty for the beginning. Zendesk lists those of one ticket at a time
// (developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments). Both results are nil for a ticket that it does
// not know. What a page holds is shared and must not be changed. The error is an *upstream.Error.
func (c *Client) Comments(ctx context.Context, lane upstream.Lane, ticket TicketID, first int, after string) (*VendorCommentPage, error) {
	if ticket <= 0 {
		return nil, nil
	}
	source := func(page *VendorCommentPage) *upstream.Source { return &page.Source }
	return onePage(ctx, c.comments, lane, pageKey(number(ticket), first, after), source, func(ctx context.Context) (*VendorCommentPage, error) {
		read, err := page(ctx, c.upstream.In(lane), readComments, "/tickets/"+number(ticket)+"/comments", url.Values{"sort": {"created_at"}}, "comments", first, after)
		if err != nil {
			return nil, err
		}
		return read.comments(), nil
	})
}
