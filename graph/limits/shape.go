package limits

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// maxShapes bounds the tree of an operation's fields; one with more is charged what it was priced at.
const maxShapes = 2000

// shape is the fields of an operation that are answered under one path, whichever types they are of: the dearest counts.
type shape struct {
	key    string // in the answer
	typ    string // the type that has the field, the first one where several do
	name   string
	field  *ast.Field
	priced *price
	weight float64 // of each value
	given  float64 // of the arguments, once
	at     int     // its place among the operation's shapes
	parent *shape
	below  []*shape // in the order asked
}

// outline is an operation's fields by their paths.
type outline struct {
	root *shape
	all  []*shape
}

// outliner merges the fields of an operation.
type outliner struct {
	*pricing
	outline
	met map[spread]bool
}

// spread is a fragment below a path.
type spread struct {
	at       *shape
	fragment *ast.FragmentDefinition
}

// outline returns the operation's paths, nil where there are too many. Without variables nothing is left out.
func (e *Estimate) outline(variables map[string]any) *outline {
	c := e.pricing(variables)
	if variables == nil {
		c.relevant = map[string]bool{}
	}
	o := &outliner{pricing: c, outline: outline{root: &shape{}}, met: map[spread]bool{}}
	if !o.merge(o.root, e.operation.SelectionSet) {
		return nil
	}
	return &o.outline
}

// merge adds what is selected below a path; false where there is too much.
func (o *outliner) merge(at *shape, set ast.SelectionSet) bool {
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			if o.leftOut(s.Directives) || s.Definition == nil || s.ObjectDefinition == nil {
				continue
			}
			below := o.add(at, s)
			if len(o.all) > maxShapes || !o.merge(below, s.SelectionSet) {
				return false
			}
		case *ast.InlineFragment:
			if !o.leftOut(s.Directives) && !o.merge(at, s.SelectionSet) {
				return false
			}
		case *ast.FragmentSpread:
			once := spread{at, s.Definition}
			if o.leftOut(s.Directives) || s.Definition == nil || o.met[once] {
				continue
			}
			o.met[once] = true
			if !o.merge(at, s.Definition.SelectionSet) {
				return false
			}
		}
	}
	return true
}

func (o *outliner) add(parent *shape, field *ast.Field) *shape {
	priced := o.prices.of(o.schema, field)
	given := 0.0
	for name, points := range priced.arguments {
		if field.Arguments.ForName(name) != nil {
			given += points
		}
	}
	at := slices.IndexFunc(parent.below, func(s *shape) bool { return s.key == field.Alias })
	if at >= 0 {
		known := parent.below[at]
		known.weight, known.given = max(known.weight, priced.weight), max(known.given, given)
		return known
	}
	added := &shape{
		key: field.Alias, typ: field.ObjectDefinition.Name, name: field.Name, field: field, priced: priced,
		weight: priced.weight, given: given, at: len(o.all), parent: parent,
	}
	parent.below = append(parent.below, added)
	o.all = append(o.all, added)
	return added
}

// path is the shape's response keys, without those of lists: tickets.nodes.requester.
func (s *shape) path() string {
	if s.parent.parent == nil {
		return s.key
	}
	return s.parent.path() + "." + s.key
}
