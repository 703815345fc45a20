package zendesk

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"supportgraph/clients/upstream"
)

// Export is a page of what changed at Zendesk, the earliest first. It is a stream of records as they are now, not a log: a record
// may come again, and may be older than the page's place (developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports).
type Export struct {
	Tickets       []*VendorTicket
	Users         []*VendorUser
	Organizations []*VendorOrganization
	Cursor        string    // where the next page begins
	End           bool      // there is nothing more yet
	At            time.Time // no record is older than its state at this time
}

// Len is how many records the page has.
func (e *Export) Len() int { return len(e.Tickets) + len(e.Users) + len(e.Organizations) }

// Feed is a kind of records that are exported.
type Feed string

// The feeds, in the order in which what is in them refers to each other.
const (
	FeedOrganizations Feed = "organizations"
	FeedUsers         Feed = "users"
	FeedTickets       Feed = "tickets"
)

// Feeds are all of them.
func Feeds() []Feed { return []Feed{FeedOrganizations, FeedUsers, FeedTickets} }

// ExportEvery is the time between two calls for an export that keeps to the account's limit of ten a minute.
const ExportEvery = 6 * time.Second

const maxExport = 1000 // records of a page

// Export reads a page of a feed from where cursor says, which is empty for the beginning of all time. What changed within the
// last minute is left out. Deleted tickets and users are among the records. The error is an *upstream.Error.
func (c *Client) Export(ctx context.Context, feed Feed, cursor string) (*Export, error) {
	path, query := "/incremental/"+string(feed)+"/cursor", url.Values{"per_page": {strconv.Itoa(maxExport)}}
	switch {
	case feed == FeedOrganizations: // which have no cursors, only times
		path = "/incremental/organizations"
		if query.Set("start_time", cursor); cursor == "" {
			query.Set("start_time", "1")
		}
	case cursor == "":
		query.Set("start_time", "1")
	default:
		query.Set("cursor", cursor)
	}
	answer, at := &exported{feed: feed}, time.Now()
	if err := c.upstream.In(upstream.Engineers).Get(ctx, "incremental."+string(feed), path, query, answer); err != nil {
		return nil, err
	}
	page := &Export{End: *answer.End, At: at}
	for _, row := range answer.Tickets {
		page.Tickets = append(page.Tickets, row.ticket(c.agent))
	}
	for _, row := range answer.Users {
		page.Users = append(page.Users, row.user(at))
	}
	for _, row := range answer.Organizations {
		page.Organizations = append(page.Organizations, row.organization(at))
	}
	if page.Cursor = cursor; answer.After != nil && *answer.After != "" {
		page.Cursor = *answer.After
	} else if answer.EndTime != nil {
		page.Cursor = strconv.FormatInt(*answer.EndTime, 10)
	}
	return page, nil
}

// exported is a page of an export on the wire.
type exported struct {
	feed Feed

	Tickets       []*ticket       `json:"tickets"`
	Users         []*user         `json:"users"`
	Organizations []*organization `json:"organizations"`
	After         *string         `json:"after_cursor"`
	EndTime       *int64          `json:"end_time"` // of a feed without cursors
	End           *bool           `json:"end_of_stream"`
}

// Check demands whole records of the feed, and where it goes on.
func (e *exported) Check() error {
	rows, err := -1, error(nil)
	switch e.feed {
	case FeedTickets:
		rows, err = whole(e.Tickets, (*ticket).check)
	case FeedUsers:
		rows, err = whole(e.Users, (*user).check)
	case FeedOrganizations:
		rows, err = whole(e.Organizations, (*organization).check)
	}
	switch {
	case rows < 0:
		return fmt.Errorf("the %s are missing", e.feed)
	case err != nil:
		return err
	case e.End == nil:
		return errors.New("the page does not tell whether there is more")
	case !*e.End && (e.After == nil || *e.After == "") && e.EndTime == nil:
		return errors.New("there is more, and no cursor to it")
	}
	return nil
}

// Thread reads all messages of a ticket as they are now, the oldest first: a call for each hundred. Both results are nil for a
// ticket that Zendesk does not know. The error is an *upstream.Error.
func (c *Client) Thread(ctx context.Context, ticket TicketID) ([]*VendorComment, error) {
	thread, after := []*VendorComment{}, ""
	for {
		read, err := page(ctx, c.upstream, readComments, "/tickets/"+number(ticket)+"/comments", url.Values{"sort": {"created_at"}}, "comments", maxPage, after)
		if missing(err) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		for _, row := range read.Comments {
			thread = append(thread, row.comment())
		}
		next := read.after()
		if next == nil {
			return thread, nil
		}
		after = *next
	}
}
