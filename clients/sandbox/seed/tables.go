package seed

import (
	"github.com/jackc/pgx/v5"

	"supportgraph/clients/accounts"
	"supportgraph/clients/articles"
	"supportgraph/clients/tickets"
)

// table is one COPY.
type table struct {
	name    string
	columns string
	rows    pgx.CopyFromSource
}

func rows[T any](from []T, row func(T) []any) pgx.CopyFromSource {
	return pgx.CopyFromSlice(len(from), func(i int) ([]any, error) { return row(from[i]), nil })
}

// all gathers what hangs on the cases.
func all[T any](cases []*Case, of func(*Case) []T) []T {
	var found []T
	for _, c := range cases {
		found = append(found, of(c)...)
	}
	return found
}

// tables are the world as rows, in an order in which what is pointed to comes first.
func (w *World) tables(cases []*Case) []table {
	return append(append(w.peopleTables(), caseTables(cases)...), w.incidentTable(cases))
}

func (w *World) peopleTables() []table {
	return []table{
		{"accounts", "id name plan tier parent_id path products stripe_customer_id cloudflare_account_id" +
			" salesforce_account_id zendesk_organization_id created_at updated_at",
			rows(w.Accounts, func(a *Account) []any {
				return []any{a.ID, a.Name, a.Plan, a.TierKey, a.ParentID, a.Path, a.Products, a.StripeCustomerID, a.CloudflareAccountID,
					a.SalesforceAccountID, a.ZendeskOrganizationID, a.CreatedAt, a.UpdatedAt}
			})},
		{"contacts", "id name email locale time_zone created_at deactivated_at",
			rows(w.Contacts, func(c *accounts.Contact) []any {
				return []any{c.ID, c.Name, c.Email, c.Locale, c.TimeZone, c.CreatedAt, c.DeactivatedAt}
			})},
		{"account_memberships", "contact_id account_id role visibility created_at ended_at",
			rows(w.Memberships, func(m *Membership) []any {
				return []any{m.ContactID, m.AccountID, m.Role, m.Visibility, m.CreatedAt, m.EndedAt}
			})},
		{"teams", "id name description created_at",
			rows(w.Teams, func(t *accounts.Team) []any { return []any{t.ID, t.Name, t.Description, t.CreatedAt} })},
		{"agents", "id name email role team_id created_at deactivated_at",
			rows(w.Agents, func(a *accounts.Agent) []any {
				return []any{a.ID, a.Name, a.Email, a.Role, a.TeamID, a.CreatedAt, a.DeactivatedAt}
			})},
		{"categories", "id key name parent_id product",
			rows(w.Categories, func(c *tickets.Category) []any { return []any{c.ID, c.Key, c.Name, c.ParentID, c.Product} })},
		{"ticket_views", "id version name agent_id team_id filter field direction created_at updated_at",
			rows(w.Views, func(v *tickets.TicketView) []any {
				return []any{v.ID, v.Version, v.Name, v.AgentID, v.TeamID, v.Kept, v.Field, v.Direction, v.CreatedAt, v.UpdatedAt}
			})},
		{"articles", "id title body url updated_at",
			rows(w.Articles, func(a *articles.Article) []any { return []any{a.ID, a.Title, a.Body, a.URL, a.UpdatedAt} })},
		{"tags", "id name",
			rows(w.Tags, func(t *tickets.Tag) []any { return []any{t.ID, t.Name} })},
	}
}

func caseTables(cases []*Case) []table {
	type ticketTag struct{ ticket, tag any }
	var tags []ticketTag
	for _, c := range cases {
		for _, tag := range c.Tags {
			tags = append(tags, ticketTag{c.Ticket.ID, tag})
		}
	}
	return []table{
		{"tickets", "id number version account_id requester_id subject status status_reason status_since priority impact category_id" +
			" channel affected_zones assignee_team_id assignee_agent_id created_at updated_at last_message_id tier",
			rows(cases, func(c *Case) []any {
				t := c.Ticket
				return []any{t.ID, t.Number, t.Version, t.AccountID, t.RequesterID, t.Subject, t.Status, t.StatusReason, t.StatusSince,
					t.Priority, t.Impact, t.CategoryID, t.Channel, t.AffectedZones, t.AssigneeTeamID, t.AssigneeAgentID,
					t.CreatedAt, t.UpdatedAt, t.LastMessageID, t.Tier}
			})},
		{"ticket_participants", "ticket_id contact_id added_at",
			rows(all(cases, func(c *Case) []*tickets.Participant { return c.Participants }), func(p *tickets.Participant) []any {
				return []any{p.TicketID, p.ContactID, p.AddedAt}
			})},
		{"ticket_tags", "ticket_id tag_id", rows(tags, func(t ticketTag) []any { return []any{t.ticket, t.tag} })},
		{"ticket_issues", "ticket_id issue_id issue_key linked_at", rows(all(cases, (*Case).links), func(l *Link) []any {
			return []any{l.TicketID, l.IssueID, l.IssueKey, l.CreatedAt}
		})},
		{"messages", "id ticket_id author_contact_id author_agent_id channel body created_at",
			rows(all(cases, func(c *Case) []*tickets.Message { return c.Messages }), func(m *tickets.Message) []any {
				return []any{m.ID, m.TicketID, m.AuthorContactID, m.AuthorAgentID, m.Channel, m.Body, m.CreatedAt}
			})},
		{"internal_notes", "id ticket_id author_agent_id body created_at",
			rows(all(cases, func(c *Case) []*tickets.InternalNote { return c.Notes }), func(n *tickets.InternalNote) []any {
				return []any{n.ID, n.TicketID, n.AuthorAgentID, n.Body, n.CreatedAt}
			})},
		{"ticket_events", "id ticket_id kind actor_contact_id actor_agent_id from_value to_value reason message_id note_id tag_id" +
			" from_agent_id from_team_id to_agent_id to_team_id created_at",
			rows(all(cases, func(c *Case) []*Event { return c.Events }), func(e *Event) []any {
				return []any{e.ID, e.TicketID, e.Kind, e.ActorContactID, e.ActorAgentID, e.FromValue, e.ToValue, e.Reason, e.MessageID,
					e.NoteID, e.TagID, e.FromAgentID, e.FromTeamID, e.ToAgentID, e.ToTeamID, e.CreatedAt}
			})},
	}
}
