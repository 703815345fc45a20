package tickets

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
)

type cannedReplyKind struct{}

func (cannedReplyKind) Prefix() string { return "can" }

// CannedReplyID is the key of a canned reply.
type CannedReplyID struct{ postgres.Key[cannedReplyKind] }

// CannedReply is a text with placeholders that agents reply with again and again.
type CannedReply struct {
	ID        CannedReplyID
	AgentID   accounts.AgentID // whose it is
	Shared    bool             // whether all agents see it
	Name      string
	Body      string
	Version   int
	UpdatedAt time.Time
}

// MaxName is the largest number of characters of the name of a macro or canned reply, MaxKept how many of them a list has.
const (
	MaxName = 100
	MaxKept = 500
)

const cannedReplyColumns = `r.id, r.agent_id, r.shared, r.name, r.body, r.version, r.updated_at`

// CannedReplies reads the canned replies that an agent sees, by name; nothing for others than staff.
func CannedReplies(scope accounts.Scope, agent *accounts.AgentID) postgres.Query[*CannedReply] {
	return postgres.Query[*CannedReply]{
		SQL: `-- canned_replies.all
			select ` + cannedReplyColumns + ` from canned_replies r
			where $1 and (r.shared or r.agent_id = $2) and r.deleted_at is null
			order by r.name, r.id
			limit $3`,
		Args: []any{scope.Staff, agent, MaxKept},
		Row:  pgx.RowToAddrOfStructByName[CannedReply],
	}
}

// CannedRepliesByID reads canned replies by key, of those that an agent sees.
func CannedRepliesByID(scope accounts.Scope, agent *accounts.AgentID, ids []CannedReplyID) postgres.Query[*CannedReply] {
	return postgres.Query[*CannedReply]{
		SQL: `-- canned_replies.by_id
			select ` + cannedReplyColumns + ` from canned_replies r
			where $1 and (r.shared or r.agent_id = $2) and r.deleted_at is null and r.id = any($3)
			order by r.id`,
		Args: []any{scope.Staff, agent, ids},
		Row:  pgx.RowToAddrOfStructByName[CannedReply],
	}
}

// CannedReplyText is a canned reply to be kept.
type CannedReplyText struct {
	IdempotencyKey  string
	CannedReply     *CannedReplyID // nil: a new one
	ExpectedVersion *int           // of the one that is changed
	Name            string
	Body            string
	Shared          bool
}

// CannedReplyEnd is a canned reply to be deleted.
type CannedReplyEnd struct {
	IdempotencyKey string
	CannedReply    CannedReplyID
}

// SaveCannedReply keeps a canned reply. Only leads and administrators share them.
func (s *Store) SaveCannedReply(ctx context.Context, by Author, input CannedReplyText) (*Outcome, error) {
	check := checks{}
	name := check.line(input.Name, MaxName, "name")
	check.template(input.Body, "body")
	id := CannedReplyID{}
	if id.UUID = postgres.NewUUID(time.Now()); input.CannedReply != nil {
		id = *input.CannedReply
	}
	return s.keep(ctx, by, keeping{
		op: "saveCannedReply", key: input.IdempotencyKey, input: input, checks: check, table: "canned_replies", id: id.UUID,
		there: input.CannedReply != nil, expected: input.ExpectedVersion, shared: input.Shared, argument: "cannedReply",
		outcome: func(id [16]byte) *Outcome {
			kept := CannedReplyID{}
			kept.UUID = id
			return &Outcome{CannedReplyID: &kept}
		},
		write: func(batch *pgx.Batch) {
			batch.Queue(`-- canned_replies.save
				insert into canned_replies (id, agent_id, shared, name, body, updated_at) values ($1, $2, $3, $4, $5, now())
				on conflict (id) do update set shared = excluded.shared, name = excluded.name, body = excluded.body,
					version = canned_replies.version + 1, updated_at = excluded.updated_at`, id, by.Agent, input.Shared, name, input.Body)
		},
	})
}

// DeleteCannedReply deletes a canned reply. Only leads and administrators delete what is shared.
func (s *Store) DeleteCannedReply(ctx context.Context, by Author, input CannedReplyEnd) (*Outcome, error) {
	return s.keep(ctx, by, keeping{
		op: "deleteCannedReply", key: input.IdempotencyKey, input: input, table: "canned_replies", id: input.CannedReply.UUID,
		there: true, argument: "cannedReply", outcome: func([16]byte) *Outcome { return &Outcome{} },
		write: func(batch *pgx.Batch) {
			batch.Queue(`-- canned_replies.delete
				update canned_replies set deleted_at = now() where id = $1`, input.CannedReply)
		},
	})
}

// keeping is a change of what agents keep for themselves or share: a macro or a canned reply.
type keeping struct {
	op       string
	key      string
	input    any
	checks   checks
	table    string // canned_replies or macros
	id       [16]byte
	there    bool // whether it must be there already
	expected *int
	shared   bool // whether it is to be shared
	argument string
	outcome  func(id [16]byte) *Outcome
	read     func(batch *pgx.Batch)
	refuse   func() UserError
	write    func(batch *pgx.Batch)
}

// standingIn is what an agent is to something that is kept.
type standingIn struct {
	Role    *string // nil: does not work here any more
	Mine    *bool   // nil: it is not there, or not for the agent to see
	Shared  *bool
	Version *int
}

func (s *Store) keep(ctx context.Context, by Author, k keeping) (*Outcome, error) {
	k.checks.staff(by)
	again := func(_ context.Context, _ pgx.Tx, answer [16]byte) (*Outcome, error) { return k.outcome(answer), nil }
	return s.once(ctx, claim{by, k.op, k.key, k.input, k.checks, k.id}, again, func() attempt {
		var is standingIn
		return attempt{
			outcome: k.outcome(k.id),
			read: func(batch *pgx.Batch) {
				postgres.Queue(batch, standingOn(k.table, k.id, by.Agent), func(rows []standingIn, err error) {
					if err == nil {
						is = rows[0]
					}
				})
				if k.read != nil {
					k.read(batch)
				}
			},
			decide: func() UserError {
				leads := value(is.Role) == string(accounts.AgentRoleLead) || value(is.Role) == string(accounts.AgentRoleAdmin)
				switch {
				case is.Role == nil:
					return forbidden("You do not work here any more.")
				case k.there && is.Mine == nil:
					return missing("There is no such thing.", k.argument)
				case !leads && (k.shared || is.Shared != nil && *is.Shared):
					return forbidden("Only leads and administrators change what is shared.", k.argument)
				case is.Mine != nil && !*is.Mine && !leads:
					return forbidden("It is somebody else's.", k.argument)
				case k.expected != nil && (is.Version == nil || *is.Version != *k.expected):
					return invalid(VersionConflict, "It was changed meanwhile.", "expectedVersion")
				case k.refuse != nil:
					return k.refuse()
				}
				return nil
			},
			write: k.write,
		}
	})
}

// standingOn reads what an agent is to a row of a table, and holds it.
func standingOn(table string, id [16]byte, agent *accounts.AgentID) postgres.Query[standingIn] {
	return postgres.Query[standingIn]{
		SQL: `-- ` + table + `.standing
			with kept as (
				select agent_id = $2 as mine, shared, version from ` + table + `
				where id = $1 and deleted_at is null and (shared or agent_id = $2)
				for update
			)
			select (select g.role from agents g where g.id = $2 and g.deactivated_at is null) as role,
				(select mine from kept) as mine, (select shared from kept) as shared, (select version from kept) as version`,
		Args: []any{id, agent},
		Row:  pgx.RowToStructByName[standingIn],
	}
}
