package resolvers

import (
	"context"

	"supportgraph/clients/tickets"
	"supportgraph/clients/upstream"
	"supportgraph/graph"
	"supportgraph/graph/model"
	"supportgraph/loaders"
)

type linkedIssueResolver struct{ *Resolver }

// LinkedIssue answers for LinkedIssue.
func (r *Resolver) LinkedIssue() graph.LinkedIssueResolver { return &linkedIssueResolver{r} }

func (r *ticketResolver) LinkedIssues(ctx context.Context, obj *tickets.Ticket) ([]*tickets.IssueLink, error) {
	return loaders.From(ctx).LinkedIssues.Load(ctx, obj.ID)
}

func (r *linkedIssueResolver) Issue(ctx context.Context, obj *tickets.IssueLink) (model.EngineeringIssueResult, error) {
	issue, err := loaders.From(ctx).Issue.Load(ctx, obj.IssueID)
	return result(upstream.Jira, issue, err), nil
}
