package tickets

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
)

// Filter says which tickets a list has. Everything given must hold; a list of values means any of them.
type Filter struct {
	And       []*Filter            `json:"and,omitzero"`
	Or        []*Filter            `json:"or,omitzero"`
	Not       *Filter              `json:"not,omitzero"`
	Status    []Status             `json:"status,omitzero"`
	Priority  []Priority           `json:"priority,omitzero"`
	Assignee  *AssigneeFilter      `json:"assignee,omitzero"`
	Team      []accounts.TeamID    `json:"team,omitzero"`
	Account   []accounts.ID        `json:"account,omitzero"`
	Requester []accounts.ContactID `json:"requester,omitzero"`
	Tag       []string             `json:"tag,omitzero"`
	Text      *string              `json:"text,omitzero"`
	Created   *TimeRange           `json:"created,omitzero"`
	Updated   *TimeRange           `json:"updated,omitzero"`

	Impact       []Impact             `json:"impact,omitzero"`
	Category     []CategoryID         `json:"category,omitzero"`
	Channel      []Channel            `json:"channel,omitzero"`
	AffectedZone []string             `json:"affectedZone,omitzero"`
	Participant  []accounts.ContactID `json:"participant,omitzero"`
	Tier         []string             `json:"tier,omitzero"`
	Due          *TimeRange           `json:"due,omitzero"`     // what never is due is in no time
	Overdue      *bool                `json:"overdue,omitzero"` // true: the first of its clocks has run out; false: none has
	StatusSince  *TimeRange           `json:"statusSince,omitzero"`
	Snoozed      *TimeRange           `json:"snoozed,omitzero"` // until when; what is not put aside until a time is in none
}

// AssigneeFilter says who a ticket is assigned to.
type AssigneeFilter struct {
	Agent      []accounts.AgentID `json:"agent,omitzero"`
	Unassigned *bool              `json:"unassigned,omitzero"` // true: to no agent; false: to some agent
	Me         *bool              `json:"me,omitzero"`         // true: to the agent who asks; false: not
}

// TimeRange is from one moment on and up to, not including, another.
type TimeRange struct {
	From  *time.Time `json:"from,omitzero"`
	Until *time.Time `json:"until,omitzero"`
}

// The bounds of a filter.
const (
	maxFilterDepth = 6
	maxFilterParts = 60  // filters within a filter, in all
	maxFilterItems = 100 // values in one list
)

// FilterError is a filter that cannot be asked, with the path of the part that is wrong.
type FilterError struct {
	Path    string // "filter.or[2].text"
	Message string
}

func (e *FilterError) Error() string { return e.Path + ": " + e.Message }

func (f *Filter) check() error {
	parts := 0
	return f.checkAt("filter", 1, &parts)
}

func (f *Filter) checkAt(path string, depth int, parts *int) error {
	if f == nil {
		return nil
	}
	if *parts++; *parts > maxFilterParts || depth > maxFilterDepth {
		return &FilterError{path, fmt.Sprintf("a filter has at most %d parts and a depth of %d", maxFilterParts, maxFilterDepth)}
	}
	var agents int
	if f.Assignee != nil {
		agents = len(f.Assignee.Agent)
	}
	for _, list := range []struct {
		name  string
		count int
	}{
		{"and", len(f.And)}, {"or", len(f.Or)}, {"status", len(f.Status)}, {"priority", len(f.Priority)}, {"team", len(f.Team)},
		{"account", len(f.Account)}, {"requester", len(f.Requester)}, {"tag", len(f.Tag)}, {"assignee.agent", agents},
		{"impact", len(f.Impact)}, {"category", len(f.Category)}, {"channel", len(f.Channel)}, {"affectedZone", len(f.AffectedZone)},
		{"participant", len(f.Participant)}, {"tier", len(f.Tier)},
	} {
		if list.count > maxFilterItems {
			return &FilterError{path + "." + list.name, fmt.Sprintf("at most %d values", maxFilterItems)}
		}
	}
	if f.Or != nil && len(f.Or) == 0 {
		return &FilterError{path + ".or", "needs at least one part"}
	}
	for _, list := range []struct {
		name  string
		texts []string
	}{{"tag", f.Tag}, {"affectedZone", f.AffectedZone}, {"tier", f.Tier}} {
		for i, text := range list.texts {
			if err := postgres.CheckText(text); err != nil {
				return &FilterError{fmt.Sprintf("%s.%s[%d]", path, list.name, i), err.Error()}
			}
		}
	}
	if f.Text != nil {
		if err := postgres.CheckText(*f.Text); err != nil {
			return &FilterError{path + ".text", err.Error()}
		}
	}
	for i, part := range f.And {
		if err := part.checkAt(fmt.Sprintf("%s.and[%d]", path, i), depth+1, parts); err != nil {
			return err
		}
	}
	for i, part := range f.Or {
		if err := part.checkAt(fmt.Sprintf("%s.or[%d]", path, i), depth+1, parts); err != nil {
			return err
		}
	}
	return f.Not.checkAt(path+".not", depth+1, parts)
}

// builder numbers the arguments of a statement.
type builder struct {
	args []any
	me   *accounts.AgentID // who asks
}

func (b *builder) arg(value any) string {
	b.args = append(b.args, value)
	return "$" + strconv.Itoa(len(b.args))
}

// oneOf is the condition that a column has one of the values. A single one is told as such: only then does an index on the
// column and an order give rows in that order.
func oneOf[T any](b *builder, column string, values []T) string {
	if len(values) == 1 {
		return column + " = " + b.arg(values[0])
	}
	return column + " = any(" + b.arg(values) + ")"
}

// sql returns the filter's condition on the ticket t, "" where it has none. An empty list of values matches nothing.
func (f *Filter) sql(b *builder) string {
	if f == nil {
		return ""
	}
	var all []string
	add := func(condition string) { all = append(all, condition) }
	if f.Status != nil {
		add(oneOf(b, "t.status", f.Status))
	}
	if f.Priority != nil {
		add(oneOf(b, "t.priority", f.Priority))
	}
	if f.Team != nil {
		add("t.assignee_team_id is not null and " + oneOf(b, "t.assignee_team_id", f.Team)) // false, not null, under a not
	}
	if f.Account != nil {
		add(oneOf(b, "t.account_id", f.Account))
	}
	if f.Requester != nil {
		add(oneOf(b, "t.requester_id", f.Requester))
	}
	if f.Assignee != nil {
		if f.Assignee.Agent != nil {
			add("t.assignee_agent_id is not null and " + oneOf(b, "t.assignee_agent_id", f.Assignee.Agent))
		}
		if unassigned := f.Assignee.Unassigned; unassigned != nil && *unassigned {
			add("t.assignee_agent_id is null")
		} else if unassigned != nil {
			add("t.assignee_agent_id is not null")
		}
		if mine := f.Assignee.Me; mine != nil && *mine && b.me == nil {
			add("false")
		} else if mine != nil && *mine {
			add("t.assignee_agent_id is not null and t.assignee_agent_id = " + b.arg(b.me))
		} else if mine != nil && b.me != nil {
			add("t.assignee_agent_id is distinct from " + b.arg(b.me))
		}
	}
	f.more(b, add)
	if f.Tag != nil {
		add("exists (select from ticket_tags x join tags g on g.id = x.tag_id where x.ticket_id = t.id and g.name = any(" + b.arg(f.Tag) + "))")
	}
	if f.Text != nil {
		add("to_tsvector('simple', t.subject) @@ websearch_to_tsquery('simple', " + b.arg(*f.Text) + ")")
	}
	f.Created.sql("t.created_at", b, add)
	f.Updated.sql("t.updated_at", b, add)
	for _, part := range f.And {
		if condition := part.sql(b); condition != "" {
			add(condition)
		}
	}
	if f.Or != nil {
		var any []string
		for _, part := range f.Or {
			if condition := part.sql(b); condition != "" {
				any = append(any, condition)
			} else {
				any = append(any, "true")
			}
		}
		add("(" + strings.Join(any, " or ") + ")")
	}
	if condition := f.Not.sql(b); condition != "" {
		add("not " + condition)
	} else if f.Not != nil {
		add("false") // the opposite of everything
	}
	if len(all) == 0 {
		return ""
	}
	return "(" + strings.Join(all, " and ") + ")"
}

// more adds the conditions on the rest of the ticket's fields.
func (f *Filter) more(b *builder, add func(string)) {
	if f.Impact != nil {
		add(oneOf(b, "t.impact", f.Impact))
	}
	if f.Category != nil {
		add(oneOf(b, "t.category_id", f.Category))
	}
	if f.Channel != nil {
		add(oneOf(b, "t.channel", f.Channel))
	}
	if f.AffectedZone != nil {
		add("t.affected_zones && " + b.arg(f.AffectedZone) + "::text[]")
	}
	if f.Participant != nil {
		add("exists (select from ticket_participants x where x.ticket_id = t.id and x.contact_id = any(" + b.arg(f.Participant) + "))")
	}
	if f.Tier != nil {
		add(oneOf(b, "t.tier", f.Tier))
	}
	if f.Due != nil && (f.Due.From != nil || f.Due.Until != nil) {
		add("t.next_due_at < '" + never + "'")
		f.Due.sql("t.next_due_at", b, add)
	}
	if f.Overdue != nil && *f.Overdue {
		add("t.next_due_at <= now()")
	} else if f.Overdue != nil {
		add("t.next_due_at > now()")
	}
	f.StatusSince.sql("t.status_since", b, add)
	if f.Snoozed != nil && (f.Snoozed.From != nil || f.Snoozed.Until != nil) {
		add("t.snoozed_until is not null")
		f.Snoozed.sql("t.snoozed_until", b, add)
	}
}

func (r *TimeRange) sql(column string, b *builder, add func(string)) {
	if r == nil {
		return
	}
	if r.From != nil {
		add(column + " >= " + b.arg(*r.From))
	}
	if r.Until != nil {
		add(column + " < " + b.arg(*r.Until))
	}
}
