package loaders

import (
	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
	"supportgraph/clients/tickets"
)

// MessagePage is a page of messages.
type MessagePage = postgres.Page[*tickets.Message]

// ThreadKey is a page of what hangs on a ticket.
type ThreadKey struct {
	Ticket tickets.ID
	Stretch
}

func splitThread(key ThreadKey) (tickets.ID, Stretch)         { return key.Ticket, key.Stretch }
func joinThread(ticket tickets.ID, stretch Stretch) ThreadKey { return ThreadKey{ticket, stretch} }
func (s Stretch) thread() tickets.Thread                      { return tickets.Thread{First: s.First, After: s.Cursor()} }

var (
	messageByID = byKey("Message",
		func(l *Loaders, ids []tickets.MessageID) postgres.Query[*tickets.Message] {
			return tickets.Messages(l.who.Scope, ids)
		},
		func(m *tickets.Message) tickets.MessageID { return m.ID })

	messagePage = byPage("Messages", splitThread, joinThread,
		func(l *Loaders, ids []tickets.ID, stretch Stretch) postgres.Query[*tickets.Message] {
			return tickets.MessagesOf(l.who.Scope, ids, stretch.thread())
		},
		func(m *tickets.Message) tickets.ID { return m.TicketID },
		func(rows []*tickets.Message, stretch Stretch) *MessagePage {
			return postgres.NewPage(rows, stretch.First, stretch.Cursor(), (*tickets.Message).Cursor)
		})
)

func messageLoader(l *Loaders) *Loader[tickets.MessageID, *tickets.Message] { return &l.Message }

// thread declares an edge from a ticket to pages of what hangs on it.
func thread[V any](field, target string, order byte, source *source[ThreadKey, *postgres.Page[V]], loader at[ThreadKey, *postgres.Page[V]]) *edge {
	e := lead("Ticket", field, source, loader,
		func(_ *Loaders, t *tickets.Ticket, args any, claim func(ThreadKey)) {
			claim(ThreadKey{t.ID, args.(Stretch)})
		},
		items[V])
	e.target, e.paged = target, true
	e.bind = stretches(func(after postgres.Cursor) error { return tickets.Thread{After: &after}.Check(order) })
	return e
}

func messageEdges() []*edge {
	return append([]*edge{
		thread("messages", "Message", tickets.MessageOrder, messagePage,
			func(l *Loaders) *Loader[ThreadKey, *MessagePage] { return &l.Messages }),
		one("Ticket", "lastMessage", "Message", messageByID, messageLoader,
			func(_ *Loaders, t *tickets.Ticket) (tickets.MessageID, bool) { return optional(t.LastMessageID) }),
		one("Message", "ticket", "Ticket", ticketByID, ticketLoader,
			func(_ *Loaders, m *tickets.Message) (tickets.ID, bool) { return m.TicketID, true }),
		one("Message", "author", "Contact", contactByID, contactLoader,
			func(_ *Loaders, m *tickets.Message) (accounts.ContactID, bool) { return optional(m.AuthorContactID) }),
		one("Message", "author", "Agent", agentByID, agentLoader,
			func(_ *Loaders, m *tickets.Message) (accounts.AgentID, bool) { return optional(m.AuthorAgentID) }),
	}, node[tickets.MessageID]("Message", messageByID, messageLoader)...)
}
