package loaders

import (
	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
	"supportgraph/clients/tickets"
)

var (
	macroByID = byKey("Macro",
		func(l *Loaders, ids []tickets.MacroID) postgres.Query[*tickets.Macro] {
			return tickets.MacrosByID(l.who.Scope, l.who.Agent, ids)
		},
		func(m *tickets.Macro) tickets.MacroID { return m.ID })

	allMacros = byParent("Macros",
		func(l *Loaders, _ []struct{}) postgres.Query[*tickets.Macro] {
			return tickets.Macros(l.who.Scope, l.who.Agent)
		},
		func(*tickets.Macro) struct{} { return struct{}{} })
)

func macroLoader(l *Loaders) *Loader[tickets.MacroID, *tickets.Macro] { return &l.Macro }

func macroEdges() []*edge {
	all := []*edge{
		many("Query", "macros", "Macro", allMacros,
			func(l *Loaders) *Loader[struct{}, []*tickets.Macro] { return &l.Macros },
			func(*Loaders, *Loaders) (struct{}, bool) { return struct{}{}, true }),
		one("Macro", "owner", "Agent", agentByID, agentLoader,
			func(_ *Loaders, m *tickets.Macro) (accounts.AgentID, bool) { return m.AgentID, true }),
		here("Macro", "actions", "MacroActions"), // of the macro's own row
		one("MacroActions", "category", "Category", categoryByID, categoryLoader,
			func(_ *Loaders, m *tickets.Macro) (tickets.CategoryID, bool) { return optional(m.Actions.Category) }),
		one("MacroActions", "assignee", "Agent", agentByID, agentLoader,
			func(_ *Loaders, m *tickets.Macro) (accounts.AgentID, bool) { return optional(m.Actions.Agent) }),
		one("MacroActions", "assignee", "Team", teamByID, teamLoader,
			func(_ *Loaders, m *tickets.Macro) (accounts.TeamID, bool) { return optional(m.Actions.Team) }),
		one("MacroPayload", "macro", "Macro", macroByID, macroLoader,
			func(_ *Loaders, o *tickets.Outcome) (tickets.MacroID, bool) { return optional(o.MacroID) }),
		here("PreviewPayload", "preview", "TicketPreview"), // of the payload's own outcome
		one("TicketPreview", "ticket", "Ticket", ticketByID, ticketLoader,
			func(_ *Loaders, o *tickets.Outcome) (tickets.ID, bool) { return optional(o.TicketID) }),
		one("TicketPreview", "category", "Category", categoryByID, categoryLoader,
			previewed(func(p *tickets.Preview) (tickets.CategoryID, bool) { return p.CategoryID, true })),
		one("TicketPreview", "assignee", "Agent", agentByID, agentLoader,
			previewed(func(p *tickets.Preview) (accounts.AgentID, bool) { return optional(p.AssigneeAgentID) })),
		one("TicketPreview", "assignee", "Team", teamByID, teamLoader,
			previewed(func(p *tickets.Preview) (team accounts.TeamID, ok bool) {
				if p.AssigneeAgentID != nil {
					return team, false
				}
				return optional(p.AssigneeTeamID)
			})),
		{
			typ: "TicketPreview", field: "tags", target: "Tag",
			expand: func(_ *level, parents []any, _ any, _ uint64) reached {
				return reached{come: func() (rows []any, more bool) {
					for _, parent := range parents {
						if preview := parent.(*tickets.Outcome).Preview; preview != nil {
							for _, tag := range preview.Tags {
								rows = append(rows, &tickets.TicketTag{Tag: *tag, TicketID: preview.TicketID})
							}
						}
					}
					return rows, false
				}}
			},
		},
	}
	return append(append(all, showing("ApplyMacroPayload")...), append(refusing("MacroPayload"), refusing("PreviewPayload")...)...)
}

// previewed is the key that a preview leads to, where there is one.
func previewed[K any](key func(*tickets.Preview) (K, bool)) func(*Loaders, *tickets.Outcome) (K, bool) {
	return func(_ *Loaders, o *tickets.Outcome) (none K, ok bool) {
		if o.Preview == nil {
			return none, false
		}
		return key(o.Preview)
	}
}
