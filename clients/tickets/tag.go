package tickets

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

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
	ID         TagID
	Name       string
	ParentID   *TagID
	ArchivedAt *time.Time // nil: it is in use; otherwise no ticket gets it any more
}

// Above is the tag above, nil at the top.
func (t *Tag) Above() *TagID { return t.ParentID }

// TicketTag is a tag as it hangs on a ticket.
type TicketTag struct {
	Tag
	TicketID ID
}

const tagColumns = `g.id, g.name, g.parent_id, g.archived_at`

// AllTags reads all tags, by name, with those that are archived; nothing for others than staff.
func AllTags(scope accounts.Scope) postgres.Query[*Tag] {
	return postgres.Query[*Tag]{
		SQL: `-- tags.all
			select ` + tagColumns + ` from tags g where $1 order by g.name limit 2000`,
		Args: []any{scope.Staff},
		Row:  pgx.RowToAddrOfStructByName[Tag],
	}
}

// tagsByName reads tags by name.
func tagsByName(names []string) postgres.Query[*Tag] {
	return postgres.Query[*Tag]{
		SQL: `-- tags.by_name
			select ` + tagColumns + ` from tags g where g.name = any($1) order by g.name`,
		Args: []any{names},
		Row:  pgx.RowToAddrOfStructByName[Tag],
	}
}

// Tags reads tags by key; nothing for others than staff.
func Tags(scope accounts.Scope, ids []TagID) postgres.Query[*Tag] {
	return postgres.Query[*Tag]{
		SQL: `-- tags.by_id
			select ` + tagColumns + ` from tags g where $1 and g.id = any($2) order by g.id`,
		Args: []any{scope.Staff, ids},
		Row:  postgres.ToAddr[Tag],
	}
}

// TagsOf reads the tags of each of the tickets, by name; nothing for others than staff.
func TagsOf(scope accounts.Scope, ids []ID) postgres.Query[*TicketTag] {
	return postgres.Query[*TicketTag]{
		SQL: `-- tags.of_tickets
			select ` + tagColumns + `, x.ticket_id
			from ticket_tags x join tags g on g.id = x.tag_id
			where $1 and x.ticket_id = any($2)
			order by x.ticket_id, g.name
			limit 10000`,
		Args: []any{scope.Staff, ids},
		Row:  postgres.ToAddr[TicketTag],
	}
}

// Tagging adds tags to a ticket, or removes them, by name.
type Tagging struct {
	IdempotencyKey  string
	Ticket          ID
	ExpectedVersion int
	Tags            []string
}

// named is a tag and whether it hangs on the ticket.
type named struct {
	Tag
	Hangs bool
}

// AddTags hangs tags on a ticket, whatever its status. Only staff may.
func (s *Store) AddTags(ctx context.Context, by Author, input Tagging) (*Outcome, error) {
	return s.tag(ctx, by, "addTags", input, TagAdded, `-- tags.add
		insert into ticket_tags (ticket_id, tag_id) select $1, unnest($2::uuid[])`)
}

// RemoveTags takes tags from a ticket, whatever its status. Only staff may.
func (s *Store) RemoveTags(ctx context.Context, by Author, input Tagging) (*Outcome, error) {
	return s.tag(ctx, by, "removeTags", input, TagRemoved, `-- tags.remove
		delete from ticket_tags where ticket_id = $1 and tag_id = any($2)`)
}

func (s *Store) tag(ctx context.Context, by Author, op string, input Tagging, to TagChange, statement string) (*Outcome, error) {
	check := checks{}
	check.staff(by)
	switch {
	case len(input.Tags) == 0:
		check.refuse(Missing, "Name at least one tag.", "tags")
	case len(input.Tags) > MaxTags:
		check.refuse(TooMany, fmt.Sprintf("At most %d tags can be changed at once.", MaxTags), "tags")
	}
	for i, name := range input.Tags[:min(len(input.Tags), MaxTags)] {
		if postgres.CheckText(name) != nil {
			check.refuse(Invalid, "The name is not that of a tag.", "tags", strconv.Itoa(i))
		}
	}
	return s.change(ctx, change{
		by: by, op: op, key: input.IdempotencyKey, input: input, checks: check, ticket: input.Ticket, expected: &input.ExpectedVersion,
		lookup: func(batch *pgx.Batch, c *changing) {
			postgres.Queue(batch, tagsNamed(input.Ticket, input.Tags), func(rows []*named, err error) {
				c.tags, c.touches = rows, nil
				for _, tag := range rows {
					c.touches = append(c.touches, part{field: FieldTags, tag: tag.ID})
				}
			})
		},
		apply: func(c *changing) UserError {
			for i, name := range input.Tags {
				at := slices.IndexFunc(c.tags, func(tag *named) bool { return tag.Name == name })
				if at < 0 {
					return missing("There is no such tag.", "tags", strconv.Itoa(i))
				}
				if to == TagAdded && c.tags[at].ArchivedAt != nil && !c.tags[at].Hangs {
					return invalid(Invalid, "The tag is archived.", "tags", strconv.Itoa(i))
				}
			}
			moved := []TagID{}
			for _, tag := range c.tags {
				if tag.Hangs != (to == TagAdded) {
					c.happens(event{Kind: "TAG", TagID: &tag.ID, ToValue: text(to)})
					moved = append(moved, tag.ID)
				}
			}
			c.more = append(c.more, func(batch *pgx.Batch) { batch.Queue(statement, c.ticket, moved) })
			return nil
		},
	})
}

// tagsNamed reads tags by name, and whether they hang on a ticket.
func tagsNamed(ticket ID, names []string) postgres.Query[*named] {
	return postgres.Query[*named]{
		SQL: `-- tags.named
			select ` + tagColumns + `, exists (select from ticket_tags x where x.tag_id = g.id and x.ticket_id = $1) as hangs
			from tags g
			where g.name = any($2)
			order by g.name`,
		Args: []any{ticket, names},
		Row:  postgres.ToAddr[named],
	}
}
