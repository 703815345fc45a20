package contract_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"supportgraph/graph/auth"
	"supportgraph/graph/contract"
)

var (
	name        = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]*`)
	description = regexp.MustCompile(`(?s)""".*?"""|"(\\.|[^"\\\n])*"`)
)

// standing are the names that stand in a text in any role.
func standing(text string) map[string]bool {
	all := map[string]bool{}
	for _, found := range name.FindAllString(text, -1) {
		all[found] = true
	}
	return all
}

// untagged are the names of a schema of which no element carries the portal's tag. It reads the schema in its own way,
// not in the package's.
func untagged(full *ast.Schema) []string {
	tagged := map[string]bool{}
	note := func(name string, directives ast.DirectiveList) {
		for _, directive := range directives {
			if directive.Name == "tag" && directive.Arguments[0].Value.Raw == "portal" {
				tagged[name] = true
				return
			}
		}
		if !tagged[name] {
			tagged[name] = false
		}
	}
	for _, definition := range full.Types {
		if definition.BuiltIn {
			tagged[definition.Name] = true
			continue
		}
		note(definition.Name, definition.Directives)
		for _, field := range definition.Fields {
			if strings.HasPrefix(field.Name, "__") {
				continue
			}
			note(field.Name, field.Directives)
			for _, argument := range field.Arguments {
				note(argument.Name, argument.Directives)
			}
		}
		for _, value := range definition.EnumValues {
			note(value.Name, value.Directives)
		}
	}
	var all []string
	for name, is := range tagged {
		if !is {
			all = append(all, name)
		}
	}
	return append(all, "tag")
}

// TestPortalOfTheRealSchema: outside of descriptions, which are English, no untagged name stands in the portal's SDL;
// inside of them none that is no English word.
func TestPortalOfTheRealSchema(t *testing.T) {
	t.Parallel()
	full, err := contract.Load("../schema")
	if err != nil {
		t.Fatal(err)
	}
	text := contract.Print(cut(t, full, auth.Portal))
	inCode, inText := standing(description.ReplaceAllString(text, "")), standing(text)
	hidden := untagged(full)
	if len(hidden) < 20 {
		t.Fatalf("only %d names are internal: %v", len(hidden), hidden)
	}
	for _, name := range hidden {
		if inCode[name] || inText[name] && regexp.MustCompile(`[a-z][A-Z]|_`).MatchString(name) {
			t.Errorf("%s stands in the portal's contract", name)
		}
	}
}

// TestPortalOfRandomSchemas: whatever is tagged, the portal is refused or has tagged names only, and is a fixed point.
func TestPortalOfRandomSchemas(t *testing.T) {
	t.Parallel()
	made := 0
	for seed := range uint64(300) {
		full := load(t, randomSchema(rand.New(rand.NewPCG(seed, 1))))
		portal, err := contract.Cut(full, auth.Portal)
		if err != nil {
			continue
		}
		made++
		text := contract.Print(portal)
		in := standing(text)
		for _, name := range untagged(full) {
			if in[name] {
				t.Fatalf("seed %d: %s stands in the portal's contract:\n%s", seed, name, text)
			}
		}
	}
	if made < 50 {
		t.Errorf("only %d schemas could be cut", made)
	}
}

// randomSchema is a valid schema in which every element has a name of its own and may be tagged.
func randomSchema(random *rand.Rand) string {
	tag := func() string {
		switch random.IntN(8) {
		case 0:
			return ""
		case 1:
			return ` @tag(name: "console")`
		default:
			return " @p"
		}
	}
	const count = 6
	pick := func(kinds string) string {
		return fmt.Sprintf("%c%d", kinds[random.IntN(len(kinds))], random.IntN(count))
	}
	var text strings.Builder
	text.WriteString("type Query @p {\n  ok: ID @p\n")
	for i := range 8 {
		fmt.Fprintf(&text, "  q%d(qa%d: %s%s): %s%s\n", i, i, pick("ECS"), tag(), pick("OUFES"), tag())
	}
	text.WriteString("}\n")
	for i := range count {
		fmt.Fprintf(&text, "scalar S%d%s\n", i, tag())
		fmt.Fprintf(&text, "enum E%d%s { V%dA%s V%dB%s }\n", i, tag(), i, tag(), i, tag())
		fmt.Fprintf(&text, "input C%d%s { c%da: %s%s c%db: %s%s }\n", i, tag(), i, pick("ECS"), tag(), i, pick("ECS"), tag())
		fmt.Fprintf(&text, "interface F%d%s { f%d: ID%s }\n", i, tag(), i, tag())
		fmt.Fprintf(&text, "union U%d%s = O%d | O%d\n", i, tag(), i, (i+1)%count)
		fmt.Fprintf(&text, "type O%d implements F%d%s { f%d: ID @p o%da(oa%d: %s%s): %s%s o%db: %s%s }\n",
			i, i, tag(), i, i, i, pick("ECS"), tag(), pick("OUFES"), tag(), i, pick("OUFES"), tag())
	}
	return text.String()
}
