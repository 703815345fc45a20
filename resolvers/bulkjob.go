package resolvers

import (
	"context"

	"supportgraph/clients/accounts"
	"supportgraph/clients/tickets"
	"supportgraph/graph"
	"supportgraph/graph/model"
	"supportgraph/loaders"
)

type (
	bulkJobResolver        struct{ *Resolver }
	bulkItemResolver       struct{ *Resolver }
	bulkJobPayloadResolver struct{ *Resolver }
)

// BulkJob answers for BulkJob.
func (r *Resolver) BulkJob() graph.BulkJobResolver { return &bulkJobResolver{r} }

// BulkItem answers for BulkItem.
func (r *Resolver) BulkItem() graph.BulkItemResolver { return &bulkItemResolver{r} }

// BulkJobPayload answers for BulkJobPayload.
func (r *Resolver) BulkJobPayload() graph.BulkJobPayloadResolver { return &bulkJobPayloadResolver{r} }

func (r *queryResolver) BulkJob(ctx context.Context, id model.GlobalID) (*tickets.BulkJob, error) {
	return byID(ctx, &loaders.From(ctx).BulkJob, id, "id", "something that was done in one go")
}

func (r *bulkJobResolver) By(ctx context.Context, obj *tickets.BulkJob) (*accounts.Agent, error) {
	return loaders.From(ctx).Agent.Load(ctx, obj.AgentID)
}

func (r *bulkJobResolver) Items(ctx context.Context, obj *tickets.BulkJob) ([]*tickets.BulkItem, error) {
	return loaders.From(ctx).BulkItems.Load(ctx, obj.ID)
}

func (r *bulkItemResolver) Ticket(ctx context.Context, obj *tickets.BulkItem) (*tickets.Ticket, error) {
	return loaders.From(ctx).Ticket.Load(ctx, obj.TicketID)
}

func (r *mutationResolver) BulkUpdateTickets(ctx context.Context, input tickets.Bulk) (*tickets.Outcome, error) {
	return changed(ctx, r.clients.Tickets.BulkUpdate, input)
}

func (r *mutationResolver) UndoOperation(ctx context.Context, input tickets.Undo) (*tickets.Outcome, error) {
	return changed(ctx, r.clients.Tickets.Undo, input)
}

func (r *mergePayloadResolver) Operation(ctx context.Context, obj *tickets.Outcome) (*tickets.BulkJob, error) {
	return bulkJob(ctx, obj)
}

func (r *bulkJobPayloadResolver) Job(ctx context.Context, obj *tickets.Outcome) (*tickets.BulkJob, error) {
	return bulkJob(ctx, obj)
}

// bulkJob is what a change did to tickets in one go, nil where it did not.
func bulkJob(ctx context.Context, outcome *tickets.Outcome) (*tickets.BulkJob, error) {
	if outcome.OperationID == nil {
		return nil, nil
	}
	return loaders.From(ctx).BulkJob.Load(ctx, *outcome.OperationID)
}
