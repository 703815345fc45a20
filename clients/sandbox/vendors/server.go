package vendors

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// The vendors as faults and statistics name them, and the paths under which a Server answers for them: a client's base
// URL is the server's address with the path.
const (
	Stripe     = "stripe"
	Cloudflare = "cloudflare"
	Statuspage = "statuspage"

	StripePath     = "/stripe/v1"
	CloudflarePath = "/cloudflare/client/v4"
	StatuspagePath = "/status/api/v2"
)

// Options are how a Server behaves apart from its data.
type Options struct {
	Seed             uint64 // of latencies and error rates: the same seed gives the same sequence
	DemoLatency      bool   // answer as slowly as the real vendors would; without it answers come at once
	StripeKey        string // the only key accepted; empty: any
	CloudflareToken  string // the only token accepted; empty: any
	MaxSweepAccounts int    // accounts across which zones may be listed; 0: the vendor's 500
}

// Server answers as the vendors do. It is an http.Handler and safe for concurrent use.
type Server struct {
	mux    *http.ServeMux
	faults faults
	stats  counters
	closed chan struct{}
	close  sync.Once

	mu     sync.Mutex
	random *rand.Rand
	served uint64
}

// New makes a server of the data.
func New(data Data, options Options) *Server {
	server := &Server{
		mux:    http.NewServeMux(),
		closed: make(chan struct{}),
		random: rand.New(rand.NewPCG(options.Seed, 0)),
	}
	server.mountStripe(data.Customers, options)
	server.mountCloudflare(data.Accounts, options)
	server.mountStatuspage(data.Page, options)
	server.mountControl()
	return server
}

// ServeHTTP answers one call.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Close releases the calls that wait, for a latency or for ever, so that a shutdown is quick.
func (s *Server) Close() { s.close.Do(func() { close(s.closed) }) }

// reply is an answer before faults are put into it.
type reply struct {
	status int
	body   any
}

// dialect is what a vendor does the same way on all its routes.
type dialect struct {
	vendor  string
	latency Latency                                  // of the demo; zero without it
	allows  func(*http.Request) bool                 // whether the credentials are accepted
	refuse  func(status int) reply                   // a failure in the vendor's words
	stamp   func(http.Header, *http.Request, serial) // the headers of every answer
}

// serial numbers the calls of a server, for the vendors' references.
type serial uint64

// handle mounts a route whose calls are counted, delayed and broken as the faults say.
func (s *Server) handle(d dialect, op, pattern string, answer func(*http.Request, Fault) reply) {
	s.faults.know(d.vendor, op)
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		end := s.stats.begin(d.vendor, op)
		defer end()
		fault, scripted := s.faults.strike(d.vendor, op, r.URL.RequestURI())
		s.wait(r.Context(), s.delay(d, fault))
		if fault.Mode == Hang {
			s.hang(r.Context())
		}

		var answered reply
		switch {
		case !d.allows(r) || fault.Mode == Unauthorized:
			answered = d.refuse(http.StatusUnauthorized)
		case scripted >= 300:
			answered = d.refuse(scripted)
		case s.happens(fault.ErrorRate):
			answered = d.refuse(fault.status(http.StatusInternalServerError))
		case fault.Mode == Unsuccessful:
			answered = reply{http.StatusOK, d.refuse(http.StatusBadRequest).body}
		default:
			answered = answer(r, fault)
		}
		d.stamp(w.Header(), r, s.number())
		if fault.RetryAfter != "" && (answered.status == http.StatusTooManyRequests || answered.status >= 500) {
			w.Header().Set("Retry-After", fault.RetryAfter)
		}
		// The call has ended before its last byte is written, so that a client that asks again is not counted twice.
		end()
		write(w, answered, fault)
	})
}

// write sends an answer, whole or as the fault has it.
func write(w http.ResponseWriter, answered reply, fault Fault) {
	body, err := json.Marshal(answered.body)
	if err != nil {
		http.Error(w, fmt.Sprintf("encode the answer: %v", err), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	switch fault.Mode {
	case HTML:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		answered.status, body = fault.status(http.StatusBadGateway), []byte(badGateway)
	case Huge:
		w.WriteHeader(answered.status)
		writeHuge(w)
		return
	case Reset:
		reset(w)
		return
	case Cut:
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(answered.status)
		_, _ = w.Write(body[:len(body)/2])
		panic(http.ErrAbortHandler)
	case Truncate:
		body = body[:len(body)/2]
	case Trailing:
		body = append(body, "\n{}"...)
	case WrongType:
		body = retype(body)
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(answered.status)
	_, _ = w.Write(body)
}

// wait pauses. A client that leaves meanwhile, or a server that closes, gets no answer.
func (s *Server) wait(ctx context.Context, pause time.Duration) {
	if pause <= 0 {
		return
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		panic(http.ErrAbortHandler)
	case <-s.closed:
		panic(http.ErrAbortHandler)
	}
}

// hang waits until the client leaves or the server closes.
func (s *Server) hang(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-s.closed:
	}
	panic(http.ErrAbortHandler)
}

func (s *Server) delay(d dialect, fault Fault) time.Duration {
	latency := d.latency
	if fault.Latency != (Latency{}) {
		latency = fault.Latency
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return latency.sample(s.random.NormFloat64())
}

func (s *Server) happens(rate float64) bool {
	if rate <= 0 {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.random.Float64() < rate
}

func (s *Server) number() serial {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.served++
	return serial(s.served)
}

// bearer is the token of a request.
func bearer(r *http.Request) string {
	const scheme = "Bearer "
	header := r.Header.Get("Authorization")
	if len(header) < len(scheme) || header[:len(scheme)] != scheme {
		return ""
	}
	return header[len(scheme):]
}

// allows accepts the one token, or any token where none is named.
func allows(token string) func(*http.Request) bool {
	return func(r *http.Request) bool {
		given := bearer(r)
		return given != "" && (token == "" || given == token)
	}
}

// latency is the demo's, or none.
func (o Options) latency(p50, p99 time.Duration) Latency {
	if !o.DemoLatency {
		return Latency{}
	}
	return Latency{P50: Duration(p50), P99: Duration(p99)}
}

// orNull is the text, or null where there is none.
func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// orElse is the text, or the other where there is none.
func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}
