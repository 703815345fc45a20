package loaders

import (
	"context"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
	"supportgraph/clients/upstream"
	"supportgraph/clients/zendesk"
)

// The bounds of what Zendesk is asked with.
const (
	maxVendorCursor = 2000 // bytes
	maxVendorText   = 200  // bytes
)

var (
	// vendorTickets asks Zendesk once for each organisation: it has no list of several organisations' tickets.
	vendorTickets = &source[zendesk.OrganizationID, *zendesk.VendorTicketPage]{
		name: "VendorTickets", service: upstream.Zendesk, together: 1,
		call: func(ctx context.Context, l *Loaders, ids []zendesk.OrganizationID) (map[zendesk.OrganizationID]*zendesk.VendorTicketPage, map[zendesk.OrganizationID]error) {
			return l.factory.clients.Zendesk.OfOrganizations(ctx, l.lane(), ids)
		},
	}

	// vendorComments asks Zendesk once for each ticket: it has no list of several tickets' comments.
	vendorComments = &source[zendesk.CommentsKey, *zendesk.VendorCommentPage]{
		name: "VendorComments", service: upstream.Zendesk, together: 1,
		call: func(ctx context.Context, l *Loaders, keys []zendesk.CommentsKey) (map[zendesk.CommentsKey]*zendesk.VendorCommentPage, map[zendesk.CommentsKey]error) {
			return l.factory.clients.Zendesk.CommentPages(ctx, l.lane(), keys)
		},
	}

	// vendorUser asks Zendesk once for up to 100 users.
	vendorUser = &source[zendesk.UserID, *zendesk.VendorUser]{
		name: "VendorUser", service: upstream.Zendesk, together: 100,
		call: func(ctx context.Context, l *Loaders, ids []zendesk.UserID) (map[zendesk.UserID]*zendesk.VendorUser, map[zendesk.UserID]error) {
			return l.factory.clients.Zendesk.Users(ctx, l.lane(), ids)
		},
	}

	vendorSearch = &source[zendesk.SearchKey, *zendesk.VendorTicketPage]{
		name: "VendorSearch", service: upstream.Zendesk, together: 1,
		call: func(ctx context.Context, l *Loaders, keys []zendesk.SearchKey) (map[zendesk.SearchKey]*zendesk.VendorTicketPage, map[zendesk.SearchKey]error) {
			return l.factory.clients.Zendesk.Searches(ctx, l.lane(), keys)
		},
	}
)

// ValidVendorText tells whether a text may be searched for at Zendesk.
func ValidVendorText(text string) bool {
	return text != "" && len(text) <= maxVendorText && postgres.CheckText(text) == nil
}

// ValidVendorCursor tells whether a position may be one of Zendesk's.
func ValidVendorCursor(after string) bool { return len(after) <= maxVendorCursor }

// vendorPage reads the arguments of a page at Zendesk; false where a resolver would refuse them.
func vendorPage(raw map[string]any) (first int, after string, ok bool) {
	first, ok = integer(raw["first"])
	if given, set := raw["after"]; set && given != nil {
		var text bool
		after, text = given.(string)
		ok = ok && text
	}
	return first, after, ok && first >= 1 && first <= postgres.MaxPage && ValidVendorCursor(after)
}

func vendorRows(page *zendesk.VendorTicketPage, add func(any)) {
	if page != nil {
		for _, row := range page.Nodes {
			add(row)
		}
	}
}

func vendorTicketEdges() []*edge {
	ofAccount := lead("Account", "vendorTickets", vendorTickets,
		func(l *Loaders) *Loader[zendesk.OrganizationID, *zendesk.VendorTicketPage] { return &l.VendorTickets },
		func(_ *Loaders, a *accounts.Account, _ any, claim func(zendesk.OrganizationID)) {
			if a.ZendeskOrganizationID != nil {
				claim(*a.ZendeskOrganizationID)
			}
		}, vendorRows)
	search := lead("Query", "searchVendorTickets", vendorSearch,
		func(l *Loaders) *Loader[zendesk.SearchKey, *zendesk.VendorTicketPage] { return &l.VendorSearch },
		func(_ *Loaders, _ *Loaders, args any, claim func(zendesk.SearchKey)) { claim(args.(zendesk.SearchKey)) }, vendorRows)
	search.bind = func(raw map[string]any) (any, bool) {
		text, _ := raw["text"].(string)
		first, after, ok := vendorPage(raw)
		return zendesk.SearchKey{Text: text, First: first, After: after}, ok && ValidVendorText(text)
	}
	comments := lead("VendorTicket", "comments", vendorComments,
		func(l *Loaders) *Loader[zendesk.CommentsKey, *zendesk.VendorCommentPage] { return &l.VendorComments },
		func(_ *Loaders, t *zendesk.VendorTicket, args any, claim func(zendesk.CommentsKey)) {
			key := args.(zendesk.CommentsKey)
			key.Ticket = t.ID
			claim(key)
		},
		func(page *zendesk.VendorCommentPage, add func(any)) {
			if page != nil {
				for _, row := range page.Nodes {
					add(row)
				}
			}
		})
	comments.bind = func(raw map[string]any) (any, bool) {
		first, after, ok := vendorPage(raw)
		return zendesk.CommentsKey{First: first, After: after}, ok
	}
	for list, target := range map[*edge]string{ofAccount: "VendorTicket", search: "VendorTicket", comments: "VendorComment"} {
		list.target, list.paged = target, true
	}
	return []*edge{ofAccount, search, comments,
		one("VendorComment", "author", "VendorUser", vendorUser,
			func(l *Loaders) *Loader[zendesk.UserID, *zendesk.VendorUser] { return &l.VendorUser },
			func(_ *Loaders, c *zendesk.VendorComment) (zendesk.UserID, bool) { return c.AuthorID, c.AuthorID > 0 }),
	}
}
