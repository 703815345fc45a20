package tickets

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
)

// Undo takes back what was done to tickets in one go.
type Undo struct {
	IdempotencyKey string
	Operation      OperationID
}

// undoable is an operation, and whether the agent may take it back.
type undoable struct {
	Kind      OperationKind
	State     OperationState
	AgentID   accounts.AgentID
	CreatedAt time.Time
	Role      *string // of who asks
	Count     int     // of its tickets
	SourceID  *ID     // of a merge
	TargetID  *ID
}

// Undo takes back what was done to tickets in one go, within UndoFor. What others have changed since is not overwritten but
// told, ticket by ticket; what was written stays written. Whoever did it may, and leads and administrators.
func (s *Store) Undo(ctx context.Context, by Author, input Undo) (*Outcome, error) {
	check := checks{}
	check.staff(by)
	if len(check.refused) > 0 {
		return refused(check.refused...), nil
	}
	found, err := postgres.Select(ctx, s.pool, undoableBy(input.Operation, by, ""))
	if err != nil {
		return nil, err
	}
	if len(found) > 0 && found[0].Kind == OperationMerge {
		return s.undoMerge(ctx, by, input, found[0])
	}
	again := func(context.Context, pgx.Tx, [16]byte) (*Outcome, error) {
		return &Outcome{OperationID: &input.Operation}, nil
	}
	fresh := false
	outcome, err := s.once(ctx, claim{by, "undoOperation", input.IdempotencyKey, input, check, input.Operation.UUID}, again, func() attempt {
		var found []undoable
		fresh = false
		return attempt{
			outcome: &Outcome{OperationID: &input.Operation},
			read: func(batch *pgx.Batch) {
				postgres.Queue(batch, undoableBy(input.Operation, by, "for update of o"), func(rows []undoable, err error) { found = rows })
			},
			decide: func() UserError {
				if len(found) == 0 {
					return missing("There is no such operation.", "operation")
				}
				return found[0].refuse(by)
			},
			write: func(batch *pgx.Batch) {
				fresh = true
				batch.Queue(`-- operations.undo
					update operations set state = 'UNDOING' where id = $1`, input.Operation)
				batch.Queue(`-- operations.undo_items
					update operation_items set state = 'WAITING' where operation_id = $1 and state = 'DONE'`, input.Operation)
			},
			then: s.later(input.Operation, func() int { return found[0].Count }),
		}
	})
	if err != nil || !fresh || len(outcome.UserErrors) > 0 {
		return outcome, err
	}
	return outcome, s.begin(ctx, input.Operation)
}

// refuse refuses to take back what cannot be taken back.
func (u undoable) refuse(by Author) UserError {
	leads := value(u.Role) == string(accounts.AgentRoleLead) || value(u.Role) == string(accounts.AgentRoleAdmin)
	switch {
	case u.Role == nil:
		return forbidden("You do not work here any more.")
	case u.AgentID != *by.Agent && !leads:
		return forbidden("Whoever did it takes it back, or a lead.", "operation")
	case u.State == OperationRunning:
		return invalid(Invalid, "It is still being done.", "operation")
	case u.State != OperationFinished:
		return invalid(Invalid, "It was taken back already.", "operation")
	case time.Since(u.CreatedAt) > UndoFor:
		return forbidden(fmt.Sprintf("It can be taken back for %d minutes.", int(UndoFor.Minutes())), "operation")
	}
	return nil
}

// undoMerge takes a merge back.
func (s *Store) undoMerge(ctx context.Context, by Author, input Undo, u undoable) (*Outcome, error) {
	var found []merged
	var still []undoable
	return s.change(ctx, change{
		by: by, op: "undoOperation", key: input.IdempotencyKey, input: input, ticket: *u.SourceID, other: u.TargetID, otherAt: "operation",
		replay: func(context.Context, pgx.Tx, [16]byte) (*Outcome, error) {
			return &Outcome{OperationID: &input.Operation}, nil
		},
		lookup: func(batch *pgx.Batch, _ *changing) {
			postgres.Queue(batch, mergeOf(*u.SourceID, *u.TargetID), func(rows []merged, err error) { found = rows })
			postgres.Queue(batch, undoableBy(input.Operation, by, ""), func(rows []undoable, err error) { still = rows })
		},
		apply: func(c *changing) UserError {
			if refused := still[0].refuse(by); refused != nil {
				return refused
			}
			c.made = Outcome{OperationID: &input.Operation}
			return c.unmerge(found, "operation")
		},
	})
}

// undoableBy reads an operation and what an agent is to it.
func undoableBy(id OperationID, by Author, hold string) postgres.Query[undoable] {
	return postgres.Query[undoable]{
		SQL: `-- operations.undoable
			select o.kind, o.state, o.agent_id, o.created_at, (select g.role from agents g where g.id = $2 and g.deactivated_at is null) as role,
				(select count(*) from operation_items where operation_id = o.id) as count,
				(select source_id from ticket_merges where id = o.id) as source_id, (select target_id from ticket_merges where id = o.id) as target_id
			from operations o
			where o.id = $1
			` + hold,
		Args: []any{id, by.Agent},
		Row:  pgx.RowToStructByName[undoable],
	}
}

// past is what happened to a ticket from an operation on.
type past struct {
	changed
	TicketID    ID
	FromValue   *string
	ToValue     *string
	FromAgentID *accounts.AgentID
	FromTeamID  *accounts.TeamID
	Reason      *string     // of the status before
	Until       *time.Time  // of the status before
	CategoryID  *CategoryID // before
}

// undoes takes back what was done to tickets.
func (s *Store) undoes(ctx context.Context, tx pgx.Tx, id OperationID, by Author, _ operation, items []item) error {
	tickets := each(items, func(i item) ID { return i.TicketID })
	all, since := map[ID]*changing{}, map[ID][]past{}
	batch := &pgx.Batch{}
	lockAll(batch, by, tickets, all)
	postgres.Queue(batch, pastOf(tickets, each(items, func(i item) int { return *i.Version })), func(rows []past, err error) {
		for _, p := range rows {
			since[p.TicketID] = append(since[p.TicketID], p)
		}
	})
	if err := send(ctx, tx, batch); err != nil {
		return err
	}
	var results []came
	var made []*changing
	for _, i := range items {
		c, result := all[i.TicketID], came{position: i.Position, state: ItemKept, kept: []Field{}}
		if refused := c.workable(); refused != nil {
			result.code, result.message = text(refused.Refused().Code), &refused.Refused().Message
			results = append(results, result)
			continue
		}
		var stays bool
		result.kept, stays = c.takeBack(since[i.TicketID], *i.Version)
		if len(c.events) > 0 {
			made, result.state = append(made, c), ItemPartlyUndone
		}
		if len(result.kept) == 0 && !stays {
			result.state = ItemUndone
		}
		if stays {
			said := "What was written stays."
			result.message = &said
		}
		results = append(results, result)
	}
	batch = &pgx.Batch{}
	due := &settlement{tickets: writeAll(batch, made)}
	writeItems(batch, id, results)
	batch.Queue(`-- operations.undone
		update operations set state = 'UNDONE', undone_at = now()
		where id = $1 and not exists (select from operation_items where operation_id = $1 and state = 'WAITING')`, id)
	return settle(ctx, tx, due, batch)
}

// takeBack does the opposite of what a version of the ticket brought, but for what was changed since: it tells those
// fields, and whether something was written that stays.
func (c *changing) takeBack(events []past, version int) (kept []Field, stays bool) {
	kept = []Field{}
	later := map[part]bool{}
	for _, e := range events {
		if touched, ok := e.part(); ok && e.Version > version {
			later[touched] = true
		}
	}
	seen := map[part]bool{}
	for _, e := range events {
		if e.Version != version {
			continue
		}
		touched, ok := e.part()
		if !ok {
			stays = stays || e.Kind == "MESSAGE" || e.Kind == "NOTE"
			continue
		}
		if seen[touched] { // its first event tells what was before
			continue
		}
		seen[touched] = true
		if later[touched] || c.now.Status.Ended() && touched.field != FieldTags && touched.field != FieldStatus {
			if !slices.Contains(kept, touched.field) {
				kept = append(kept, touched.field)
			}
			continue
		}
		c.reverse(e)
	}
	return kept, stays
}

// reverse does the opposite of an event.
func (c *changing) reverse(e past) {
	switch e.Kind {
	case "STATUS":
		c.move(Status(*e.FromValue), e.Reason, e.Until)
	case "PRIORITY":
		c.happens(event{Kind: e.Kind, FromValue: text(c.now.Priority), ToValue: e.FromValue})
		c.next.Priority = Priority(*e.FromValue)
	case "ASSIGNMENT":
		c.assign(e.FromAgentID, e.FromTeamID)
	case "FIELD": // of those, actions change the category
		c.set(FieldCategory, *e.ToValue, *e.FromValue)
		c.next.CategoryID = *e.CategoryID
	case "TAG":
		if TagChange(*e.ToValue) == TagAdded {
			c.happens(event{Kind: e.Kind, TagID: e.TagID, ToValue: text(TagRemoved)})
			c.done.taken = append(c.done.taken, *e.TagID)
		} else {
			c.happens(event{Kind: e.Kind, TagID: e.TagID, ToValue: text(TagAdded)})
			c.done.hung = append(c.done.hung, *e.TagID)
		}
	}
}

// pastOf reads what happened to each of the tickets from a version of it on, with what was before a change of status or
// category. The tickets must be locked by a statement before.
func pastOf(tickets []ID, versions []int) postgres.Query[past] {
	return postgres.Query[past]{
		SQL: `-- events.past
			select e.version, e.kind, e.field, e.tag_id, e.contact_id, e.incident_id, e.actor_contact_id, e.actor_agent_id, e.ticket_id, e.from_value, e.to_value,
				e.from_agent_id, e.from_team_id, b.reason, case when e.from_value = 'SNOOZED' then b.snoozed_until end as until,
				(select c.id from categories c where e.field = 'CATEGORY' and c.key = e.from_value) as category_id
			from unnest($1::uuid[], $2::integer[]) as i (ticket_id, version)
			join ticket_events e on e.ticket_id = i.ticket_id and e.version >= i.version
			left join lateral (
				select p.reason, p.snoozed_until from ticket_events p
				where e.kind = 'STATUS' and p.ticket_id = e.ticket_id and p.kind = 'STATUS' and (p.created_at, p.id) < (e.created_at, e.id)
				order by p.created_at desc, p.id desc
				limit 1
			) b on true
			order by e.ticket_id, e.created_at, e.id
			limit 100000`,
		Args: []any{tickets, versions},
		Row:  pgx.RowToStructByName[past],
	}
}

// joined writes fields in one text.
func joined(fields []Field) string {
	return strings.Join(each(fields, func(f Field) string { return string(f) }), ",")
}
