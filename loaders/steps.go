package loaders

import (
	"cmp"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"supportgraph/clients/upstream"
)

// Steps is what the operation would read, level by level, without reading anything. times tells of a path how often its
// field is answered. Records that are reached in several ways are counted in each.
func (f *Factory) Steps(operation *graphql.OperationContext, times func(path string) (asked, values int)) []upstream.Step {
	s := &stepping{vars: operation.Variables, times: times, steps: map[step]*upstream.Step{}}
	if operation.Operation.Operation == ast.Query {
		s.follow(f.plans.of(operation.Operation).root, 1)
	} else {
		for _, field := range graphql.CollectFields(operation, operation.Operation.SelectionSet, []string{"Mutation"}) {
			c := &compiler{plans: f.plans, left: maxSelections}
			s.follow(c.selection(field.Definition.Type.Name(), []part{{set: field.Selections, path: field.Alias}}), 1)
		}
	}
	all := make([]upstream.Step, 0, len(s.steps))
	for _, found := range s.steps {
		slices.Sort(found.Paths)
		all = append(all, *found)
	}
	slices.SortFunc(all, func(a, b upstream.Step) int {
		return cmp.Or(a.Level-b.Level, cmp.Compare(a.Loader, b.Loader))
	})
	return all
}

// stepping walks a plan as its levels would be read.
type stepping struct {
	vars  map[string]any
	times func(path string) (asked, values int)
	steps map[step]*upstream.Step
}

type step struct {
	level  int
	loader string
}

func (s *stepping) follow(sel *selection, level int) {
	if sel == nil {
		return
	}
	for _, branch := range sel.branches {
		if _, ok := branch.open(s.vars); !ok {
			continue
		}
		below := level + 1
		if branch.edge.expand == nil || branch.edge.loader == "" {
			below = level // its rows are there already
		} else {
			s.add(branch, level)
		}
		for _, next := range branch.below {
			s.follow(next, below)
		}
	}
}

// add counts a branch. A page of other arguments is another statement; what is read by key shares one.
func (s *stepping) add(b *branch, level int) {
	found := s.steps[step{level, b.edge.loader}]
	if found == nil {
		found = &upstream.Step{Level: level, Loader: b.edge.loader, Source: b.source()}
		s.steps[step{level, b.edge.loader}] = found
	}
	keys, values := s.times(b.path)
	if b.edge.each {
		keys = values
	}
	if !slices.Contains(found.Paths, b.path) {
		found.Paths = append(found.Paths, b.path)
		found.Keys += keys
	}
	switch {
	case b.edge.vendor && b.edge.together > 0: // others only look at what is there
		found.Calls = calls(found.Keys, b.edge.together)
	case b.edge.vendor:
	case b.edge.paged:
		found.Calls += calls(keys, maxKeys)
	default:
		found.Calls = calls(found.Keys, maxKeys)
	}
}

// source is where a branch's rows are read; in memory where a vendor's client only looks at what it has.
func (b *branch) source() string {
	switch {
	case b.edge.service != "":
		return b.edge.service
	case b.edge.vendor:
		return "memory"
	default:
		return "postgres"
	}
}

// calls is how many it takes for so many keys, of which so many go together.
func calls(keys, together int) int {
	together = max(together, 1)
	return (keys + together - 1) / together
}
