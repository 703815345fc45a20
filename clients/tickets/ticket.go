// Package tickets is the tickets and all that hangs on one: messages, internal notes, events, tags, categories. Its reads
// are values of postgres.Query, to be run alone or beside others; each takes the viewer's scope into its SQL. Its changes are
// the methods of Store.
package tickets

import (
	"strconv"
	"strings"
	"time"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
)

type ticketKind struct{}

func (ticketKind) Prefix() string { return "tkt" }

// ID is the key of a ticket.
type ID struct{ postgres.Key[ticketKind] }

// Status is where a ticket stands in its life.
type Status string

// The statuses.
const (
	StatusNew               Status = "NEW"
	StatusOpen              Status = "OPEN"
	StatusPendingCustomer   Status = "PENDING_CUSTOMER"
	StatusOnHoldEngineering Status = "ON_HOLD_ENGINEERING"
	StatusSnoozed           Status = "SNOOZED"
	StatusSolved            Status = "SOLVED"
	StatusClosed            Status = "CLOSED"
	StatusMerged            Status = "MERGED"
)

// Priority is how soon a ticket is worked on; P1 comes first.
type Priority string

// The priorities.
const (
	P1 Priority = "P1"
	P2 Priority = "P2"
	P3 Priority = "P3"
	P4 Priority = "P4"
)

// Impact is what the customer suffers, in the customer's words.
type Impact string

// The impacts.
const (
	ImpactOutage   Impact = "OUTAGE"
	ImpactDegraded Impact = "DEGRADED"
	ImpactMinor    Impact = "MINOR"
	ImpactNone     Impact = "NONE"
)

// Channel is the way by which a ticket or message came in.
type Channel string

// The channels.
const (
	ChannelPortal Channel = "PORTAL"
	ChannelEmail  Channel = "EMAIL"
	ChannelAPI    Channel = "API"
	ChannelChat   Channel = "CHAT"
	ChannelPhone  Channel = "PHONE"
)

// Ticket is a customer's case.
type Ticket struct {
	ID              ID
	Number          int64
	Version         int
	AccountID       accounts.ID
	RequesterID     accounts.ContactID
	Subject         string
	Status          Status
	StatusReason    *string
	StatusSince     time.Time
	Priority        Priority
	Impact          Impact
	CategoryID      CategoryID
	Channel         Channel
	AffectedZones   []string
	AssigneeTeamID  *accounts.TeamID
	AssigneeAgentID *accounts.AgentID
	CreatedAt       time.Time
	UpdatedAt       time.Time
	LastMessageID   *MessageID
	SnoozedUntil    *time.Time // of a snoozed ticket; nil: until a reply
	FollowUpOfID    *ID        // the ended ticket that it goes on from
	MergedIntoID    *ID        // of a merged ticket: the one that it is part of
	Tier            string     // of its account when it was made, by which its due times go
	ResponseDueAt   *time.Time // when staff is to answer; nil where nothing runs
	NextDueAt       *time.Time // when the first of its clocks runs out; nil where none runs
}

// Ref is what people call the ticket: "T-1234".
func (t *Ticket) Ref() string { return "T-" + strconv.FormatInt(t.Number, 10) }

// ParseRef reads a ticket's number from what people call it; case and surrounding space do not matter.
func ParseRef(ref string) (number int64, ok bool) {
	ref = strings.TrimSpace(ref)
	if len(ref) < 3 || len(ref) > 21 || (ref[0] != 'T' && ref[0] != 't') || ref[1] != '-' || ref[2] < '1' || ref[2] > '9' {
		return 0, false
	}
	number, err := strconv.ParseInt(ref[2:], 10, 64)
	return number, err == nil
}

// never is when what is not due is due, so that times can be compared.
const never = "9999-01-01 00:00:00+00"

const ticketColumns = `
	t.id, t.number, t.version, t.account_id, t.requester_id, t.subject, t.status, t.status_reason, t.status_since,
	t.priority, t.impact, t.category_id, t.channel, t.affected_zones, t.assignee_team_id, t.assignee_agent_id,
	t.created_at, t.updated_at, t.last_message_id, t.snoozed_until, t.follow_up_of_id, t.merged_into_id, t.tier, t.response_due_at,
	nullif(t.next_due_at, '` + never + `') as next_due_at`

// visible appends the condition that the scope covers the ticket t, and its arguments. Nobody sees what is deleted.
func visible(scope accounts.Scope, args []any) (condition string, _ []any) {
	if scope.Staff {
		return "t.deleted_at is null", args
	}
	b := &builder{args: args}
	all, own := scope.Accounts()
	ofOwn := func() string {
		contact := b.arg(scope.Contact)
		return oneOf(b, "t.account_id", own) + ` and (t.requester_id = ` + contact + ` or exists (
			select from ticket_participants p where p.ticket_id = t.id and p.contact_id = ` + contact + `))`
	}
	switch {
	case len(own) == 0:
		condition = oneOf(b, "t.account_id", all)
	case len(all) == 0:
		condition = "(" + ofOwn() + ")"
	default:
		condition = "(" + oneOf(b, "t.account_id", all) + " or " + ofOwn() + ")"
	}
	return "t.deleted_at is null and " + condition, b.args
}

// ByID reads those of the tickets that the scope covers.
func ByID(scope accounts.Scope, ids []ID) postgres.Query[*Ticket] {
	condition, args := visible(scope, []any{ids})
	return postgres.Query[*Ticket]{
		SQL: `-- tickets.by_id
			select` + ticketColumns + `
			from tickets t
			where t.id = any($1) and ` + condition + `
			order by t.id`,
		Args: args,
		Row:  postgres.ToAddr[Ticket],
	}
}

// ByNumber reads those of the tickets that the scope covers, by the number of their reference.
func ByNumber(scope accounts.Scope, numbers []int64) postgres.Query[*Ticket] {
	condition, args := visible(scope, []any{numbers})
	return postgres.Query[*Ticket]{
		SQL: `-- tickets.by_number
			select` + ticketColumns + `
			from tickets t
			where t.number = any($1) and ` + condition + `
			order by t.number`,
		Args: args,
		Row:  postgres.ToAddr[Ticket],
	}
}
