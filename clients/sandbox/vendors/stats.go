package vendors

import (
	"maps"
	"sync"
)

// Stats are the calls by vendor.
type Stats map[string]VendorStats

// VendorStats are the calls of a vendor, by operation too.
type VendorStats struct {
	OpStats
	Ops map[string]OpStats `json:"ops"`
}

// OpStats counts calls. A call is in flight until its answer is about to be written.
type OpStats struct {
	Calls       int `json:"calls"`
	InFlight    int `json:"in_flight"`
	MaxInFlight int `json:"max_in_flight"`
	// Keys counts the calls by how many keys each asked for; calls that ask for none are left out.
	Keys map[int]int `json:"keys,omitempty"`
}

func (o *OpStats) begin() {
	o.Calls++
	o.InFlight++
	o.MaxInFlight = max(o.MaxInFlight, o.InFlight)
}

type counters struct {
	mu      sync.Mutex
	vendors map[string]*counter
}

type counter struct {
	all OpStats
	ops map[string]*OpStats
}

// begin counts a call; what it returns ends it, once.
func (c *counters) begin(vendor, op string) func() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.vendors == nil {
		c.vendors = make(map[string]*counter)
	}
	counted := c.vendors[vendor]
	if counted == nil {
		counted = &counter{ops: make(map[string]*OpStats)}
		c.vendors[vendor] = counted
	}
	if counted.ops[op] == nil {
		counted.ops[op] = &OpStats{}
	}
	counted.all.begin()
	counted.ops[op].begin()
	return sync.OnceFunc(func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		counted.all.InFlight--
		counted.ops[op].InFlight--
	})
}

// asked notes how many keys a call asked for.
func (c *counters) asked(vendor, op string, keys int) {
	if keys == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	counted := c.vendors[vendor]
	for _, stats := range []*OpStats{&counted.all, counted.ops[op]} {
		if stats.Keys == nil {
			stats.Keys = make(map[int]int)
		}
		stats.Keys[keys]++
	}
}

func (o OpStats) clone() OpStats {
	o.Keys = maps.Clone(o.Keys)
	return o
}

// Stats returns the calls so far.
func (s *Server) Stats() Stats {
	s.stats.mu.Lock()
	defer s.stats.mu.Unlock()
	stats := make(Stats, len(s.stats.vendors))
	for vendor, counted := range s.stats.vendors {
		ops := make(map[string]OpStats, len(counted.ops))
		for op, calls := range counted.ops {
			ops[op] = calls.clone()
		}
		stats[vendor] = VendorStats{OpStats: counted.all.clone(), Ops: ops}
	}
	return stats
}
