package limits_test

import (
	"strings"
	"testing"

	"supportgraph/graph/auth"
	"supportgraph/graph/limits"
)

// TestPoliciesAreRead shows what can be configured, and that the rest stays as it was.
func TestPoliciesAreRead(t *testing.T) {
	t.Parallel()
	var read limits.Policies
	if err := read.UnmarshalText([]byte("portal.DEPTH=8, portal.root_field=4,console=measure,console.COST=0,explorer.COST=measure")); err != nil {
		t.Fatal(err)
	}
	portal := limits.For(auth.Portal)
	portal.Bounds[limits.Depth], portal.Bounds[limits.RootFields] = 8, 4
	console := limits.For(auth.Console)
	console.Level, console.Bounds[limits.Cost] = limits.Measure, 0
	explorer := limits.For(auth.Explorer)
	explorer.CostLevel = limits.Measure
	for audience, want := range map[auth.Audience]limits.Policy{auth.Portal: portal, auth.Console: console, auth.Explorer: explorer} {
		if got := read.Of(audience); got != want {
			t.Errorf("%s: got %+v, want %+v", audience, got, want)
		}
	}
	if got := (limits.Policies)(nil).Of(auth.Portal); got != limits.For(auth.Portal) {
		t.Errorf("where nothing is configured: %+v", got)
	}
}

// TestPoliciesThatCannotBe shows what is refused at start, each with what is wrong.
func TestPoliciesThatCannotBe(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                        `"" is none of [portal console explorer]`,
		"partner.DEPTH=3":         `"partner" is none of`,
		"portal":                  "portal: the level is enforce or measure",
		"portal=off":              "portal: the level is enforce or measure",
		"portal.WIDTH=3":          "portal.WIDTH: there is no such limit; there are BYTE, TOKEN, NAME,",
		"portal.DEPTH=deep":       "portal.DEPTH: the bound is a number, 0 for none",
		"portal.DEPTH=-1":         "portal.DEPTH: the bound is a number",
		"portal.DEPTH=measure":    "portal.DEPTH: the bound is a number",
		"portal.TOKEN=0":          "portal.TOKEN: the process needs a bound",
		"portal.FRAGMENT_CYCLE=1": "portal.FRAGMENT_CYCLE: no document may have one",
		"portal.DEPTH=3,":         `"" is none of`,
	} {
		var read limits.Policies
		if err := read.UnmarshalText([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}
