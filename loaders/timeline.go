package loaders

import (
	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
	"supportgraph/clients/tickets"
)

// TimelinePage is a page of a timeline.
type TimelinePage = postgres.Page[tickets.TimelineEntry]

var timelinePage = byPage("Timeline", splitThread, joinThread,
	func(l *Loaders, ids []tickets.ID, stretch Stretch) postgres.Query[tickets.TimelineEntry] {
		return tickets.TimelineOf(l.who.Scope, ids, stretch.thread())
	},
	func(e tickets.TimelineEntry) tickets.ID { return e.Happened().TicketID },
	func(rows []tickets.TimelineEntry, stretch Stretch) *TimelinePage {
		return postgres.NewPage(rows, stretch.First, stretch.Cursor(),
			func(e tickets.TimelineEntry) postgres.Cursor { return e.Happened().Cursor() })
	})

// entryKinds are the types of the interface TimelineEntry.
var entryKinds = []string{
	"MessageEntry", "NoteEntry", "StatusEntry", "AssignmentEntry", "PriorityEntry", "FieldEntry", "ParticipantEntry",
	"RelationEntry", "VisibilityEntry", "RedactionEntry", "DeletionEntry", "TagEntry", "SlaEntry", "LinkEntry",
}

func entryKind(row any) string {
	switch row.(type) {
	case *tickets.MessageEntry:
		return "MessageEntry"
	case *tickets.NoteEntry:
		return "NoteEntry"
	case *tickets.StatusEntry:
		return "StatusEntry"
	case *tickets.AssignmentEntry:
		return "AssignmentEntry"
	case *tickets.PriorityEntry:
		return "PriorityEntry"
	case *tickets.FieldEntry:
		return "FieldEntry"
	case *tickets.ParticipantEntry:
		return "ParticipantEntry"
	case *tickets.RelationEntry:
		return "RelationEntry"
	case *tickets.VisibilityEntry:
		return "VisibilityEntry"
	case *tickets.RedactionEntry:
		return "RedactionEntry"
	case *tickets.DeletionEntry:
		return "DeletionEntry"
	case *tickets.TagEntry:
		return "TagEntry"
	case *tickets.SlaEntry:
		return "SlaEntry"
	default:
		return "LinkEntry"
	}
}

func timelineEdges() []*edge {
	line := thread("timeline", "", tickets.TimelineOrder, timelinePage,
		func(l *Loaders) *Loader[ThreadKey, *TimelinePage] { return &l.Timeline })
	line.kind, line.kinds = entryKind, entryKinds
	all := []*edge{
		line,
		one("MessageEntry", "message", "Message", messageByID, messageLoader,
			func(_ *Loaders, e *tickets.MessageEntry) (tickets.MessageID, bool) { return e.MessageID, true }),
		one("NoteEntry", "note", "InternalNote", noteByID, noteLoader,
			func(_ *Loaders, e *tickets.NoteEntry) (tickets.NoteID, bool) { return e.NoteID, true }),
		one("TagEntry", "tag", "Tag", tagByID, tagLoader,
			func(_ *Loaders, e *tickets.TagEntry) (tickets.TagID, bool) { return e.TagID, true }),
	}
	for _, kind := range entryKinds {
		all = append(all,
			one(kind, "actor", "Contact", contactByID, contactLoader,
				func(_ *Loaders, e tickets.TimelineEntry) (accounts.ContactID, bool) {
					return optional(e.Happened().ActorContactID)
				}),
			one(kind, "actor", "Agent", agentByID, agentLoader,
				func(_ *Loaders, e tickets.TimelineEntry) (accounts.AgentID, bool) {
					return optional(e.Happened().ActorAgentID)
				}))
	}
	sides := map[string]func(*tickets.AssignmentEntry) (*accounts.AgentID, *accounts.TeamID){
		"from": func(e *tickets.AssignmentEntry) (*accounts.AgentID, *accounts.TeamID) {
			return e.FromAgentID, e.FromTeamID
		},
		"to": func(e *tickets.AssignmentEntry) (*accounts.AgentID, *accounts.TeamID) { return e.ToAgentID, e.ToTeamID },
	}
	for field, side := range sides {
		all = append(all,
			one("AssignmentEntry", field, "Agent", agentByID, agentLoader,
				func(_ *Loaders, e *tickets.AssignmentEntry) (accounts.AgentID, bool) {
					agent, _ := side(e)
					return optional(agent)
				}),
			one("AssignmentEntry", field, "Team", teamByID, teamLoader,
				func(_ *Loaders, e *tickets.AssignmentEntry) (accounts.TeamID, bool) {
					agent, team := side(e)
					if agent != nil {
						return accounts.TeamID{}, false
					}
					return optional(team)
				}))
	}
	return all
}
