package limits

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// Document checks a parsed document, before it is validated. Nothing of it needs to fit the schema. Every node is
// visited once, and a fragment's figures are kept, however often and from however far it is spread: the work is linear
// in the document, and the figures are exact.
func (p *Policy) Document(document *ast.QueryDocument) []Excess {
	c := count(document)
	return p.excesses(&c.tally)
}

// most is where figures stop growing: fragments that spread each other twice double them with every one.
const most = 1 << 40

// counting is a document on its way to its tally.
type counting struct {
	tally
	named   map[string]*ast.FragmentDefinition // of several with one name the first, as validation has it
	counted map[*ast.FragmentDefinition]*fragment
	work    int // nodes visited
}

// fragment is the extent of a fragment: nothing, while it is being counted.
type fragment struct {
	extent
	open bool
}

// extent is what selections come to with their fragments spread out.
type extent struct {
	depth  int // levels of fields
	top    int // fields on the first level
	fields int
	lists  int // levels of introspection's lists
	nodes  int // what validation visits: fields, spreads, directives, values, long literals as several
}

// add takes in what stands beside.
func (e *extent) add(other extent) {
	e.depth = max(e.depth, other.depth)
	e.lists = max(e.lists, other.lists)
	e.top = min(e.top+other.top, most)
	e.fields = min(e.fields+other.fields, most)
	e.nodes = min(e.nodes+other.nodes, most)
}

func count(document *ast.QueryDocument) *counting {
	c := &counting{
		named:   make(map[string]*ast.FragmentDefinition, len(document.Fragments)),
		counted: make(map[*ast.FragmentDefinition]*fragment, len(document.Fragments)),
	}
	for _, definition := range document.Fragments {
		if c.named[definition.Name] == nil {
			c.named[definition.Name] = definition
		}
	}
	c.tally[Operations] = len(document.Operations)
	c.tally[Fragments] = len(document.Fragments)
	for _, operation := range document.Operations {
		e := extent{nodes: 1}
		for _, variable := range operation.VariableDefinitions {
			e.nodes += 1 + c.directives(variable.Directives)
			if variable.DefaultValue != nil {
				e.nodes += c.value(variable.DefaultValue, 1)
			}
		}
		e.nodes += c.directives(operation.Directives)
		e.add(c.selections(operation.SelectionSet, false))
		c.most(Variables, len(operation.VariableDefinitions))
		c.most(RootFields, e.top)
		c.take(e)
	}
	for _, definition := range document.Fragments {
		// Validation walks each fragment once more by itself, with all that it spreads.
		c.take(c.fragment(definition))
	}
	return c
}

// take counts a definition in.
func (c *counting) take(e extent) {
	c.most(Depth, e.depth)
	c.most(Fields, e.fields)
	c.most(IntrospectionDepth, e.lists)
	c.tally[Checks] = min(c.tally[Checks]+e.nodes, most)
}

func (c *counting) most(l Limit, figure int) { c.tally[l] = max(c.tally[l], figure) }

// fragment is the extent of a fragment, counted where it is met first.
func (c *counting) fragment(definition *ast.FragmentDefinition) extent {
	if known := c.counted[definition]; known != nil {
		if known.open {
			c.tally[FragmentCycles]++
		}
		return known.extent
	}
	known := &fragment{open: true}
	c.counted[definition] = known
	e := extent{nodes: 1 + c.directives(definition.Directives)}
	e.add(c.selections(definition.SelectionSet, strings.HasPrefix(definition.TypeCondition, "__")))
	known.extent, known.open = e, false
	return e
}

// selections counts what stands within the same braces. In introspection only lists count as levels: what is asked of
// a type is as deep as types are.
func (c *counting) selections(set ast.SelectionSet, introspection bool) extent {
	var e extent
	keys := make(map[string]struct{}, len(set))
	for _, selection := range set {
		c.work++
		switch s := selection.(type) {
		case *ast.Field:
			key := s.Alias
			if key != s.Name {
				c.tally[Aliases]++
			}
			if _, again := keys[key]; again {
				c.tally[DuplicateKeys]++
			} else {
				c.tally[UniqueFields]++
				keys[key] = struct{}{}
			}
			e.add(c.field(s, introspection))
		case *ast.InlineFragment:
			c.tally[Spreads]++
			e.nodes += 1 + c.directives(s.Directives)
			e.add(c.selections(s.SelectionSet, introspection))
		case *ast.FragmentSpread:
			c.tally[Spreads]++
			e.nodes += 1 + c.directives(s.Directives)
			if definition := c.named[s.Name]; definition != nil {
				e.add(c.fragment(definition))
			}
		}
	}
	return e
}

func (c *counting) field(field *ast.Field, introspection bool) extent {
	nodes := 1 + c.arguments(field.Arguments) + c.directives(field.Directives)
	below := c.selections(field.SelectionSet, introspection || field.Name == "__schema" || field.Name == "__type")
	e := extent{depth: below.depth, top: 1, lists: below.lists, fields: min(below.fields+1, most), nodes: min(below.nodes+nodes, most)}
	switch {
	case !introspection:
		e.depth++
	case isList(field.Name):
		e.lists++
	}
	return e
}

// isList tells the fields of introspection that lead from one type to many others.
func isList(name string) bool {
	switch name {
	case "types", "fields", "inputFields", "interfaces", "possibleTypes":
		return true
	default:
		return false
	}
}

func (c *counting) directives(directives ast.DirectiveList) int {
	nodes := 0
	for _, directive := range directives {
		c.work++
		c.tally[Directives]++
		nodes += 1 + c.arguments(directive.Arguments)
	}
	return nodes
}

func (c *counting) arguments(arguments ast.ArgumentList) int {
	nodes := 0
	for _, argument := range arguments {
		nodes += c.value(argument.Value, 1)
	}
	return nodes
}

// literalStep is how many bytes of a literal are a step: messages about it repeat it.
const literalStep = 64

// value counts a literal. Validation reads it once for each level that it stands on.
func (c *counting) value(value *ast.Value, level int) int {
	c.work++
	c.tally[Values]++
	nodes := level * (1 + len(value.Raw)/literalStep)
	if value.Kind == ast.ListValue || value.Kind == ast.ObjectValue {
		c.most(ValueDepth, level)
	}
	if value.Kind == ast.ListValue {
		c.most(ListLength, len(value.Children))
	}
	for _, child := range value.Children {
		nodes += c.value(child.Value, level+1)
	}
	return nodes
}
