// Package loaders reads for one request: each record once, and all records of one kind and level of the query in one
// statement or call, whatever the page size.
//
// A query is compiled once into a plan: the edges that it follows, level by level. When the first resolver asks for
// something, it runs the plan: the statements of a level go to Postgres as one batch, and the keys of the next level are
// out before its rows are handed to anybody. Vendors are asked beside it, and what their answers lead to follows them. So
// resolvers find what they ask for, or wait for a vendor that is already asked. What the plan did not foresee is batched
// over a short window by dataloader.
//
// Edges are declared as data beside the loader of their noun. The records of a kind are kept once per request, whichever
// edge they were reached by.
package loaders

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"supportgraph/clients"
	"supportgraph/clients/accounts"
	"supportgraph/clients/articles"
	"supportgraph/clients/cloudflare"
	"supportgraph/clients/jira"
	"supportgraph/clients/salesforce"
	"supportgraph/clients/statuspage"
	"supportgraph/clients/stripe"
	"supportgraph/clients/tickets"
	"supportgraph/clients/upstream"
	"supportgraph/clients/zendesk"
)

// Factory makes the loaders of requests. It is safe for concurrent use.
type Factory struct {
	clients *clients.All
	plans   *plans
	observe func(loader string, keys int)
	plain   bool
}

// Option changes how loaders work.
type Option func(*Factory)

// Observe has every batch reported, before it is read, with the name of its loader and the number of its keys. Several may
// be reported at once.
func Observe(observe func(loader string, keys int)) Option {
	return func(f *Factory) { f.observe = observe }
}

// Plain makes loaders that plan nothing and only batch over a window: what the plan is measured and tested against.
func Plain() Option { return func(f *Factory) { f.plain = true } }

// NewFactory returns a factory of loaders that read from the clients. The full schema tells which types are of which
// interface or union.
func NewFactory(all *clients.All, schema *ast.Schema, options ...Option) *Factory {
	f := &Factory{clients: all, plans: newPlans(schema, edges()), observe: func(string, int) {}}
	for _, option := range options {
		option(f)
	}
	return f
}

// Who asks: what they may see, and which agent they are, if one.
type Who struct {
	Scope accounts.Scope
	Agent *accounts.AgentID
}

// Loaders is what one request reads through.
type Loaders struct {
	factory *Factory
	who     Who
	start   sync.Once
	ctx     context.Context // reads end with it, not with that of the field that happened to ask first
	vars    map[string]any
	trace   *upstream.Trace // nil where nobody asked for it
	visits  atomic.Uint64   // expansions so far: each is a number, so that it sees a row once
	filters filters

	Ticket         Loader[tickets.ID, *tickets.Ticket]
	TicketByNumber Loader[int64, *tickets.Ticket]
	Tickets        Loader[TicketsKey, *TicketPage]
	AccountTickets Loader[TicketsKey, *TicketPage]
	Participants   Loader[tickets.ID, []*tickets.Participant]
	Relations      Loader[tickets.ID, []*tickets.Relation]
	Message        Loader[tickets.MessageID, *tickets.Message]
	Messages       Loader[ThreadKey, *MessagePage]
	Note           Loader[tickets.NoteID, *tickets.InternalNote]
	Notes          Loader[ThreadKey, *NotePage]
	Timeline       Loader[ThreadKey, *TimelinePage]
	Tag            Loader[tickets.TagID, *tickets.Tag]
	Tags           Loader[tickets.ID, []*tickets.TicketTag]
	AllTags        Loader[struct{}, []*tickets.Tag]
	Category       Loader[tickets.CategoryID, *tickets.Category]
	View           Loader[tickets.ViewID, *tickets.TicketView]
	Views          Loader[struct{}, []*tickets.TicketView]
	ViewTickets    Loader[TicketsKey, *TicketPage]
	TicketCounts   Loader[TicketsKey, *tickets.Count]
	Search         Loader[SearchKey, *HitPage]
	Highlights     Loader[HighlightKey, []*tickets.Highlight]
	Similar        Loader[tickets.ID, []*tickets.SimilarTicket]
	SlaHistory     Loader[tickets.ID, *tickets.SlaHistory]
	SlaRules       Loader[struct{}, *tickets.SlaRules]

	Article           Loader[articles.ID, *articles.Article]
	SuggestedArticles Loader[SuggestionKey, []*articles.Article]
	Categories        Loader[struct{}, []*tickets.Category]
	CategoriesBelow   Loader[tickets.CategoryID, []*tickets.Category]
	Draft             Loader[tickets.DraftID, *tickets.Draft]
	Drafts            Loader[struct{}, []*tickets.Draft]
	TicketDrafts      Loader[tickets.ID, []*tickets.Draft]
	CannedReply       Loader[tickets.CannedReplyID, *tickets.CannedReply]
	CannedReplies     Loader[struct{}, []*tickets.CannedReply]
	Words             Loader[tickets.ID, *tickets.Words]
	Macro             Loader[tickets.MacroID, *tickets.Macro]
	Macros            Loader[struct{}, []*tickets.Macro]
	BulkJob           Loader[tickets.OperationID, *tickets.BulkJob]
	BulkItems         Loader[tickets.OperationID, []*tickets.BulkItem]

	Account              Loader[accounts.ID, *accounts.Account]
	Accounts             Loader[AccountsKey, *AccountPage]
	Children             Loader[MembersKey, *AccountPage]
	Members              Loader[MembersKey, *MembershipPage]
	Contact              Loader[accounts.ContactID, *accounts.Contact]
	Memberships          Loader[accounts.ContactID, []*accounts.Membership]
	Agent                Loader[accounts.AgentID, *accounts.Agent]
	Agents               Loader[AgentsKey, *AgentPage]
	TeamAgents           Loader[accounts.TeamID, []*accounts.Agent]
	Team                 Loader[accounts.TeamID, *accounts.Team]
	Teams                Loader[struct{}, []*accounts.Team]
	Billing              Loader[stripe.CustomerID, *stripe.BillingProfile]
	Zones                Loader[cloudflare.AccountID, *cloudflare.ZoneList]
	Hosting              Loader[cloudflare.AccountID, *cloudflare.HostingAccount]
	HostingSubscriptions Loader[cloudflare.AccountID, *cloudflare.HostingSubscriptionList]
	Invoices             Loader[stripe.CustomerID, *stripe.InvoiceList]
	Crm                  Loader[salesforce.AccountID, *salesforce.CrmAccount]
	CrmOwner             Loader[salesforce.UserID, *salesforce.CrmOwner]
	LinkedIssues         Loader[tickets.ID, []*tickets.IssueLink]
	Issue                Loader[jira.IssueRef, *jira.EngineeringIssue]
	VendorTickets        Loader[zendesk.OrganizationID, *zendesk.VendorTicketPage]

	LinkedIncidents Loader[tickets.ID, []*tickets.IncidentLink]
	Incident        Loader[string, *statuspage.Incident]
	Workload        Loader[accounts.ID, *tickets.Workload]
	VendorComments  Loader[zendesk.CommentsKey, *zendesk.VendorCommentPage]
	VendorUser      Loader[zendesk.UserID, *zendesk.VendorUser]
	VendorSearch    Loader[zendesk.SearchKey, *zendesk.VendorTicketPage]
}

type loadersKey struct{}

// With returns a context that carries new loaders for one operation of the given viewer. What they read ends with ctx.
func (f *Factory) With(ctx context.Context, who Who) context.Context {
	current := &atomic.Pointer[Loaders]{}
	current.Store(f.loaders(ctx, who))
	return context.WithValue(ctx, loadersKey{}, current)
}

// From returns the loaders of a request. It panics where there are none: a request without them has no scope.
func From(ctx context.Context) *Loaders {
	return currentOf(ctx).Load()
}

// currentOf holds the loaders of a request, which a change replaces.
func currentOf(ctx context.Context) *atomic.Pointer[Loaders] {
	return ctx.Value(loadersKey{}).(*atomic.Pointer[Loaders])
}

// Who asks in this request.
func (l *Loaders) Who() Who { return l.who }

// begin runs the operation's plan, once: what the plan reads of Postgres, and of no vendor on the way, is there when it
// returns. Resolvers beside it would only stand and wait: hundreds of goroutines that are put to sleep and woken at each
// level cost a tenth of the page's CPU.
func (l *Loaders) begin(ctx context.Context) {
	l.start.Do(func() {
		if l.factory.plain || !graphql.HasOperationContext(ctx) {
			return
		}
		operation := graphql.GetOperationContext(ctx)
		if operation.Operation == nil || operation.Operation.Operation != ast.Query {
			return
		}
		l.vars = operation.Variables
		first := l.level()
		first.depth = 1
		defer guard(first.abandon)
		first.expand(l.factory.plans.of(operation.Operation).root, []any{l})
		first.callVendors(nil)
		if len(first.readings) > 0 {
			l.advance(first)
		}
	})
}
