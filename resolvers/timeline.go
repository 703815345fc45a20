package resolvers

import (
	"context"

	"supportgraph/clients/postgres"
	"supportgraph/clients/tickets"
	"supportgraph/graph"
	"supportgraph/graph/model"
	"supportgraph/loaders"
)

func (r *ticketResolver) Timeline(ctx context.Context, obj *tickets.Ticket, first int, after *postgres.Cursor) (*model.TimelineConnection, error) {
	key, err := thread(obj.ID, first, after, tickets.TimelineOrder)
	if err != nil {
		return nil, err
	}
	return model.Connect(loaders.From(ctx).Timeline.Load(ctx, key))
}

type (
	messageEntryResolver    struct{ *Resolver }
	noteEntryResolver       struct{ *Resolver }
	statusEntryResolver     struct{ *Resolver }
	assignmentEntryResolver struct{ *Resolver }
	priorityEntryResolver   struct{ *Resolver }
	fieldEntryResolver      struct{ *Resolver }
	tagEntryResolver        struct{ *Resolver }
	slaEntryResolver        struct{ *Resolver }
	linkEntryResolver       struct{ *Resolver }
)

// MessageEntry answers for MessageEntry.
func (r *Resolver) MessageEntry() graph.MessageEntryResolver { return &messageEntryResolver{r} }

// NoteEntry answers for NoteEntry.
func (r *Resolver) NoteEntry() graph.NoteEntryResolver { return &noteEntryResolver{r} }

// StatusEntry answers for StatusEntry.
func (r *Resolver) StatusEntry() graph.StatusEntryResolver { return &statusEntryResolver{r} }

// AssignmentEntry answers for AssignmentEntry.
func (r *Resolver) AssignmentEntry() graph.AssignmentEntryResolver {
	return &assignmentEntryResolver{r}
}

// PriorityEntry answers for PriorityEntry.
func (r *Resolver) PriorityEntry() graph.PriorityEntryResolver { return &priorityEntryResolver{r} }

// FieldEntry answers for FieldEntry.
func (r *Resolver) FieldEntry() graph.FieldEntryResolver { return &fieldEntryResolver{r} }

// TagEntry answers for TagEntry.
func (r *Resolver) TagEntry() graph.TagEntryResolver { return &tagEntryResolver{r} }

// SlaEntry answers for SlaEntry.
func (r *Resolver) SlaEntry() graph.SlaEntryResolver { return &slaEntryResolver{r} }

// LinkEntry answers for LinkEntry.
func (r *Resolver) LinkEntry() graph.LinkEntryResolver { return &linkEntryResolver{r} }

func (r *messageEntryResolver) Actor(ctx context.Context, obj *tickets.MessageEntry) (model.Actor, error) {
	return actor(ctx, obj.ActorContactID, obj.ActorAgentID)
}

func (r *noteEntryResolver) Actor(ctx context.Context, obj *tickets.NoteEntry) (model.Actor, error) {
	return actor(ctx, obj.ActorContactID, obj.ActorAgentID)
}

func (r *statusEntryResolver) Actor(ctx context.Context, obj *tickets.StatusEntry) (model.Actor, error) {
	return actor(ctx, obj.ActorContactID, obj.ActorAgentID)
}

func (r *assignmentEntryResolver) Actor(ctx context.Context, obj *tickets.AssignmentEntry) (model.Actor, error) {
	return actor(ctx, obj.ActorContactID, obj.ActorAgentID)
}

func (r *priorityEntryResolver) Actor(ctx context.Context, obj *tickets.PriorityEntry) (model.Actor, error) {
	return actor(ctx, obj.ActorContactID, obj.ActorAgentID)
}

func (r *fieldEntryResolver) Actor(ctx context.Context, obj *tickets.FieldEntry) (model.Actor, error) {
	return actor(ctx, obj.ActorContactID, obj.ActorAgentID)
}

func (r *tagEntryResolver) Actor(ctx context.Context, obj *tickets.TagEntry) (model.Actor, error) {
	return actor(ctx, obj.ActorContactID, obj.ActorAgentID)
}

func (r *slaEntryResolver) Actor(ctx context.Context, obj *tickets.SlaEntry) (model.Actor, error) {
	return actor(ctx, obj.ActorContactID, obj.ActorAgentID)
}

func (r *linkEntryResolver) Actor(ctx context.Context, obj *tickets.LinkEntry) (model.Actor, error) {
	return actor(ctx, obj.ActorContactID, obj.ActorAgentID)
}

func (r *messageEntryResolver) Message(ctx context.Context, obj *tickets.MessageEntry) (*tickets.Message, error) {
	return loaders.From(ctx).Message.Load(ctx, obj.MessageID)
}

func (r *noteEntryResolver) Note(ctx context.Context, obj *tickets.NoteEntry) (*tickets.InternalNote, error) {
	return loaders.From(ctx).Note.Load(ctx, obj.NoteID)
}

func (r *assignmentEntryResolver) From(ctx context.Context, obj *tickets.AssignmentEntry) (model.Assignee, error) {
	return assignee(ctx, obj.FromAgentID, obj.FromTeamID)
}

func (r *assignmentEntryResolver) To(ctx context.Context, obj *tickets.AssignmentEntry) (model.Assignee, error) {
	return assignee(ctx, obj.ToAgentID, obj.ToTeamID)
}

func (r *tagEntryResolver) Tag(ctx context.Context, obj *tickets.TagEntry) (*tickets.Tag, error) {
	return loaders.From(ctx).Tag.Load(ctx, obj.TagID)
}
