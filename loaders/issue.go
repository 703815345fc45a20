package loaders

import (
	"context"

	"supportgraph/clients/jira"
	"supportgraph/clients/postgres"
	"supportgraph/clients/tickets"
	"supportgraph/clients/upstream"
)

var (
	linkedIssues = byParent("LinkedIssues",
		func(l *Loaders, ids []tickets.ID) postgres.Query[*tickets.IssueLink] {
			return tickets.IssuesOf(l.who.Scope, ids)
		},
		func(i *tickets.IssueLink) tickets.ID { return i.TicketID })

	// engineeringIssue asks Jira once for up to 100 issues.
	engineeringIssue = &source[jira.IssueRef, *jira.EngineeringIssue]{
		name: "Issue", service: upstream.Jira, together: 100,
		call: func(ctx context.Context, l *Loaders, refs []jira.IssueRef) (map[jira.IssueRef]*jira.EngineeringIssue, map[jira.IssueRef]error) {
			return l.factory.clients.Jira.Issues(ctx, l.lane(), refs)
		},
	}
)

func issueEdges() []*edge {
	return []*edge{
		many("Ticket", "linkedIssues", "LinkedIssue", linkedIssues,
			func(l *Loaders) *Loader[tickets.ID, []*tickets.IssueLink] { return &l.LinkedIssues },
			func(_ *Loaders, t *tickets.Ticket) (tickets.ID, bool) { return t.ID, true }),
		one("LinkedIssue", "issue", "EngineeringIssue", engineeringIssue,
			func(l *Loaders) *Loader[jira.IssueRef, *jira.EngineeringIssue] { return &l.Issue },
			func(_ *Loaders, i *tickets.IssueLink) (jira.IssueRef, bool) { return i.IssueID, true }),
	}
}
