package loaders

import (
	"maps"
	"runtime"
	"slices"
	"sync"
	"weak"

	"github.com/vektah/gqlparser/v2/ast"
)

// plan is the edges that an operation follows, level by level. It holds for all variables.
type plan struct{ root *selection }

// selection is what is followed from the rows of one type.
type selection struct{ branches []*branch }

// branch is one field of the operation that is an edge.
type branch struct {
	edge    *edge
	field   *ast.Field
	path    string                // by response keys, without those of lists' items: tickets.nodes.requester
	guards  []*ast.Directive      // the @skip and @include that stand over it
	below   map[string]*selection // by the type of the rows that it leads to
	calls   []string              // the vendors' loaders that its rows lead to at once
	vendors bool                  // whether any of its rows leads to a vendor in the end
}

// leadsOn tells whether anything is followed from the rows that the branch leads to.
func (b *branch) leadsOn() bool { return len(b.below) > 0 }

// open returns the branch's arguments; false where it is left out, or where its arguments are wrong, which its resolver
// will say.
func (b *branch) open(vars map[string]any) (args any, ok bool) {
	for _, directive := range b.guards {
		condition := directive.Arguments.ForName("if")
		if condition == nil {
			return nil, false
		}
		value, err := condition.Value.Value(vars)
		if holds, _ := value.(bool); err != nil || holds == (directive.Name == "skip") {
			return nil, false
		}
	}
	if b.edge.bind == nil {
		return nil, true
	}
	return b.edge.bind(b.field.ArgumentMap(vars))
}

// maxSelections bounds the compilation of one operation; what lies beyond is not planned, and batched over a window. It
// keeps fragments that spread each other twice from doubling the work with each. A page needs a few
// hundred.
const maxSelections = 2000

// plans keeps the plans of operations for as long as their parsed documents are kept.
type plans struct {
	edges map[string][]*edge         // by "Type.field"
	types map[string]map[string]bool // the types of each interface and union
	known sync.Map                   // weak.Pointer[ast.OperationDefinition] to *plan
}

func newPlans(schema *ast.Schema, edges []*edge) *plans {
	p := &plans{edges: make(map[string][]*edge), types: make(map[string]map[string]bool)}
	for _, e := range edges {
		p.edges[e.typ+"."+e.field] = append(p.edges[e.typ+"."+e.field], e)
	}
	for name, possible := range schema.PossibleTypes {
		p.types[name] = make(map[string]bool, len(possible))
		for _, definition := range possible {
			p.types[name][definition.Name] = true
		}
	}
	return p
}

// of returns the operation's plan, compiled when it is first asked for.
func (p *plans) of(operation *ast.OperationDefinition) *plan {
	key := weak.Make(operation)
	if known, ok := p.known.Load(key); ok {
		return known.(*plan)
	}
	compiled, _ := p.compile(operation)
	if known, loaded := p.known.LoadOrStore(key, compiled); loaded {
		return known.(*plan)
	}
	runtime.AddCleanup(operation, func(key weak.Pointer[ast.OperationDefinition]) { p.known.Delete(key) }, key)
	return compiled
}

// compile returns the operation's plan and how many selections were looked at for it.
func (p *plans) compile(operation *ast.OperationDefinition) (compiled *plan, work int) {
	c := &compiler{plans: p, left: maxSelections}
	root := c.selection("Query", []part{{set: operation.SelectionSet}})
	return &plan{root}, maxSelections - max(c.left, 0)
}

// part is one of the selection sets that together select from the same rows, and what stands over it.
type part struct {
	set    ast.SelectionSet
	guards []*ast.Directive
	path   string // of the rows; of a single field, its own
}

type compiler struct {
	plans *plans
	left  int // selections that may still be looked at
}

// selection compiles what the parts select from rows of a type; nil where they follow no edge.
func (c *compiler) selection(typ string, parts []part) *selection {
	sel := &selection{}
	for _, found := range c.fields(typ, parts) {
		field := found.set[0].(*ast.Field)
		if !readable(field.Arguments) {
			continue
		}
		for _, e := range c.plans.edges[typ+"."+field.Name] {
			sel.branches = append(sel.branches, c.branch(e, found))
		}
	}
	if len(sel.branches) == 0 {
		return nil
	}
	return sel
}

// readable tells whether the arguments have values. Validation lets a number through that none can hold where a scalar of
// ours is asked for; reading it panics, which is for its own resolver to do.
func readable(arguments ast.ArgumentList) bool {
	return !slices.ContainsFunc(arguments, func(argument *ast.Argument) bool {
		_, err := argument.Value.Value(nil)
		return err != nil
	})
}

// branch compiles an edge from a field, which is a part of its own.
func (c *compiler) branch(e *edge, from part) *branch {
	field := from.set[0].(*ast.Field)
	b := &branch{edge: e, field: field, path: from.path, guards: from.guards}
	if e.next != nil { // the field's own rows are one hop further
		hop := c.branch(e.next, part{set: from.set, path: from.path})
		b.below = map[string]*selection{e.target: {branches: []*branch{hop}}}
	} else {
		parts := []part{{set: field.SelectionSet, path: from.path}}
		if e.paged {
			parts = c.items(field, from.path)
		}
		targets := e.kinds
		if e.kind == nil {
			targets = []string{e.target}
		}
		for _, target := range targets {
			if sel := c.selection(target, parts); sel != nil {
				if b.below == nil {
					b.below = make(map[string]*selection, len(targets))
				}
				b.below[target] = sel
			}
		}
	}
	for _, sel := range b.below {
		for _, child := range sel.branches {
			if child.edge.vendor && !slices.Contains(b.calls, child.edge.loader) {
				b.calls = append(b.calls, child.edge.loader)
			}
			b.vendors = b.vendors || child.edge.vendor || child.vendors
		}
	}
	return b
}

// items are the selections from a connection's items, by way of its nodes and of its edges; of a vendor's answer, from
// the items of whichever of its types has some.
func (c *compiler) items(connection *ast.Field, path string) (items []part) {
	types := []string{connection.Definition.Type.Name()}
	if members := c.plans.types[types[0]]; len(members) > 0 {
		types = slices.Sorted(maps.Keys(members))
	}
	for _, typ := range types {
		for _, found := range c.fields(typ, []part{{set: connection.SelectionSet, path: path}}) {
			switch field := found.set[0].(*ast.Field); field.Name {
			case "nodes":
				items = append(items, part{field.SelectionSet, found.guards, found.path})
			case "edges":
				for _, inner := range c.fields(field.Definition.Type.Name(), []part{{field.SelectionSet, found.guards, found.path}}) {
					if node := inner.set[0].(*ast.Field); node.Name == "node" {
						items = append(items, part{node.SelectionSet, inner.guards, inner.path})
					}
				}
			}
		}
	}
	return items
}

// fields are the fields that the parts select from a type, each as a part of its own, fragments opened.
func (c *compiler) fields(typ string, parts []part) (fields []part) {
	opened := make(map[string]bool) // fragments that are spread without a condition need it once
	var open func(part)
	open = func(p part) {
		for _, selection := range p.set {
			if c.left--; c.left < 0 {
				return
			}
			switch s := selection.(type) {
			case *ast.Field:
				fields = append(fields, part{ast.SelectionSet{s}, conditions(p.guards, s.Directives), join(p.path, s.Alias)})
			case *ast.InlineFragment:
				if c.applies(s.TypeCondition, typ) {
					open(part{s.SelectionSet, conditions(p.guards, s.Directives), p.path})
				}
			case *ast.FragmentSpread:
				guards := conditions(p.guards, s.Directives)
				if s.Definition == nil || opened[s.Name] || !c.applies(s.Definition.TypeCondition, typ) {
					continue
				}
				opened[s.Name] = len(guards) == 0
				open(part{s.Definition.SelectionSet, guards, p.path})
			}
		}
	}
	for _, p := range parts {
		open(p)
	}
	return fields
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// applies tells whether a fragment on the condition selects from rows of a type.
func (c *compiler) applies(condition, typ string) bool {
	return condition == "" || condition == typ || c.plans.types[condition][typ]
}

// conditions adds the @skip and @include among the directives to what stands over a selection already.
func conditions(guards []*ast.Directive, directives ast.DirectiveList) []*ast.Directive {
	for _, directive := range directives {
		if directive.Name == "skip" || directive.Name == "include" {
			guards = append(slices.Clip(guards), directive)
		}
	}
	return guards
}
