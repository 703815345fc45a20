// Package endpoint is how the graph is served: the POST and GET transports with their limits, who may ask, the errors a viewer
// may read, the request log, the metrics, and the listener for operations.
package endpoint

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"supportgraph/clients/upstream"
	"supportgraph/graph/auth"
	"supportgraph/graph/endpoint/budget"
	"supportgraph/graph/limits"
	"supportgraph/graph/operations"
)

// The bounds that hold where the configuration names none.
const (
	DefaultMaxBody = 256 << 10
	DefaultTimeout = 10 * time.Second
	DefaultReading = 30 * time.Second
)

// Contract is what one audience is served.
type Contract struct {
	// Schema answers the operations of the audience; only what it holds can be named.
	Schema graphql.ExecutableSchema
	// Introspection lets the audience ask for the contract itself, and be told of names that it may have meant.
	Introspection bool
	// Fields run around every field, the first one outermost.
	Fields []graphql.FieldMiddleware
	// Policy says what an operation may cost; that of the configuration's Limits when nil.
	Policy *limits.Policy
	// Explain lets the audience ask how its operations are answered: where from, with how many calls, at what cost.
	Explain bool
	// Prices says what fields cost; every object costs the same when nil.
	Prices *limits.Prices
}

// Config is what the endpoint needs; Contracts, Verify, Prepare, Logger and Metrics must be given.
type Config struct {
	Contracts map[auth.Audience]Contract
	// Verify turns a bearer token into its viewer. An *auth.Error is answered with its code as 401, anything else as 503.
	Verify func(ctx context.Context, token string) (*auth.Viewer, error)
	// Prepare gives a request what its resolvers need. A Public error is answered with its code, anything else as 503.
	Prepare func(ctx context.Context, viewer *auth.Viewer) (context.Context, error)
	Logger  *slog.Logger
	Metrics *Metrics
	MaxBody int64         // bytes of a request's body, DefaultMaxBody when 0
	Timeout time.Duration // from the first byte of a request to the answer, DefaultTimeout when 0
	Reading time.Duration // that a caller may take to read the answer, DefaultReading when 0
	// Limits are the policies of audiences whose contract has none.
	Limits limits.Policies
	// Levels says how far the audiences are held to the documents that are trusted.
	Levels Levels
	// Automatic, where it is not nil, lets audiences at level Log name documents by themselves.
	Automatic *Automatic
	// ClientHeader and ReleaseHeader are where an app says which one it is; the defaults where they are empty.
	ClientHeader, ReleaseHeader string

	// Budgets hold callers to what they may spend; nil for nobody.
	Budgets *Budgets
	// Steps tells what an operation would read, for those who ask to have it explained; nil where that is not known. times
	// tells of a path how often its field is answered, and how many values it has in all.
	Steps func(operation *graphql.OperationContext, times func(path string) (asked, values int)) []upstream.Step
	// MaxInFlight is how many requests are worked on at once, DefaultMaxInFlight when 0.
	MaxInFlight int
	// Origins are those of the pages that may ask from a browser, beside our own.
	Origins []Origin
}

type handler struct {
	Config
	services    map[auth.Audience]*service
	compressors *compressors
	pages       *pages
	trusted     atomic.Pointer[trusted]
	lanes       lanes
	concurrency budget.Concurrency
}

// Endpoint answers the graph's address.
type Endpoint struct{ handler *handler }

// ServeHTTP answers one request.
func (e *Endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) { e.handler.ServeHTTP(w, r) }

// New makes an endpoint that trusts no document yet.
func New(config Config) *Endpoint {
	if config.MaxBody == 0 {
		config.MaxBody = DefaultMaxBody
	}
	if config.Timeout == 0 {
		config.Timeout = DefaultTimeout
	}
	config.Reading = cmp.Or(config.Reading, DefaultReading)
	config.ClientHeader = cmp.Or(config.ClientHeader, DefaultClientHeader)
	config.ReleaseHeader = cmp.Or(config.ReleaseHeader, DefaultReleaseHeader)
	h := &handler{Config: config, services: map[auth.Audience]*service{}, compressors: newCompressors(), pages: newPages(config)}
	for audience, contract := range config.Contracts {
		h.services[audience] = h.service(audience, contract)
	}
	h.lanes.free, h.lanes.patience = cmp.Or(config.MaxInFlight, DefaultMaxInFlight), maxWait
	h.trusted.Store(&trusted{library: &operations.Library{}})
	return &Endpoint{h}
}

// ServeHTTP answers one request, and speaks of it once: one line in the log, one count in the metrics.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if isPreflight(r) {
		h.pages.preflight(w, r)
		return
	}
	x := begin(w, r, h.compressors)
	x.reading = h.Reading
	ctx, cancel := context.WithTimeout(withExchange(r.Context(), x), h.Timeout)
	defer cancel()
	h.Metrics.inFlight.Inc()
	defer func() {
		defer h.Metrics.inFlight.Dec()
		defer h.end(ctx, x)
		switch caught := recover(); {
		case caught == nil:
		case caught == http.ErrAbortHandler:
			panic(caught)
		default:
			h.panicked(ctx, caught)
			if x.status == 0 {
				h.refuse(x, refuse(http.StatusInternalServerError, Internal))
			}
		}
	}()
	if refused := h.serve(ctx, x, r); refused != nil {
		h.refuse(x, refused)
	}
}

// serve takes the request through its gates, the cheap ones first; nothing of the body is read for a stranger.
func (h *handler) serve(ctx context.Context, x *exchange, r *http.Request) *refusal {
	if refused := h.pages.check(x.w.Header(), r); refused != nil {
		return refused
	}
	if refused := checkEnvelope(r); refused != nil {
		return refused
	}
	ctx, service, refused := h.admit(ctx, x, r)
	if refused != nil {
		return refused
	}
	disperse, refused := h.crowd(x)
	if refused != nil {
		return refused
	}
	defer disperse()
	if refused := checkAccept(r.Header); refused != nil {
		return refused
	}
	request, refused := h.read(x, r)
	if refused != nil {
		return refused
	}
	leave, refused := h.place(ctx, x) // not before: whoever sends slowly holds nobody up
	if refused != nil {
		return refused
	}
	defer leave()
	x.client = h.clientOf(r)
	if refused := h.find(ctx, x, service, request); refused != nil {
		return refused
	}
	if refused := checkSafe(r, x.document.query, request.OperationName); refused != nil {
		return refused
	}
	if refused := h.holdDocument(ctx, x); refused != nil {
		return refused
	}
	if refused := h.hold(ctx, x, service.Policy.Variables(request.Variables)); refused != nil {
		return refused
	}
	if x.explain, refused = wantsExplanation(service, r, request); refused != nil {
		return refused
	}
	if x.explain == explainedRun {
		ctx, x.trace = upstream.Traced(ctx)
	}
	h.Metrics.observeDeprecated(x.client.Name, x.document.deprecated)
	if refused := checkOperation(x, request.OperationName); refused != nil {
		return refused
	}
	ctx = graphql.StartOperationTrace(ctx)
	operation, errs := service.exec.CreateOperationContext(ctx, &request.RawParams)
	if len(errs) > 0 {
		return h.refuseOperation(ctx, x, errs)
	}
	x.operation = operation.Operation.Name
	if operation.Operation.Operation == ast.Subscription {
		return refuse(http.StatusBadRequest, UnsupportedOperation)
	}
	if refused := h.holdCost(ctx, x, service, operation); refused != nil {
		return refused
	}
	prepared, err := h.Prepare(ctx, x.viewer)
	if err != nil {
		return h.refuseViewer(ctx, x, err)
	}
	settle, refused := h.reserve(prepared, x)
	if refused != nil {
		return refused
	}
	if x.explain == explainedDry {
		response := h.explainDry(x, operation)
		settle(response)
		h.answer(ctx, x, response)
		return nil
	}
	tellSources := noteSources(r, request, operation)
	next, ctx := service.exec.DispatchOperation(prepared, operation)
	response := next(ctx)
	settle(response)
	leave() // whoever reads slowly holds nobody up, either
	if response == nil || response.Data == nil {
		return h.refuseUnanswered(ctx, x, response)
	}
	x.tellCost(r, response)
	if x.explain == explainedRun {
		x.explainRun(operation, response)
	}
	tellSources(response)
	if x.keepable(r, response) {
		x.outcome, x.status = outcomeOK, http.StatusNotModified
		x.w.WriteHeader(x.status)
		return nil
	}
	h.answer(ctx, x, response)
	return nil
}

// admit finds out who asks, and the contract to answer by.
func (h *handler) admit(
	ctx context.Context, x *exchange, r *http.Request,
) (context.Context, *service, *refusal) {
	token, err := auth.Bearer(r)
	if err != nil {
		return ctx, nil, h.refuseViewer(ctx, x, err)
	}
	viewer, err := h.Verify(ctx, token)
	if err != nil {
		return ctx, nil, h.refuseViewer(ctx, x, err)
	}
	x.viewer = viewer
	service, ok := h.services[viewer.Audience]
	if !ok {
		return ctx, nil, refuse(http.StatusForbidden, Forbidden)
	}
	return auth.WithViewer(ctx, viewer), service, nil
}

// challenge tells a caller how to prove who asks, as in RFC 6750, section 3.
const challenge = `Bearer realm="support-graph"`

// refuseViewer answers a request whose bearer could not be told, or not be served now.
func (h *handler) refuseViewer(ctx context.Context, x *exchange, err error) *refusal {
	var denied *auth.Error
	var refused *refusal
	if errors.As(err, &denied) {
		refused = refuse(denied.Status(), Code(denied.Code))
		refused.message = denied.Message
		x.cause = clip(err.Error())
	} else {
		code, message := h.classify(ctx, err, "")
		if code == Internal {
			code, message = Unavailable, Unavailable.sentence()
		}
		refused = refuse(http.StatusServiceUnavailable, code)
		refused.message = message
		switch code {
		case ViewerUnknown, Unauthenticated:
			refused.status = http.StatusUnauthorized
		case Forbidden:
			refused.status = http.StatusForbidden
		}
	}
	switch {
	case refused.status != http.StatusUnauthorized:
		return refused
	case refused.code == Unauthenticated:
		return refused.with("WWW-Authenticate", challenge)
	default:
		return refused.with("WWW-Authenticate", challenge+`, error="invalid_token"`)
	}
}
