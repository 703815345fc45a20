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

// SlaRules is what is promised to whom, and when people are there.
type SlaRules struct {
	Policies  []*SlaPolicy
	Calendars []*BusinessCalendar
}

func (r *SlaRules) policy(tier string, priority Priority) *SlaPolicy {
	for _, policy := range r.Policies {
		if policy.TierKey == tier && policy.Priority == priority {
			return policy
		}
	}
	return nil
}

// HasTier tells whether anything is promised to a tier.
func (r *SlaRules) HasTier(tier string) bool {
	return slices.ContainsFunc(r.Policies, func(policy *SlaPolicy) bool { return policy.TierKey == tier })
}

// SlaRule is a calendar with one of its policies, where it has any: a row of the rules.
type SlaRule struct {
	CalendarKey   string
	CalendarName  string
	TimeZone      string
	Weekdays      []Weekday
	Begins        []int
	Ends          []int
	Days          []string
	Names         []string
	TierKey       *string
	TierName      *string
	Priority      *Priority
	FirstResponse *int
	NextResponse  *int
	Resolution    *int
	PausesIn      []Status
}

// Slas reads all rules: the policies by tier and priority, the calendars that none has at the end.
func Slas() postgres.Query[*SlaRule] {
	return postgres.Query[*SlaRule]{
		SQL: `-- slas.rules
			select c.key as calendar_key, c.name as calendar_name, c.time_zone, h.weekdays, h.begins, h.ends, d.days, d.names,
				t.key as tier_key, t.name as tier_name, p.priority, p.first_response, p.next_response, p.resolution, p.pauses_in
			from business_calendars c
			cross join lateral (
				select array_agg(weekday order by weekday, begins) as weekdays, array_agg(begins order by weekday, begins) as begins,
					array_agg(ends order by weekday, begins) as ends
				from business_hours where calendar = c.key
			) h
			cross join lateral (
				select array_agg(to_char(day, 'YYYY-MM-DD') order by day) as days, array_agg(name order by day) as names
				from holidays where calendar = c.key
			) d
			left join (sla_policies p join tiers t on t.key = p.tier) on p.calendar = c.key
			order by t.key, p.priority, c.key
			limit 1000`,
		Row: pgx.RowToAddrOfStructByName[SlaRule],
	}
}

// NewSlaRules puts the rules together. The error is that of a time zone that is none.
func NewSlaRules(rows []*SlaRule) (*SlaRules, error) {
	rules, known := &SlaRules{Policies: []*SlaPolicy{}, Calendars: []*BusinessCalendar{}}, map[string]*BusinessCalendar{}
	for _, row := range rows {
		calendar := known[row.CalendarKey]
		if calendar == nil {
			calendar = &BusinessCalendar{
				Key: row.CalendarKey, Name: row.CalendarName, TimeZone: row.TimeZone, Slots: []*BusinessSlot{}, Holidays: []*Holiday{},
			}
			for i, weekday := range row.Weekdays {
				calendar.Slots = append(calendar.Slots, &BusinessSlot{weekday, row.Begins[i], row.Ends[i]})
			}
			for i, day := range row.Days {
				calendar.Holidays = append(calendar.Holidays, &Holiday{day, row.Names[i]})
			}
			if err := calendar.prepare(); err != nil {
				return nil, err
			}
			known[calendar.Key] = calendar
			rules.Calendars = append(rules.Calendars, calendar)
		}
		if row.TierKey != nil {
			rules.Policies = append(rules.Policies, &SlaPolicy{
				*row.TierKey, *row.TierName, *row.Priority, calendar, row.FirstResponse, row.NextResponse, row.Resolution, row.PausesIn,
			})
		}
	}
	slices.SortFunc(rules.Calendars, func(a, b *BusinessCalendar) int { return strings.Compare(a.Key, b.Key) })
	return rules, nil
}

// historyLimit is how many statuses and messages of a ticket its clocks go by: the first ones.
const historyLimit = 10_000

// SlaHistories reads what the clocks of the tickets go by, of those that the scope covers.
func SlaHistories(scope accounts.Scope, ids []ID) postgres.Query[*SlaHistory] {
	condition, args := visible(scope, []any{ids, historyLimit})
	return postgres.Query[*SlaHistory]{
		SQL: `-- slas.histories
			select t.id as ticket_id, t.version, t.tier, t.priority, t.created_at, s.statuses, s.status_times, m.from_staff, m.message_times
			from tickets t
			cross join lateral (
				select coalesce(array_agg(to_value order by created_at, id), '{}') as statuses,
					coalesce(array_agg(created_at order by created_at, id), '{}') as status_times
				from (
					select id, to_value, created_at from ticket_events
					where ticket_id = t.id and kind = 'STATUS'
					order by created_at, id
					limit $2
				) e
			) s
			cross join lateral (
				select coalesce(array_agg(author_agent_id is not null order by created_at, id), '{}') as from_staff,
					coalesce(array_agg(created_at order by created_at, id), '{}') as message_times
				from (
					select id, author_agent_id, created_at from messages where ticket_id = t.id and note_id is null order by created_at, id limit $2
				) w
			) m
			where t.id = any($1) and ` + condition + `
			order by t.id`,
		Args: args,
		Row:  pgx.RowToAddrOfStructByName[SlaHistory],
	}
}

// SlaChange is a change of a ticket that is thought of. What is nil stays.
type SlaChange struct {
	Ticket   ID
	Priority *Priority
	Status   *Status
	Tier     *string
	Reply    bool // staff replies
}

// With is the history as it would be if the ticket were changed now.
func (h *SlaHistory) With(change SlaChange, now time.Time) *SlaHistory {
	then := *h
	if change.Tier != nil {
		then.Tier = *change.Tier
	}
	if change.Priority != nil {
		then.Priority = *change.Priority
	}
	if change.Reply {
		then.FromStaff, then.MessageTimes = append(slices.Clip(h.FromStaff), true), append(slices.Clip(h.MessageTimes), now)
	}
	if change.Status != nil {
		then.Statuses, then.StatusTimes = append(slices.Clip(h.Statuses), *change.Status), append(slices.Clip(h.StatusTimes), now)
	}
	return &then
}

// SlaPreview is what is promised on a ticket as it is, and as it would be.
type SlaPreview struct {
	Now  *TicketSla
	Then *TicketSla
}

// Preview works out what a change would do to what is promised.
func (r *SlaRules) Preview(h *SlaHistory, change SlaChange, now time.Time) *SlaPreview {
	return &SlaPreview{Now: r.Sla(h, now), Then: r.Sla(h.With(change, now), now)}
}

// settlement works out the due times of tickets that were changed, in the transaction that changed them.
type settlement struct {
	tickets   []ID
	rules     *SlaRules
	histories []*SlaHistory
	err       error
}

// read queues the reading of what due times go by, as it is behind the statements before.
func (s *settlement) read(batch *pgx.Batch) {
	postgres.Queue(batch, Slas(), func(rows []*SlaRule, err error) {
		if err == nil {
			s.rules, s.err = NewSlaRules(rows)
		}
	})
	postgres.Queue(batch, SlaHistories(accounts.Staff, s.tickets), func(rows []*SlaHistory, err error) { s.histories = rows })
}

// write queues the due times.
func (s *settlement) write(batch *pgx.Batch, now time.Time) error {
	if s.err != nil {
		return fmt.Errorf("work out due times: %w", s.err)
	}
	n := len(s.histories)
	ids, versions, responses, resolutions := make([]ID, n), make([]int, n), make([]*time.Time, n), make([]*time.Time, n)
	for i, history := range s.histories {
		ids[i], versions[i] = history.TicketID, history.Version
		responses[i], resolutions[i] = s.rules.Sla(history, now).Due()
	}
	batch.Queue(`-- tickets.settle
		update tickets t set response_due_at = s.response, resolution_due_at = s.resolution, settled_version = s.version
		from unnest($1::uuid[], $2::integer[], $3::timestamptz[], $4::timestamptz[]) as s (id, version, response, resolution)
		where t.id = s.id`, ids, versions, responses, resolutions)
	return nil
}

// settleBatch is how many tickets of one transaction are settled.
const settleBatch = 200

// Settle works out the due times of tickets that nobody has settled since they, or the rules, were changed, some of them
// where there are many, and tells how many. Those that somebody is changing are left to whoever does.
func (s *Store) Settle(ctx context.Context) (settled int, err error) {
	_, err = s.attempts(ctx, func(tx pgx.Tx) (*Outcome, error) {
		due := &settlement{}
		batch := &pgx.Batch{}
		postgres.Queue(batch, unsettled(), func(rows []ID, err error) { due.tickets = rows })
		if err := send(ctx, tx, batch); err != nil {
			return nil, err
		}
		if settled = len(due.tickets); settled == 0 {
			return &Outcome{}, nil
		}
		return &Outcome{}, settle(ctx, tx, due, &pgx.Batch{})
	})
	return settled, err
}

// settle runs the statements of the batch, and then works out the due times.
func settle(ctx context.Context, tx pgx.Tx, due *settlement, batch *pgx.Batch) error {
	due.read(batch)
	if err := send(ctx, tx, batch); err != nil {
		return err
	}
	batch = &pgx.Batch{}
	if err := due.write(batch, time.Now()); err != nil {
		return err
	}
	return send(ctx, tx, batch)
}

// unsettled reads tickets whose due times are not worked out, and holds their rows.
func unsettled() postgres.Query[ID] {
	return postgres.Query[ID]{
		SQL: `-- tickets.unsettled
			select t.id from tickets t
			where t.settled_version is distinct from t.version and t.deleted_at is null
			order by t.id
			limit $1
			for update skip locked`,
		Args: []any{settleBatch},
		Row:  pgx.RowTo[ID],
	}
}
