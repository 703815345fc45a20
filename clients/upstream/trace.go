package upstream

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
)

// Trace records how one operation is read, where somebody asked to have it explained. It holds no key and no value. Its
// methods are safe for concurrent use, and do nothing on a nil trace.
type Trace struct {
	began time.Time

	mu    sync.Mutex
	reads []*Read
	aside []TracedCall
	waits map[string]Wait
}

// Read is one batch of a loader, as it went.
type Read struct {
	Loader string
	Source string   // "stripe"; empty for Postgres
	Level  int      // 1 is what hangs on arguments alone; 0 is what no plan foresaw
	Paths  []string // that led to it, by response keys
	Keys   int
	Begun  time.Duration // since the operation began; keys may have stood waiting before
	Queued time.Duration // from the first key until it began
	Took   time.Duration
	Calls  []TracedCall
	// Values is how many came by where they came from: LIVE, CACHED and STALE; ABSENT for keys that have none, and the
	// reason for those that failed. It is empty for what has one source and no cache.
	Values map[string]int

	known time.Duration
}

// TracedCall is a call and when it began, since the operation did.
type TracedCall struct {
	Call
	Begun time.Duration
}

// Wait is how long resolvers stood and waited for a loader.
type Wait struct {
	Times          int
	Total, Longest time.Duration
}

type traceKey struct{}

// tracing is what calls of a context belong to.
type tracing struct {
	trace *Trace
	reads []*Read // one, or one for each statement that is still to be told of, in turn
}

// Traced returns a context whose reading is recorded.
func Traced(ctx context.Context) (context.Context, *Trace) {
	t := &Trace{began: time.Now(), waits: map[string]Wait{}}
	return context.WithValue(ctx, traceKey{}, &tracing{trace: t}), t
}

// TraceOf is the trace of a context, nil where nobody asked for one.
func TraceOf(ctx context.Context) *Trace {
	if of, ok := ctx.Value(traceKey{}).(*tracing); ok {
		return of.trace
	}
	return nil
}

// Note records a call where its context asks for that. It is an Observer.
func Note(ctx context.Context, call Call) {
	of, ok := ctx.Value(traceKey{}).(*tracing)
	if !ok {
		return
	}
	t := of.trace
	t.mu.Lock()
	defer t.mu.Unlock()
	noted := TracedCall{call, max(0, time.Since(t.began)-call.Took)}
	if len(of.reads) == 0 {
		t.aside = append(t.aside, noted)
		return
	}
	of.reads[0].Calls = append(of.reads[0].Calls, noted)
	if len(of.reads) > 1 {
		of.reads = of.reads[1:]
	}
}

var _ Observer = Note

// Expect opens the record of a batch, whose first key is known now.
func (t *Trace) Expect(loader string, service Service, level int) *Read {
	if t == nil {
		return nil
	}
	r := &Read{Loader: loader, Source: strings.ToLower(string(service)), Level: level, known: time.Since(t.began)}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.reads = append(t.reads, r)
	return r
}

// Lead notes a path that leads to a batch.
func (t *Trace) Lead(r *Read, path string) {
	if t == nil || r == nil || path == "" {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if !slices.Contains(r.Paths, path) {
		r.Paths = append(r.Paths, path)
	}
}

// Begin notes that a batch is asked for now, with so many keys, and returns when it has ended.
func (t *Trace) Begin(r *Read, keys int) (end func()) {
	if t == nil || r == nil {
		return func() {}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	r.Keys, r.Begun = keys, time.Since(t.began)
	r.Queued = r.Begun - r.known
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		r.Took = time.Since(t.began) - r.Begun
	}
}

// Within returns a context whose calls belong to the reads: all to the only one, or one to each in turn.
func (t *Trace) Within(ctx context.Context, reads ...*Read) context.Context {
	if t == nil || len(reads) == 0 {
		return ctx
	}
	return context.WithValue(ctx, traceKey{}, &tracing{t, reads})
}

// Came notes what came for a key of a read: a value that tells its source, nothing, or a failure.
func (t *Trace) Came(r *Read, value any, err error) {
	if t == nil || r == nil {
		return
	}
	how := "ABSENT"
	if err != nil {
		how = string(ReasonOf(err))
	} else if freshness, ok := freshnessOf(value); ok {
		how = string(freshness)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if r.Values == nil {
		r.Values = map[string]int{}
	}
	r.Values[how]++
}

// freshnessOf is what a vendor's value says of its source, in a field of that name.
func freshnessOf(value any) (Freshness, bool) {
	v := reflect.ValueOf(value)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return "", false
	}
	field := v.Elem().FieldByName("Source")
	if !field.IsValid() {
		return "", false
	}
	source, ok := field.Interface().(Source)
	if !ok || source.Freshness == nil {
		return "", false
	}
	return *source.Freshness, true
}

// Waited notes that a resolver stood and waited.
func (t *Trace) Waited(loader string, took time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	w := t.waits[loader]
	t.waits[loader] = Wait{w.Times + 1, w.Total + took, max(w.Longest, took)}
}

// Report is what a trace holds, for whoever reads it: what is read later is left out.
type Report struct {
	Reads []Read       // by level, and by their loaders' names
	Aside []TracedCall // calls that were no loader's, in their order
	Waits map[string]Wait
	Took  time.Duration
}

// Report returns what was recorded so far.
func (t *Trace) Report() Report {
	t.mu.Lock()
	defer t.mu.Unlock()
	report := Report{Aside: slices.Clone(t.aside), Waits: map[string]Wait{}, Took: time.Since(t.began)}
	for loader, wait := range t.waits {
		report.Waits[loader] = wait
	}
	for _, r := range t.reads {
		read := *r
		read.Paths, read.Calls = slices.Sorted(slices.Values(r.Paths)), slices.Clone(r.Calls)
		read.Values = map[string]int{}
		for how, count := range r.Values {
			read.Values[how] = count
		}
		report.Reads = append(report.Reads, read)
	}
	slices.SortStableFunc(report.Reads, func(a, b Read) int {
		if a.Level != b.Level {
			if a.Level == 0 || b.Level == 0 {
				return b.Level - a.Level // what nobody foresaw comes last
			}
			return a.Level - b.Level
		}
		return strings.Compare(a.Loader, b.Loader)
	})
	return report
}

// Step is a batch that an operation would read, as its plan has it.
type Step struct {
	Level  int
	Loader string
	Source string   // "postgres", "stripe"
	Paths  []string // that lead to it
	Keys   int      // at most
	Calls  int      // statements or requests, at most: keys that are known already, or cached, need none
}
