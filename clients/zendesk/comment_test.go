package zendesk_test

import (
	"fmt"
	"testing"

	"supportgraph/clients/sandbox/vendors"
	"supportgraph/clients/upstream"
	"supportgraph/clients/zendesk"
)

func TestComments(t *testing.T) {
	t.Parallel()
	w := serve(t, 0, vendors.Options{}, upstream.Config{})
	seen, after := 0, ""
	for range 3 {
		page, err := w.client.Comments(t.Context(), upstream.Agents, 1, 1000, after)
		if err != nil {
			t.Fatal(err)
		}
		for _, comment := range page.Nodes {
			if comment.ID != zendesk.CommentID(9001+seen) || comment.AuthorID != ada || comment.Body != fmt.Sprint("Message ", seen) || comment.Public != (seen%2 == 0) || !comment.CreatedAt.After(born.Add(-1)) {
				t.Errorf("the comment %d is %+v", seen, comment)
			}
			seen++
		}
		if page.After != nil {
			after = *page.After
		} else if seen != 250 || page.Source.FetchedAt == nil {
			t.Errorf("%d comments, %+v", seen, page)
		}
	}
	if w.calls() != 3 {
		t.Errorf("%d calls", w.calls())
	}
	if page, err := w.client.Comments(t.Context(), upstream.Agents, 2, 10, ""); err != nil || len(page.Nodes) != 0 || page.Nodes == nil || page.After != nil {
		t.Errorf("a ticket without comments: %+v, %v", page, err)
	}
	for _, none := range []zendesk.TicketID{3, 0, -1} {
		if page, err := w.client.Comments(t.Context(), upstream.Agents, none, 10, ""); err != nil || page != nil {
			t.Errorf("the ticket %d: %+v, %v", none, page, err)
		}
	}
}
