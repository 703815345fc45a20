package endpoint

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"supportgraph/clients/upstream"
	"supportgraph/graph/auth"
	"supportgraph/graph/limits"
)

// maxOperationNames bounds the operation names that metrics tell apart; later ones count as "other".
const maxOperationNames = 200

// outcome says how a request ended, in the log and as a label.
type outcome string

const (
	outcomeOK       outcome = "ok"       // data, no errors
	outcomePartial  outcome = "partial"  // data with errors beside it
	outcomeFailed   outcome = "failed"   // a fault on our side left no data
	outcomeRefused  outcome = "refused"  // the request was at fault
	outcomeDenied   outcome = "denied"   // the token was at fault
	outcomeCanceled outcome = "canceled" // the caller went away
)

// Metrics counts what the endpoint, the loaders and the clients do. All its methods are safe for concurrent use.
type Metrics struct {
	requests  *prometheus.CounterVec
	durations *prometheus.HistogramVec
	errors    *prometheus.CounterVec
	panics    prometheus.Counter
	inFlight  prometheus.Gauge
	batches   *prometheus.HistogramVec
	calls     *prometheus.CounterVec
	callTimes *prometheus.HistogramVec
	held      *prometheus.CounterVec
	excesses  *prometheus.CounterVec
	costs     *prometheus.HistogramVec
	runs      *prometheus.CounterVec
	outdated  *prometheus.CounterVec
	strange   *prometheus.CounterVec
	shed      *prometheus.CounterVec
	reloads   *prometheus.CounterVec

	mu      sync.Mutex
	names   map[string]bool // operation names that have a label of their own
	clients map[string]bool // names of apps that have one
}

// NewMetrics registers the metrics of the house. It panics where a name is registered already.
func NewMetrics(registry prometheus.Registerer) *Metrics {
	seconds := []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}
	m := &Metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "supportgraph_requests_total",
			Help: "GraphQL requests by operation name, audience and outcome (ok, partial, failed, refused, denied, canceled).",
		}, []string{"operation", "audience", "outcome"}),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "supportgraph_request_duration_seconds",
			Help:    "Time from a request's headers to its whole answer.",
			Buckets: seconds,
		}, []string{"operation", "audience"}),
		errors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "supportgraph_errors_total",
			Help: "Errors in answers, by extensions.code.",
		}, []string{"code"}),
		panics: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "supportgraph_panics_total",
			Help: "Panics caught while answering.",
		}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "supportgraph_requests_in_flight",
			Help: "GraphQL requests being answered now.",
		}),
		batches: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "supportgraph_loader_batch_keys",
			Help:    "Keys per batch of a loader; the count is the number of batches.",
			Buckets: []float64{1, 2, 5, 10, 25, 50, 100, 250, 500, 1000},
		}, []string{"loader"}),
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "supportgraph_upstream_calls_total",
			Help: "Statements and requests to sources, by outcome: ok, or the reason of the failure.",
		}, []string{"source", "op", "outcome"}),
		callTimes: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "supportgraph_upstream_call_duration_seconds",
			Help:    "Time of a statement or request to a source, to the last byte read.",
			Buckets: seconds,
		}, []string{"source", "op"}),
		held: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "supportgraph_contract_held_back_total",
			Help: "Values of a type outside of the audience's contract that the wall held back; each is a defect.",
		}, []string{"audience", "type"}),
		excesses: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "supportgraph_limit_exceeded_total",
			Help: "Bounds that requests passed, by limit and by what became of the request (refused, served).",
		}, []string{"audience", "limit", "result"}),
		costs: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "supportgraph_operation_cost_points",
			Help:    "What operations were estimated to cost before they ran, by the schema's @cost and @listSize.",
			Buckets: []float64{1, 10, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 50000},
		}, []string{"audience"}),
		runs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "supportgraph_operations_total",
			Help: "Operations by how they ran: compiled, or fallback to gqlgen's executor with the reason.",
		}, []string{"audience", "executor", "reason"}),
		outdated: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "supportgraph_deprecated_uses_total",
			Help: "Operations that name what is deprecated, by app and by the field, argument or value.",
		}, []string{"client", "element"}),
		strange: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "supportgraph_unknown_documents_total",
			Help: "Documents that are in no manifest of their app, by what became of the request (refused, served).",
		}, []string{"audience", "result"}),
		shed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "supportgraph_shed_total",
			Help: "Requests that were sent away, by what there was too much of: work in the process, or the caller's own.",
		}, []string{"audience", "by"}),
		reloads: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "supportgraph_document_reloads_total",
			Help: "Readings of the trusted documents anew, by outcome: ok, or failed, which changed nothing.",
		}, []string{"outcome"}),
		names:   map[string]bool{},
		clients: map[string]bool{},
	}
	registry.MustRegister(m.outdated, m.strange, m.shed, m.reloads, m.requests, m.durations, m.errors, m.panics, m.inFlight, m.batches, m.calls, m.callTimes, m.held, m.excesses, m.costs, m.runs)
	return m
}

// ObserveCall counts a call to a source. It is an upstream.Observer.
func (m *Metrics) ObserveCall(_ context.Context, call upstream.Call) {
	m.calls.WithLabelValues(call.Source, call.Op, callOutcome(call.Err)).Inc()
	m.callTimes.WithLabelValues(call.Source, call.Op).Observe(call.Took.Seconds())
}

// ObserveBatch counts a batch of a loader by the keys it held.
func (m *Metrics) ObserveBatch(loader string, keys int) {
	m.batches.WithLabelValues(loader).Observe(float64(keys))
}

// ObserveHeldBack counts a value that the wall of an audience's contract did not let out.
func (m *Metrics) ObserveHeldBack(audience auth.Audience, typeName string) {
	m.held.WithLabelValues(string(audience), typeName).Inc()
}

// ObserveRun counts an operation by how it ran: compiled, or else in gqlgen's executor for a reason.
func (m *Metrics) ObserveRun(audience auth.Audience, uncovered string) {
	executor := "compiled"
	if uncovered != "" {
		executor = "fallback"
	}
	m.runs.WithLabelValues(string(audience), executor, uncovered).Inc()
}

func (m *Metrics) observeExcess(audience auth.Audience, excess limits.Excess) {
	result := "served"
	if excess.Refused {
		result = "refused"
	}
	m.excesses.WithLabelValues(string(audience), excess.Limit.String(), result).Inc()
}

func (m *Metrics) observeRequest(operation, audience string, how outcome, took time.Duration, codes map[Code]int) {
	label := m.operationLabel(operation)
	m.requests.WithLabelValues(label, audience, string(how)).Inc()
	m.durations.WithLabelValues(label, audience).Observe(took.Seconds())
	for code, count := range codes {
		m.errors.WithLabelValues(string(code)).Add(float64(count))
	}
}

// maxClientNames bounds the names of apps that metrics tell apart: callers choose them.
const maxClientNames = 50

// observeDeprecated counts what a document names that is deprecated. The schema bounds how many elements there are.
func (m *Metrics) observeDeprecated(client string, elements []string) {
	if len(elements) == 0 {
		return
	}
	label := m.clientLabel(client)
	for _, element := range elements {
		m.outdated.WithLabelValues(label, element).Inc()
	}
}

func (m *Metrics) clientLabel(name string) string {
	if name == "" {
		return "unnamed"
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.clients[name] && len(m.clients) >= maxClientNames {
		return "other"
	}
	m.clients[name] = true
	return name
}

func (m *Metrics) observeStrange(audience auth.Audience, result string) {
	m.strange.WithLabelValues(string(audience), result).Inc()
}

func (m *Metrics) observeShed(audience auth.Audience, by string) {
	m.shed.WithLabelValues(string(audience), by).Inc()
}

func (m *Metrics) observeReload(failed bool) {
	outcome := "ok"
	if failed {
		outcome = "failed"
	}
	m.reloads.WithLabelValues(outcome).Inc()
}

// operationLabel bounds the label: callers choose the names of their operations.
func (m *Metrics) operationLabel(name string) string {
	if name == "" {
		return "anonymous"
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.names[name]:
		return name
	case len(m.names) < maxOperationNames && len(name) <= 64:
		m.names[name] = true
		return name
	default:
		return "other"
	}
}

func callOutcome(err error) string {
	var failed *upstream.Error
	switch {
	case err == nil:
		return "ok"
	case errors.As(err, &failed):
		return strings.ToLower(string(failed.Reason))
	case errors.Is(err, context.Canceled):
		return strings.ToLower(string(upstream.Canceled))
	case errors.Is(err, context.DeadlineExceeded):
		return strings.ToLower(string(upstream.Timeout))
	default:
		return "error"
	}
}
