package tickets

import (
	"time"

	"github.com/jackc/pgx/v5"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
)

// WorkloadWindow is how far back a workload counts what happened.
const WorkloadWindow = 30 * 24 * time.Hour

// Workload is what an account's tickets say of how it fares.
type Workload struct {
	AccountID accounts.ID
	Open      int // tickets that are not solved
	Urgent    int // of them, those of P1 and P2
	Breached  int // tickets of which a promise was broken within the window
	Reopened  int // how often a solved one was opened again within the window
}

// WorkloadOf reads the workload of each of the accounts, as of a moment; nothing for others than staff.
func WorkloadOf(scope accounts.Scope, ids []accounts.ID, now time.Time) postgres.Query[*Workload] {
	return postgres.Query[*Workload]{
		SQL: `-- workload.of_accounts
			select a.id as account_id, w.open, w.urgent, h.breached, h.reopened
			from accounts a
			cross join lateral (
				select count(*) as open, count(*) filter (where t.priority in ('P1', 'P2')) as urgent
				from tickets t
				where t.account_id = a.id and t.status not in ('SOLVED', 'CLOSED', 'MERGED')
			) w
			cross join lateral (
				select count(distinct e.ticket_id) filter (where e.kind = 'SLA' and e.to_value = 'BREACHED') as breached,
					count(*) filter (where e.kind = 'STATUS' and e.from_value = 'SOLVED' and e.to_value = 'OPEN') as reopened
				from tickets t join ticket_events e on e.ticket_id = t.id
				where t.account_id = a.id and t.updated_at >= $3 and e.created_at >= $3 and e.kind in ('SLA', 'STATUS')
			) h
			where $1 and a.id = any($2)
			order by a.id`,
		Args: []any{scope.Staff, ids, now.Add(-WorkloadWindow)},
		Row:  pgx.RowToAddrOfStructByName[Workload],
	}
}
