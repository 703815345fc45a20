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
	macroResolver             struct{ *Resolver }
	macroActionsResolver      struct{ *Resolver }
	macroPayloadResolver      struct{ *Resolver }
	applyMacroPayloadResolver struct{ *Resolver }
	ticketPreviewResolver     struct{ *Resolver }
)

// Macro answers for Macro.
func (r *Resolver) Macro() graph.MacroResolver { return &macroResolver{r} }

// MacroActions answers for MacroActions.
func (r *Resolver) MacroActions() graph.MacroActionsResolver { return &macroActionsResolver{r} }

// MacroPayload answers for MacroPayload.
func (r *Resolver) MacroPayload() graph.MacroPayloadResolver { return &macroPayloadResolver{r} }

// ApplyMacroPayload answers for ApplyMacroPayload.
func (r *Resolver) ApplyMacroPayload() graph.ApplyMacroPayloadResolver {
	return &applyMacroPayloadResolver{r}
}

// TicketPreview answers for TicketPreview.
func (r *Resolver) TicketPreview() graph.TicketPreviewResolver { return &ticketPreviewResolver{r} }

func (r *queryResolver) Macros(ctx context.Context) ([]*tickets.Macro, error) {
	return loaders.From(ctx).Macros.Load(ctx, struct{}{})
}

func (r *macroResolver) Owner(ctx context.Context, obj *tickets.Macro) (*accounts.Agent, error) {
	return loaders.From(ctx).Agent.Load(ctx, obj.AgentID)
}

func (r *macroActionsResolver) Category(ctx context.Context, obj *tickets.Actions) (*tickets.Category, error) {
	if obj.Category == nil {
		return nil, nil
	}
	return loaders.From(ctx).Category.Load(ctx, *obj.Category)
}

func (r *macroActionsResolver) Assignee(ctx context.Context, obj *tickets.Actions) (model.Assignee, error) {
	return assignee(ctx, obj.Agent, obj.Team)
}

func (r *mutationResolver) SaveMacro(ctx context.Context, input tickets.MacroText) (*tickets.Outcome, error) {
	return changed(ctx, r.clients.Tickets.SaveMacro, input)
}

func (r *mutationResolver) DeleteMacro(ctx context.Context, input tickets.MacroEnd) (*tickets.Outcome, error) {
	return changed(ctx, r.clients.Tickets.DeleteMacro, input)
}

func (r *mutationResolver) ApplyMacro(ctx context.Context, input tickets.Application) (*tickets.Outcome, error) {
	return changed(ctx, r.clients.Tickets.ApplyMacro, input)
}

func (r *mutationResolver) PreviewMacro(ctx context.Context, input tickets.Look) (*tickets.Outcome, error) {
	return changed(ctx, r.clients.Tickets.PreviewMacro, input)
}

func (r *macroPayloadResolver) Macro(ctx context.Context, obj *tickets.Outcome) (*tickets.Macro, error) {
	if obj.MacroID == nil {
		return nil, nil
	}
	return loaders.From(ctx).Macro.Load(ctx, *obj.MacroID)
}

func (r *applyMacroPayloadResolver) Ticket(ctx context.Context, obj *tickets.Outcome) (*tickets.Ticket, error) {
	return changedTicket(ctx, obj)
}

func (r *applyMacroPayloadResolver) Operation(ctx context.Context, obj *tickets.Outcome) (*tickets.BulkJob, error) {
	return bulkJob(ctx, obj)
}

func (r *ticketPreviewResolver) Ticket(ctx context.Context, obj *tickets.Preview) (*tickets.Ticket, error) {
	return loaders.From(ctx).Ticket.Load(ctx, obj.TicketID)
}

func (r *ticketPreviewResolver) Category(ctx context.Context, obj *tickets.Preview) (*tickets.Category, error) {
	return loaders.From(ctx).Category.Load(ctx, obj.CategoryID)
}

func (r *ticketPreviewResolver) Assignee(ctx context.Context, obj *tickets.Preview) (model.Assignee, error) {
	return assignee(ctx, obj.AssigneeAgentID, obj.AssigneeTeamID)
}
