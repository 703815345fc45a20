package tickets

import (
	"strconv"
	"strings"
	"time"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
)

// OrderField is what a list of tickets is sorted by.
type OrderField string

// The fields that lists of tickets can be sorted by.
const (
	OrderUpdated  OrderField = "UPDATED"
	OrderCreated  OrderField = "CREATED"
	OrderPriority OrderField = "PRIORITY" // P1 first when ascending; equal ones by age
	OrderDue      OrderField = "DUE"      // what is due next first when ascending; what never is, last
)

// Direction is which end of an order comes first.
type Direction string

// The directions.
const (
	Ascending  Direction = "ASC"
	Descending Direction = "DESC"
)

// Order is how a list of tickets is sorted.
type Order struct {
	Field     OrderField `json:"field"`
	Direction Direction  `json:"direction"`
}

// Newest is the order that lists have where none is asked for: what changed last comes first.
var Newest = Order{OrderUpdated, Descending}

// mark tells the cursors of the orders apart.
func (o Order) mark() byte {
	mark := map[OrderField]byte{OrderUpdated: 'u', OrderCreated: 't', OrderPriority: 'p', OrderDue: 'd'}[o.Field]
	if o.Direction == Descending {
		mark -= 'a' - 'A'
	}
	return mark
}

// Cursor is the position behind a ticket in a list of this order.
func (o Order) Cursor(t *Ticket) postgres.Cursor {
	switch o.Field {
	case OrderCreated:
		return postgres.TimeCursor(o.mark(), t.CreatedAt, t.ID.UUID)
	case OrderPriority:
		return postgres.Cursor{Order: o.mark(), Key: t.ID.UUID, Value: string(t.Priority)}
	case OrderDue:
		due := neverDue
		if t.NextDueAt != nil {
			due = *t.NextDueAt
		}
		return postgres.TimeCursor(o.mark(), due, t.ID.UUID)
	default:
		return postgres.TimeCursor(o.mark(), t.UpdatedAt, t.ID.UUID)
	}
}

// neverDue is the time never.
var neverDue = time.Date(9999, time.January, 1, 0, 0, 0, 0, time.UTC)

// sql is the column that the order sorts by, and the direction and comparison that go on after a cursor.
func (o Order) sql() (column, direction, beyond string) {
	column = map[OrderField]string{OrderUpdated: "updated_at", OrderCreated: "created_at", OrderPriority: "priority", OrderDue: "next_due_at"}[o.Field]
	if o.Direction == Descending {
		return column, "desc", "<"
	}
	return column, "asc", ">"
}

// value is what a cursor of this order compares with; postgres.ErrCursor where it belongs to another.
func (o Order) value(cursor postgres.Cursor) (any, error) {
	if cursor.Order != o.mark() {
		return nil, postgres.ErrCursor
	}
	if o.Field != OrderPriority {
		return cursor.Time()
	}
	switch Priority(cursor.Value) {
	case P1, P2, P3, P4:
		return cursor.Value, nil
	}
	return nil, postgres.ErrCursor
}

// List selects a page of tickets.
type List struct {
	Filter *Filter          `json:"filter,omitzero"`
	Order  Order            `json:"order"`
	First  int              `json:"first"`
	After  *postgres.Cursor `json:"after,omitzero"`

	Me *accounts.AgentID `json:"-"` // who asks, for filters that say so; nil: no agent
}

// Check returns an error where the list cannot be read: a *FilterError, or postgres.ErrCursor.
func (l List) Check() error {
	if l.After != nil {
		if _, err := l.Order.value(*l.After); err != nil {
			return err
		}
	}
	return l.Filter.check()
}

// statement gathers the conditions of a list and their arguments.
func (l List) statement(scope accounts.Scope, args []any) (conditions, order string, _ []any) {
	b := &builder{args: args, me: l.Me}
	var condition string
	condition, b.args = visible(scope, b.args)
	if filter := l.Filter.sql(b); filter != "" {
		condition += " and " + filter
	}
	column, direction, beyond := l.Order.sql()
	if l.After != nil {
		value, _ := l.Order.value(*l.After) // Check has read it
		condition += " and (t." + column + ", t.id) " + beyond + " (" + b.arg(value) + ", " + b.arg(l.After.Key) + "::uuid)"
	}
	order = "order by t." + column + " " + direction + ", t.id " + direction
	return condition, order, b.args
}

// Page reads a page of the tickets that the scope covers; one row more than asked for. The list must have passed Check.
func Page(scope accounts.Scope, list List) postgres.Query[*Ticket] {
	condition, order, args := list.statement(scope, nil)
	args = append(args, list.First+1)
	return postgres.Query[*Ticket]{
		SQL: `-- tickets.page
			select` + ticketColumns + `
			from tickets t
			where ` + condition + `
			` + order + `
			limit $` + strconv.Itoa(len(args)),
		Args: args,
		Row:  postgres.ToAddr[Ticket],
	}
}

// OfAccounts reads the same page for each of the accounts; one row more than asked for each. The list must have passed
// Check.
func OfAccounts(scope accounts.Scope, owners []accounts.ID, list List) postgres.Query[*Ticket] {
	condition, order, args := list.statement(scope, []any{owners})
	args = append(args, list.First+1)
	column, direction, _ := list.Order.sql()
	return postgres.Query[*Ticket]{
		SQL: `-- tickets.of_accounts
			select` + ticketColumns + `
			from unnest($1::uuid[]) as a (id)
			cross join lateral (
				select t.* from tickets t
				where t.account_id = a.id and ` + condition + `
				` + order + `
				limit $` + strconv.Itoa(len(args)) + `
			) t
			order by t.account_id, t.` + column + ` ` + direction + `, t.id ` + direction,
		Args: args,
		Row:  postgres.ToAddr[Ticket],
	}
}

// ListedTicket is a ticket of one of several lists.
type ListedTicket struct {
	Ticket
	Index int // of the list
}

// OfLists reads a page of each of the lists, all in one statement; one row more than asked for each. The lists must have
// passed Check.
func OfLists(scope accounts.Scope, lists []List) postgres.Query[*ListedTicket] {
	var args []any
	pages := make([]string, len(lists))
	for i, list := range lists {
		var conditions, order string
		conditions, order, args = list.statement(scope, args)
		args = append(args, list.First+1)
		pages[i] = `(select t.*, ` + strconv.Itoa(i) + ` as index, row_number() over (` + order + `) as place
			from tickets t where ` + conditions + ` ` + order + ` limit $` + strconv.Itoa(len(args)) + `)`
	}
	return postgres.Query[*ListedTicket]{
		SQL: `-- tickets.of_lists
			select` + ticketColumns + `, t.index
			from (` + strings.Join(pages, " union all ") + `) t
			order by t.index, t.place`,
		Args: args,
		Row:  postgres.ToAddr[ListedTicket],
	}
}
