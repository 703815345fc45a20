package endpoint

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime/debug"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"supportgraph/clients/upstream"
)

// Public is an error that was written for viewers: its message is shown when its code is one of ours. Every other
// error is masked. An error may also have a method Argument() string that names the argument it is about.
type Public interface {
	error
	Code() string
}

// The bounds on what is said of one request.
const (
	maxMessage     = 300 // bytes of a message that may hold the caller's own text
	maxErrors      = 20  // errors of a refused operation
	maxLoggedFault = 10  // causes in the log, the others are counted
)

// recovered stands for a panic that is in the log already.
type recovered struct{}

func (recovered) Error() string { return "panic" }

// present turns what a field ran into, into what the viewer reads. gqlgen calls it once per error.
func (h *handler) present(ctx context.Context, err error) *gqlerror.Error {
	shown := &gqlerror.Error{}
	var located *gqlerror.Error
	if errors.As(err, &located) {
		shown.Path, shown.Locations = located.Path, located.Locations
	}
	argument := ""
	if field := graphql.GetFieldContext(ctx); field != nil {
		path := field.Path()
		argument = argumentIn(shown.Path, path, field.Field.Field)
		shown.Path = path
		if shown.Locations == nil && field.Field.Field != nil && field.Field.Position != nil { // an element has no field of its own
			at := field.Field.Position
			shown.Locations = []gqlerror.Location{{Line: at.Line, Column: at.Column}}
		}
	}
	code, message := h.classify(ctx, err, argument)
	var about interface{ Argument() string }
	if errors.As(err, &about) && argument == "" {
		argument = about.Argument()
	}
	shown.Message = message
	return exchangeOf(ctx).sign(shown, code, "argument", argument)
}

// argumentIn names the argument that an error is about: gqlgen appends it to the path of its field.
func argumentIn(path, field ast.Path, selected *ast.Field) string {
	if len(path) <= len(field) || selected == nil || selected.Definition == nil {
		return ""
	}
	rest := path[len(field):]
	name, ok := rest[0].(ast.PathName)
	if !ok || selected.Definition.Arguments.ForName(string(name)) == nil {
		return ""
	}
	return rest.String()
}

// classify decides what a viewer learns of an error. What it does not tell goes to the log.
func (h *handler) classify(ctx context.Context, err error, argument string) (Code, string) {
	var public Public
	if errors.As(err, &public) && Code(public.Code()).public() {
		return Code(public.Code()), clip(public.Error())
	}
	if argument != "" {
		return BadUserInput, clip(fmt.Sprintf("Argument %q has a value that cannot be used.", argument))
	}
	if errors.As(err, &recovered{}) {
		return Internal, Internal.sentence()
	}
	code := faultOf(ctx, err)
	h.logFault(ctx, code, err)
	return code, code.sentence()
}

// faultOf classes a fault by what the viewer can do about it.
func faultOf(ctx context.Context, err error) Code {
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, context.Canceled):
		return Canceled
	case errors.Is(cause, context.DeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return Timeout
	}
	var source *upstream.Error
	var statement interface{ SQLState() string }
	var network net.Error
	switch {
	case errors.As(err, &source):
		switch source.Reason {
		case upstream.Timeout:
			return Timeout
		case upstream.Unavailable, upstream.Overloaded, upstream.RateLimited, upstream.Canceled:
			return Unavailable
		default:
			return Internal
		}
	case errors.As(err, &statement):
		return faultOfStatement(statement.SQLState())
	case errors.As(err, &network), errors.Is(err, context.Canceled):
		return Unavailable
	default:
		return Internal
	}
}

// faultOfStatement classes what Postgres answered, by https://www.postgresql.org/docs/current/errcodes-appendix.html.
func faultOfStatement(state string) Code {
	switch {
	case state == "57014": // query_canceled: the statement's longest time has passed
		return Timeout
	case strings.HasPrefix(state, "08"), strings.HasPrefix(state, "53"), strings.HasPrefix(state, "57P"):
		return Unavailable // connection, resources, shutdown
	default:
		return Internal
	}
}

// panicked logs a panic with its stack and returns what stands for it from here on.
func (h *handler) panicked(ctx context.Context, caught any) error {
	x := exchangeOf(ctx)
	h.Metrics.panics.Inc()
	h.Logger.LogAttrs(ctx, slog.LevelError, "panic",
		slog.String("request", x.id), slog.String("operation", x.operation), slog.String("path", graphql.GetPath(ctx).String()),
		slog.String("panic", fmt.Sprint(caught)), slog.String("stack", string(debug.Stack())))
	return recovered{}
}

func (h *handler) logFault(ctx context.Context, code Code, err error) {
	x := exchangeOf(ctx)
	if x.faults.Add(1) > maxLoggedFault {
		return
	}
	level := slog.LevelError
	if code == Canceled {
		level = slog.LevelDebug
	}
	h.Logger.LogAttrs(ctx, level, "fault",
		slog.String("request", x.id), slog.String("operation", x.operation), slog.String("path", graphql.GetPath(ctx).String()),
		slog.String("code", string(code)), slog.String("error", err.Error()))
}

// clip bounds a message that may hold the caller's own text.
func clip(message string) string {
	if len(message) <= maxMessage {
		return message
	}
	return strings.ToValidUTF8(message[:maxMessage], "") + "…"
}
