package endpoint

import (
	"context"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"supportgraph/graph/limits"
)

// hold tells the log and the metrics of the bounds that a request passes, and refuses it where one is enforced.
func (h *handler) hold(ctx context.Context, x *exchange, passed []limits.Excess) *refusal {
	x.excesses = append(x.excesses, passed...)
	for _, excess := range passed {
		h.Metrics.observeExcess(x.viewer.Audience, excess)
	}
	if !limits.Refused(passed) {
		return nil
	}
	return h.refuseOperation(ctx, x, excessErrors(passed))
}

// holdDocument refuses a request whose document is invalid or too large.
func (h *handler) holdDocument(ctx context.Context, x *exchange) *refusal {
	if refused := h.hold(ctx, x, x.document.excesses); refused != nil {
		return refused
	}
	if len(x.document.faults) > 0 {
		return h.refuseOperation(ctx, x, x.document.faults)
	}
	return nil
}

// excessErrors say what is too large; extensions.figure and extensions.bound say by how much, for programs.
func excessErrors(passed []limits.Excess) gqlerror.List {
	var errs gqlerror.List
	for _, excess := range passed {
		if excess.Refused {
			errs = append(errs, &gqlerror.Error{Message: excess.Error(), Extensions: map[string]any{
				"code": excess.Code(), "figure": excess.Figure, "bound": excess.Bound,
			}})
		}
	}
	return errs
}
