package zendesk

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/url"
	"strconv"

	"supportgraph/clients/cache"
	"supportgraph/clients/upstream"
)

// maxPage is how many rows a page of a list has at most (developer.zendesk.com/api-reference/introduction/pagination).
const maxPage = 100

// page reads a page of a list by cursor.
func page(ctx context.Context, up *upstream.Client, op, path string, query url.Values, kind string, first int, after string) (*answer, error) {
	first = min(max(first, 1), maxPage)
	query.Set("page[size]", strconv.Itoa(first))
	if after != "" {
		query.Set("page[after]", after)
	}
	read := &answer{kind: kind, most: first}
	return read, up.Get(ctx, op, path, query, read)
}

// onePage returns the page of a key, as it is kept or as it is read. It is nil where the vendor does not know what it would be of.
func onePage[V any](ctx context.Context, table *cache.Table[string, V], lane upstream.Lane, key string, source func(*V) *upstream.Source, read func(context.Context) (*V, error)) (*V, error) {
	found, failed := table.Get(ctx, lane, []string{key}, func(ctx context.Context, keys []string) (map[string]*V, map[string]error) {
		page, err := read(ctx)
		switch {
		case missing(err):
			return nil, nil
		case err != nil:
			return nil, map[string]error{key: err}
		default:
			return map[string]*V{key: page}, nil
		}
	})
	return cache.Values(found, source)[key], failed[key]
}

// pageKey is the key of a page: what it is of, how long it is and where it begins. Its length is bounded, whatever was
// searched for.
func pageKey(of string, first int, after string) string {
	sum := sha256.Sum256([]byte(of + "\x00" + strconv.Itoa(first) + "\x00" + after))
	return base64.RawURLEncoding.EncodeToString(sum[:])
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

func (a *answer) tickets(rows []*ticket, agent string) *VendorTicketPage {
	page := &VendorTicketPage{Nodes: make([]*VendorTicket, len(rows)), After: a.after()}
	for i, row := range rows {
		page.Nodes[i] = row.ticket(agent)
	}
	return page
}

func (a *answer) comments() *VendorCommentPage {
	page := &VendorCommentPage{Nodes: make([]*VendorComment, len(a.Comments)), After: a.after()}
	for i, row := range a.Comments {
		page.Nodes[i] = row.comment()
	}
	return page
}
