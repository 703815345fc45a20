package tickets

import "supportgraph/clients/accounts"

// Code is the stable name of what is wrong with a change.
type Code string

// The codes.
const (
	Missing           Code = "MISSING"            // nothing, or nothing that can be seen, where something is needed
	TooLong           Code = "TOO_LONG"           // a text
	TooMany           Code = "TOO_MANY"           // of something
	Invalid           Code = "INVALID"            // a value that cannot be used
	KeyReused         Code = "KEY_REUSED"         // the idempotency key belongs to another change
	NotFound          Code = "NOT_FOUND"          // nothing that the author may know of
	Forbidden         Code = "FORBIDDEN"          // known, and not allowed
	InvalidTransition Code = "INVALID_TRANSITION" // from one status to another
	VersionConflict   Code = "VERSION_CONFLICT"   // somebody else has changed the same
	CrossingReply     Code = "CROSSING_REPLY"     // somebody else has written meanwhile
)

// UserError is why a change was refused, in words for its author: a *ValidationError, *NotFoundError, *ForbiddenError,
// *InvalidTransitionError, *VersionConflictError or *CrossingReplyError.
type UserError interface{ Refused() *Refusal }

// Refusal is what all user errors have. It never repeats the input.
type Refusal struct {
	Code    Code
	Message string
	Path    []string // of the argument that is wrong: "input", "subject"
}

// Refused returns what the error has in common with all others.
func (r *Refusal) Refused() *Refusal { return r }

// ValidationError is an input that cannot be used.
type ValidationError struct{ Refusal }

// NotFoundError is something that is not there, or not for the author to know of.
type NotFoundError struct{ Refusal }

// ForbiddenError is something that the author may see and not change.
type ForbiddenError struct{ Refusal }

// InvalidTransitionError is a status that the ticket cannot be brought to.
type InvalidTransitionError struct {
	Refusal
	From    Status
	To      Status
	Allowed []Status
}

// VersionConflictError is a change of what somebody else has changed since the version that it was made against.
type VersionConflictError struct {
	Refusal
	TicketID           ID
	ChangedByContactID *accounts.ContactID // this or
	ChangedByAgentID   *accounts.AgentID   // this changed last what the author wants to change; neither: the system
	ChangedFields      []Field             // all that has changed since and that the author may know of
	Yours              []Field             // those of it that the author wants to change
}

// CrossingReplyError is a reply whose author had not seen the newest message of somebody else.
type CrossingReplyError struct {
	Refusal
	MessageID MessageID // the newest
}

// Refuse is the user error of a code that has no more to say than where and why: Missing, TooLong, TooMany, Invalid,
// KeyReused or NotFound.
func Refuse(code Code, message string, at ...string) UserError {
	if code == NotFound {
		return missing(message, at...)
	}
	return invalid(code, message, at...)
}

// Forbid is the user error of what is known, and not allowed.
func Forbid(message string, at ...string) UserError { return forbidden(message, at...) }

func path(of ...string) []string { return append([]string{"input"}, of...) }

func invalid(code Code, message string, at ...string) UserError {
	return &ValidationError{Refusal{code, message, path(at...)}}
}

func missing(message string, at ...string) UserError {
	return &NotFoundError{Refusal{NotFound, message, path(at...)}}
}

func forbidden(message string, at ...string) UserError {
	return &ForbiddenError{Refusal{Forbidden, message, path(at...)}}
}
