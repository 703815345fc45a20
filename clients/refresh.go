package clients

import (
	"context"
	"errors"

	"supportgraph/clients/accounts"
	"supportgraph/clients/cloudflare"
	"supportgraph/clients/jira"
	"supportgraph/clients/postgres"
	"supportgraph/clients/salesforce"
	"supportgraph/clients/stripe"
	"supportgraph/clients/tickets"
	"supportgraph/clients/upstream"
	"supportgraph/clients/zendesk"
)

// Refresh names what a vendor is to be asked anew for.
type Refresh struct {
	IdempotencyKey string
	Source         upstream.Service
	Account        *accounts.ID // for Stripe, Salesforce, Cloudflare and Zendesk
	Ticket         *tickets.ID  // for Jira
}

// Refreshed is what came of a Refresh: what was asked for anew, or why nothing was.
type Refreshed struct {
	Source     *upstream.Status
	AccountID  *accounts.ID
	TicketID   *tickets.ID
	Everywhere bool // all processes know
	UserErrors []tickets.UserError
}

// Refresh has a vendor asked anew for what it knows of an account, or of the issues of a ticket: what is kept of it is no
// longer right in any process, and is read now. A vendor that does not answer is no error: what was known stays. Under a
// key that was used before nobody is asked, so that a repeated click costs nothing.
func (a *All) Refresh(ctx context.Context, by tickets.Author, input Refresh) (*Refreshed, error) {
	anew, refused, err := a.anew(ctx, by.Scope, input)
	if err != nil {
		return nil, err
	}
	if refused == nil {
		if refused, err = a.mayAsk(ctx, by); err != nil {
			return nil, err
		}
	}
	if refused != nil {
		return &Refreshed{UserErrors: []tickets.UserError{refused}}, nil
	}
	first, all, err := a.Tickets.First(ctx, by, "refreshSource", input.IdempotencyKey, input)
	if err != nil || len(all) > 0 {
		return &Refreshed{UserErrors: all}, err
	}
	refreshed := &Refreshed{AccountID: input.Account, TicketID: input.Ticket, Everywhere: true, UserErrors: []tickets.UserError{}}
	if first {
		refreshed.Everywhere = anew(ctx) == nil
	}
	for _, status := range a.Statuses() {
		if status.Name == input.Source {
			refreshed.Source = status
		}
	}
	return refreshed, nil
}

// mayAsk refuses who does not work here any more.
func (a *All) mayAsk(ctx context.Context, by tickets.Author) (tickets.UserError, error) {
	if by.Agent != nil {
		agents, err := postgres.Select(ctx, a.Postgres, accounts.Agents([]accounts.AgentID{*by.Agent}))
		if err != nil || len(agents) == 1 && agents[0].Active() {
			return nil, err
		}
	}
	return tickets.Forbid("Only agents who work here ask anew."), nil
}

// anew finds what is kept of the record at the vendor, and returns what forgets and reads it. The error of that is what
// kept other processes from hearing of it.
func (a *All) anew(ctx context.Context, scope accounts.Scope, input Refresh) (func(context.Context) error, tickets.UserError, error) {
	switch input.Source {
	case upstream.Statuspage:
		if input.Account != nil || input.Ticket != nil {
			return nil, tickets.Refuse(tickets.Invalid, "The status page is one for all: it is asked for no record.", "source"), nil
		}
		return func(ctx context.Context) error {
			_ = a.Statuspage.Refresh(ctx) // its failure shows in the source's status
			return errAlone
		}, nil, nil
	case upstream.Jira:
		if input.Ticket == nil || input.Account != nil {
			return nil, tickets.Refuse(tickets.Missing, "Jira is asked for the issues of a ticket.", "ticket"), nil
		}
		return a.issuesAnew(ctx, scope, *input.Ticket)
	default:
		if input.Account == nil || input.Ticket != nil {
			return nil, tickets.Refuse(tickets.Missing, "This source is asked for an account.", "account"), nil
		}
		return a.accountAnew(ctx, scope, *input.Account, input.Source)
	}
}

// errAlone says that every process reads the status page by itself, within its half minute.
var errAlone = errors.New("no other process was told")

func (a *All) issuesAnew(ctx context.Context, scope accounts.Scope, id tickets.ID) (func(context.Context) error, tickets.UserError, error) {
	found, err := postgres.Select(ctx, a.Postgres, tickets.ByID(scope, []tickets.ID{id}))
	if err != nil {
		return nil, nil, err
	}
	if len(found) == 0 {
		return nil, tickets.Refuse(tickets.NotFound, "There is no such ticket.", "ticket"), nil
	}
	links, err := postgres.Select(ctx, a.Postgres, tickets.IssuesOf(scope, []tickets.ID{id}))
	if err != nil {
		return nil, nil, err
	}
	if len(links) == 0 {
		return nil, tickets.Refuse(tickets.Invalid, "The ticket is linked to no issue.", "ticket"), nil
	}
	issues := make([]jira.IssueRef, len(links))
	for i, link := range links {
		issues[i] = link.IssueID
	}
	return func(ctx context.Context) error {
		told := a.Jira.Invalidate(ctx, issues...)
		a.Jira.Issues(ctx, upstream.Agents, issues)
		return told
	}, nil, nil
}

func (a *All) accountAnew(ctx context.Context, scope accounts.Scope, id accounts.ID, source upstream.Service) (func(context.Context) error, tickets.UserError, error) {
	found, err := postgres.Select(ctx, a.Postgres, accounts.ByID(scope, []accounts.ID{id}))
	if err != nil {
		return nil, nil, err
	}
	if len(found) == 0 {
		return nil, tickets.Refuse(tickets.NotFound, "There is no such account.", "account"), nil
	}
	account := found[0]
	switch {
	case source == upstream.Stripe && account.StripeCustomerID != nil:
		return func(ctx context.Context) error {
			ids := []stripe.CustomerID{*account.StripeCustomerID}
			told := a.Stripe.Invalidate(ctx, ids...)
			a.Stripe.Profiles(ctx, upstream.Agents, ids)
			a.Stripe.Invoices(ctx, upstream.Agents, ids)
			return told
		}, nil, nil
	case source == upstream.Cloudflare && account.CloudflareAccountID != nil:
		return func(ctx context.Context) error {
			ids := []cloudflare.AccountID{*account.CloudflareAccountID}
			told := a.Cloudflare.Invalidate(ctx, ids...)
			a.Cloudflare.Zones(ctx, upstream.Agents, ids)
			a.Cloudflare.Accounts(ctx, upstream.Agents, ids)
			a.Cloudflare.Subscriptions(ctx, upstream.Agents, ids)
			return told
		}, nil, nil
	case source == upstream.Salesforce && account.SalesforceAccountID != nil:
		return func(ctx context.Context) error { return a.crmAnew(ctx, *account.SalesforceAccountID) }, nil, nil
	case source == upstream.Zendesk && account.ZendeskOrganizationID != nil:
		return func(ctx context.Context) error {
			ids := []zendesk.OrganizationID{*account.ZendeskOrganizationID}
			told := a.Zendesk.Invalidate(ctx, ids...)
			a.Zendesk.OfOrganizations(ctx, upstream.Agents, ids)
			return told
		}, nil, nil
	default:
		return nil, tickets.Refuse(tickets.Invalid, "The account has no counterpart at this source.", "account"), nil
	}
}

// crmAnew reads a customer anew, and then who looks after it.
func (a *All) crmAnew(ctx context.Context, id salesforce.AccountID) error {
	told := a.Salesforce.Invalidate(ctx, id)
	found, _ := a.Salesforce.Accounts(ctx, upstream.Agents, []salesforce.AccountID{id})
	if crm := found[id]; crm != nil && crm.OwnerID != nil {
		owners := []salesforce.UserID{*crm.OwnerID}
		told = errors.Join(told, a.Salesforce.InvalidateOwners(ctx, owners...))
		a.Salesforce.Owners(ctx, upstream.Agents, owners)
	}
	return told
}
