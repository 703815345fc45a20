package tickets

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
	"supportgraph/clients/sync/jobs"
)

// The bounds of what is done to many tickets in one go.
const (
	MaxBulk   = 500              // tickets of one job
	bulkChunk = 50               // of them in one transaction
	UndoFor   = 30 * time.Minute // how long it can be undone
)

type operationKind struct{}

func (operationKind) Prefix() string { return "op" }

// OperationID is the key of something that was done to tickets in one go.
type OperationID struct{ postgres.Key[operationKind] }

// OperationKind is what was done to tickets in one go.
type OperationKind string

// The kinds.
const (
	OperationMerge OperationKind = "MERGE"
	OperationMacro OperationKind = "MACRO"
	OperationBulk  OperationKind = "BULK"
)

// OperationState is how far it has come.
type OperationState string

// The states.
const (
	OperationRunning  OperationState = "RUNNING"
	OperationFinished OperationState = "FINISHED"
	OperationUndoing  OperationState = "UNDOING"
	OperationUndone   OperationState = "UNDONE"
)

// ItemState is what came of one ticket.
type ItemState string

// The states of one ticket.
const (
	ItemWaiting      ItemState = "WAITING"
	ItemDone         ItemState = "DONE"
	ItemUnchanged    ItemState = "UNCHANGED" // it was so already
	ItemRefused      ItemState = "REFUSED"
	ItemUndone       ItemState = "UNDONE"
	ItemPartlyUndone ItemState = "PARTLY_UNDONE" // others have changed some of it since, or something was written
	ItemKept         ItemState = "KEPT"          // others have changed all of it since
)

// BulkJob is something that was done to tickets in one go: a merge, a macro, or a bulk change.
type BulkJob struct {
	ID         OperationID
	Kind       OperationKind
	AgentID    accounts.AgentID
	State      OperationState
	CreatedAt  time.Time
	FinishedAt *time.Time
	UndoneAt   *time.Time
	Total      int
	Waiting    int
	Refused    int
}

// Done is how many tickets it is through with.
func (j *BulkJob) Done() int { return j.Total - j.Waiting }

// UndoableUntil is until when it can be undone, nil where it cannot be any more or yet.
func (j *BulkJob) UndoableUntil() *time.Time {
	until := j.CreatedAt.Add(UndoFor)
	if j.State != OperationFinished || !time.Now().Before(until) {
		return nil
	}
	return &until
}

// BulkItem is one of its tickets.
type BulkItem struct {
	OperationID OperationID
	Position    int
	TicketID    ID
	State       ItemState
	Code        *Code // why it was refused
	Message     *string
	Kept        []Field // what others have changed since, so that it was not undone
}

// BulkJobs reads by key; nothing for others than staff.
func BulkJobs(scope accounts.Scope, ids []OperationID) postgres.Query[*BulkJob] {
	return postgres.Query[*BulkJob]{
		SQL: `-- operations.by_id
			select o.id, o.kind, o.agent_id, o.state, o.created_at, o.finished_at, o.undone_at, i.total, i.waiting, i.refused
			from operations o
			cross join lateral (
				select count(*) as total, count(*) filter (where state = 'WAITING') as waiting, count(*) filter (where state = 'REFUSED') as refused
				from operation_items where operation_id = o.id
			) i
			where $1 and o.id = any($2)
			order by o.id`,
		Args: []any{scope.Staff, ids},
		Row:  pgx.RowToAddrOfStructByName[BulkJob],
	}
}

// BulkItemsOf reads the tickets of each, in the order in which they were named; nothing for others than staff.
func BulkItemsOf(scope accounts.Scope, ids []OperationID) postgres.Query[*BulkItem] {
	return postgres.Query[*BulkItem]{
		SQL: `-- operations.items
			select i.operation_id, i.position, i.ticket_id, i.state, i.code, i.message, i.kept
			from operation_items i
			where $1 and i.operation_id = any($2)
			order by i.operation_id, i.position
			limit 50000`,
		Args: []any{scope.Staff, ids},
		Row:  pgx.RowToAddrOfStructByName[BulkItem],
	}
}

// Bulk does actions to many tickets.
type Bulk struct {
	IdempotencyKey string
	Tickets        []ID     // these or
	Filter         *Filter  // those that it has
	Actions        *Actions // these or
	Macro          *MacroID // those of a macro
}

// bulkWork is the job in the queue that does what is left.
type bulkWork struct {
	Operation OperationID `json:"operation"`
}

// Kind is the job's name in the queue.
func (bulkWork) Kind() string { return "ticket.bulk" }

// Work has the queue finish what is more than a request does, also after a crash. It must be called before the queue is
// started; without it requests do all.
func (s *Store) Work(queue *jobs.Queue) {
	s.queue = queue
	jobs.Do(queue, jobs.How{Timeout: 10 * time.Minute}, func(ctx context.Context, job *river.Job[bulkWork]) error {
		return s.finish(ctx, job.Args.Operation)
	})
}

// BulkUpdate does actions to many tickets, each by itself: one that refuses them does not hold up the others. It returns
// when the first of them are done, and the rest follows in the background. Only staff may.
func (s *Store) BulkUpdate(ctx context.Context, by Author, input Bulk) (*Outcome, error) {
	check := checks{}
	check.staff(by)
	actions := check.bulk(input)
	var macro *Macro
	if input.Macro != nil {
		var err error
		if macro, err = s.macro(ctx, by, *input.Macro); err != nil {
			return nil, err
		}
		if macro != nil {
			actions = macro.Actions
		}
	}
	text, err := json.Marshal(actions)
	if err != nil {
		return nil, fmt.Errorf("write down a bulk change: %w", err)
	}
	var id OperationID
	id.UUID = postgres.NewUUID(time.Now())
	fresh := false
	again := func(_ context.Context, _ pgx.Tx, answer [16]byte) (*Outcome, error) {
		var made OperationID
		made.UUID = answer
		return &Outcome{OperationID: &made}, nil
	}
	outcome, err := s.once(ctx, claim{by, "bulkUpdateTickets", input.IdempotencyKey, input, check, id.UUID}, again, func() attempt {
		var g grounds
		var ids []ID
		fresh = false
		return attempt{
			outcome: &Outcome{OperationID: &id},
			read: func(batch *pgx.Batch) {
				g.stand(batch, by, &actions, nil, true)
				if input.Filter != nil {
					postgres.Queue(batch, filtered(by.Scope, input.Filter), func(rows []ID, err error) { ids = rows })
				} else {
					ids = input.Tickets
				}
			},
			decide: func() UserError {
				switch {
				case input.Macro != nil && macro == nil:
					return missing("There is no such macro.", "macro")
				case len(ids) == 0:
					return invalid(Missing, "There are no tickets to change.", "filter")
				case len(ids) > MaxBulk:
					return invalid(TooMany, fmt.Sprintf("At most %d tickets are changed at once.", MaxBulk), "filter")
				}
				return g.refuse(&actions)
			},
			write: func(batch *pgx.Batch) {
				fresh = true
				addOperation(batch, id, OperationBulk, by, text, OperationRunning)
				addItems(batch, id, ids, ItemWaiting, nil)
			},
			then: s.later(id, func() int { return len(ids) }),
		}
	})
	if err != nil || !fresh || len(outcome.UserErrors) > 0 {
		return outcome, err
	}
	return outcome, s.begin(ctx, id)
}

// bulk checks what a bulk change is asked for.
func (c *checks) bulk(input Bulk) (actions Actions) {
	switch {
	case (input.Tickets == nil) == (input.Filter == nil):
		c.refuse(Invalid, "Name the tickets or give a filter, one of both.", "tickets")
	case input.Tickets != nil && len(input.Tickets) == 0:
		c.refuse(Missing, "Name at least one ticket.", "tickets")
	case len(input.Tickets) > MaxBulk:
		c.refuse(TooMany, fmt.Sprintf("At most %d tickets are changed at once.", MaxBulk), "tickets")
	}
	for i, id := range input.Tickets {
		if slices.Contains(input.Tickets[:i], id) {
			c.refuse(Invalid, "The ticket is named twice.", "tickets", fmt.Sprint(i))
			break
		}
	}
	var wrong *FilterError
	if errors.As(input.Filter.check(), &wrong) {
		c.refuse(Invalid, "The filter cannot be asked: "+wrong.Message+".", "filter")
	}
	switch {
	case (input.Actions == nil) == (input.Macro == nil):
		c.refuse(Invalid, "Give the actions or a macro, one of both.", "actions")
	case input.Actions != nil:
		actions = c.actions(*input.Actions)
	}
	return actions
}

// later has the queue do what a request does not, from the same transaction on.
func (s *Store) later(id OperationID, count func() int) func(context.Context, pgx.Tx) error {
	return func(ctx context.Context, tx pgx.Tx) error {
		if s.queue == nil || count() <= bulkChunk {
			return nil
		}
		return s.queue.Enqueue(ctx, tx, bulkWork{id})
	}
}

// begin does as much as a request does.
func (s *Store) begin(ctx context.Context, id OperationID) error {
	if s.queue == nil {
		return s.finish(ctx, id)
	}
	_, err := s.step(ctx, id)
	return err
}

// finish does what is left. Several may do so at once: each ticket is done once.
func (s *Store) finish(ctx context.Context, id OperationID) error {
	for {
		if more, err := s.step(ctx, id); err != nil || !more {
			return err
		}
	}
}

// operation is one that the transaction holds.
type operation struct {
	Kind    OperationKind
	AgentID accounts.AgentID
	State   OperationState
	Actions []byte
}

// item is a ticket that waits for it.
type item struct {
	Position int
	TicketID ID
	Version  *int
}

// came is what came of a ticket.
type came struct {
	position int
	state    ItemState
	version  *int
	code     *string
	message  *string
	kept     []Field
}

// step does the next tickets, in one transaction with the note that they are done, and tells whether there may be more.
func (s *Store) step(ctx context.Context, id OperationID) (more bool, err error) {
	_, err = s.attempts(ctx, func(tx pgx.Tx) (*Outcome, error) {
		more = false
		var held []operation
		var items []item
		batch := &pgx.Batch{}
		postgres.Queue(batch, holdOperation(id), func(rows []operation, err error) { held = rows })
		postgres.Queue(batch, nextItems(id), func(rows []item, err error) { items = rows })
		if err := send(ctx, tx, batch); err != nil {
			return nil, err
		}
		if len(held) == 0 || held[0].State != OperationRunning && held[0].State != OperationUndoing {
			return &Outcome{}, nil
		}
		more = len(items) == bulkChunk
		by := Author{Scope: accounts.Staff, Agent: &held[0].AgentID}
		work := s.does
		if held[0].State == OperationUndoing {
			work = s.undoes
		}
		return &Outcome{}, work(ctx, tx, id, by, held[0], items)
	})
	if err != nil {
		return false, fmt.Errorf("work on an operation: %w", err)
	}
	return more, nil
}

// does does the actions to tickets.
func (s *Store) does(ctx context.Context, tx pgx.Tx, id OperationID, by Author, o operation, items []item) error {
	var actions Actions
	if err := json.Unmarshal(o.Actions, &actions); err != nil {
		return fmt.Errorf("read what is to be done: %w", err)
	}
	tickets := each(items, func(i item) ID { return i.TicketID })
	var g grounds
	all := map[ID]*changing{}
	batch := &pgx.Batch{}
	lockAll(batch, by, tickets, all)
	g.stand(batch, by, &actions, tickets, true)
	if err := send(ctx, tx, batch); err != nil {
		return err
	}
	var results []came
	var made []*changing
	for _, i := range items {
		c, result := all[i.TicketID], came{position: i.Position, state: ItemDone, kept: []Field{}}
		refused := c.workable()
		if refused == nil {
			refused = g.refuse(&actions)
		}
		if refused == nil {
			refused = c.act(&actions, &g)
		}
		switch {
		case refused != nil:
			result.state, result.code, result.message = ItemRefused, text(refused.Refused().Code), &refused.Refused().Message
		case len(c.events) == 0:
			result.state = ItemUnchanged
		default:
			version := c.now.Version + 1
			result.version, made = &version, append(made, c)
		}
		results = append(results, result)
	}
	batch = &pgx.Batch{}
	due := &settlement{tickets: writeAll(batch, made)}
	writeItems(batch, id, results)
	batch.Queue(`-- operations.finish
		update operations set state = 'FINISHED', finished_at = now(), actions = null
		where id = $1 and not exists (select from operation_items where operation_id = $1 and state = 'WAITING')`, id)
	return settle(ctx, tx, due, batch)
}

// lockAll queues that tickets are locked, each for a change of its own.
func lockAll(batch *pgx.Batch, by Author, tickets []ID, all map[ID]*changing) {
	postgres.Queue(batch, lock(by, tickets, false), func(rows []*locked, err error) {
		for _, row := range rows {
			c := &changing{change: change{by: by, ticket: row.ID}}
			c.starts(row)
			all[row.ID] = c
		}
	})
}

// workable refuses a change of a ticket that is not there, or not the author's to change.
func (c *changing) workable() UserError {
	switch {
	case c == nil:
		return missing("There is no such ticket.", "ticket")
	case !c.allowed:
		return forbidden(onlyReads, "ticket")
	}
	return nil
}

func addOperation(batch *pgx.Batch, id OperationID, kind OperationKind, by Author, actions []byte, state OperationState) {
	batch.Queue(`-- operations.add
		insert into operations (id, kind, agent_id, actions, state, created_at, finished_at)
		values ($1, $2, $3, $4, $5, now(), case when $5 = 'FINISHED' then now() end)`, id, kind, by.Agent, actions, state)
}

func addItems(batch *pgx.Batch, id OperationID, tickets []ID, state ItemState, version *int) {
	batch.Queue(`-- operations.add_items
		insert into operation_items (operation_id, position, ticket_id, state, version)
		select $1, n, ticket_id, $3, $4 from unnest($2::uuid[]) with ordinality as t (ticket_id, n)`, id, tickets, state, version)
}

// writeItems queues what came of tickets.
func writeItems(batch *pgx.Batch, id OperationID, results []came) {
	batch.Queue(`-- operations.write_items
		update operation_items i set state = r.state, version = coalesce(r.version, i.version), code = r.code, message = r.message,
			kept = coalesce(string_to_array(nullif(r.kept, ''), ','), '{}')
		from unnest($2::integer[], $3::text[], $4::integer[], $5::text[], $6::text[], $7::text[]) as r (position, state, version, code, message, kept)
		where i.operation_id = $1 and i.position = r.position`, id,
		each(results, func(r came) int { return r.position }), each(results, func(r came) string { return string(r.state) }),
		each(results, func(r came) *int { return r.version }), each(results, func(r came) *string { return r.code }),
		each(results, func(r came) *string { return r.message }), each(results, func(r came) string { return joined(r.kept) }))
}

func holdOperation(id OperationID) postgres.Query[operation] {
	return postgres.Query[operation]{
		SQL: `-- operations.hold
			select kind, agent_id, state, actions from operations where id = $1 for update`,
		Args: []any{id},
		Row:  pgx.RowToStructByName[operation],
	}
}

func nextItems(id OperationID) postgres.Query[item] {
	return postgres.Query[item]{
		SQL: `-- operations.next_items
			select position, ticket_id, version from operation_items where operation_id = $1 and state = 'WAITING' order by position limit $2`,
		Args: []any{id, bulkChunk},
		Row:  pgx.RowToStructByName[item],
	}
}

// filtered reads the keys of the tickets that a filter has: one more than may be changed at once. The filter must have
// passed its check.
func filtered(scope accounts.Scope, filter *Filter) postgres.Query[ID] {
	condition, order, args := List{Filter: filter, Order: Newest}.statement(scope, []any{MaxBulk + 1})
	return postgres.Query[ID]{
		SQL: `-- tickets.filtered
			select t.id
			from tickets t
			where ` + condition + `
			` + order + `
			limit $1`,
		Args: args,
		Row:  pgx.RowTo[ID],
	}
}
