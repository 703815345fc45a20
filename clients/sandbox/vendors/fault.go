package vendors

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Fault is what goes wrong with the calls it names.
type Fault struct {
	Vendor string `json:"vendor"`          // "stripe"
	Op     string `json:"op,omitempty"`    // "customers.get"; empty: every operation of the vendor
	Match  string `json:"match,omitempty"` // only calls whose path and query, or body, contain this text
	Times  int    `json:"times,omitempty"` // only so many calls; 0: until healed

	Latency        Latency  `json:"latency,omitzero"`           // instead of the usual one
	Next           []int    `json:"next,omitempty"`             // statuses of the next calls, one each; 200 lets one through
	ErrorRate      float64  `json:"error_rate,omitempty"`       // share of calls that fail with Status
	Status         int      `json:"status,omitempty"`           // of ErrorRate, 500 by default, and of HTML, 502 by default
	RetryAfter     string   `json:"retry_after,omitempty"`      // the header on a 429 or 5xx; empty: none is sent
	Reason         string   `json:"reason,omitempty"`           // the vendor's word for a refusal: Salesforce's errorCode, the RateLimit-Reason of Jira and Stripe
	Rate           Rate     `json:"rate,omitzero"`              // instead of the usual one, and enforced
	Drop           []string `json:"drop,omitempty"`             // ids that the vendor does not know
	Fail           []string `json:"fail,omitempty"`             // ids that fail on their own within an answer of status 200
	IndexLag       Duration `json:"index_lag,omitempty"`        // searches know nothing younger
	Shuffle        bool     `json:"shuffle,omitempty"`          // an order that is not the documented one
	OmitTotalPages bool     `json:"omit_total_pages,omitempty"` // Cloudflare's counts without total_pages
	Mode           Mode     `json:"mode,omitempty"`
}

// Mode is a way in which a call goes wrong.
type Mode string

// The modes.
const (
	Hang         Mode = "hang"         // no answer until the client leaves
	Reset        Mode = "reset"        // the connection is reset instead of an answer
	Cut          Mode = "cut"          // the connection ends in the middle of the body
	Truncate     Mode = "truncate"     // half of the body, as if it were the whole
	Trailing     Mode = "trailing"     // a second value after the body
	WrongType    Mode = "wrong_type"   // every text a number, every number and truth a text
	HTML         Mode = "html"         // a proxy's page
	Huge         Mode = "huge"         // 100 MB
	Unsuccessful Mode = "unsuccessful" // a failure with status 200
	Unauthorized Mode = "unauthorized" // the credentials are refused
)

func (f Fault) status(usual int) int {
	if f.Status != 0 {
		return f.Status
	}
	return usual
}

func (f Fault) drops(id string) bool { return slices.Contains(f.Drop, id) }

func (f Fault) fails(id string) bool { return slices.Contains(f.Fail, id) }

// Latency is a distribution of delays by its median and its 99th percentile.
type Latency struct {
	P50 Duration `json:"p50"`
	P99 Duration `json:"p99"`
}

// sample is the delay at so many standard deviations of a log-normal distribution, at most twice the 99th percentile.
func (l Latency) sample(deviations float64) time.Duration {
	if l.P50 <= 0 || l.P99 <= l.P50 {
		return time.Duration(l.P50)
	}
	const ninetyNinth = 2.326 // standard deviations
	spread := math.Log(float64(l.P99)/float64(l.P50)) / ninetyNinth
	return time.Duration(min(float64(l.P50)*math.Exp(spread*deviations), 2*float64(l.P99)))
}

// Duration is a time.Duration that stands in JSON as "90ms".
type Duration time.Duration

// MarshalText writes the duration as Go does.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads a duration as Go does.
func (d *Duration) UnmarshalText(text []byte) error {
	value, err := time.ParseDuration(string(text))
	*d = Duration(value)
	return err
}

// faults are those in force, the newest last. A fault replaces an earlier one of the same vendor, operation and match.
type faults struct {
	mu      sync.Mutex
	known   map[string][]string // vendor: operations
	inForce []Fault
}

// Break puts faults in force; where several name a call, the newest strikes. It refuses all of them when one names what
// does not exist.
func (s *Server) Break(broken ...Fault) error {
	for _, fault := range broken {
		if err := s.faults.valid(fault); err != nil {
			return fmt.Errorf("break %q: %w", fault.Vendor, err)
		}
	}
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	for _, fault := range broken {
		fault.Next = slices.Clone(fault.Next) // consumed as calls come
		s.faults.inForce = append(slices.DeleteFunc(s.faults.inForce, func(old Fault) bool {
			return old.Vendor == fault.Vendor && old.Op == fault.Op && old.Match == fault.Match
		}), fault)
	}
	return nil
}

// Heal ends all faults.
func (s *Server) Heal() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.inForce = nil
}

func (f *faults) know(vendor, op string) {
	if f.known == nil {
		f.known = make(map[string][]string)
	}
	f.known[vendor] = append(f.known[vendor], op)
}

func (f *faults) valid(fault Fault) error {
	ops, ok := f.known[fault.Vendor]
	switch {
	case !ok:
		return errors.New("no such vendor")
	case fault.Op != "" && !slices.Contains(ops, fault.Op):
		return fmt.Errorf("no operation %q", fault.Op)
	case fault.ErrorRate < 0 || fault.ErrorRate > 1 || fault.Times < 0 || fault.Latency.P50 < 0 || fault.Latency.P99 < 0:
		return errors.New("a number is out of range")
	case fault.Status != 0 && (fault.Status < 200 || fault.Status > 599):
		return fmt.Errorf("no status %d", fault.Status)
	}
	if err := fault.Rate.valid(); err != nil {
		return err
	}
	for _, status := range fault.Next {
		if status < 200 || status > 599 {
			return fmt.Errorf("no status %d", status)
		}
	}
	switch fault.Mode {
	case "", Hang, Reset, Cut, Truncate, Trailing, WrongType, HTML, Huge, Unsuccessful, Unauthorized:
		return nil
	default:
		return fmt.Errorf("no mode %q", fault.Mode)
	}
}

// strike finds the newest fault that names a call, takes one from what it counts, and returns it with the status that its
// script demands, 0 for none.
func (f *faults) strike(vendor, op, call string) (Fault, int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := len(f.inForce) - 1; i >= 0; i-- {
		fault := &f.inForce[i]
		if fault.Vendor != vendor || fault.Op != "" && fault.Op != op || !strings.Contains(call, fault.Match) {
			continue
		}
		struck, scripted := *fault, 0
		if len(fault.Next) > 0 {
			scripted, fault.Next = fault.Next[0], fault.Next[1:]
		}
		if fault.Times > 0 {
			if fault.Times--; fault.Times == 0 {
				f.inForce = slices.Delete(f.inForce, i, i+1)
			}
		}
		return struck, scripted
	}
	return Fault{}, 0
}

const badGateway = "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\n"

// writeHuge sends 100 MB that begin as JSON, for as long as somebody reads.
func writeHuge(w http.ResponseWriter) {
	chunk := []byte(strings.Repeat(" ", 1<<20))
	if _, err := w.Write([]byte("{")); err != nil {
		return
	}
	for range 100 {
		if _, err := w.Write(chunk); err != nil {
			return
		}
	}
	_, _ = w.Write([]byte("}"))
}

// reset ends the connection in the hardest way.
func reset(w http.ResponseWriter) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := connection.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = connection.Close()
}

// retype makes every text of a document a number, and every number and truth a text.
func retype(body []byte) []byte {
	var document any
	if json.Unmarshal(body, &document) != nil {
		return body
	}
	retyped, err := json.Marshal(swapped(document))
	if err != nil {
		return body
	}
	return retyped
}

func swapped(value any) any {
	switch value := value.(type) {
	case string:
		return len(value)
	case float64, bool:
		return fmt.Sprint(value)
	case []any:
		for i := range value {
			value[i] = swapped(value[i])
		}
	case map[string]any:
		for key := range value {
			value[key] = swapped(value[key])
		}
	}
	return value
}
