package loaders

import (
	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
	"supportgraph/clients/tickets"
)

var (
	bulkJobByID = byKey("BulkJob",
		func(l *Loaders, ids []tickets.OperationID) postgres.Query[*tickets.BulkJob] {
			return tickets.BulkJobs(l.who.Scope, ids)
		},
		func(j *tickets.BulkJob) tickets.OperationID { return j.ID })

	bulkItems = byParent("BulkItems",
		func(l *Loaders, ids []tickets.OperationID) postgres.Query[*tickets.BulkItem] {
			return tickets.BulkItemsOf(l.who.Scope, ids)
		},
		func(i *tickets.BulkItem) tickets.OperationID { return i.OperationID })
)

func bulkJobLoader(l *Loaders) *Loader[tickets.OperationID, *tickets.BulkJob] { return &l.BulkJob }

func bulkJobEdges() []*edge {
	all := []*edge{
		byID[tickets.OperationID]("bulkJob", "BulkJob", bulkJobByID, bulkJobLoader),
		one("BulkJob", "by", "Agent", agentByID, agentLoader,
			func(_ *Loaders, j *tickets.BulkJob) (accounts.AgentID, bool) { return j.AgentID, true }),
		many("BulkJob", "items", "BulkItem", bulkItems,
			func(l *Loaders) *Loader[tickets.OperationID, []*tickets.BulkItem] { return &l.BulkItems },
			func(_ *Loaders, j *tickets.BulkJob) (tickets.OperationID, bool) { return j.ID, true }),
		one("BulkItem", "ticket", "Ticket", ticketByID, ticketLoader,
			func(_ *Loaders, i *tickets.BulkItem) (tickets.ID, bool) { return i.TicketID, true }),
	}
	for payload, field := range map[string]string{"BulkJobPayload": "job", "MergePayload": "operation", "ApplyMacroPayload": "operation"} {
		all = append(all, one(payload, field, "BulkJob", bulkJobByID, bulkJobLoader,
			func(_ *Loaders, o *tickets.Outcome) (tickets.OperationID, bool) { return optional(o.OperationID) }))
	}
	return append(all, refusing("BulkJobPayload")...)
}
