package tickets

import (
	"github.com/jackc/pgx/v5"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
)

type tagKind struct{}

func (tagKind) Prefix() string { return "tag" }

// TagID is the key of a tag.
type TagID struct{ postgres.Key[tagKind] }

// Tag is a word by which staff sort tickets. Customers do not see tags.
type Tag struct {
	ID   TagID
	Name string
}

// TicketTag is a tag as it hangs on a ticket.
type TicketTag struct {
	Tag
	TicketID ID
}

// Tags reads tags by key; nothing for others than staff.
func Tags(scope accounts.Scope, ids []TagID) postgres.Query[*Tag] {
	return postgres.Query[*Tag]{
		SQL: `-- tags.by_id
			select g.id, g.name from tags g where $1 and g.id = any($2) order by g.id`,
		Args: []any{scope.Staff, ids},
		Row:  pgx.RowToAddrOfStructByName[Tag],
	}
}

// TagsOf reads the tags of each of the tickets, by name; nothing for others than staff.
func TagsOf(scope accounts.Scope, ids []ID) postgres.Query[*TicketTag] {
	return postgres.Query[*TicketTag]{
		SQL: `-- tags.of_tickets
			select g.id, g.name, x.ticket_id
			from ticket_tags x join tags g on g.id = x.tag_id
			where $1 and x.ticket_id = any($2)
			order by x.ticket_id, g.name
			limit 10000`,
		Args: []any{scope.Staff, ids},
		Row:  pgx.RowToAddrOfStructByName[TicketTag],
	}
}
