package tickets

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
)

type macroKind struct{}

func (macroKind) Prefix() string { return "mac" }

// MacroID is the key of a macro.
type MacroID struct{ postgres.Key[macroKind] }

// Macro is several actions that agents do to tickets again and again.
type Macro struct {
	ID        MacroID
	AgentID   accounts.AgentID // whose it is
	Shared    bool             // whether all agents see it
	Name      string
	Actions   Actions
	Version   int
	UpdatedAt time.Time
}

const macroColumns = `m.id, m.agent_id, m.shared, m.name, m.actions, m.version, m.updated_at`

// Macros reads the macros that an agent sees, by name; nothing for others than staff.
func Macros(scope accounts.Scope, agent *accounts.AgentID) postgres.Query[*Macro] {
	return postgres.Query[*Macro]{
		SQL: `-- macros.all
			select ` + macroColumns + ` from macros m
			where $1 and (m.shared or m.agent_id = $2) and m.deleted_at is null
			order by m.name, m.id
			limit $3`,
		Args: []any{scope.Staff, agent, MaxKept},
		Row:  pgx.RowToAddrOfStructByName[Macro],
	}
}

// MacrosByID reads macros by key, of those that an agent sees.
func MacrosByID(scope accounts.Scope, agent *accounts.AgentID, ids []MacroID) postgres.Query[*Macro] {
	return postgres.Query[*Macro]{
		SQL: `-- macros.by_id
			select ` + macroColumns + ` from macros m
			where $1 and (m.shared or m.agent_id = $2) and m.deleted_at is null and m.id = any($3)
			order by m.id`,
		Args: []any{scope.Staff, agent, ids},
		Row:  pgx.RowToAddrOfStructByName[Macro],
	}
}

// MacroText is a macro to be kept.
type MacroText struct {
	IdempotencyKey  string
	Macro           *MacroID // nil: a new one
	ExpectedVersion *int     // of the one that is changed
	Name            string
	Actions         Actions
	Shared          bool
}

// MacroEnd is a macro to be deleted.
type MacroEnd struct {
	IdempotencyKey string
	Macro          MacroID
}

// SaveMacro keeps a macro. Only leads and administrators share them.
func (s *Store) SaveMacro(ctx context.Context, by Author, input MacroText) (*Outcome, error) {
	check := checks{}
	name := check.line(input.Name, MaxName, "name")
	actions := check.actions(input.Actions)
	text, err := json.Marshal(actions)
	if err != nil {
		return nil, fmt.Errorf("write down a macro: %w", err)
	}
	id := MacroID{}
	if id.UUID = postgres.NewUUID(time.Now()); input.Macro != nil {
		id = *input.Macro
	}
	var g grounds
	return s.keep(ctx, by, keeping{
		op: "saveMacro", key: input.IdempotencyKey, input: input, checks: check, table: "macros", id: id.UUID, there: input.Macro != nil,
		expected: input.ExpectedVersion, shared: input.Shared, argument: "macro",
		outcome: func(id [16]byte) *Outcome {
			kept := MacroID{}
			kept.UUID = id
			return &Outcome{MacroID: &kept}
		},
		read:   func(batch *pgx.Batch) { g.stand(batch, by, &actions, nil, true) },
		refuse: func() UserError { return g.refuse(&actions) },
		write: func(batch *pgx.Batch) {
			batch.Queue(`-- macros.save
				insert into macros (id, agent_id, shared, name, actions, updated_at) values ($1, $2, $3, $4, $5, now())
				on conflict (id) do update set shared = excluded.shared, name = excluded.name, actions = excluded.actions,
					version = macros.version + 1, updated_at = excluded.updated_at`, id, by.Agent, input.Shared, name, text)
		},
	})
}

// DeleteMacro deletes a macro. Only leads and administrators delete what is shared.
func (s *Store) DeleteMacro(ctx context.Context, by Author, input MacroEnd) (*Outcome, error) {
	return s.keep(ctx, by, keeping{
		op: "deleteMacro", key: input.IdempotencyKey, input: input, table: "macros", id: input.Macro.UUID, there: true, argument: "macro",
		outcome: func([16]byte) *Outcome { return &Outcome{} },
		write: func(batch *pgx.Batch) {
			batch.Queue(`-- macros.delete
				update macros set deleted_at = now() where id = $1`, input.Macro)
		},
	})
}

// Application does a macro's actions to a ticket.
type Application struct {
	IdempotencyKey  string
	Ticket          ID
	ExpectedVersion int
	Macro           MacroID
	Crossing        *MessageID // as for NewReply, where the macro replies
}

// macro reads a macro that the author sees, nil where there is none.
func (s *Store) macro(ctx context.Context, by Author, id MacroID) (*Macro, error) {
	found, err := postgres.Select(ctx, s.pool, MacrosByID(by.Scope, by.Agent, []MacroID{id}))
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

// ApplyMacro does a macro's actions to a ticket, all of them or none. It can be undone for UndoFor. Only staff may.
func (s *Store) ApplyMacro(ctx context.Context, by Author, input Application) (*Outcome, error) {
	check := checks{}
	check.staff(by)
	macro, err := s.macro(ctx, by, input.Macro)
	if err != nil {
		return nil, err
	}
	var actions Actions
	if macro != nil {
		actions = macro.Actions
	}
	var id OperationID
	id.UUID = postgres.NewUUID(time.Now())
	var g grounds
	return s.change(ctx, change{
		by: by, op: "applyMacro", key: input.IdempotencyKey, input: input, checks: check, answer: id.UUID,
		ticket: input.Ticket, expected: &input.ExpectedVersion, many: true,
		replay: func(_ context.Context, _ pgx.Tx, answer [16]byte) (*Outcome, error) {
			var made OperationID
			made.UUID = answer
			return &Outcome{TicketID: &input.Ticket, OperationID: &made}, nil
		},
		lookup: func(batch *pgx.Batch, c *changing) {
			g.stand(batch, by, &actions, []ID{input.Ticket}, true)
			postgres.Queue(batch, newestOfOthers(by, input.Ticket), func(rows []newest, err error) {
				c.touches = g.touches(&actions)
				if len(rows) > 0 {
					c.newest = &rows[0]
				}
			})
		},
		apply: func(c *changing) UserError {
			if macro == nil {
				return missing("There is no such macro.", "macro")
			}
			if refused := g.refuse(&actions); refused != nil {
				return refused
			}
			if crossing := c.crossing(); actions.Reply != nil && crossing != nil && !equal(crossing, input.Crossing) {
				return crossed(*crossing)
			}
			if refused := c.act(&actions, &g); refused != nil {
				return refused
			}
			c.made.OperationID = &id
			state, version := ItemUnchanged, c.now.Version
			if len(c.events) > 0 {
				state, version = ItemDone, version+1
			}
			c.more = append(c.more, func(batch *pgx.Batch) {
				addOperation(batch, id, OperationMacro, by, nil, OperationFinished)
				addItems(batch, id, []ID{input.Ticket}, state, &version)
			})
			return nil
		},
	})
}

// Look asks what a macro would do to a ticket.
type Look struct {
	Ticket ID
	Macro  MacroID
}

// Preview is a ticket as it would be.
type Preview struct {
	TicketID        ID
	Status          Status
	StatusReason    *string
	Priority        Priority
	CategoryID      CategoryID
	AssigneeTeamID  *accounts.TeamID
	AssigneeAgentID *accounts.AgentID
	Tags            []*Tag
	Reply           *string // as it would go out
	Note            *string
	ChangedFields   []Field
}

// PreviewMacro tells what a macro would do to a ticket. It reads in a transaction that cannot write. Only staff may.
func (s *Store) PreviewMacro(ctx context.Context, by Author, input Look) (*Outcome, error) {
	check := checks{}
	if check.staff(by); len(check.refused) > 0 {
		return refused(check.refused...), nil
	}
	tx, err := s.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, fmt.Errorf("begin to look ahead: %w", err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	var macro *Macro
	c := &changing{change: change{by: by, ticket: input.Ticket}}
	batch := &pgx.Batch{}
	postgres.Queue(batch, MacrosByID(by.Scope, by.Agent, []MacroID{input.Macro}), func(rows []*Macro, err error) {
		if len(rows) > 0 {
			macro = rows[0]
		}
	})
	postgres.Queue(batch, changeable(by, []ID{input.Ticket}, false, ""), func(rows []*locked, err error) {
		if err == nil && len(rows) > 0 {
			c.starts(rows[0])
		}
	})
	var hang []*TicketTag
	postgres.Queue(batch, TagsOf(by.Scope, []ID{input.Ticket}), func(rows []*TicketTag, err error) { hang = rows })
	if err := send(ctx, tx, batch); err != nil {
		return nil, err
	}
	switch {
	case c.now == nil:
		return refused(missing("There is no such ticket.", "ticket")), nil
	case !c.allowed:
		return refused(forbidden(onlyReads, "ticket")), nil
	case macro == nil:
		return refused(missing("There is no such macro.", "macro")), nil
	}
	var g grounds
	batch = &pgx.Batch{}
	if g.stand(batch, by, &macro.Actions, []ID{input.Ticket}, false); batch.Len() > 0 {
		if err := send(ctx, tx, batch); err != nil {
			return nil, err
		}
	}
	if err := g.refuse(&macro.Actions); err != nil {
		return refused(err), nil
	}
	if err := c.act(&macro.Actions, &g); err != nil {
		return refused(err), nil
	}
	return &Outcome{TicketID: &input.Ticket, Preview: c.preview(hang, &g)}, nil
}

// preview is the ticket as the change would make it.
func (c *changing) preview(hang []*TicketTag, g *grounds) *Preview {
	p := &Preview{
		TicketID: c.ticket, Status: c.next.Status, StatusReason: c.next.StatusReason, Priority: c.next.Priority, CategoryID: c.next.CategoryID,
		AssigneeTeamID: c.next.AssigneeTeamID, AssigneeAgentID: c.next.AssigneeAgentID, Tags: []*Tag{}, ChangedFields: []Field{},
	}
	for _, tag := range hang {
		if !slices.Contains(c.done.taken, tag.ID) {
			p.Tags = append(p.Tags, &tag.Tag)
		}
	}
	for _, tag := range g.tags {
		if slices.Contains(c.done.hung, tag.ID) {
			p.Tags = append(p.Tags, tag)
		}
	}
	slices.SortFunc(p.Tags, func(a, b *Tag) int { return cmp.Compare(a.Name, b.Name) })
	for _, m := range c.done.messages {
		p.Reply = &m.Body
	}
	for _, n := range c.done.notes {
		p.Note = &n.Body
	}
	for _, e := range c.events {
		touched, ok := changed{Kind: e.Kind, Field: e.Field, TagID: e.TagID, ContactID: e.ContactID, IncidentID: e.IncidentID}.part()
		if ok && !slices.Contains(p.ChangedFields, touched.field) {
			p.ChangedFields = append(p.ChangedFields, touched.field)
		}
	}
	return p
}
