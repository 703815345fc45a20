package tickets

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
)

type draftKind struct{}

func (draftKind) Prefix() string { return "drf" }

// DraftID is the key of a draft.
type DraftID struct{ postgres.Key[draftKind] }

// DraftForm is what a draft is to become.
type DraftForm string

// The forms of drafts.
const (
	DraftReply DraftForm = "REPLY"
	DraftNote  DraftForm = "NOTE"
)

// Draft is what an agent has begun to write on a ticket. Nobody else sees it, and nothing that happens to the ticket ends
// it: only sending it or discarding it does.
type Draft struct {
	ID        DraftID
	TicketID  ID
	Form      DraftForm
	Body      string
	Version   int
	UpdatedAt time.Time
}

// DraftsOf reads an agent's drafts on each of the tickets; nothing for others than staff.
func DraftsOf(scope accounts.Scope, agent *accounts.AgentID, ids []ID) postgres.Query[*Draft] {
	return postgres.Query[*Draft]{
		SQL: `-- drafts.of_tickets
			select d.id, d.ticket_id, d.form, d.body, d.version, d.updated_at
			from drafts d
			where $1 and d.agent_id = $2 and d.ticket_id = any($3)
			order by d.ticket_id, d.form desc
			limit 10000`,
		Args: []any{scope.Staff, agent, ids},
		Row:  pgx.RowToAddrOfStructByName[Draft],
	}
}

// Drafts reads drafts by key, of the agent alone.
func Drafts(scope accounts.Scope, agent *accounts.AgentID, ids []DraftID) postgres.Query[*Draft] {
	return postgres.Query[*Draft]{
		SQL: `-- drafts.by_id
			select d.id, d.ticket_id, d.form, d.body, d.version, d.updated_at
			from drafts d
			where $1 and d.agent_id = $2 and d.id = any($3)
			order by d.id`,
		Args: []any{scope.Staff, agent, ids},
		Row:  pgx.RowToAddrOfStructByName[Draft],
	}
}

// MaxDrafts is how many of an agent's drafts a list has at most.
const MaxDrafts = 200

// AllDrafts reads an agent's drafts on all tickets, the one last worked on first.
func AllDrafts(scope accounts.Scope, agent *accounts.AgentID) postgres.Query[*Draft] {
	return postgres.Query[*Draft]{
		SQL: `-- drafts.all
			select d.id, d.ticket_id, d.form, d.body, d.version, d.updated_at
			from drafts d
			where $1 and d.agent_id = $2
			order by d.updated_at desc, d.id
			limit $3`,
		Args: []any{scope.Staff, agent, MaxDrafts},
		Row:  pgx.RowToAddrOfStructByName[Draft],
	}
}

// DraftText is a draft to be kept.
type DraftText struct {
	IdempotencyKey  string
	Ticket          ID
	Form            DraftForm
	Body            string
	ExpectedVersion *int // of the draft that it goes on from, 0 where there was none; nil: whatever there is
}

// DraftEnd is a draft to be thrown away.
type DraftEnd struct {
	IdempotencyKey string
	Draft          DraftID
}

// held is a draft that is there, and whether its ticket may be worked on.
type held struct {
	Working bool
	Ticket  bool
	ID      *DraftID
	Version *int
}

// SaveDraft keeps what the agent has written so far. It is no change of the ticket.
func (s *Store) SaveDraft(ctx context.Context, by Author, input DraftText) (*Outcome, error) {
	check := checks{}
	check.staff(by)
	check.draft(input.Body, "body")
	var fresh DraftID
	fresh.UUID = postgres.NewUUID(time.Now())
	again := func(ctx context.Context, tx pgx.Tx, _ [16]byte) (*Outcome, error) {
		outcome := &Outcome{TicketID: &input.Ticket}
		batch := &pgx.Batch{}
		postgres.Queue(batch, draftHeld(by, input.Ticket, input.Form), func(rows []held, err error) {
			if err == nil {
				outcome.DraftID = rows[0].ID
			}
		})
		return outcome, send(ctx, tx, batch)
	}
	return s.once(ctx, claim{by, "saveDraft", input.IdempotencyKey, input, check, fresh.UUID}, again, func() attempt {
		var has held
		id, made := fresh, &Outcome{TicketID: &input.Ticket}
		return attempt{
			outcome: made,
			read: func(batch *pgx.Batch) {
				postgres.Queue(batch, draftHeld(by, input.Ticket, input.Form), func(rows []held, err error) {
					if err == nil {
						has = rows[0]
					}
				})
			},
			decide: func() UserError {
				version := 0
				if has.ID != nil {
					id, version = *has.ID, *has.Version
				}
				made.DraftID = &id
				switch {
				case !has.Working:
					return forbidden("You do not work here any more.")
				case !has.Ticket && has.ID == nil:
					return missing("There is no such ticket.", "ticket")
				case input.ExpectedVersion != nil && *input.ExpectedVersion != version:
					return invalid(VersionConflict, "You have written something else there meanwhile.", "expectedVersion")
				}
				return nil
			},
			write: func(batch *pgx.Batch) {
				batch.Queue(`-- drafts.save
					insert into drafts (id, agent_id, ticket_id, form, body, updated_at) values ($1, $2, $3, $4, $5, $6)
					on conflict (agent_id, ticket_id, form) do update set body = excluded.body, version = drafts.version + 1, updated_at = excluded.updated_at`,
					id, by.Agent, input.Ticket, input.Form, input.Body, time.Now())
			},
		}
	})
}

// DiscardDraft throws a draft of the agent's away; nothing where it is gone already.
func (s *Store) DiscardDraft(ctx context.Context, by Author, input DraftEnd) (*Outcome, error) {
	check := checks{}
	check.staff(by)
	made := &Outcome{}
	again := func(context.Context, pgx.Tx, [16]byte) (*Outcome, error) { return made, nil }
	return s.once(ctx, claim{by, "discardDraft", input.IdempotencyKey, input, check, input.Draft.UUID}, again, func() attempt {
		return attempt{
			outcome: made,
			read:    func(*pgx.Batch) {},
			decide:  func() UserError { return nil },
			write: func(batch *pgx.Batch) {
				batch.Queue(`-- drafts.discard
					delete from drafts where id = $1 and agent_id = $2`, input.Draft, by.Agent)
			},
		}
	})
}

// sent queues that the author's draft is gone, because it was sent.
func (c *changing) sent(form DraftForm) {
	if c.by.Agent != nil {
		c.more = append(c.more, func(batch *pgx.Batch) {
			batch.Queue(`-- drafts.sent
				delete from drafts where agent_id = $1 and ticket_id = $2 and form = $3`, c.by.Agent, c.ticket, form)
		})
	}
}

// draftHeld reads the agent's draft on a ticket. A draft is gone on with even where the ticket is not to be seen any more.
func draftHeld(by Author, ticket ID, form DraftForm) postgres.Query[held] {
	return postgres.Query[held]{
		SQL: `-- drafts.held
			with draft as (select id, version from drafts where agent_id = $1 and ticket_id = $2 and form = $3 for update)
			select exists (select from agents g where g.id = $1 and g.deactivated_at is null) as working,
				exists (select from tickets t where t.id = $2 and t.deleted_at is null) as ticket,
				(select id from draft) as id, (select version from draft) as version`,
		Args: []any{by.Agent, ticket, form},
		Row:  pgx.RowToStructByName[held],
	}
}
