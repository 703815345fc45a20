// Package auth says who asks: the viewer of a request and the verification of the token that proves it.
// It imports nothing of ours.
package auth

import "context"

// Audience names a contract: the part of the schema that a kind of viewer may see.
type Audience string

// The audiences, each with a contract of its own.
const (
	Portal   Audience = "portal"   // customers, in the self-service portal
	Console  Audience = "console"  // support agents
	Explorer Audience = "explorer" // engineers, in the playground
)

// Audiences lists every audience, in a fixed order.
var Audiences = []Audience{Portal, Console, Explorer}

// Viewer is the verified bearer of a request's token.
type Viewer struct {
	Audience Audience
	// Subject is the global ID of the person: a contact's (con_...) in the portal, an agent's (agt_...) in the
	// console, an engineer's name in the explorer.
	Subject string
	// Name is what to call the viewer in logs for staff; empty when the token has none.
	Name string
}

type viewerKey struct{}

// WithViewer returns a context that carries the viewer.
func WithViewer(ctx context.Context, viewer *Viewer) context.Context {
	return context.WithValue(ctx, viewerKey{}, viewer)
}

// From returns the viewer of a request. It panics where there is none: nothing runs without a viewer.
func From(ctx context.Context) *Viewer {
	return ctx.Value(viewerKey{}).(*Viewer)
}
