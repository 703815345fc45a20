package clients

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5"

	"supportgraph/clients/cache"
	"supportgraph/clients/cloudflare"
	"supportgraph/clients/jira"
	"supportgraph/clients/postgres"
	"supportgraph/clients/statuspage"
	"supportgraph/clients/stripe"
	"supportgraph/clients/sync/webhooks"
	"supportgraph/clients/upstream"
	"supportgraph/clients/zendesk"
)

// Webhooks are the secrets of the vendors' webhooks: one each, or two while one replaces the other. A vendor without is not
// listened to.
type Webhooks struct {
	Zendesk    []string
	Stripe     []string
	Jira       []string
	Statuspage []string // stands in the path
	Cloudflare []string
}

// receive makes the receiver of webhooks, which brings in line what this process and the others hold.
func (a *All) receive(secrets Webhooks, log *slog.Logger) *webhooks.Receiver {
	page := cache.NewSignal(a.Cache, "statuspage", func(ctx context.Context) {
		_ = a.Statuspage.Refresh(ctx) // a failure is told to the observer, and the next refresh is not far
	})
	return webhooks.New(a.Postgres, a.Jobs, log, map[string]webhooks.Sender{
		"zendesk": {Secrets: secrets.Zendesk, Read: zendesk.ReadWebhook, Handle: a.Mirror.Changed},
		"stripe": {Secrets: secrets.Stripe, Read: stripe.ReadWebhook, Handle: func(ctx context.Context, customers []string) error {
			return a.Stripe.Invalidate(ctx, typed[stripe.CustomerID](customers)...)
		}},
		"jira": {Secrets: secrets.Jira, Read: jira.ReadWebhook, Handle: a.jiraChanged},
		"statuspage": {Secrets: secrets.Statuspage, Unsigned: true, Read: statuspage.ReadWebhook, Handle: func(ctx context.Context, _ []string) error {
			return page.Raise(ctx)
		}},
		"cloudflare": {Secrets: secrets.Cloudflare, Read: cloudflare.ReadWebhook, Handle: func(ctx context.Context, accounts []string) error {
			return a.Cloudflare.Invalidate(ctx, typed[cloudflare.AccountID](accounts)...)
		}},
	})
}

// jiraChanged forgets issues under all of their names, and learns the keys of those that were moved.
func (a *All) jiraChanged(ctx context.Context, ids []string) error {
	issues := typed[jira.IssueRef](ids)
	keys, err := postgres.Select(ctx, a.Postgres, postgres.Query[jira.IssueRef]{
		SQL: `-- issues.keys
			select distinct issue_key from ticket_issues where issue_id = any($1) order by issue_key`,
		Args: []any{ids}, Row: pgx.RowTo[jira.IssueRef],
	})
	if err != nil {
		return err
	}
	if err := a.Jira.Invalidate(ctx, append(keys, issues...)...); err != nil {
		return err
	}
	found, failed := a.Jira.Issues(ctx, upstream.Agents, issues)
	var faults []error
	for _, err := range failed {
		faults = append(faults, err)
	}
	for _, id := range issues {
		issue := found[id]
		if issue == nil {
			continue
		}
		faults = append(faults, a.Jira.Invalidate(ctx, jira.IssueRef(issue.Key)))
		_, err := a.Postgres.Exec(ctx, "-- issues.move\nupdate ticket_issues set issue_key = $2 where issue_id = $1 and issue_key <> $2", string(id), issue.Key)
		if err != nil {
			faults = append(faults, fmt.Errorf("keep the key of a moved issue: %w", err))
		}
	}
	return errors.Join(faults...)
}

// typed are texts as keys of a vendor's.
func typed[K ~string](texts []string) []K {
	keys := make([]K, len(texts))
	for i, text := range texts {
		keys[i] = K(text)
	}
	return keys
}
