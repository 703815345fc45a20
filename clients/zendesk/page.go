package zendesk

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"time"

	"supportgraph/clients/upstream"
)

// maxPage is how many rows a page of a list has at most (developer.zendesk.com/api-reference/introduction/pagination).
const maxPage = 100

// page reads a page of a list by cursor.
func (c *Client) page(ctx context.Context, op, path string, query url.Values, kind string, first int, after string) (*answer, error) {
	first = min(max(first, 1), maxPage)
	query.Set("page[size]", strconv.Itoa(first))
	if after != "" {
		query.Set("page[after]", after)
	}
	page := &answer{kind: kind, most: first}
	return page, c.upstream.Get(ctx, op, path, query, page)
}

// missing tells that the vendor does not know what a list would be of.
func missing(err error) bool {
	var failed *upstream.Error
	return errors.As(err, &failed) && failed.Reason == upstream.NotFound && failed.Code == "RecordNotFound"
}

// after is where the next page begins.
func (a *answer) after() *string {
	if !a.Meta.HasMore {
		return nil
	}
	return a.Meta.After
}

func (a *answer) tickets(rows []*ticket, agent string, at time.Time) *VendorTicketPage {
	page := &VendorTicketPage{Nodes: make([]*VendorTicket, len(rows)), After: a.after(), Source: upstream.LiveFrom(upstream.Zendesk, at)}
	for i, row := range rows {
		page.Nodes[i] = row.ticket(agent, at)
	}
	return page
}

func (a *answer) comments(at time.Time) *VendorCommentPage {
	page := &VendorCommentPage{Nodes: make([]*VendorComment, len(a.Comments)), After: a.after(), Source: upstream.LiveFrom(upstream.Zendesk, at)}
	for i, row := range a.Comments {
		page.Nodes[i] = row.comment()
	}
	return page
}
