package upstream

import (
	"context"
	"errors"
	"log/slog"
)

// Log is an observer that writes a line for each request to a vendor that failed, with the vendor's own reference, for whoever
// has to ask its support. It is the one place where a failure is logged: what a viewer gets is its class alone. Calls that
// were turned away before a request was sent are told at the level of debugging, for there may be many. Nobody's answer,
// and a key that the vendor does not know, are no failures.
func Log(logger *slog.Logger) Observer {
	return func(ctx context.Context, call Call) {
		var failed *Error
		if !errors.As(call.Err, &failed) || failed.Reason == Canceled || failed.Reason == NotFound {
			return
		}
		level := slog.LevelWarn
		if call.Attempt == 0 {
			level = slog.LevelDebug
		}
		if !logger.Enabled(ctx, level) {
			return
		}
		line := []slog.Attr{
			slog.String("source", call.Source), slog.String("op", call.Op), slog.String("reason", string(failed.Reason)),
			slog.Int("attempt", call.Attempt), slog.Duration("took", call.Took),
		}
		if failed.Status != 0 {
			line = append(line, slog.Int("status", failed.Status))
		}
		if failed.Code != "" {
			line = append(line, slog.String("code", failed.Code))
		}
		if failed.RequestID != "" {
			line = append(line, slog.String("request_id", failed.RequestID))
		}
		if failed.RetryAfter > 0 {
			line = append(line, slog.Duration("retry_after", failed.RetryAfter))
		}
		if failed.Err != nil {
			line = append(line, slog.String("cause", failed.Err.Error()))
		}
		logger.LogAttrs(ctx, level, "a vendor gave no answer", line...)
	}
}
