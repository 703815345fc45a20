package tickets

import (
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
)

type viewKind struct{}

func (viewKind) Prefix() string { return "view" }

// ViewID is the key of a view.
type ViewID struct{ postgres.Key[viewKind] }

// TicketView is a list of tickets that is kept: by an agent alone, for a team, or, with neither, for everybody.
type TicketView struct {
	ID        ViewID
	Version   int
	Name      string
	AgentID   *accounts.AgentID
	TeamID    *accounts.TeamID
	Kept      *Filter
	Field     OrderField
	Direction Direction
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Filter is the view's filter as JSON, in the form of the contract's TicketFilter.
func (v *TicketView) Filter() (string, error) {
	text, err := json.Marshal(v.Kept)
	return string(text), err
}

// Order is how the view is sorted.
func (v *TicketView) Order() Order { return Order{v.Field, v.Direction} }

const viewColumns = `v.id, v.version, v.name, v.agent_id, v.team_id, v.filter as kept, v.field, v.direction, v.created_at, v.updated_at`

// viewable is the condition that somebody may see the view v: staff those of everybody and of teams, agents their own too.
const viewable = `$1 and (v.agent_id is null or v.agent_id = $2)`

// Views reads views by key, of those that the viewer may see.
func Views(scope accounts.Scope, me *accounts.AgentID, ids []ViewID) postgres.Query[*TicketView] {
	return postgres.Query[*TicketView]{
		SQL: `-- views.by_id
			select ` + viewColumns + `
			from ticket_views v
			where v.id = any($3) and ` + viewable + `
			order by v.id`,
		Args: []any{scope.Staff, me, ids},
		Row:  pgx.RowToAddrOfStructByName[TicketView],
	}
}

// ViewsOf reads the views of the viewer: their own, those of their team, and everybody's, each by name. Who is no agent has
// those of every team.
func ViewsOf(scope accounts.Scope, me *accounts.AgentID) postgres.Query[*TicketView] {
	return postgres.Query[*TicketView]{
		SQL: `-- views.of_viewer
			select ` + viewColumns + `
			from ticket_views v
			where ` + viewable + ` and (v.team_id is null or $2::uuid is null or v.team_id = (select team_id from agents where id = $2))
			order by v.agent_id is null, v.team_id is null, v.name, v.id
			limit 500`,
		Args: []any{scope.Staff, me},
		Row:  pgx.RowToAddrOfStructByName[TicketView],
	}
}

// MaxCount is how far tickets are counted: nobody works through more, and every count costs something.
const MaxCount = 1000

// Count is how many tickets a list has.
type Count struct {
	Index int // of the list
	Count int // at most MaxCount
	Exact bool
}

// Counts counts the tickets of each of the lists that the scope covers, all in one statement. The lists must have passed
// Check.
func Counts(scope accounts.Scope, lists []List) postgres.Query[*Count] {
	var args []any
	counts := make([]string, len(lists))
	for i, list := range lists {
		var conditions string
		conditions, _, args = list.statement(scope, args)
		counts[i] = `select ` + strconv.Itoa(i) + ` as index, count(*) as found from (select from tickets t where ` + conditions + ` limit ` + strconv.Itoa(MaxCount+1) + `) x`
	}
	return postgres.Query[*Count]{
		SQL: `-- tickets.counts
			select index, least(found, ` + strconv.Itoa(MaxCount) + `) as count, found <= ` + strconv.Itoa(MaxCount) + ` as exact
			from (` + strings.Join(counts, " union all ") + `) c
			order by index`,
		Args: args,
		Row:  pgx.RowToAddrOfStructByName[Count],
	}
}

// NewView is a view to be kept, or a change of one that is.
type NewView struct {
	IdempotencyKey  string
	View            *ViewID // nil: a new one
	ExpectedVersion *int    // of one that is there
	Name            string
	Filter          *Filter
	OrderBy         Order
	Team            *accounts.TeamID // for the team's agents
	Everybody       bool
}

// MaxViewName is how many characters the name of a view has at most.
const MaxViewName = 100

// savingView is a view on its way.
type savingView struct {
	by    Author
	input NewView
	view  TicketView
	now   *TicketView // nil where there is none that the author may see
	me    *colleague
	team  bool // whether there is the team
	none  []ID
	made  Outcome
}

// colleague is an agent who works here today.
type colleague struct {
	Role   accounts.AgentRole
	TeamID accounts.TeamID
}

// SaveView keeps a view. Agents keep their own, leads those of their team, and admins any.
func (s *Store) SaveView(ctx context.Context, by Author, input NewView) (*Outcome, error) {
	check := checks{}
	check.staff(by)
	sv := &savingView{by: by, input: input}
	v := &sv.view
	v.Name = check.line(input.Name, MaxViewName, "name")
	if v.Kept = input.Filter; v.Kept == nil {
		v.Kept = &Filter{}
	}
	var wrong *FilterError
	if err := (List{Filter: v.Kept, Order: input.OrderBy, First: 1}).Check(); errors.As(err, &wrong) {
		check.refuse(Invalid, "The filter cannot be asked: "+wrong.Message+".", filterPath(wrong.Path)...)
	}
	if input.Team != nil && input.Everybody {
		check.refuse(Invalid, "A view is a team's or everybody's, not both.", "everybody")
	}
	if input.View != nil && input.ExpectedVersion == nil {
		check.refuse(Missing, "Say which version of the view you saw.", "expectedVersion")
	}
	v.Field, v.Direction, v.TeamID = input.OrderBy.Field, input.OrderBy.Direction, input.Team
	if input.Team == nil && !input.Everybody {
		v.AgentID = by.Agent
	}
	if input.View != nil {
		v.ID = *input.View
	} else {
		v.ID.UUID = postgres.NewUUID(time.Now())
	}
	return s.once(ctx, claim{by, "saveTicketView", input.IdempotencyKey, input, check, v.ID.UUID}, viewAgain, func() attempt {
		sv := *sv // each attempt its own
		return attempt{read: sv.read, decide: sv.decide, write: sv.write, touched: &sv.none, outcome: &sv.made}
	})
}

var pathPart = regexp.MustCompile(`[^.\[\]]+`)

// filterPath is the path of a filter's part, as user errors have it.
func filterPath(path string) []string { return pathPart.FindAllString(path, -1) }

func viewAgain(_ context.Context, _ pgx.Tx, answer [16]byte) (*Outcome, error) {
	var view ViewID
	view.UUID = answer
	return &Outcome{ViewID: &view}, nil
}

func (sv *savingView) read(batch *pgx.Batch) {
	postgres.Queue(batch, lockView(sv.by, sv.view.ID), func(rows []*TicketView, err error) {
		if sv.now = nil; len(rows) > 0 {
			sv.now = rows[0]
		}
	})
	postgres.Queue(batch, colleagueOf(sv.by), func(rows []*colleague, err error) {
		if sv.me = nil; len(rows) > 0 {
			sv.me = rows[0]
		}
	})
	postgres.Queue(batch, assignable(nil, sv.input.Team, false), func(rows []*accounts.TeamID, err error) { sv.team = len(rows) > 0 })
}

func lockView(by Author, id ViewID) postgres.Query[*TicketView] {
	return postgres.Query[*TicketView]{
		SQL: `-- views.lock
			select ` + viewColumns + ` from ticket_views v where v.id = $3 and ` + viewable + ` for update`,
		Args: []any{by.Scope.Staff, by.Agent, id},
		Row:  pgx.RowToAddrOfStructByName[TicketView],
	}
}

func colleagueOf(by Author) postgres.Query[*colleague] {
	return postgres.Query[*colleague]{
		SQL: `-- agents.colleague
			select role, team_id from agents where id = $1 and deactivated_at is null`,
		Args: []any{by.Agent},
		Row:  pgx.RowToAddrOfStructByName[colleague],
	}
}

// keeps tells whether an agent may keep a view.
func (c *colleague) keeps(v *TicketView) bool {
	switch {
	case v.AgentID != nil || c.Role == accounts.AgentRoleAdmin: // nobody sees that of another agent
		return true
	case v.TeamID != nil:
		return c.Role == accounts.AgentRoleLead && c.TeamID == *v.TeamID
	default:
		return false
	}
}

func (sv *savingView) decide() UserError {
	switch {
	case sv.me == nil:
		return forbidden("You do not work here any more.")
	case sv.input.View != nil && sv.now == nil:
		return missing("There is no such view.", "view")
	case sv.input.Team != nil && !sv.team:
		return missing("There is no such team.", "team")
	case sv.now != nil && !sv.me.keeps(sv.now):
		return forbidden("You may use this view, but not change it.", "view")
	case !sv.me.keeps(&sv.view):
		return forbidden("Leads keep views for their team, and admins for any team and for everybody.")
	case sv.now != nil && sv.now.Version != *sv.input.ExpectedVersion:
		return invalid(VersionConflict, "Somebody else has changed the view since the version that you saw.", "expectedVersion")
	}
	sv.made = Outcome{ViewID: &sv.view.ID}
	return nil
}

func (sv *savingView) write(batch *pgx.Batch) {
	v := &sv.view
	batch.Queue(`-- views.save
		insert into ticket_views (id, name, agent_id, team_id, filter, field, direction) values ($1, $2, $3, $4, $5, $6, $7)
		on conflict (id) do update set version = ticket_views.version + 1, name = excluded.name, agent_id = excluded.agent_id,
			team_id = excluded.team_id, filter = excluded.filter, field = excluded.field, direction = excluded.direction, updated_at = now()`,
		v.ID, v.Name, v.AgentID, v.TeamID, v.Kept, v.Field, v.Direction)
}
