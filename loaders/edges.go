package loaders

import (
	"context"
	"slices"

	"supportgraph/clients/upstream"
)

// edges are all edges of the schema, each declared beside the loader of its noun.
func edges() []*edge {
	return slices.Concat(
		viewerEdges(), ticketEdges(), messageEdges(), noteEdges(), timelineEdges(), tagEdges(), participantEdges(), changeEdges(), mergeEdges(), splitEdges(),
		relationEdges(), redactionEdges(), visibilityEdges(), deletionEdges(), permissionEdges(),
		draftEdges(), cannedReplyEdges(), macroEdges(), bulkJobEdges(), categoryEdges(), incidentEdges(),
		accountEdges(), contactEdges(), agentEdges(), teamEdges(), billingEdges(), zoneEdges(), hostingEdges(),
		invoiceEdges(), crmEdges(), issueEdges(), vendorTicketEdges(), refreshEdges(), slaEdges(), healthEdges(), viewEdges(), searchEdges(),
		articleEdges(),
	)
}

// Foreseen returns what tells whether a plan reads what a field leads to, so that its resolver finds it.
func Foreseen() func(typ, field string) bool {
	foreseen := map[[2]string]bool{}
	for _, e := range edges() {
		foreseen[[2]string{e.typ, e.field}] = true
	}
	return func(typ, field string) bool { return foreseen[[2]string{typ, field}] }
}

// loaders makes the loaders of a request.
func (f *Factory) loaders(ctx context.Context, who Who) *Loaders {
	l := &Loaders{factory: f, who: who, ctx: ctx, trace: upstream.TraceOf(ctx)}
	l.Ticket.init(l, ticketByID)
	l.TicketByNumber.init(l, ticketByNumber)
	l.Tickets.init(l, ticketPage)
	l.AccountTickets.init(l, accountTickets)
	l.Participants.init(l, participants)
	l.Relations.init(l, ticketRelations)
	l.Message.init(l, messageByID)
	l.Messages.init(l, messagePage)
	l.Note.init(l, noteByID)
	l.Notes.init(l, notePage)
	l.Timeline.init(l, timelinePage)
	l.Tag.init(l, tagByID)
	l.Tags.init(l, ticketTags)
	l.AllTags.init(l, allTags)
	l.Category.init(l, categoryByID)
	l.View.init(l, viewByID)
	l.Views.init(l, viewsOfViewer)
	l.ViewTickets.init(l, viewTickets)
	l.TicketCounts.init(l, ticketCounts)
	l.Search.init(l, searchPage)
	l.Highlights.init(l, highlights)
	l.Similar.init(l, similarTickets)
	l.Article.init(l, articleByID)
	l.SuggestedArticles.init(l, suggestedArticles)
	l.Categories.init(l, allCategories)
	l.CategoriesBelow.init(l, categoriesBelow)
	l.Draft.init(l, draftByID)
	l.Drafts.init(l, allDrafts)
	l.TicketDrafts.init(l, ticketDrafts)
	l.CannedReply.init(l, cannedReplyByID)
	l.CannedReplies.init(l, allCannedReplies)
	l.Words.init(l, ticketWords)
	l.Macro.init(l, macroByID)
	l.Macros.init(l, allMacros)
	l.BulkJob.init(l, bulkJobByID)
	l.BulkItems.init(l, bulkItems)
	l.SlaHistory.init(l, slaHistory)
	l.SlaRules.init(l, slaRules)
	l.Account.init(l, accountByID)
	l.Accounts.init(l, accountPage)
	l.Children.init(l, childPage)
	l.Members.init(l, memberPage)
	l.Contact.init(l, contactByID)
	l.Memberships.init(l, contactMemberships)
	l.Agent.init(l, agentByID)
	l.Agents.init(l, agentPage)
	l.TeamAgents.init(l, teamAgents)
	l.Team.init(l, teamByID)
	l.Teams.init(l, allTeams)
	l.Billing.init(l, billingProfile)
	l.Zones.init(l, zoneList)
	l.Hosting.init(l, hostingAccount)
	l.HostingSubscriptions.init(l, hostingSubscriptions)
	l.Invoices.init(l, invoiceList)
	l.Crm.init(l, crmAccount)
	l.CrmOwner.init(l, crmOwner)
	l.LinkedIssues.init(l, linkedIssues)
	l.Issue.init(l, engineeringIssue)
	l.LinkedIncidents.init(l, linkedIncidents)
	l.Incident.init(l, incidentByID)
	l.Workload.init(l, workload)
	l.VendorComments.init(l, vendorComments)
	l.VendorUser.init(l, vendorUser)
	l.VendorSearch.init(l, vendorSearch)
	l.VendorTickets.init(l, vendorTickets)
	return l
}
