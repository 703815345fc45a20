package tickets_test

import (
	"testing"

	"supportgraph/clients/accounts"
	"supportgraph/clients/tickets"
)

// TestLinkedIssues compares the links with the events that made them, which customers see none of.
func TestLinkedIssues(t *testing.T) {
	t.Parallel()
	linked := map[tickets.ID]map[string]bool{}
	for _, link := range read(t, pool, tickets.IssuesOf(accounts.Staff, ids(cases))) {
		if linked[link.TicketID] == nil {
			linked[link.TicketID] = map[string]bool{}
		}
		if linked[link.TicketID][link.IssueKey] || link.LinkedAt.IsZero() || link.IssueID == "" {
			t.Errorf("the link %+v", link)
		}
		linked[link.TicketID][link.IssueKey] = true
	}
	for _, c := range cases {
		want := map[string]bool{}
		for _, e := range c.Events {
			if e.Kind == "LINK" && *e.Reason == "JIRA" {
				want[*e.ToValue] = true
			}
		}
		if len(want) != len(linked[c.Ticket.ID]) {
			t.Errorf("%s is linked to %v, want %v", c.Ticket.Ref(), linked[c.Ticket.ID], want)
		}
		for key := range want {
			if !linked[c.Ticket.ID][key] {
				t.Errorf("%s is not linked to %s", c.Ticket.Ref(), key)
			}
		}
	}
	if len(linked) < 20 {
		t.Errorf("only %d tickets are linked", len(linked))
	}
	for name, scope := range scopes(t) {
		if found := read(t, pool, tickets.IssuesOf(scope, ids(cases))); len(found) > 0 != scope.Staff {
			t.Errorf("%s sees %d links", name, len(found))
		}
	}
	all := 0
	for _, keys := range linked {
		all += len(keys)
	}
	// What the database refuses: a link twice, an issue without a number, a ticket that is not there.
	for name, values := range map[string]string{
		"twice":     "(select ticket_id from ticket_issues order by ticket_id limit 1), (select issue_id from ticket_issues order by ticket_id limit 1), 'EDGE-1'",
		"no id":     "(select min(id::text)::uuid from tickets), 'EDGE-1', 'EDGE-1'",
		"no key":    "(select min(id::text)::uuid from tickets), '1', 'edge 1'",
		"no ticket": "'00000000-0000-7000-8000-000000000000', '1', 'EDGE-1'",
	} {
		if _, err := pool.Exec(t.Context(), "insert into ticket_issues (ticket_id, issue_id, issue_key) values ("+values+")"); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if found := read(t, pool, tickets.IssuesOf(accounts.Staff, ids(cases))); len(found) != all {
		t.Errorf("%d links, then %d", all, len(found))
	}
}
