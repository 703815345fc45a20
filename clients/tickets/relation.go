package tickets

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
)

// MaxRelations is how many tickets one ticket has to do with at most.
const MaxRelations = 50

// RelationChange is what happened between two tickets.
type RelationChange string

// The changes between two tickets. Customers do not see the last two.
const (
	MergedInto   RelationChange = "MERGED_INTO"   // the ticket became part of the other
	UnmergedFrom RelationChange = "UNMERGED_FROM" // the ticket is by itself again
	TookIn       RelationChange = "TOOK_IN"       // the other became part of the ticket
	GaveBack     RelationChange = "GAVE_BACK"     // the other is by itself again
	SplitOff     RelationChange = "SPLIT_OFF"     // a message went to a new ticket
	SplitFrom    RelationChange = "SPLIT_FROM"    // the ticket was begun with a message of the other
	Related      RelationChange = "RELATED"
	Unrelated    RelationChange = "UNRELATED"
)

// RelationEntry is something that happened between two tickets.
type RelationEntry struct {
	Event
	Change  RelationChange
	OtherID ID
}

// Relation says that two tickets have to do with each other, seen from one of them.
type Relation struct {
	TicketID ID
	OtherID  ID
}

// RelationsOf reads which tickets each of the tickets has to do with, the oldest relation first; nothing for others than
// staff.
func RelationsOf(scope accounts.Scope, ids []ID) postgres.Query[*Relation] {
	return postgres.Query[*Relation]{
		SQL: `-- relations.of_tickets
			select ticket_id, other_id
			from (
				select ticket_id, other_id, related_at from ticket_relations where $1 and ticket_id = any($2)
				union all
				select other_id, ticket_id, related_at from ticket_relations where $1 and other_id = any($2)
			) r
			order by ticket_id, related_at, other_id
			limit 10000`,
		Args: []any{scope.Staff, ids},
		Row:  pgx.RowToAddrOfStructByName[Relation],
	}
}

// Relating says that two tickets have to do with each other, or do not any more.
type Relating struct {
	IdempotencyKey  string
	Ticket          ID
	ExpectedVersion int
	Other           ID
}

// related is how a ticket stands to others.
type related struct {
	Is    bool // related to the one in question
	Count int  // of all that it is related to
}

// Relate says that two tickets have to do with each other. Only staff may.
func (s *Store) Relate(ctx context.Context, by Author, input Relating) (*Outcome, error) {
	return s.relate(ctx, by, "relateTickets", input, Related, `-- relations.add
		insert into ticket_relations (ticket_id, other_id, related_at) values (least($1::uuid, $2::uuid), greatest($1::uuid, $2::uuid), $3)`)
}

// Unrelate takes back that two tickets have to do with each other. Only staff may.
func (s *Store) Unrelate(ctx context.Context, by Author, input Relating) (*Outcome, error) {
	return s.relate(ctx, by, "unrelateTickets", input, Unrelated, `-- relations.remove
		delete from ticket_relations
		where ticket_id = least($1::uuid, $2::uuid) and other_id = greatest($1::uuid, $2::uuid) and related_at <= $3`)
}

func (s *Store) relate(ctx context.Context, by Author, op string, input Relating, to RelationChange, statement string) (*Outcome, error) {
	check := checks{}
	check.staff(by)
	check.apart(input.Ticket, input.Other, "other")
	var stand related
	return s.change(ctx, change{
		by: by, op: op, key: input.IdempotencyKey, input: input, checks: check,
		ticket: input.Ticket, other: &input.Other, otherAt: "other", expected: &input.ExpectedVersion,
		lookup: func(batch *pgx.Batch, _ *changing) {
			postgres.Queue(batch, relatedTo(input.Ticket, input.Other), func(rows []related, err error) {
				if err == nil {
					stand = rows[0]
				}
			})
		},
		apply: func(c *changing) UserError {
			switch {
			case stand.Is == (to == Related):
				return nil
			case to == Related && stand.Count >= MaxRelations:
				return invalid(TooMany, fmt.Sprintf("A ticket has to do with at most %d others.", MaxRelations), "other")
			}
			at := c.happens(event{Kind: "RELATION", ToValue: text(to), OtherID: &input.Other}).CreatedAt
			c.beside.happens(event{Kind: "RELATION", ToValue: text(to), OtherID: &input.Ticket})
			c.more = append(c.more, func(batch *pgx.Batch) { batch.Queue(statement, input.Ticket, input.Other, at) })
			return nil
		},
	})
}

// relatedTo reads how a ticket stands to another; the count is that of the one that has more.
func relatedTo(ticket, other ID) postgres.Query[related] {
	return postgres.Query[related]{
		SQL: `-- relations.standing
			select exists (select from ticket_relations where ticket_id = least($1::uuid, $2::uuid) and other_id = greatest($1::uuid, $2::uuid)) as is,
				greatest((select count(*) from ticket_relations where $1 in (ticket_id, other_id)),
					(select count(*) from ticket_relations where $2 in (ticket_id, other_id))) as count`,
		Args: []any{ticket, other},
		Row:  pgx.RowToStructByName[related],
	}
}

// apart refuses that a ticket is its own other.
func (c *checks) apart(ticket, other ID, at string) {
	if ticket == other {
		c.refuse(Invalid, "That is the ticket itself.", at)
	}
}
