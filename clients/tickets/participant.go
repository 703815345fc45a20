package tickets

import (
	"time"

	"github.com/jackc/pgx/v5"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
)

// Participant is a contact who reads along on a ticket.
type Participant struct {
	TicketID  ID
	ContactID accounts.ContactID
	AddedAt   time.Time
}

// ParticipantsOf reads who takes part in each of the tickets that the scope covers, in the order they were added.
func ParticipantsOf(scope accounts.Scope, ids []ID) postgres.Query[*Participant] {
	condition, args := visible(scope, []any{ids})
	return postgres.Query[*Participant]{
		SQL: `-- participants.of_tickets
			select p.ticket_id, p.contact_id, p.added_at
			from ticket_participants p join tickets t on t.id = p.ticket_id
			where p.ticket_id = any($1) and ` + condition + `
			order by p.ticket_id, p.added_at, p.contact_id
			limit 10000`,
		Args: args,
		Row:  pgx.RowToAddrOfStructByName[Participant],
	}
}
