package vendors

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
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
	Salesforce = "salesforce"
	Jira       = "jira"
	Zendesk    = "zendesk"

	StripePath     = "/stripe/v1"
	CloudflarePath = "/cloudflare/client/v4"
	StatuspagePath = "/status/api/v2"
	SalesforcePath = "/salesforce"
	JiraPath       = "/jira/rest/api/3"
	ZendeskPath    = "/zendesk/api/v2"
)

// Options are how a Server behaves apart from its data.
type Options struct {
	Seed             uint64 // of latencies and error rates: the same seed gives the same sequence
	DemoLatency      bool   // answer as slowly as the real vendors would; without it answers come at once
	StripeKey        string // the only key accepted; empty: any
	CloudflareToken  string // the only token accepted; empty: any
	SalesforceSecret string // the only client secret that opens sessions; empty: any
	JiraToken        string // the only API token accepted as a password; empty: any
	ZendeskToken     string // the only API token accepted as a password; empty: any
	MaxSweepAccounts int    // accounts across which zones may be listed; 0: the vendor's 500

	Rates       bool             // refuse what exceeds the rates that the vendors document; without it they are only shown
	SessionLife time.Duration    // of a Salesforce session; 0: until ExpireSessions
	DailyCalls  int              // of a Salesforce organisation; 0: 100,000
	Now         func() time.Time // the time for rates, sessions and what is indexed; nil: the real one
}

// Server answers as the vendors do. It is an http.Handler and safe for concurrent use.
type Server struct {
	mux      *http.ServeMux
	faults   faults
	buckets  buckets
	sessions sessions
	stats    counters
	rates    bool
	now      func() time.Time
	closed   chan struct{}
	zendesk  *zendesk
	close    sync.Once

	mu     sync.Mutex
	random *rand.Rand
	served uint64
}

// New makes a server of the data.
func New(data Data, options Options) *Server {
	if options.Now == nil {
		options.Now = time.Now
	}
	server := &Server{
		mux:    http.NewServeMux(),
		rates:  options.Rates,
		now:    options.Now,
		closed: make(chan struct{}),
		random: rand.New(rand.NewPCG(options.Seed, 0)),
	}
	server.mountStripe(data.Customers, options)
	server.mountCloudflare(data.Accounts, options)
	server.mountStatuspage(data.Page, options)
	server.mountSalesforce(data.Salesforce, options)
	server.mountJira(data.Issues, options)
	server.mountZendesk(data.Zendesk, options)
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
	keys   int // that were asked for in one call; 0 where none are
}

// dialect is what a vendor does the same way on all its routes.
type dialect struct {
	vendor  string
	latency Latency                                // of the demo; zero without it
	allows  func(*http.Request) bool               // whether the credentials are accepted
	refuse  func(status int, fault Fault) reply    // a failure in the vendor's words
	stamp   func(http.Header, *http.Request, turn) // the headers of every answer
	rate    func(op string) (pool string, _ Rate)  // what the vendor allows, and with whom it is shared; nil: anything
	limit   int                                    // the status of a call beyond the rate; 0: 429
}

// serial numbers the calls of a server, for the vendors' references.
type serial uint64

// maxBody is how much of a call's body is read.
const maxBody = 1 << 20

// handle mounts a route whose calls are counted, delayed and broken as the faults say.
func (s *Server) handle(d dialect, op, pattern string, answer func(*http.Request, Fault) reply) {
	s.faults.know(d.vendor, op)
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		end := s.stats.begin(d.vendor, op)
		defer end()
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			panic(http.ErrAbortHandler) // the client has left, or sends what no client of ours would
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		fault, scripted := s.faults.strike(d.vendor, op, r.URL.RequestURI()+"\n"+string(body))
		s.wait(r.Context(), s.delay(d, fault))
		if fault.Mode == Hang {
			s.hang(r.Context())
		}

		turn := s.allow(d, op, fault)
		var answered reply
		switch {
		case turn.limited:
			answered = d.refuse(cmp.Or(d.limit, http.StatusTooManyRequests), fault)
		case !d.allows(r) || fault.Mode == Unauthorized:
			answered = d.refuse(http.StatusUnauthorized, fault)
		case scripted >= 300:
			answered = d.refuse(scripted, fault)
		case s.happens(fault.ErrorRate):
			answered = d.refuse(fault.status(http.StatusInternalServerError), fault)
		case fault.Mode == Unsuccessful:
			answered = reply{status: http.StatusOK, body: d.refuse(http.StatusBadRequest, fault).body}
		default:
			answered = answer(r, fault)
		}
		s.stats.asked(d.vendor, op, answered.keys)
		turn.status = answered.status
		d.stamp(w.Header(), r, turn)
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

// shuffle orders by chance, as vendors do that promise no order.
func (s *Server) shuffle(count int, swap func(i, j int)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.random.Shuffle(count, swap)
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

// allowsUser accepts any name with the one password, or any password where none is named.
func allowsUser(password string) func(*http.Request) bool {
	return func(r *http.Request) bool {
		name, given, ok := r.BasicAuth()
		return ok && name != "" && given != "" && (password == "" || given == password)
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
