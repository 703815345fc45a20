package limits

import (
	"math"
	"slices"
)

// Path is a field of an operation by its response keys, without those of lists' items, and what it costs by itself.
type Path struct {
	Path  string
	Field string // Ticket.requester
	// Asked is how often the field is answered at most, Values how many values it has then, Points what they cost.
	Asked, Values, Points int
	// Came is how many values came, and Cost what they cost, where there is an answer.
	Came, Cost int
	Leaf       bool // whether nothing is selected below
}

// Paths are the fields that the operation asks for with these variables, in its order, and what each costs, by its answer
// too, where there is one; nil where they are too many. Of types that exclude each other all are counted, so that the sum
// may be above Points.
func (e *Estimate) Paths(variables map[string]any, data []byte) []Path {
	if variables == nil {
		variables = map[string]any{}
	}
	outline := e.outline(variables)
	if outline == nil {
		return nil
	}
	paths := make([]Path, len(outline.all))
	values := make([]float64, len(outline.all))
	read := reading{data: data, times: make([]int, len(outline.all)), values: make([]int, len(outline.all))}
	read.value(outline.root)
	c := e.pricing(variables)
	for i, s := range outline.all { // parents come first
		asked := 1.0
		if s.parent.parent != nil {
			asked = values[s.parent.at]
		}
		values[i] = times(asked, c.longest(s))
		paths[i] = Path{
			Path: s.path(), Field: s.typ + "." + s.name, Leaf: len(s.below) == 0,
			Asked: whole(asked), Values: whole(values[i]), Points: whole(times(asked, s.given) + times(values[i], s.weight)),
			Came: read.values[i], Cost: whole(float64(read.times[i])*s.given + float64(read.values[i])*s.weight),
		}
	}
	return paths
}

func whole(points float64) int { return int(math.Ceil(min(points, most))) }

// longest is how many values a field is taken to have each time that it is answered.
func (c *pricing) longest(s *shape) float64 {
	page := s.parent
	switch {
	case page.priced != nil && slices.Contains(page.priced.sized, s.name):
		return c.length(page.field, page.priced)
	case s.priced.list && len(s.priced.sized) == 0:
		return c.length(s.field, s.priced)
	default:
		return 1
	}
}
