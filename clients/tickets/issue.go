package tickets

import (
	"time"

	"github.com/jackc/pgx/v5"

	"supportgraph/clients/accounts"
	"supportgraph/clients/jira"
	"supportgraph/clients/postgres"
)

// IssueLink says that a ticket is about an issue of the engineers.
type IssueLink struct {
	TicketID ID
	IssueID  jira.IssueRef // Jira's id, which stays when the issue is moved
	IssueKey string        // as it was when it was linked
	LinkedAt time.Time
}

// IssuesOf reads which issues each of the tickets is linked to, in the order they were linked; nothing for others than staff.
func IssuesOf(scope accounts.Scope, ids []ID) postgres.Query[*IssueLink] {
	return postgres.Query[*IssueLink]{
		SQL: `-- issues.of_tickets
			select i.ticket_id, i.issue_id, i.issue_key, i.linked_at
			from ticket_issues i
			where $1 and i.ticket_id = any($2)
			order by i.ticket_id, i.linked_at, i.issue_id
			limit 10000`,
		Args: []any{scope.Staff, ids},
		Row:  pgx.RowToAddrOfStructByName[IssueLink],
	}
}
