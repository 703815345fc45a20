package loaders

import (
	"github.com/jackc/pgx/v5"

	"supportgraph/clients/postgres"
	"supportgraph/clients/tickets"
)

var (
	slaHistory = byKey("SlaHistory",
		func(l *Loaders, ids []tickets.ID) postgres.Query[*tickets.SlaHistory] {
			return tickets.SlaHistories(l.who.Scope, ids)
		},
		func(h *tickets.SlaHistory) tickets.ID { return h.TicketID })

	// slaRules reads all rules at once: they are few, and clocks go by any of them.
	slaRules = &source[struct{}, *tickets.SlaRules]{
		name: "SlaRules",
		queue: func(_ *Loaders, batch *pgx.Batch, keys []struct{}, fill fill[struct{}, *tickets.SlaRules]) {
			postgres.Queue(batch, tickets.Slas(), func(rows []*tickets.SlaRule, err error) {
				var rules *tickets.SlaRules
				if err == nil {
					rules, err = tickets.NewSlaRules(rows)
				}
				fill(keys, func(put func(struct{}, *tickets.SlaRules)) { put(struct{}{}, rules) }, err)
			})
		},
	}
)

// slaEdges lead to what clocks are worked out from: nothing leads on from there.
func slaEdges() []*edge {
	history := func(l *Loaders) *Loader[tickets.ID, *tickets.SlaHistory] { return &l.SlaHistory }
	rules := func(l *Loaders) *Loader[struct{}, *tickets.SlaRules] { return &l.SlaRules }
	preview := lead("Query", "slaPreview", slaHistory, history,
		func(_ *Loaders, _ *Loaders, args any, claim func(tickets.ID)) { claim(args.(tickets.ID)) },
		found[tickets.SlaHistory])
	preview.bind = func(raw map[string]any) (any, bool) {
		input, _ := raw["input"].(map[string]any)
		return bound(keyed[tickets.ID](input["ticket"]))
	}
	return []*edge{
		preview,
		one("Ticket", "sla", "", slaHistory, history, func(_ *Loaders, t *tickets.Ticket) (tickets.ID, bool) { return t.ID, true }),
		one("Ticket", "sla", "", slaRules, rules, func(*Loaders, *tickets.Ticket) (struct{}, bool) { return struct{}{}, true }),
		one("Query", "slaPreview", "", slaRules, rules, func(*Loaders, *Loaders) (struct{}, bool) { return struct{}{}, true }),
		one("Query", "slaPolicies", "", slaRules, rules, func(*Loaders, *Loaders) (struct{}, bool) { return struct{}{}, true }),
		one("Query", "businessCalendars", "", slaRules, rules, func(*Loaders, *Loaders) (struct{}, bool) { return struct{}{}, true }),
	}
}
