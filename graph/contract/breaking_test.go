package contract_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"supportgraph/graph/auth"
	"supportgraph/graph/contract"
)

// TestContractsKeepTheirPromises compares the contracts of the schema with those that clients rely on.
func TestContractsKeepTheirPromises(t *testing.T) {
	t.Parallel()
	full, err := contract.Load("../schema")
	if err != nil {
		t.Fatal(err)
	}
	if err := contract.CheckReleased(".", full); err != nil {
		t.Errorf("what must break is allowed in released/allowed, with its day and reason:\n%v", err)
	}
}

func TestBreaking(t *testing.T) {
	t.Parallel()
	const rest = " scalar S interface I { x: ID } enum E { A B } union U = T | V type T implements I { x: ID } type V { x: ID } input In { a: Int = 1 b: [Int!] }"
	for name, test := range map[string]struct{ old, now, want string }{
		"nothing":                     {"type Query { a: ID }", "type Query { a: ID }", ""},
		"additions":                   {"type Query { a: ID }", "type Query { a(x: Int, y: Int! = 1): ID b: ID } type New { x: ID }", ""},
		"a type is gone":              {"type Query { a: ID } type Old { x: ID }", "type Query { a: ID }", "TYPE_REMOVED Old"},
		"another kind":                {"type Query { a: ID } type Old { x: ID }", "type Query { a: ID } interface Old { x: ID }", "KIND_CHANGED Old"},
		"a field is gone":             {"type Query { a: ID b: ID }", "type Query { a: ID }", "FIELD_REMOVED Query.b"},
		"what is read gets null":      {"type Query { a: ID! }", "type Query { a: ID }", "TYPE_CHANGED Query.a"},
		"items get null":              {"type Query { a: [ID!]! }", "type Query { a: [ID]! }", "TYPE_CHANGED Query.a"},
		"what is read gets stricter":  {"type Query { a: [ID] }", "type Query { a: [ID!]! }", ""},
		"another type":                {"type Query { a: ID }", "type Query { a: String }", "TYPE_CHANGED Query.a"},
		"a list":                      {"type Query { a: ID }", "type Query { a: [ID] }", "TYPE_CHANGED Query.a"},
		"an argument is gone":         {"type Query { a(x: Int): ID }", "type Query { a: ID }", "ARGUMENT_REMOVED Query.a(x:)"},
		"an argument is required":     {"type Query { a: ID }", "type Query { a(x: Int!): ID }", "REQUIRED_ADDED Query.a(x:)"},
		"an argument gets stricter":   {"type Query { a(x: Int): ID }", "type Query { a(x: Int!): ID }", "TYPE_CHANGED Query.a(x:)"},
		"an argument gets wider":      {"type Query { a(x: Int!): ID }", "type Query { a(x: Int): ID }", ""},
		"a default changes":           {"type Query { a(x: Int = 1): ID }", "type Query { a(x: Int = 2): ID }", "DEFAULT_CHANGED Query.a(x:)"},
		"a default is gone":           {"type Query { a(x: Int = 1): ID }", "type Query { a(x: Int): ID }", "DEFAULT_CHANGED Query.a(x:)"},
		"a default comes":             {"type Query { a(x: Int): ID }", "type Query { a(x: Int = 1): ID }", ""},
		"a value is gone":             {"type Query { e: F } enum F { A B }", "type Query { e: F } enum F { A }", "VALUE_REMOVED F.B"},
		"a value comes":               {"type Query { e: F } enum F { A }", "type Query { e: F } enum F { A B }", ""},
		"a member is gone":            {"type Query { u: W } union W = T | V", "type Query { u: W } union W = T", "MEMBER_REMOVED W.V"},
		"an interface is gone":        {"type Query { t: X } type X implements I { x: ID }", "type Query { t: X } type X { x: ID }", "INTERFACE_REMOVED X.I"},
		"an input field is gone":      {"type Query { a(i: N): ID } input N { a: Int b: Int }", "type Query { a(i: N): ID } input N { a: Int }", "FIELD_REMOVED N.b"},
		"an input field is required":  {"type Query { a(i: N): ID } input N { a: Int }", "type Query { a(i: N): ID } input N { a: Int b: Int! }", "REQUIRED_ADDED N.b"},
		"an input field comes":        {"type Query { a(i: N): ID } input N { a: Int }", "type Query { a(i: N): ID } input N { a: Int b: Int! = 1 }", ""},
		"an input field is stricter":  {"type Query { a(i: N): ID } input N { a: [Int] }", "type Query { a(i: N): ID } input N { a: [Int!] }", "TYPE_CHANGED N.a"},
		"a directive is gone":         {"type Query { a: ID } directive @d on FIELD", "type Query { a: ID }", "DIRECTIVE_REMOVED @d"},
		"there are no changes":        {"type Query { a: ID } type Mutation { a: ID }", "type Query { a: ID }", "ROOT_REMOVED mutation\nTYPE_REMOVED Mutation"},
		"two in the order of place":   {"type Query { b: ID a: ID c: ID }", "type Query { c: ID }", "FIELD_REMOVED Query.a\nFIELD_REMOVED Query.b"},
		"a deprecation breaks nobody": {"type Query { a: ID }", `type Query { a: ID @deprecated(reason: "x") }`, ""},
	} {
		var got []string
		for _, fault := range contract.Breaking(load(t, test.old+rest), load(t, test.now+rest)) {
			got = append(got, fault.Rule+" "+fault.Place)
		}
		want := strings.Split(test.want, "\n")
		if test.want == "" {
			want = nil
		}
		gotSet, wantSet := map[string]bool{}, map[string]bool{}
		for _, g := range got {
			gotSet[g] = true
		}
		for _, w := range want {
			wantSet[w] = true
		}
		if diff := cmp.Diff(wantSet, gotSet); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestBreaksAreAllowedByName: with a day and a reason, each for one contract, and only what breaks.
func TestBreaksAreAllowedByName(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	allowed := filepath.Join(dir, "released", "allowed")
	old := load(t, `type Query @p { a: ID @p b: ID @p secret: ID }`)
	if err := contract.Release(dir, old); err != nil {
		t.Fatal(err)
	}
	now := load(t, `type Query @p { a: ID @p }`)
	allow := func(lines string) error {
		if err := os.WriteFile(allowed, []byte("# a comment\n\n"+lines), 0o600); err != nil {
			t.Fatal(err)
		}
		return contract.CheckReleased(dir, now)
	}
	var everything []string
	for _, audience := range auth.Audiences {
		everything = append(everything, string(audience)+" FIELD_REMOVED Query.b 2026-12-01 nobody has asked for it")
	}
	for _, audience := range []string{"console", "explorer"} {
		everything = append(everything, audience+" FIELD_REMOVED Query.secret 2026-12-01 nobody has asked for it")
	}
	all := strings.Join(everything, "\n")
	for _, test := range []struct{ name, lines, want string }{
		{"nothing", "", "portal breaks: FIELD_REMOVED Query.b: it is gone"},
		{"one contract", everything[0], "breaks: FIELD_REMOVED Query.b"},
		{"without a reason", "portal FIELD_REMOVED Query.b 2026-12-01", "a reason of some words"},
		{"without a day", "portal FIELD_REMOVED Query.b because nobody needs it", `"because" is no day`},
		{"nobody", "partner FIELD_REMOVED Query.b 2026-12-01 nobody has asked for it", "an audience, a rule"},
		{"what does not break", all + "\nportal FIELD_REMOVED Query.a 2026-12-01 nobody has asked for it", "allowed:8 allows what does not break: portal FIELD_REMOVED Query.a"},
		{"everything", all, ""},
	} {
		err := allow(test.lines)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	if err := contract.Release(dir, now); err != nil {
		t.Fatal(err)
	}
	if err := contract.CheckReleased(dir, now); err != nil {
		t.Errorf("just released: %v", err)
	}
	if err := contract.Release(dir, load(t, `type Query @p { c: ID @p }`)); err == nil {
		t.Error("a break was released")
	}
}
