package endpoint

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"supportgraph/clients/upstream"
	"supportgraph/graph/limits"
)

// explainHeader asks for extensions.explain in the answer, as extensions.explain of the request does: true, or dryRun to
// have nothing run. Where the contract does not explain, both mean nothing, as anything that we do not know.
const explainHeader = "Support-Graph-Explain"

// explaining is what was asked to be explained.
type explaining uint8

const (
	unexplained  explaining = iota
	explainedRun            // how the operation was answered
	explainedDry            // how it would be
)

// wantsExplanation reads what a request asks to be explained, where its audience may ask.
func wantsExplanation(s *service, r *http.Request, request *asked) (explaining, *refusal) {
	header, inBody := r.Header.Get(explainHeader), request.Extensions["explain"]
	if !s.Explain || header == "" && inBody == nil {
		return unexplained, nil
	}
	if inBody == nil {
		inBody = header
	}
	switch inBody {
	case true, "true":
		return explainedRun, nil
	case false, "false":
		return unexplained, nil
	case "dryRun":
		return explainedDry, nil
	default:
		refused := refuse(http.StatusBadRequest, BadRequest)
		refused.message = `What is to be explained is true, false or "dryRun".`
		return unexplained, refused
	}
}

// explanation is extensions.explain.
type explanation struct {
	DryRun bool    `json:"dryRun"`
	Cost   cost    `json:"cost"`
	TookMs float64 `json:"tookMs,omitempty"`
	// Calls is how many there were of each source; of a dry run, how many there can be at most.
	Calls map[string]int `json:"calls"`
	// Reads are the batches by level: those of one level go out together, as soon as the rows above are there.
	Reads []explainedRead `json:"reads"`
	// Beside are the calls of resolvers that need no loader, changes above all.
	Beside []explainedCall `json:"beside,omitempty"`
	Waits  []explainedWait `json:"waits,omitempty"`
	Paths  []explainedPath `json:"paths"`
	// Deprecated is what the document names that will be removed.
	Deprecated []string `json:"deprecated,omitempty"`
}

type explainedRead struct {
	Level    int             `json:"level"` // 0 is what no plan foresaw
	Loader   string          `json:"loader"`
	Source   string          `json:"source"`
	Paths    []string        `json:"paths"`
	Keys     int             `json:"keys"`
	Values   map[string]int  `json:"values,omitempty"` // of a vendor's, by where they came from
	BegunMs  float64         `json:"begunMs,omitempty"`
	QueuedMs float64         `json:"queuedMs,omitempty"`
	TookMs   float64         `json:"tookMs,omitempty"`
	Calls    []explainedCall `json:"calls,omitempty"`
	MaxCalls int             `json:"maxCalls,omitempty"` // of a dry run
}

type explainedCall struct {
	Source  string  `json:"source"`
	Op      string  `json:"op"`
	Outcome string  `json:"outcome"`
	Attempt int     `json:"attempt,omitempty"`
	BegunMs float64 `json:"begunMs"`
	TookMs  float64 `json:"tookMs"`
}

// explainedWait is how long resolvers stood and waited for a loader.
type explainedWait struct {
	Loader    string  `json:"loader"`
	Times     int     `json:"times"`
	TotalMs   float64 `json:"totalMs"`
	LongestMs float64 `json:"longestMs"`
}

// explainedPath is what a field costs by itself, and which loaders read it. Plain fields that cost nothing are left out.
type explainedPath struct {
	Path      string   `json:"path"`
	Resolver  string   `json:"resolver"`
	Loaders   []string `json:"loaders,omitempty"`
	MaxValues int      `json:"maxValues"`
	MaxCost   int      `json:"maxCost"`
	Values    *int     `json:"values,omitempty"`
	Cost      *int     `json:"cost,omitempty"`
}

// explainRun tells how an operation was answered.
func (x *exchange) explainRun(operation *graphql.OperationContext, response *graphql.Response) {
	report := x.trace.Report()
	told := explanation{Deprecated: x.document.deprecated, Cost: x.cost, TookMs: ms(report.Took), Calls: map[string]int{}, Reads: []explainedRead{}}
	leads := map[string][]string{}
	count := func(calls []upstream.TracedCall) (explained []explainedCall) {
		for _, call := range calls {
			told.Calls[call.Source]++
			explained = append(explained, explainedCall{
				Source: call.Source, Op: call.Op, Outcome: callOutcome(call.Err), Attempt: call.Attempt, BegunMs: ms(call.Begun), TookMs: ms(call.Took),
			})
		}
		return explained
	}
	told.Beside = count(report.Aside)
	for _, read := range report.Reads {
		calls := count(read.Calls)
		slices.SortStableFunc(calls, func(a, b explainedCall) int { return cmp.Compare(a.Op, b.Op) })
		told.Reads = append(told.Reads, explainedRead{
			Level: read.Level, Loader: read.Loader, Source: cmp.Or(read.Source, "postgres"), Paths: read.Paths, Keys: read.Keys, Values: read.Values,
			BegunMs: ms(read.Begun), QueuedMs: ms(read.Queued), TookMs: ms(read.Took), Calls: calls,
		})
		for _, path := range read.Paths {
			leads[path] = append(leads[path], read.Loader)
		}
	}
	for _, loader := range slices.Sorted(maps.Keys(report.Waits)) {
		wait := report.Waits[loader]
		told.Waits = append(told.Waits, explainedWait{loader, wait.Times, ms(wait.Total), ms(wait.Longest)})
	}
	told.Paths = explainPaths(x.price.Paths(operation.Variables, response.Data), leads, true)
	extend(response, "explain", told)
}

// explainDry tells how an operation would be answered, and runs nothing of it.
func (h *handler) explainDry(x *exchange, operation *graphql.OperationContext) *graphql.Response {
	told := explanation{DryRun: true, Deprecated: x.document.deprecated, Cost: x.cost, Calls: map[string]int{}, Reads: []explainedRead{}}
	paths := x.price.Paths(operation.Variables, nil)
	by := make(map[string]limits.Path, len(paths))
	for _, path := range paths {
		by[path.Path] = path
	}
	leads := map[string][]string{}
	if h.Steps != nil {
		for _, step := range h.Steps(operation, func(path string) (asked, values int) { return by[path].Asked, by[path].Values }) {
			told.Calls[step.Source] += step.Calls
			told.Reads = append(told.Reads, explainedRead{
				Level: step.Level, Loader: step.Loader, Source: step.Source, Paths: step.Paths, Keys: step.Keys, MaxCalls: step.Calls,
			})
			for _, path := range step.Paths {
				leads[path] = append(leads[path], step.Loader)
			}
		}
	}
	told.Paths = explainPaths(paths, leads, false)
	response := &graphql.Response{Data: []byte("null")}
	extend(response, "explain", told)
	return response
}

func explainPaths(paths []limits.Path, leads map[string][]string, ran bool) []explainedPath {
	explained := []explainedPath{}
	for _, path := range paths {
		loaders := slices.Compact(slices.Sorted(slices.Values(leads[path.Path])))
		if path.Leaf && path.Points == 0 && path.Cost == 0 && len(loaders) == 0 {
			continue
		}
		told := explainedPath{Path: path.Path, Resolver: path.Field, Loaders: loaders, MaxValues: path.Values, MaxCost: path.Points}
		if ran {
			told.Values, told.Cost = &path.Came, &path.Cost
		}
		explained = append(explained, told)
	}
	return explained
}

// ms is a time in milliseconds, to the microsecond.
func ms(took time.Duration) float64 { return float64(took.Microseconds()) / 1000 }
