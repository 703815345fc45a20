package tickets

import (
	"slices"

	"supportgraph/clients/accounts"
)

// Action is a change of a ticket that somebody may make, or may not: a mutation that names the ticket.
type Action string

// DenialReason is why an action is not allowed, for programs.
type DenialReason string

// The reasons why an action is not allowed.
const (
	DeniedReadOnly DenialReason = "READ_ONLY" // the viewer only reads this ticket
	DeniedRole     DenialReason = "ROLE"      // only other roles may
	DeniedEnded    DenialReason = "ENDED"     // the ticket does not change any more
	DeniedStatus   DenialReason = "STATUS"    // not from where the ticket stands
)

// What is told of the reasons.
const (
	onlyReads  = "You may read this ticket, but not change it."
	onlyStaff  = "Only staff may do this."
	hasEnded   = "The ticket has ended and does not change any more."
	notFrom    = "The ticket does not stand where this could be done."
	onlyChiefs = "Only leads and administrators delete tickets, and restore them."
)

// Denial is why an action is not allowed.
type Denial struct {
	Reason  DenialReason
	Message string // in words for the viewer
}

// Hand is who would act on a ticket, as far as the rules ask.
type Hand struct {
	Staff   bool
	Changes bool               // whether they change the ticket at all, and do not only read it
	Role    accounts.AgentRole // of an agent
}

// HandOf is the hand of a viewer on the tickets of an account. The agent is nil for customers, and for staff who are no
// agents: these only read.
func HandOf(scope accounts.Scope, agent *accounts.Agent, account accounts.ID) Hand {
	switch {
	case !scope.Staff:
		return Hand{Changes: scope.MayWrite(account)}
	case agent == nil || !agent.Active():
		return Hand{Staff: true}
	default:
		return Hand{Staff: true, Changes: true, Role: agent.Role}
	}
}

// rule is who may make a change, and of which tickets.
type rule struct {
	action Action
	op     string // the mutation's name
	staff  bool   // whether only staff may
	chiefs bool   // whether of staff only leads and administrators may
	open   bool   // whether the ticket must not have ended
	from   func(s Status, staff bool) bool
}

// rules are those of all changes of one ticket, in the order in which permissions are listed.
var rules = []rule{
	{action: "UPDATE_TICKET", op: "updateTicket", open: true},
	{action: "ASSIGN_TICKET", op: "assignTicket", staff: true, open: true},
	{action: "SET_TICKET_STATUS", op: "setTicketStatus", open: true},
	{action: "SNOOZE_TICKET", op: "snoozeTicket", staff: true, from: func(s Status, staff bool) bool {
		return s == StatusSnoozed || slices.Contains(Moves(s, staff), StatusSnoozed)
	}},
	{action: "UNSNOOZE_TICKET", op: "unsnoozeTicket", staff: true, from: func(s Status, _ bool) bool { return s == StatusSnoozed }},
	{action: "REPLY_TO_TICKET", op: "replyToTicket", from: replies},
	{action: "ADD_INTERNAL_NOTE", op: "addInternalNote", staff: true},
	{action: "ADD_PARTICIPANT", op: "addParticipant", open: true},
	{action: "REMOVE_PARTICIPANT", op: "removeParticipant", open: true},
	{action: "ADD_TAGS", op: "addTags", staff: true},
	{action: "REMOVE_TAGS", op: "removeTags", staff: true},
	{action: "LINK_INCIDENT", op: "linkIncident", staff: true, open: true},
	{action: "UNLINK_INCIDENT", op: "unlinkIncident", staff: true, open: true},
	{action: "RELATE_TICKETS", op: "relateTickets", staff: true},
	{action: "UNRELATE_TICKETS", op: "unrelateTickets", staff: true},
	{action: "MERGE_TICKETS", op: "mergeTickets", staff: true, open: true},
	{action: "UNMERGE_TICKETS", op: "unmergeTickets", staff: true, from: func(s Status, _ bool) bool { return s == StatusMerged }},
	{action: "SPLIT_TICKET", op: "splitTicket", staff: true, open: true},
	{action: "REDACT_MESSAGE", op: "redactMessage", staff: true},
	{action: "MAKE_NOTE_PUBLIC", op: "makeNotePublic", staff: true},
	{action: "MAKE_MESSAGE_INTERNAL", op: "makeMessageInternal", staff: true},
	{action: "SAVE_DRAFT", op: "saveDraft", staff: true},
	{action: "APPLY_MACRO", op: "applyMacro", staff: true},
	{action: "DELETE_TICKET", op: "deleteTicket", staff: true, chiefs: true},
	{action: "RESTORE_TICKET", op: "restoreTicket", staff: true, chiefs: true},
}

// replies tells whether a ticket takes replies. It does not depend on how long it has stood where it stands.
func replies(s Status, staff bool) bool {
	return s != StatusMerged && (s != StatusClosed || !staff)
}

// deny is why a rule keeps a hand from a ticket, nil where it does not.
func (r *rule) deny(t *Ticket, by Hand) *Denial {
	switch {
	case r.staff && !by.Staff:
		return &Denial{DeniedRole, onlyStaff}
	case !by.Changes:
		return &Denial{DeniedReadOnly, onlyReads}
	case r.chiefs && by.Role != accounts.AgentRoleLead && by.Role != accounts.AgentRoleAdmin:
		return &Denial{DeniedRole, onlyChiefs}
	case r.open && t.Status.Ended():
		return &Denial{DeniedEnded, hasEnded}
	case r.from != nil && !r.from(t.Status, by.Staff):
		return &Denial{DeniedStatus, notFrom}
	default:
		return nil
	}
}

// Denied is why a mutation, by its name, is not for a hand to make on a ticket; nil where it is. Changes go by it: what it
// denies is refused, and what it allows is refused only for what the input says.
func Denied(op string, t *Ticket, by Hand) *Denial {
	at := slices.IndexFunc(rules, func(r rule) bool { return r.op == op })
	if at < 0 {
		return nil
	}
	return rules[at].deny(t, by)
}

// Permission is whether an action is allowed, and why not.
type Permission struct {
	Action Action
	Denial *Denial // nil: it is allowed
}

// Allowed tells whether the action is allowed.
func (p *Permission) Allowed() bool { return p.Denial == nil }

// Reason is why the action is not allowed, nil where it is.
func (p *Permission) Reason() *DenialReason {
	if p.Denial == nil {
		return nil
	}
	return &p.Denial.Reason
}

// Message is why the action is not allowed, in words for the viewer, nil where it is.
func (p *Permission) Message() *string {
	if p.Denial == nil {
		return nil
	}
	return &p.Denial.Message
}

// TicketPermissions is what a viewer may do with a ticket.
type TicketPermissions struct {
	Actions  []*Permission
	Statuses []Status // where they may bring it by setTicketStatus
}

// Permissions is what a hand may do with a ticket that its owner sees: of actions, customers are told of those that are
// theirs in principle.
func Permissions(t *Ticket, by Hand) *TicketPermissions {
	found := &TicketPermissions{Statuses: []Status{}}
	for i := range rules {
		r := &rules[i]
		if r.staff && !by.Staff || r.op == "restoreTicket" { // nobody sees what is deleted
			continue
		}
		found.Actions = append(found.Actions, &Permission{r.action, r.deny(t, by)})
	}
	for _, to := range Moves(t.Status, by.Staff) {
		if by.Changes && to != StatusSnoozed { // which has a mutation of its own
			found.Statuses = append(found.Statuses, to)
		}
	}
	return found
}
