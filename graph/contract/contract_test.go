package contract_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"supportgraph/graph/auth"
	"supportgraph/graph/contract"
)

const tagDefinition = `directive @tag(name: String!) repeatable on OBJECT | INTERFACE | UNION | ENUM | ENUM_VALUE |
	INPUT_OBJECT | INPUT_FIELD_DEFINITION | FIELD_DEFINITION | ARGUMENT_DEFINITION | SCALAR
`

// load reads a schema in which @p stands for the tag of the portal.
func load(t testing.TB, text string) *ast.Schema {
	t.Helper()
	return loadPlain(t, tagDefinition+strings.ReplaceAll(text, "@p", `@tag(name: "portal")`))
}

func loadPlain(t testing.TB, text string) *ast.Schema {
	t.Helper()
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "test", Input: text})
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func cut(t testing.TB, full *ast.Schema, audience auth.Audience) *ast.Schema {
	t.Helper()
	schema, err := contract.Cut(full, audience)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func TestPortalKeepsWhatIsTagged(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ full, want string }{
		"types and fields": {
			`type Query @p { a: A @p b: B c: C @p } type A @p { x: ID @p y: ID } type B @p { x: ID @p } type C { x: ID @p }`,
			`type A { x: ID } type B { x: ID } type Query { a: A }`,
		},
		"a type without fields, and what refers to it": {
			`type Query @p { a: A @p b: B @p x: ID @p } type A @p { x: ID } type B @p { a: [A!]! @p }`,
			`type Query { x: ID }`,
		},
		"optional arguments": {
			`type Query @p { a(x: ID @p y: ID z: E @p): ID @p } enum E { ONE @p }`,
			`type Query { a(x: ID): ID }`,
		},
		"enums and their values": {
			`type Query @p { e: E @p f: F @p x: ID @p } enum E @p { ONE @p TWO } enum F @p { ONE }`,
			`enum E { ONE } type Query { e: E x: ID }`,
		},
		"scalars": {
			`type Query @p { s: S @p t: T @p } scalar S @p scalar T`,
			`type Query { s: S } scalar S`,
		},
		"inputs and their fields": {
			`type Query @p { a(i: I @p j: J @p): ID @p } input I @p { x: ID @p y: ID j: J @p i: I @p } input J @p { x: ID }`,
			`input I { x: ID i: I } type Query { a(i: I): ID }`,
		},
		"unions and their members": {
			`type Query @p { u: U @p v: V @p x: ID @p } union U @p = A | B union V @p = B type A @p { x: ID @p } type B { x: ID @p }`,
			`type A { x: ID } type Query { u: U x: ID } union U = A`,
		},
		"interfaces and what implements them": {
			`type Query @p { n: N @p x: ID @p } interface N @p { x: ID @p y: ID } interface M { x: ID }
			 type A implements N & M @p { x: ID @p y: ID } type B implements N { x: ID @p y: ID }`,
			`type A implements N { x: ID } interface N { x: ID } type Query { n: N x: ID }`,
		},
		"another audience's tag is no tag": {
			`type Query @p { x: ID @p y: ID @tag(name: "console") z: ID @tag(name: "console") @p }`,
			`type Query { x: ID z: ID }`,
		},
		"extensions": {
			`type Query @p { x: ID @p } extend type Query { y: ID @p z: ID }`,
			`type Query { x: ID y: ID }`,
		},
		"built-in directives, and no others": {
			`directive @cost(x: Int = 1) on FIELD_DEFINITION | OBJECT directive @live on FIELD
			 type Query @p @cost { x: ID @p @cost(x: 2) @deprecated(reason: "old") a(i: I @p): S @p }
			 input I @p @oneOf { x: ID @p } scalar S @p @specifiedBy(url: "https://x.example")`,
			`input I @oneOf { x: ID } type Query { x: ID @deprecated(reason: "old") a(i: I): S }
			 scalar S @specifiedBy(url: "https://x.example")`,
		},
		"default values": {
			`type Query @p { a(i: I! = {e: [ONE], n: 3} @p): ID @p } input I @p { e: [E!] = [ONE] @p n: Int @p } enum E @p { ONE @p TWO }`,
			`enum E { ONE } input I { e: [E!] = [ONE] n: Int } type Query { a(i: I! = {e: [ONE], n: 3}): ID }`,
		},
		"roots of other names": {
			`"secret" schema { query: Q mutation: M } type Q @p { x: ID @p } type M { x: ID } type Mutation @p { x: ID @p }`,
			`schema { query: Q } type Mutation { x: ID } type Q { x: ID }`,
		},
		"mutations and subscriptions": {
			`type Query @p { x: ID @p } type Mutation @p { m: ID @p n: ID } type Subscription { s: ID @p }`,
			`type Mutation { m: ID } type Query { x: ID }`,
		},
		"descriptions": {
			"\"\"\"\nOne line.\n\n  Two \"quoted\" lines with `x`.\n\"\"\"\n" +
				`type Query @p { "A \"b\" c\\d." x("Arg." y: ID @p): ID @p }`,
			"\"\"\"\nOne line.\n\n  Two \"quoted\" lines with `x`.\n\"\"\"\n" +
				`type Query { "A \"b\" c\\d." x("Arg." y: ID): ID }`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			full := load(t, test.full)
			before := contract.Print(full)
			got := cut(t, full, auth.Portal)
			want, err := gqlparser.LoadSchema(&ast.Source{Input: test.want})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(contract.Print(want), contract.Print(got)); diff != "" {
				t.Error(diff)
			}
			sameSchema(t, want, got)
			if after := contract.Print(full); after != before {
				t.Errorf("the full schema has changed:\n%s", cmp.Diff(before, after))
			}
		})
	}
}

// sameSchema compares what the printed text does not show.
func sameSchema(t *testing.T, want, got *ast.Schema) {
	t.Helper()
	type shown struct {
		Query, Mutation, Subscription string
		Types, Directives             map[string]bool
		Possible, Implements          map[string][]string
	}
	show := func(schema *ast.Schema) shown {
		name := func(definition *ast.Definition) string {
			if definition == nil {
				return ""
			}
			if schema.Types[definition.Name] != definition {
				t.Errorf("%s is not the definition of its name", definition.Name)
			}
			return definition.Name
		}
		names := func(lists map[string][]*ast.Definition) map[string][]string {
			all := map[string][]string{}
			for key, list := range lists {
				for _, definition := range list {
					all[key] = append(all[key], name(definition))
				}
			}
			return all
		}
		all := shown{
			Query: name(schema.Query), Mutation: name(schema.Mutation), Subscription: name(schema.Subscription),
			Types: map[string]bool{}, Directives: map[string]bool{},
			Possible: names(schema.PossibleTypes), Implements: names(schema.Implements),
		}
		for name := range schema.Types {
			all.Types[name] = true
		}
		for name := range schema.Directives {
			all.Directives[name] = true
		}
		return all
	}
	if diff := cmp.Diff(show(want), show(got)); diff != "" {
		t.Error(diff)
	}
}

func TestPortalRefusesContradictions(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		full string
		want []string
	}{
		"no query":          {`type Query { x: ID @p }`, []string{"nothing of the query type is tagged"}},
		"empty query":       {`type Query @p { x: ID }`, []string{"nothing of the query type is tagged"}},
		"required argument": {`type Query @p { a(x: ID!): ID @p }`, []string{"Query.a(x:) is required"}},
		"required argument of a type that is gone": {
			`type Query @p { a(i: I! @p): ID @p } input I { x: ID @p }`, []string{"Query.a(i:) is required"},
		},
		"argument with a default value": {`type Query @p { a(x: Int = 3): ID @p }`, []string{"Query.a(x:) has a default value"}},
		"required input field": {
			`type Query @p { a(i: I @p): ID @p } input I @p { x: ID @p y: ID! z: Int! = 1 }`, []string{"I.y is required"},
		},
		"interface field": {
			`type Query @p { n: N @p } interface N @p { x: ID @p } type A implements N @p { x: ID y: ID @p }`,
			[]string{"A no longer implements N: A.x is not"},
		},
		"interface argument": {
			`type Query @p { n: N @p } interface N @p { x(a: ID @p): ID @p } type A implements N @p { x(a: ID): ID @p }`,
			[]string{"A no longer implements N: A.x(a:) is not"},
		},
		"required argument that the interface lost": {
			`type Query @p { n: N @p } interface N @p { x(a: ID!): ID @p } type A implements N @p { x(a: ID! @p): ID @p }`,
			[]string{"N.x(a:) is required", "A.x(a:) is required and the interface"},
		},
		"default value of an enum": {
			`type Query @p { a(e: E = TWO @p): ID @p } enum E @p { ONE @p TWO }`, []string{"default value of Query.a(e:) is TWO"},
		},
		"default value of an input": {
			`type Query @p { a(i: [I!] = [{y: 1}] @p): ID @p } input I @p { x: [E!] = [TWO] @p y: Int } enum E @p { ONE @p TWO }`,
			[]string{"sets I.y", "default value of I.x is TWO"},
		},
		"a description that tells": {
			`type Query @p { "Not internalNotes." x: ID @p internalNotes: ID y: ID @p @deprecated(reason: "see ` + "`notes`" + `") notes: ID }`,
			[]string{"the text of Query.x names internalNotes", "the text of Query.y names notes"},
		},
		"every fault at once": {
			`type Query @p { a(x: ID!): ID @p b(y: ID!): ID @p }`, []string{"Query.a(x:)", "Query.b(y:)"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := contract.Cut(load(t, test.full), auth.Portal)
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is not in %q", want, err)
				}
			}
			if lines := strings.Count(err.Error(), "\n") + 1; lines != len(test.want) {
				t.Errorf("%d faults: %v", lines, err)
			}
		})
	}
}

func TestConsoleIsTheWholeSchema(t *testing.T) {
	t.Parallel()
	full := load(t, `"All." schema { query: Query } type Query @p { x: ID @p secret(n: Int! = 3): S } scalar S
		directive @cost(x: Int = 1) on FIELD_DEFINITION`)
	got := cut(t, full, auth.Console)
	if diff := cmp.Diff(contract.Print(full), contract.Print(got)); diff != "" {
		t.Error(diff)
	}
	sameSchema(t, full, got)
	if got.Description != "All." {
		t.Errorf("description %q", got.Description)
	}
	got.Types["Query"].Fields[0].Name = "changed"
	if strings.Contains(contract.Print(full), "changed") {
		t.Error("the contract shares its definitions with the full schema")
	}
}

func TestExplorerHasNoMutations(t *testing.T) {
	t.Parallel()
	full := load(t, `type Query { a(f: F): N } type Mutation { m(i: I): P }
		interface N { x: ID } type A implements N { x: ID } input F { x: ID } input I { f: F e: E }
		type P { a: A s: S } union S = P enum E { ONE } type Unused { x: ID }`)
	got := cut(t, full, auth.Explorer)
	want := load(t, `type Query { a(f: F): N } interface N { x: ID } type A implements N { x: ID } input F { x: ID }
		type Unused { x: ID }`)
	if diff := cmp.Diff(contract.Print(want), contract.Print(got)); diff != "" {
		t.Error(diff)
	}
	sameSchema(t, want, got)

	named := cut(t, load(t, `schema { query: Q mutation: M } type Q { x: ID } type M { x: ID }`), auth.Explorer)
	if named.Query.Name != "Q" || named.Mutation != nil || named.Types["M"] != nil {
		t.Errorf("\n%s", contract.Print(named))
	}
}

func TestCutRefusesUnknownAudiences(t *testing.T) {
	t.Parallel()
	if _, err := contract.Cut(load(t, `type Query @p { x: ID @p }`), "partner"); err == nil {
		t.Error("a contract for nobody was cut")
	}
	if _, err := contract.Cut(nil, auth.Portal); err == nil {
		t.Error("a contract was cut from nothing")
	}
}

func TestPortalCannotNameWhatIsInternal(t *testing.T) {
	t.Parallel()
	portal := cut(t, load(t, `type Query @p { ticket: Ticket @p } type Ticket @p { id: ID @p internalNotes: ID notes: ID @p }`), auth.Portal)
	for _, query := range []string{
		`{ ticket { internalNotes } }`, `{ ticket { internalNote } }`, `{ ticket { id @tag(name: "x") } }`,
	} {
		_, errs := gqlparser.LoadQueryWithRules(portal, query, rules.NewDefaultRules())
		if len(errs) == 0 {
			t.Errorf("%s is valid", query)
		}
		if text := strings.ReplaceAll(errs.Error(), `"internalNotes" on`, ""); strings.Contains(text, `"internalNotes"`) {
			t.Errorf("the answer to %s suggests what is internal: %v", query, errs)
		}
	}
}

func TestPrintLoadsAgain(t *testing.T) {
	t.Parallel()
	text := contract.Print(load(t, `type Query { x(a: [Int!]! = [1, 2], b: String = "q\"\n"): ID }`))
	again, err := validator.LoadSchema(validator.Prelude, &ast.Source{Input: text})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(text, contract.Print(again)); diff != "" {
		t.Error(diff)
	}
}
