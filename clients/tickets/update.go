package tickets

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"supportgraph/clients/postgres"
)

// Update changes what a ticket says of itself. What is nil stays.
type Update struct {
	IdempotencyKey  string
	Ticket          ID
	ExpectedVersion int
	Subject         *string
	Priority        *Priority // staff only
	Impact          *Impact
	Category        *CategoryID
	AffectedZones   []string // nil: stays
}

// Update changes what a ticket says of itself.
func (s *Store) Update(ctx context.Context, by Author, input Update) (*Outcome, error) {
	check := checks{}
	var touches []part
	touch := func(given bool, field Field) {
		if given {
			touches = append(touches, part{field: field})
		}
	}
	touch(input.Subject != nil, FieldSubject)
	touch(input.Priority != nil, FieldPriority)
	touch(input.Impact != nil, FieldImpact)
	touch(input.Category != nil, FieldCategory)
	touch(input.AffectedZones != nil, FieldAffectedZones)
	var subject string
	if input.Subject != nil {
		subject = check.line(*input.Subject, MaxSubject, "subject")
	}
	zones := check.zones(input.AffectedZones)
	if input.Priority != nil {
		check.staff(by)
	}
	if len(touches) == 0 {
		check.refuse(Missing, "Say what is to change.")
	}
	var categories map[CategoryID]string
	return s.change(ctx, change{
		by: by, op: "updateTicket", key: input.IdempotencyKey, input: input, checks: check,
		ticket: input.Ticket, expected: &input.ExpectedVersion, touches: touches,
		lookup: func(batch *pgx.Batch, _ *changing) {
			postgres.Queue(batch, categoryKeys(input.Ticket, input.Category), func(rows []*Category, err error) {
				categories = make(map[CategoryID]string, len(rows))
				for _, category := range rows {
					categories[category.ID] = category.Key
				}
			})
		},
		apply: func(c *changing) UserError {
			if denied := c.denied(); denied != nil {
				return denied
			}
			if input.Category != nil && categories[*input.Category] == "" {
				return missing("There is no such category.", "category")
			}
			if input.Subject != nil {
				c.set(FieldSubject, c.now.Subject, subject)
				c.next.Subject = subject
			}
			if p := input.Priority; p != nil && *p != c.now.Priority {
				c.happens(event{Kind: "PRIORITY", FromValue: text(c.now.Priority), ToValue: text(*p)})
				c.next.Priority = *p
			}
			if input.Impact != nil {
				c.set(FieldImpact, string(c.now.Impact), string(*input.Impact))
				c.next.Impact = *input.Impact
			}
			if input.Category != nil {
				c.set(FieldCategory, categories[c.now.CategoryID], categories[*input.Category])
				c.next.CategoryID = *input.Category
			}
			if input.AffectedZones != nil {
				c.set(FieldAffectedZones, strings.Join(c.now.AffectedZones, ","), strings.Join(zones, ","))
				c.next.AffectedZones = zones
			}
			return nil
		},
	})
}

// set notes a change of a field, where it is one.
func (c *changing) set(field Field, from, to string) {
	if from != to {
		c.happens(event{Kind: "FIELD", Field: &field, FromValue: &from, ToValue: &to})
	}
}

// categoryKeys reads a ticket's category, and the one that it may get.
func categoryKeys(ticket ID, wanted *CategoryID) postgres.Query[*Category] {
	return postgres.Query[*Category]{
		SQL: `-- categories.of_change
			select c.id, c.key, c.name, c.parent_id, c.product
			from categories c
			where c.id = $2 or c.id = (select category_id from tickets where id = $1)
			order by c.id`,
		Args: []any{ticket, wanted},
		Row:  pgx.RowToAddrOfStructByName[Category],
	}
}
