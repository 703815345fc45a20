package endpoint

import (
	"context"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
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

// costHeader asks for extensions.cost in the answer, with any value. It is not there unasked: few clients read it, and
// it would be in every answer.
const costHeader = "Support-Graph-Cost"

// cost is what an operation costs in points, before and after it ran, what the most is for its audience, 0 where there
// is no bound, and what its viewer has left.
type cost struct {
	Estimated int  `json:"estimated"`
	Maximum   int  `json:"maximum,omitempty"`
	Actual    int  `json:"actual,omitempty"`
	Remaining *int `json:"remaining,omitempty"`
}

// holdCost prices an operation, and refuses one that is too dear, but where it asks for its cost alone.
func (h *handler) holdCost(ctx context.Context, x *exchange, s *service, operation *graphql.OperationContext) *refusal {
	x.price = x.document.operations[operation.Operation].price
	x.cost = cost{Estimated: x.price.Points(operation.Variables), Maximum: s.Policy.Bounds[limits.Cost]}
	if x.dry = x.document.dry(operation); x.dry || x.explain == explainedDry {
		x.dry = true
		return nil
	}
	h.Metrics.costs.WithLabelValues(string(x.viewer.Audience)).Observe(float64(x.cost.Estimated))
	return h.hold(ctx, x, s.Policy.Cost(x.cost.Estimated))
}

// tellCost adds extensions.cost where it was asked for.
func (x *exchange) tellCost(r *http.Request, response *graphql.Response) {
	if r.Header.Get(costHeader) == "" {
		return
	}
	extend(response, "cost", x.cost)
}

// extend adds an entry to the answer's extensions.
func extend(response *graphql.Response, name string, value any) {
	if response.Extensions == nil {
		response.Extensions = map[string]any{}
	}
	response.Extensions[name] = value
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
