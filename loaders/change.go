package loaders

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"supportgraph/clients/accounts"
	"supportgraph/clients/tickets"
)

// Changed has all that the current field of a mutation reads from here on read anew, and planned from what the change led
// to. The fields of a mutation run one after the other, so that nobody else reads meanwhile.
func Changed(ctx context.Context, outcome any) {
	current := currentOf(ctx)
	before := current.Load()
	l := before.factory.loaders(before.ctx, before.who)
	current.Store(l)
	if l.factory.plain || !graphql.HasOperationContext(ctx) {
		return
	}
	l.start.Do(func() {
		l.vars = graphql.GetOperationContext(ctx).Variables
		field := graphql.GetFieldContext(ctx).Field
		c := &compiler{plans: l.factory.plans, left: maxSelections}
		first := l.level()
		first.depth = 1
		defer guard(first.abandon)
		first.expand(c.selection(field.Definition.Type.Name(), []part{{set: field.Selections, path: field.Alias}}), []any{outcome})
		first.callVendors(nil)
		if len(first.readings) > 0 || len(first.follows) > 0 {
			l.advance(first)
		}
	})
}

// refusals are the types of the interface UserError from which an edge leads on.
var refusals = []string{"VersionConflictError", "CrossingReplyError"}

func refusal(row any) string {
	switch row.(type) {
	case *tickets.VersionConflictError:
		return "VersionConflictError"
	case *tickets.CrossingReplyError:
		return "CrossingReplyError"
	default:
		return ""
	}
}

func changeEdges() []*edge {
	all := []*edge{
		one("ReplyPayload", "message", "Message", messageByID, messageLoader,
			func(_ *Loaders, o *tickets.Outcome) (tickets.MessageID, bool) { return optional(o.MessageID) }),
		one("NotePayload", "note", "InternalNote", noteByID, noteLoader,
			func(_ *Loaders, o *tickets.Outcome) (tickets.NoteID, bool) { return optional(o.NoteID) }),
		one("VersionConflictError", "ticket", "Ticket", ticketByID, ticketLoader,
			func(_ *Loaders, e *tickets.VersionConflictError) (tickets.ID, bool) { return e.TicketID, true }),
		one("VersionConflictError", "changedBy", "Contact", contactByID, contactLoader,
			func(_ *Loaders, e *tickets.VersionConflictError) (accounts.ContactID, bool) {
				return optional(e.ChangedByContactID)
			}),
		one("VersionConflictError", "changedBy", "Agent", agentByID, agentLoader,
			func(_ *Loaders, e *tickets.VersionConflictError) (accounts.AgentID, bool) {
				return optional(e.ChangedByAgentID)
			}),
		one("CrossingReplyError", "crossing", "Message", messageByID, messageLoader,
			func(_ *Loaders, e *tickets.CrossingReplyError) (tickets.MessageID, bool) { return e.MessageID, true }),
	}
	for _, payload := range []string{"TicketPayload", "ReplyPayload", "NotePayload", "MergePayload", "SplitPayload", "RedactionPayload"} {
		all = append(all, showing(payload)...)
	}
	return append(all, refusing("TicketViewPayload")...)
}

// showing declares the edges from a payload to its ticket, and to why its change was refused.
func showing(payload string) []*edge {
	return append(refusing(payload),
		one(payload, "ticket", "Ticket", ticketByID, ticketLoader,
			func(_ *Loaders, o *tickets.Outcome) (tickets.ID, bool) { return optional(o.TicketID) }))
}

// refusing declares the edges from a payload to why its change was refused.
func refusing(payload string) []*edge {
	return []*edge{userErrors(payload, func(o *tickets.Outcome) []tickets.UserError { return o.UserErrors })}
}

// userErrors declares the edge from a payload to why the change was refused.
func userErrors[P any](payload string, of func(P) []tickets.UserError) *edge {
	return &edge{
		typ: payload, field: "userErrors", kind: refusal, kinds: refusals,
		expand: func(_ *level, parents []any, _ any, _ uint64) reached {
			return reached{come: func() (rows []any, more bool) {
				for _, parent := range parents {
					for _, refused := range of(parent.(P)) {
						rows = append(rows, refused)
					}
				}
				return rows, false
			}}
		},
	}
}
