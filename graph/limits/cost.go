package limits

import (
	"encoding/json"
	"strconv"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"
)

// Estimate prices one operation of a validated document. It is safe for concurrent use, and remembers what it has
// worked out: the price depends on few variables, those that say how long lists are and what is left out.
type Estimate struct {
	prices    *Prices
	schema    *ast.Schema
	operation *ast.OperationDefinition
	relevant  []string // variables

	mu    sync.RWMutex
	known map[string]int // points, by the values of the relevant variables

	once  sync.Once
	whole *outline // of all paths, drawn when the first answer is measured
}

// maxPriced is for how many combinations of variables the points of one operation are remembered.
const maxPriced = 128

// Estimate prepares to price an operation by the schema that it was validated against.
func (p *Prices) Estimate(schema *ast.Schema, operation *ast.OperationDefinition) *Estimate {
	e := &Estimate{prices: p, schema: schema, operation: operation, known: map[string]int{}}
	found := e.pricing(nil)
	found.relevant = map[string]bool{}
	found.operation()
	for _, variable := range operation.VariableDefinitions {
		if found.relevant[variable.Variable] {
			e.relevant = append(e.relevant, variable.Variable)
		}
	}
	return e
}

// Points is what the operation costs with these variables, which were coerced. It is never too low, but where a list
// without a bound of its own is longer than the schema says.
func (e *Estimate) Points(variables map[string]any) int {
	var space [64]byte
	key := space[:0]
	for _, name := range e.relevant {
		key = appendValue(key, variables[name])
	}
	e.mu.RLock()
	points, ok := e.known[string(key)]
	e.mu.RUnlock()
	if ok {
		return points
	}
	points = e.pricing(variables).operation()
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.known) < maxPriced {
		e.known[string(key)] = points
	}
	return points
}

// appendValue writes what a price can depend on: a number, the length of a list, a condition.
func appendValue(key []byte, value any) []byte {
	if condition, ok := value.(bool); ok {
		return strconv.AppendBool(append(key, ' '), condition)
	}
	n, ok := size(value)
	if !ok {
		return append(key, " -"...)
	}
	return strconv.AppendFloat(append(key, ' '), n, 'g', -1, 64)
}

// size is how long a list is that an argument speaks of.
func size(value any) (float64, bool) {
	switch v := value.(type) {
	case int64:
		return max(float64(v), 0), true
	case int:
		return max(float64(v), 0), true
	case float64:
		return max(v, 0), true
	case json.Number:
		n, err := v.Float64()
		return max(n, 0), err == nil
	case []any:
		return float64(len(v)), true
	default:
		return 0, false
	}
}

// Cost checks the points of an operation.
func (p *Policy) Cost(points int) []Excess {
	if bound := p.Bounds[Cost]; bound == 0 || points <= bound {
		return nil
	}
	return []Excess{{Limit: Cost, Figure: points, Bound: p.Bounds[Cost], Refused: p.refuses(Cost)}}
}
