package limits

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"supportgraph/graph/auth"
)

// Policies are those of audiences that do not stay with the one that For gives them.
type Policies map[auth.Audience]Policy

// Of returns the policy of an audience: its own, or the one that it starts with.
func (p Policies) Of(audience auth.Audience) Policy {
	if own, ok := p[audience]; ok {
		return own
	}
	return For(audience)
}

// UnmarshalText reads what differs from the policies that audiences start with: bounds as portal.DEPTH=10, by the names
// of the limits in either case, 0 for none; levels as console=measure for all limits on documents and variables, and as
// console.COST=measure for the price. A limit that keeps the process itself safe stays enforced, and has a bound.
func (p *Policies) UnmarshalText(text []byte) error {
	*p = Policies{}
	for part := range strings.SplitSeq(string(text), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		audience, limit, isLimit := strings.Cut(name, ".")
		if !slices.Contains(auth.Audiences, auth.Audience(audience)) {
			return fmt.Errorf("limits are written as portal.DEPTH=10,console=measure; %q is none of %v", audience, auth.Audiences)
		}
		policy := p.Of(auth.Audience(audience))
		if err := policy.set(limit, isLimit, value); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		(*p)[auth.Audience(audience)] = policy
	}
	return nil
}

// set changes a level, or the bound of a limit.
func (p *Policy) set(name string, isLimit bool, value string) error {
	level, isLevel := map[string]Level{"enforce": Enforce, "measure": Measure}[value]
	if !isLimit {
		if !isLevel {
			return fmt.Errorf("the level is enforce or measure")
		}
		p.Level = level
		return nil
	}
	at := slices.IndexFunc(spoken[:], func(s struct{ name, sentence string }) bool { return strings.EqualFold(s.name, name) })
	if at < 0 {
		return fmt.Errorf("there is no such limit; there are %s", strings.Join(limitNames(), ", "))
	}
	limit := Limit(at)
	if limit == Cost && isLevel {
		p.CostLevel = level
		return nil
	}
	bound, err := strconv.Atoi(value)
	switch {
	case err != nil || bound < 0:
		return fmt.Errorf("the bound is a number, 0 for none")
	case limit == FragmentCycles:
		return fmt.Errorf("no document may have one")
	case bound == 0 && limit.guards():
		return fmt.Errorf("the process needs a bound")
	}
	p.Bounds[limit] = bound
	return nil
}

func limitNames() []string {
	all := make([]string, limits)
	for l := range limits {
		all[l] = l.String()
	}
	return all
}
