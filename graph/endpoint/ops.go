package endpoint

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/pprof"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// probeTimeout bounds each check of a component.
const probeTimeout = 2 * time.Second

// Check asks one component whether it is there.
type Check struct {
	Name string
	// Decides makes the component count: without it we are not ready. The others are information.
	Decides bool
	// Probe returns no error when the component is well, and what else there is to know. It must return when its
	// context ends, and cost the component next to nothing: every readiness question runs it.
	Probe func(ctx context.Context) (detail string, err error)
}

// Ops serves the operations listener: /livez, /readyz, /metrics and /debug/pprof. Its answers are for operators and
// may name hosts; it must not be reachable by the public.
type Ops struct {
	mux      *http.ServeMux
	checks   []Check
	draining atomic.Bool
}

// NewOps returns the operations listener's handler.
func NewOps(metrics prometheus.Gatherer, checks ...Check) *Ops {
	o := &Ops{mux: http.NewServeMux(), checks: checks}
	o.mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string]string{"status": "alive"})
	})
	o.mux.HandleFunc("GET /readyz", o.ready)
	o.mux.Handle("GET /metrics", promhttp.HandlerFor(metrics, promhttp.HandlerOpts{}))
	// pprof.Cmdline stays out: flags may hold secrets.
	o.mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	o.mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	o.mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	o.mux.HandleFunc("POST /debug/pprof/symbol", pprof.Symbol)
	o.mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return o
}

// ServeHTTP answers operators.
func (o *Ops) ServeHTTP(w http.ResponseWriter, r *http.Request) { o.mux.ServeHTTP(w, r) }

// Drain makes /readyz say no from now on: the process is about to stop.
func (o *Ops) Drain() { o.draining.Store(true) }

// component is what /readyz tells of one check.
type component struct {
	OK      bool    `json:"ok"`
	Decides bool    `json:"decides"`
	Millis  float64 `json:"ms"`
	Detail  string  `json:"detail,omitempty"`
	Error   string  `json:"error,omitempty"`
}

// ready asks every component at once. The body tells of each, the status only of those that decide.
func (o *Ops) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), probeTimeout)
	defer cancel()
	found := make([]component, len(o.checks))
	var all sync.WaitGroup
	for i, check := range o.checks {
		all.Go(func() {
			started := time.Now()
			detail, err := check.Probe(ctx)
			found[i] = component{
				OK: err == nil, Decides: check.Decides, Detail: detail,
				Millis: float64(time.Since(started).Microseconds()) / 1000,
			}
			if err != nil {
				found[i].Error = err.Error()
			}
		})
	}
	all.Wait()
	answer := struct {
		Status     string               `json:"status"` // ready, unready or stopping
		Components map[string]component `json:"components"`
	}{"ready", make(map[string]component, len(found))}
	for i, check := range o.checks {
		answer.Components[check.Name] = found[i]
		if check.Decides && !found[i].OK {
			answer.Status = "unready"
		}
	}
	if o.draining.Load() {
		answer.Status = "stopping"
	}
	status := http.StatusOK
	if answer.Status != "ready" {
		status = http.StatusServiceUnavailable
	}
	writeJSON(w, status, answer)
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // a failed write means that nobody listens
}
