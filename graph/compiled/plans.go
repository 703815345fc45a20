package compiled

import (
	"sync"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// DefaultMaxPlans is how many bytes of plans are kept where nothing else is configured.
const DefaultMaxPlans = 64 << 20

// plans keeps what operations were compiled to, with their documents, those that were used last.
type plans struct {
	most int

	mu    sync.Mutex
	size  int
	known *lru.Cache[*ast.OperationDefinition, *choices]
}

func newPlans(most int) *plans {
	if most == 0 {
		most = DefaultMaxPlans
	}
	p := &plans{most: most}
	p.known, _ = lru.NewWithEvict(1<<20, func(_ *ast.OperationDefinition, gone *choices) { // it fails on sizes below one alone
		p.size -= gone.size
		gone.size = 0
		gone.gone = true
	})
	return p
}

// choices is the plans of one operation: it is compiled anew for other values of the conditions in it, so that nothing
// of them is left to decide when it runs.
type choices struct {
	variables []*ast.Value
	uncovered string // why no plan covers it

	mu     sync.Mutex
	plans  map[string]*plan
	denied map[string]string // why there is none

	size int  // of the plans, under the mutex of plans
	gone bool // it was pushed out, and counts no more
}

// of returns the operation's plans.
func (p *plans) of(operation *ast.OperationDefinition, read func() *choices) *choices {
	if known, ok := p.known.Get(operation); ok {
		return known
	}
	made := read()
	p.mu.Lock()
	defer p.mu.Unlock()
	if known, ok := p.known.Get(operation); ok {
		return known
	}
	p.known.Add(operation, made)
	p.grow(made, sizeOf(operation))
	return made
}

// grow counts what was added, and lets go of what was not used for longest; the mutex is held.
func (p *plans) grow(to *choices, size int) {
	if to.gone {
		return
	}
	to.size += size
	p.size += size
	for p.size > p.most {
		if _, _, more := p.known.RemoveOldest(); !more {
			return
		}
	}
}

// sizeOf is about how many bytes the parsed document of an operation takes.
func sizeOf(operation *ast.OperationDefinition) int {
	const perByte = 20
	if operation.Position == nil || operation.Position.Src == nil {
		return 1 << 10
	}
	return 1<<10 + perByte*len(operation.Position.Src.Input)
}

// plan returns the plan for one choice of the conditions, or why there is none.
func (c *choices) plan(all *plans, word string, compile func() (*plan, string)) (p *plan, uncovered string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if known, ok := c.plans[word]; ok {
		return known, ""
	}
	if why, ok := c.denied[word]; ok {
		return nil, why
	}
	if len(c.plans)+len(c.denied) >= maxChoices {
		return nil, "conditions"
	}
	p, uncovered = compile()
	if uncovered != "" {
		if c.denied == nil {
			c.denied = map[string]string{}
		}
		c.denied[word] = uncovered
		return nil, uncovered
	}
	c.plans[word] = p
	all.mu.Lock()
	defer all.mu.Unlock()
	all.grow(c, p.size)
	return p, ""
}
