package compiled_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"supportgraph/clients/postgres"
)

// questions makes queries of a contract out of chance. Some are not valid; nobody runs those.
type questions struct {
	*rand.Rand
	schema    *ast.Schema
	left      int
	declared  []string
	variables map[string]any
	fragments []string
	named     map[string][]string // fragments by the type that they are on
	near      map[string][]*ast.Definition
}

func (q *questions) query() string {
	q.left, q.declared, q.variables, q.fragments, q.named = 4+q.IntN(60), nil, map[string]any{}, nil, map[string][]string{}
	body := q.selection(q.schema.Query, 0)
	head := "query"
	if len(q.declared) > 0 {
		head += "(" + strings.Join(q.declared, " ") + ")"
	}
	return head + body + strings.Join(q.fragments, "")
}

func (q *questions) selection(def *ast.Definition, depth int) string {
	parts := make([]string, 0, 6)
	for range 1 + q.IntN(5) {
		parts = append(parts, q.part(def, depth))
	}
	return "{" + strings.Join(parts, " ") + "}"
}

func (q *questions) part(def *ast.Definition, depth int) string {
	q.left--
	fragments := 20
	if def.IsAbstractType() {
		fragments = 80
	}
	switch roll := q.IntN(100); {
	case roll < fragments && depth < 9:
		return q.fragment(def, depth)
	case roll > 95 || def.Kind == ast.Union:
		return q.alias("__typename") + q.condition()
	}
	fields := slices.Clone(def.Fields)
	q.Shuffle(len(fields), func(i, j int) { fields[i], fields[j] = fields[j], fields[i] })
	for _, field := range fields {
		target := q.schema.Types[field.Type.Name()]
		if strings.HasPrefix(field.Name, "__") || !target.IsLeafType() && (q.left <= 0 || depth > 8) {
			continue
		}
		written := q.alias(field.Name) + q.arguments(field) + q.condition()
		if target.IsLeafType() {
			return written
		}
		return written + q.selection(target, depth+1)
	}
	return "__typename"
}

func (q *questions) alias(name string) string {
	switch q.IntN(8) {
	case 0:
		return fmt.Sprintf("a%d:%s", q.IntN(1000), name)
	case 1:
		return string(rune('x'+q.IntN(3))) + ":" + name
	default:
		return name
	}
}

func (q *questions) fragment(def *ast.Definition, depth int) string {
	on := def
	if others := q.overlapping(def); len(others) > 0 && q.IntN(4) > 0 {
		on = others[q.IntN(len(others))]
	}
	switch known := q.named[on.Name]; {
	case len(known) > 0 && q.IntN(3) == 0:
		return "..." + known[q.IntN(len(known))] + q.condition()
	case q.IntN(3) == 0:
		name := fmt.Sprintf("F%d", len(q.fragments))
		q.fragments = append(q.fragments, "")
		at := len(q.fragments) - 1
		q.fragments[at] = "fragment " + name + " on " + on.Name + q.selection(on, depth+1)
		q.named[on.Name] = append(q.named[on.Name], name)
		return "..." + name + q.condition()
	case on == def && q.IntN(2) == 0:
		return "..." + q.condition() + q.selection(on, depth+1)
	default:
		return "...on " + on.Name + q.condition() + q.selection(on, depth+1)
	}
}

// overlapping are the types that an object of a type may have too.
func (q *questions) overlapping(def *ast.Definition) (found []*ast.Definition) {
	if known, ok := q.near[def.Name]; ok {
		return known
	}
	possible := q.schema.GetPossibleTypes(def)
	for _, other := range q.schema.Types {
		if other.IsCompositeType() && !strings.HasPrefix(other.Name, "__") && slices.ContainsFunc(q.schema.GetPossibleTypes(other), func(d *ast.Definition) bool {
			return slices.Contains(possible, d)
		}) {
			found = append(found, other)
		}
	}
	slices.SortFunc(found, func(a, b *ast.Definition) int { return strings.Compare(a.Name, b.Name) })
	q.near[def.Name] = found
	return found
}

func (q *questions) condition() (written string) {
	for _, name := range []string{"skip", "include"} {
		switch q.IntN(24) {
		case 0:
			written += fmt.Sprintf("@%s(if:%t)", name, q.IntN(2) == 0)
		case 1:
			written += fmt.Sprintf("@%s(if:%s)", name, q.variable(&ast.Type{NamedType: "Boolean", NonNull: true}))
		}
	}
	return written
}

func (q *questions) variable(typ *ast.Type) string {
	name := fmt.Sprintf("$v%d", len(q.declared))
	q.declared = append(q.declared, "")
	at := len(q.declared) - 1
	q.declared[at] = name + ":" + typ.String()
	q.variables[name[1:]] = q.value(typ, 0)
	return name
}

func (q *questions) arguments(field *ast.FieldDefinition) string {
	var given []string
	for _, argument := range field.Arguments {
		if (!argument.Type.NonNull || argument.DefaultValue != nil) && q.IntN(2) == 0 {
			continue
		}
		if q.IntN(3) == 0 {
			given = append(given, argument.Name+":"+q.variable(argument.Type))
		} else {
			given = append(given, argument.Name+":"+literal(q.value(argument.Type, 0)))
		}
	}
	if len(given) == 0 {
		return ""
	}
	return "(" + strings.Join(given, " ") + ")"
}

// enum is a value that is written without quotes.
type enum string

func (q *questions) value(typ *ast.Type, depth int) any {
	if !typ.NonNull && q.IntN(8) == 0 {
		return nil
	}
	if typ.Elem != nil {
		list := make([]any, q.IntN(3))
		for n := range list {
			list[n] = q.value(typ.Elem, depth+1)
		}
		return list
	}
	switch def := q.schema.Types[typ.NamedType]; def.Kind {
	case ast.Enum:
		return enum(def.EnumValues[q.IntN(len(def.EnumValues))].Name)
	case ast.InputObject:
		made := map[string]any{}
		for _, field := range def.Fields {
			if field.Type.NonNull && field.DefaultValue == nil || depth < 3 && q.IntN(4) == 0 {
				made[field.Name] = q.value(field.Type, depth+1)
			}
		}
		return made
	}
	switch typ.NamedType {
	case "Boolean":
		return q.IntN(2) == 0
	case "Int", "Amount":
		return []int{0, 1, 10, 100, -3, 2147483647, 2147483648, 1 << 60}[q.IntN(8)]
	case "ID":
		kinds := []string{"tkt", "acc", "con", "agt", "team", "msg", "note", "tag", "cat", "nope"}
		return kinds[q.IntN(len(kinds))] + "_" + strings.Repeat("0", postgres.KeyLength-q.IntN(12)/11)
	case "Cursor":
		return []string{postgres.Cursor{Order: 'u', Value: "1"}.String(), "no cursor"}[q.IntN(11)/10]
	case "Time":
		return []string{"2026-11-20T12:00:00Z", "yesterday"}[q.IntN(11)/10]
	default:
		return texts[1+q.IntN(3)]
	}
}

// literal writes a value as GraphQL does.
func literal(value any) string {
	switch value := value.(type) {
	case nil:
		return "null"
	case enum:
		return string(value)
	case string:
		return fmt.Sprintf("%q", value)
	case []any:
		parts := make([]string, len(value))
		for n, element := range value {
			parts[n] = literal(element)
		}
		return "[" + strings.Join(parts, ",") + "]"
	case map[string]any:
		var parts []string
		for name, part := range value {
			parts = append(parts, name+":"+literal(part))
		}
		slices.Sort(parts)
		return "{" + strings.Join(parts, ",") + "}"
	default:
		return fmt.Sprint(value)
	}
}
