package limits

import (
	"math"
	"slices"
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"
)

// points are what selections cost: once, and for each item of the page that they are selected on. Infinity is where
// they stop growing.
type points struct{ once, each float64 }

func (p *points) add(other points) {
	p.once += other.once
	p.each += other.each
}

// pricing is an operation on its way to its points.
type pricing struct {
	*Estimate
	variables map[string]any
	fragments map[spot]points
	relevant  map[string]bool // collects names, where it is not nil: then nothing is left out
	work      int             // nodes visited
}

// spot is a fragment within a page; the page is nil where there is none.
type spot struct {
	fragment *ast.FragmentDefinition
	page     *price
}

func (e *Estimate) pricing(variables map[string]any) *pricing {
	return &pricing{Estimate: e, variables: variables, fragments: map[spot]points{}}
}

func (c *pricing) operation() int {
	root := c.schema.Query
	switch c.Estimate.operation.Operation {
	case ast.Mutation:
		root = c.schema.Mutation
	case ast.Subscription:
		root = c.schema.Subscription
	}
	sum := c.selections(c.Estimate.operation.SelectionSet, root, nil)
	return int(math.Ceil(min(sum.once, most)))
}

// selections prices what is selected of a type; page is the field that they are selected on, where it says how long
// lists below are. Of types that exclude each other, the dearest counts.
func (c *pricing) selections(set ast.SelectionSet, parent *ast.Definition, page *price) points {
	var sum points
	var apart map[string]points // by object type
	for _, selection := range set {
		c.work++
		var below points
		var condition string
		switch s := selection.(type) {
		case *ast.Field:
			if !c.leftOut(s.Directives) && s.Definition != nil && s.ObjectDefinition != nil {
				sum.add(c.field(s, page))
			}
			continue
		case *ast.InlineFragment:
			if c.leftOut(s.Directives) {
				continue
			}
			condition = s.TypeCondition
			on := parent
			if condition != "" {
				on = c.schema.Types[condition]
			}
			below = c.selections(s.SelectionSet, on, page)
		case *ast.FragmentSpread:
			if c.leftOut(s.Directives) || s.Definition == nil {
				continue
			}
			condition = s.Definition.TypeCondition
			below = c.fragment(s.Definition, page)
		}
		if condition == "" || parent.Kind == ast.Object || condition == parent.Name {
			sum.add(below)
			continue
		}
		if apart == nil {
			apart = map[string]points{}
		}
		for _, possible := range c.schema.GetPossibleTypes(c.schema.Types[condition]) {
			of := apart[possible.Name]
			of.add(below)
			apart[possible.Name] = of
		}
	}
	var dearest points
	for _, of := range apart {
		dearest.once, dearest.each = max(dearest.once, of.once), max(dearest.each, of.each)
	}
	sum.add(dearest)
	return sum
}

func (c *pricing) fragment(definition *ast.FragmentDefinition, page *price) points {
	at := spot{definition, page}
	known, ok := c.fragments[at]
	if !ok {
		known = c.selections(definition.SelectionSet, c.schema.Types[definition.TypeCondition], page)
		c.fragments[at] = known
	}
	return known
}

func (c *pricing) field(field *ast.Field, page *price) points {
	priced := c.prices.of(c.schema, field)
	given := 0.0
	for name, points := range priced.arguments {
		if field.Arguments.ForName(name) != nil {
			given += points
		}
	}
	length := c.length(field, priced)
	value := priced.weight
	if len(field.SelectionSet) > 0 {
		inner := (*price)(nil)
		if len(priced.sized) > 0 {
			inner = priced
		}
		below := c.selections(field.SelectionSet, c.schema.Types[field.Definition.Type.Name()], inner)
		value += below.once
		if inner != nil {
			value += times(length, below.each)
		}
	}
	switch {
	case page != nil && slices.Contains(page.sized, field.Name):
		return points{once: given, each: value}
	case priced.list && len(priced.sized) == 0:
		return points{once: given + times(length, value)}
	default:
		return points{once: given + value}
	}
}

// times multiplies; nothing times infinity is nothing.
func times(length, value float64) float64 {
	if length == 0 || value == 0 {
		return 0
	}
	return length * value
}

// length is how long a field's list, or that of its page, is taken to be.
func (c *pricing) length(field *ast.Field, priced *price) float64 {
	longest, said := 0.0, false
	for _, name := range priced.slicing {
		if n, ok := c.argument(field, name); ok {
			longest, said = max(longest, n), true
		}
	}
	if !said {
		return priced.assumed
	}
	return longest
}

// argument is the size that an argument says, itself or by its default.
func (c *pricing) argument(field *ast.Field, name string) (float64, bool) {
	given := field.Arguments.ForName(name)
	if given != nil && given.Value.Kind == ast.Variable {
		c.depends(given.Value.Raw)
		if value, ok := c.variables[given.Value.Raw]; ok {
			return size(value)
		}
		given = nil
	}
	var literal *ast.Value
	if given != nil {
		literal = given.Value
	} else if definition := field.Definition.Arguments.ForName(name); definition != nil {
		literal = definition.DefaultValue
	}
	if literal == nil {
		return 0, false
	}
	if literal.Kind == ast.ListValue {
		return float64(len(literal.Children)), true
	}
	n, err := strconv.ParseFloat(literal.Raw, 64)
	return max(n, 0), err == nil && literal.Kind == ast.IntValue
}

// leftOut tells whether @skip or @include leave a selection out.
func (c *pricing) leftOut(directives ast.DirectiveList) bool {
	for _, directive := range directives {
		if directive.Name != "skip" && directive.Name != "include" {
			continue
		}
		condition := directive.Arguments.ForName("if")
		if condition == nil {
			continue
		}
		holds := condition.Value.Raw == "true"
		if condition.Value.Kind == ast.Variable {
			c.depends(condition.Value.Raw)
			holds, _ = c.variables[condition.Value.Raw].(bool)
		}
		if c.relevant == nil && holds == (directive.Name == "skip") {
			return true
		}
	}
	return false
}

// depends notes a variable that the price depends on.
func (c *pricing) depends(variable string) {
	if c.relevant != nil {
		c.relevant[variable] = true
	}
}
