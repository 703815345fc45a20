package budget

import "sync"

// Concurrency counts what is under way for each caller, in this process. The zero value is ready, and safe for
// concurrent use.
type Concurrency struct {
	mu       sync.Mutex
	underway map[string]int
}

// Enter lets a caller in who has less than most under way. Who is let in must leave.
func (c *Concurrency) Enter(caller string, most int) (leave func(), ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.underway[caller] >= most {
		return nil, false
	}
	if c.underway == nil {
		c.underway = map[string]int{}
	}
	c.underway[caller]++
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.underway[caller]--; c.underway[caller] == 0 {
			delete(c.underway, caller)
		}
	}, true
}
