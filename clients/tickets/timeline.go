package tickets

import (
	"time"

	"github.com/jackc/pgx/v5"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
)

type eventKind struct{}

func (eventKind) Prefix() string { return "evt" }

// EventID is the key of an event on a ticket.
type EventID struct{ postgres.Key[eventKind] }

// TimelineEntry is one thing that happened to a ticket: a *MessageEntry, *NoteEntry, *StatusEntry, *AssignmentEntry,
// *PriorityEntry, *FieldEntry, *ParticipantEntry, *RelationEntry, *VisibilityEntry, *RedactionEntry, *DeletionEntry,
// *TagEntry, *SlaEntry or *LinkEntry.
type TimelineEntry interface{ Happened() *Event }

// Event is what all entries of a timeline have.
type Event struct {
	ID             EventID
	TicketID       ID
	ActorContactID *accounts.ContactID // this or
	ActorAgentID   *accounts.AgentID   // this; neither: the system
	CreatedAt      time.Time
}

// Happened returns what the entry has in common with all others.
func (e *Event) Happened() *Event { return e }

// TimelineOrder marks the cursors of a ticket's timeline, which is sorted by time, the oldest first.
const TimelineOrder = 'e'

// Cursor is the position behind an event in its ticket's timeline.
func (e *Event) Cursor() postgres.Cursor {
	return postgres.TimeCursor(TimelineOrder, e.CreatedAt, e.ID.UUID)
}

// MessageEntry is a message that was written.
type MessageEntry struct {
	Event
	MessageID MessageID
}

// NoteEntry is an internal note that was written; staff only.
type NoteEntry struct {
	Event
	NoteID NoteID
}

// StatusEntry is a change of status; From is nil for the first.
type StatusEntry struct {
	Event
	From         *Status
	To           Status
	Reason       *string
	SnoozedUntil *time.Time // where To is StatusSnoozed; nil: until a reply
}

// AssignmentEntry is a change of the assignee, on either side a team and one of its agents, a team alone, or nobody.
type AssignmentEntry struct {
	Event
	FromAgentID *accounts.AgentID
	FromTeamID  *accounts.TeamID
	ToAgentID   *accounts.AgentID
	ToTeamID    *accounts.TeamID
}

// PriorityEntry is a change of priority; From is nil for the first.
type PriorityEntry struct {
	Event
	From *Priority
	To   Priority
}

// FieldEntry is a change of the subject, the impact, the category (by key) or the affected zones (by name, with commas).
type FieldEntry struct {
	Event
	Field Field
	From  *string
	To    string
}

// ParticipantEntry is somebody who was added to those who take part, or removed.
type ParticipantEntry struct {
	Event
	Change    ParticipantChange
	ContactID accounts.ContactID
}

// ParticipantChange is what happened to a participant.
type ParticipantChange string

// The changes of a participant.
const (
	ParticipantAdded   ParticipantChange = "ADDED"
	ParticipantRemoved ParticipantChange = "REMOVED"
)

// TagChange is what happened to a tag.
type TagChange string

// The changes of a tag.
const (
	TagAdded   TagChange = "ADDED"
	TagRemoved TagChange = "REMOVED"
)

// TagEntry is a tag added or removed; staff only.
type TagEntry struct {
	Event
	Change TagChange
	TagID  TagID
}

// SlaEntry is a clock of the service level that came to a new state; staff only.
type SlaEntry struct {
	Event
	Clock string // "FIRST_RESPONSE"
	State string // "BREACHED"
}

// LinkEntry is a record elsewhere that was linked, or not any more; staff only.
type LinkEntry struct {
	Event
	Change    LinkChange
	System    string // "JIRA"
	Reference string // "EDGE-142"
}

// LinkChange is what happened to a link.
type LinkChange string

// The changes of a link.
const (
	Linked   LinkChange = "LINKED"
	Unlinked LinkChange = "UNLINKED"
)

// event is a row of ticket_events.
type event struct {
	Event
	Kind        string
	FromValue   *string
	ToValue     *string
	Reason      *string
	MessageID   *MessageID
	NoteID      *NoteID
	TagID       *TagID
	FromAgentID *accounts.AgentID
	FromTeamID  *accounts.TeamID
	ToAgentID   *accounts.AgentID
	ToTeamID    *accounts.TeamID

	Field        *Field
	ContactID    *accounts.ContactID
	OtherID      *ID
	SnoozedUntil *time.Time
	IncidentID   *string
	Unlinked     bool

	version int // of the ticket, which the event's change made
}

// entry gives the row the type of its kind. The checks of the table make the values that a kind needs present.
func (e *event) entry() TimelineEntry {
	switch e.Kind {
	case "MESSAGE":
		return &MessageEntry{e.Event, *e.MessageID}
	case "NOTE":
		return &NoteEntry{e.Event, *e.NoteID}
	case "STATUS":
		return &StatusEntry{e.Event, (*Status)(e.FromValue), Status(*e.ToValue), e.Reason, e.SnoozedUntil}
	case "PRIORITY":
		return &PriorityEntry{e.Event, (*Priority)(e.FromValue), Priority(*e.ToValue)}
	case "FIELD":
		return &FieldEntry{e.Event, *e.Field, e.FromValue, *e.ToValue}
	case "PARTICIPANT":
		return &ParticipantEntry{e.Event, ParticipantChange(*e.ToValue), *e.ContactID}
	case "TAG":
		return &TagEntry{e.Event, TagChange(*e.ToValue), *e.TagID}
	case "SLA":
		return &SlaEntry{e.Event, value(e.Reason), *e.ToValue}
	case "TRANSFER", "RELATION":
		return &RelationEntry{e.Event, RelationChange(*e.ToValue), *e.OtherID}
	case "VISIBILITY":
		return &VisibilityEntry{e.Event, VisibilityChange(*e.ToValue), *e.MessageID, *e.NoteID}
	case "REDACTION":
		return &RedactionEntry{e.Event, value(e.Reason), e.MessageID, e.NoteID}
	case "DELETION":
		return &DeletionEntry{e.Event, DeletionChange(*e.ToValue), e.Reason}
	case "LINK":
		change := Linked
		if e.Unlinked {
			change = Unlinked
		}
		return &LinkEntry{e.Event, change, value(e.Reason), *e.ToValue}
	default:
		return &AssignmentEntry{e.Event, e.FromAgentID, e.FromTeamID, e.ToAgentID, e.ToTeamID}
	}
}

func value(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// customerKinds are the kinds of event that customers see; every other is for staff.
var customerKinds = []string{"MESSAGE", "STATUS", "ASSIGNMENT", "PRIORITY", "FIELD", "PARTICIPANT", "TRANSFER"}

// TimelineOf reads the same page of events for each of the tickets that the scope covers, the oldest first; one row more
// than asked for each. A message or note is told of on the ticket where it is now, as what it is now. Customers get those
// kinds only that are theirs to see. The thread must have passed Check.
func TimelineOf(scope accounts.Scope, ids []ID, thread Thread) postgres.Query[TimelineEntry] {
	at, key, limit := thread.args()
	condition, args := visible(scope, []any{ids, at, key, limit, scope.Staff, customerKinds})
	some := func(on string) string {
		return `(select * from ticket_events
			where ` + on + ` and ($5 or coalesce(shown_as, kind) = any($6))
				and ($2::timestamptz is null or (created_at, id) > ($2, $3::uuid))
			order by created_at, id
			limit $4)`
	}
	return postgres.Query[TimelineEntry]{
		SQL: `-- timeline.of_tickets
			select e.id, t.id as ticket_id, e.actor_contact_id, e.actor_agent_id, e.created_at, coalesce(e.shown_as, e.kind) as kind,
				e.from_value, e.to_value, e.reason, e.message_id, e.note_id, e.tag_id, e.from_agent_id, e.from_team_id, e.to_agent_id,
				e.to_team_id, e.field, e.contact_id, e.other_id, e.snoozed_until,
				e.incident_id, e.unlinked
			from tickets t
			cross join lateral (
				select * from (` + some("ticket_id = t.id and shown_on_id is null") + ` union all ` + some("shown_on_id = t.id") + `) e
				order by created_at, id
				limit $4
			) e
			where t.id = any($1) and ` + condition + `
			order by t.id, e.created_at, e.id`,
		Args: args,
		Row: func(row pgx.CollectableRow) (TimelineEntry, error) {
			e, err := postgres.ToStruct[event](row)
			if err != nil {
				return nil, err
			}
			return e.entry(), nil
		},
	}
}
