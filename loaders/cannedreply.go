package loaders

import (
	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
	"supportgraph/clients/tickets"
)

var (
	cannedReplyByID = byKey("CannedReply",
		func(l *Loaders, ids []tickets.CannedReplyID) postgres.Query[*tickets.CannedReply] {
			return tickets.CannedRepliesByID(l.who.Scope, l.who.Agent, ids)
		},
		func(r *tickets.CannedReply) tickets.CannedReplyID { return r.ID })

	allCannedReplies = byParent("CannedReplies",
		func(l *Loaders, _ []struct{}) postgres.Query[*tickets.CannedReply] {
			return tickets.CannedReplies(l.who.Scope, l.who.Agent)
		},
		func(*tickets.CannedReply) struct{} { return struct{}{} })

	ticketWords = byKey("Words",
		func(l *Loaders, ids []tickets.ID) postgres.Query[*tickets.Words] {
			return tickets.WordsOf(l.who.Scope, l.who.Agent, ids)
		},
		func(w *tickets.Words) tickets.ID { return w.TicketID })
)

func cannedReplyLoader(l *Loaders) *Loader[tickets.CannedReplyID, *tickets.CannedReply] {
	return &l.CannedReply
}

func cannedReplyEdges() []*edge {
	text := lead("CannedReply", "text", ticketWords,
		func(l *Loaders) *Loader[tickets.ID, *tickets.Words] { return &l.Words },
		func(_ *Loaders, _ *tickets.CannedReply, args any, claim func(tickets.ID)) { claim(args.(tickets.ID)) },
		func(*tickets.Words, func(any)) {})
	text.bind = func(raw map[string]any) (any, bool) { return bound(keyed[tickets.ID](raw["ticket"])) }
	all := []*edge{
		text,
		many("Query", "cannedReplies", "CannedReply", allCannedReplies,
			func(l *Loaders) *Loader[struct{}, []*tickets.CannedReply] { return &l.CannedReplies },
			func(*Loaders, *Loaders) (struct{}, bool) { return struct{}{}, true }),
		one("CannedReply", "owner", "Agent", agentByID, agentLoader,
			func(_ *Loaders, r *tickets.CannedReply) (accounts.AgentID, bool) { return r.AgentID, true }),
		one("CannedReplyPayload", "cannedReply", "CannedReply", cannedReplyByID, cannedReplyLoader,
			func(_ *Loaders, o *tickets.Outcome) (tickets.CannedReplyID, bool) { return optional(o.CannedReplyID) }),
	}
	return append(all, refusing("CannedReplyPayload")...)
}
