package seed

import (
	"regexp"
	"strings"
	"testing"

	"supportgraph/clients/sandbox/vendors"
)

// unfilled is a place of a text that no fact was put into.
var unfilled = regexp.MustCompile(`\{[a-z]+\}`)

// TestOfficesKnowTheSameAccounts: Salesforce, Zendesk and Jira hold what our records point to, and say so.
func TestOfficesKnowTheSameAccounts(t *testing.T) {
	t.Parallel()
	w := small(t)
	records, organizations, users := map[string]vendors.CrmAccount{}, map[int64]vendors.ZendeskOrganization{}, map[string]vendors.ZendeskUser{}
	for _, record := range w.Vendors.Salesforce.Accounts {
		records[record.ID] = record
	}
	for _, organization := range w.Vendors.Zendesk.Organizations {
		organizations[organization.ID] = organization
	}
	for _, user := range w.Vendors.Zendesk.Users {
		if users[user.ExternalID].ID != 0 && user.ExternalID != "" {
			t.Errorf("%s is two users", user.ExternalID)
		}
		users[user.ExternalID] = user
	}
	crm, helpdesk := 0, 0
	for _, a := range w.Accounts {
		lost := a.ID == w.Landmarks.UnknownCustomer
		if a.SalesforceAccountID != nil {
			crm++
			if record, known := records[string(*a.SalesforceAccountID)]; known == lost || known && record.Name != a.Name || a.SalesforceAccountID.Long() != *a.SalesforceAccountID {
				t.Errorf("%s at Salesforce: %+v", a.Name, record)
			}
		}
		if a.ZendeskOrganizationID != nil {
			helpdesk++
			if theirs, known := organizations[int64(*a.ZendeskOrganizationID)]; known == lost || known && (theirs.ExternalID != a.ID.String() || theirs.Name != a.Name) {
				t.Errorf("%s at Zendesk: %+v", a.Name, theirs)
			}
		}
	}
	if none := w.account(w.Landmarks.NotLinked); none.SalesforceAccountID != nil || none.ZendeskOrganizationID != nil {
		t.Error("the landmark without counterparts has some")
	}
	if crm < len(companies)-1 || crm == len(w.Accounts) || helpdesk < len(companies)-1 || helpdesk == len(w.Accounts) {
		t.Errorf("%d of %d accounts at Salesforce, %d at Zendesk", crm, len(w.Accounts), helpdesk)
	}
	notes := 0
	for _, ticket := range w.Vendors.Zendesk.Tickets {
		if _, known := organizations[ticket.OrganizationID]; !known || ticket.Updated.After(Anchor) || ticket.Subject == "" || len(ticket.Comments) == 0 || unfilled.MatchString(ticket.Subject+ticket.Description) {
			t.Errorf("the ticket %+v", ticket)
		}
		for _, comment := range ticket.Comments {
			if strings.Contains(comment.Body, canary) == comment.Public {
				t.Errorf("the comment %+v", comment)
			}
			if !comment.Public {
				notes++
			}
		}
	}
	if notes == 0 {
		t.Error("nobody wrote a note at Zendesk")
	}
	issues, moved := map[string]string{}, 0
	for _, issue := range w.Vendors.Issues {
		for _, key := range append(issue.Moved, issue.Key) {
			issues[key] = issue.ID
		}
		moved += len(issue.Moved)
	}
	links, gone := 0, 0
	for _, c := range smallCases(t) {
		for _, link := range c.links() {
			links++
			switch id, known := issues[link.IssueKey]; {
			case !known:
				gone++
			case id != link.IssueID:
				t.Errorf("%s is %s at Jira, not %s", link.IssueKey, id, link.IssueID)
			}
		}
	}
	if links < 50 || gone*20 > links || moved == 0 {
		t.Errorf("%d links, %d of them to nothing, %d moved", links, gone, moved)
	}
	overdue := 0
	for _, customer := range w.Vendors.Customers {
		for i, invoice := range customer.Invoices {
			if open := invoice.Status == "open"; open != (i == 0 && customer.Delinquent) || invoice.Created.After(Anchor) || invoice.SubscriptionID != customer.Subscriptions[0].ID {
				t.Errorf("the invoice %+v of %s", invoice, customer.Name)
			} else if open {
				overdue++
			}
		}
	}
	if overdue == 0 {
		t.Error("nobody owes")
	}
}
