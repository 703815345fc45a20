package resolvers_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"supportgraph/clients/postgres"
	"supportgraph/clients/sandbox/seed"
)

// walk is the questions that a whole contract leads to: each field of each type that leads to another one is asked by the
// shortest way there, with each value of each argument, and all is selected of what it leads to. The values are those of
// others, and of staff.
type walk struct {
	schema  *ast.Schema
	foreign *stock
	own     *stock
	first   int // how many rows each page has that is not asked for by its arguments; 0: as many as without
}

const (
	perQuestion = 6      // how many variants of a field go into one question
	place       = "HERE" // where in a route fields go
)

func (w *walk) questions() (questions []string) {
	routes := w.routes()
	names := make([]string, 0, len(routes))
	for name := range routes {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		def := w.schema.Types[name]
		for _, field := range def.Fields {
			target := w.schema.Types[field.Type.Name()]
			if strings.HasPrefix(field.Name, "__") || target.IsLeafType() && len(field.Arguments) == 0 {
				continue
			}
			var asked []string
			for n, arguments := range w.variants(def, field) {
				selection := ""
				if !target.IsLeafType() {
					selection = " { ...All }"
				}
				asked = append(asked, fmt.Sprintf("v%d: %s%s%s", n, field.Name, arguments, selection))
			}
			for some := range slices.Chunk(asked, perQuestion) {
				question := strings.Replace(routes[name], place, strings.Join(some, " "), 1)
				if !target.IsLeafType() {
					question += "\nfragment All on " + target.Name + " " + w.all(target, 1)
				}
				questions = append(questions, question)
			}
		}
	}
	return questions
}

// routes are the shortest ways to each type that has fields, as questions without its fields.
func (w *walk) routes() map[string]string {
	routes := map[string]string{w.schema.Query.Name: "query Walk { __typename " + place + " }"}
	for queue := []*ast.Definition{w.schema.Query}; len(queue) > 0; queue = queue[1:] {
		for _, field := range queue[0].Fields {
			target := w.schema.Types[field.Type.Name()]
			needed, known := w.required(queue[0], field)
			if strings.HasPrefix(field.Name, "__") || target.IsLeafType() || !known {
				continue
			}
			to := func(def *ast.Definition, way string) {
				if _, known := routes[def.Name]; !known {
					routes[def.Name] = strings.Replace(routes[queue[0].Name], place, w.head(field, needed)+" { __typename "+way+" }", 1)
					queue = append(queue, def)
				}
			}
			if target.Kind != ast.Union {
				to(target, place)
			}
			if target.IsAbstractType() {
				for _, possible := range w.schema.GetPossibleTypes(target) {
					to(possible, "... on "+possible.Name+" { "+place+" }")
				}
			}
		}
	}
	return routes
}

// head is a field on the way to others, with the arguments that it needs.
func (w *walk) head(field *ast.FieldDefinition, needed string) string {
	if w.first > 0 && field.Arguments.ForName("first") != nil {
		needed += fmt.Sprintf("first: %d", w.first)
	}
	if needed != "" {
		return field.Name + "(" + strings.TrimSuffix(needed, ", ") + ")"
	}
	return field.Name
}

// texts are what fields are asked with that need a text.
var texts = map[string]string{
	"Query.searchTickets": "invoice or certificate or worker or dns", "Query.suggestArticles": "a worker throws error 1101",
}

// required are the arguments that a field needs; false where nobody has said what they are.
func (w *walk) required(def *ast.Definition, field *ast.FieldDefinition) (arguments string, known bool) {
	if !w.needsArguments(field) {
		return "", true
	}
	text, known := texts[def.Name+"."+field.Name]
	return "text: " + literal(text) + ", ", known
}

func (w *walk) needsArguments(field *ast.FieldDefinition) bool {
	return slices.ContainsFunc(field.Arguments, func(a *ast.ArgumentDefinition) bool { return a.Type.NonNull && a.DefaultValue == nil })
}

// all selects everything of a type. Records that it leads to are followed so far; of the last, what leads nowhere.
func (w *walk) all(def *ast.Definition, records int) string { return w.allAs("", def, records) }

// allAs selects the fields under names of their own: fields of one name may differ between the types of a union.
func (w *walk) allAs(prefix string, def *ast.Definition, records int) string {
	selected := []string{"__typename"}
	for _, field := range def.Fields {
		target := w.schema.Types[field.Type.Name()]
		as := w.head(field, "")
		if prefix != "" {
			as = prefix + field.Name + ": " + as
		}
		switch {
		case strings.HasPrefix(field.Name, "__") || w.needsArguments(field):
		case target.IsLeafType():
			selected = append(selected, as)
		case records == 0 && w.isRecord(def):
		case !w.isRecord(target):
			selected = append(selected, as+" "+w.all(target, records))
		case records > 0:
			selected = append(selected, as+" "+w.all(target, records-1))
		}
	}
	if def.IsAbstractType() {
		for _, possible := range w.schema.GetPossibleTypes(def) {
			selected = append(selected, "... on "+possible.Name+" "+w.allAs(possible.Name+"_", possible, records))
		}
	}
	return "{ " + strings.Join(selected, " ") + " }"
}

// isRecord tells whether a type is a record of its own, or may be one.
func (w *walk) isRecord(def *ast.Definition) bool {
	return slices.ContainsFunc(w.schema.GetPossibleTypes(def), func(d *ast.Definition) bool { return slices.Contains(d.Interfaces, "Node") })
}

// variants are the arguments that a field is asked with: none, and each value of each.
func (w *walk) variants(def *ast.Definition, field *ast.FieldDefinition) []string {
	path := def.Name + "." + field.Name
	variants := []string{}
	if !w.needsArguments(field) {
		variants = append(variants, "")
	}
	needed, _ := w.required(def, field)
	for _, argument := range field.Arguments {
		required := ""
		if _, known := texts[path]; known && argument.Name != "text" {
			required = needed
		}
		for _, value := range w.values(path+"."+argument.Name, argument.Type, 0) {
			variants = append(variants, "("+required+argument.Name+": "+literal(value)+")")
		}
	}
	if order := listOrders[path]; order != 0 && field.Arguments.ForName("orderBy") == nil {
		for _, cursor := range some(w.foreign.cursors[order], 4) {
			if _, known := texts[path]; !known {
				needed = ""
			}
			variants = append(variants, "("+needed+"after: "+literal(cursor)+")")
		}
	} else if order != 0 {
		for by, order := range ticketOrders {
			parts := strings.Fields(string(by))
			if w.schema.Types["TicketOrderField"].EnumValues.ForName(parts[0]) == nil {
				continue
			}
			for _, cursor := range some(w.foreign.cursors[order], 2) {
				variants = append(variants, fmt.Sprintf("(orderBy: {field: %s, direction: %s}, after: %s)", parts[0], parts[1], literal(cursor)))
			}
		}
	}
	return variants
}

// values are those that an argument or an input field is asked with.
func (w *walk) values(path string, typ *ast.Type, depth int) (values []any) {
	if typ.Elem != nil {
		single := w.values(path, typ.Elem, depth)
		for _, value := range single {
			values = append(values, []any{value})
		}
		return append(values, single)
	}
	switch def := w.schema.Types[typ.NamedType]; def.Kind {
	case ast.Enum:
		for _, value := range def.EnumValues {
			values = append(values, enum(value.Name))
		}
		return values
	case ast.InputObject:
		for _, field := range def.Fields {
			if field.Type.Name() == def.Name && depth > 0 {
				continue
			}
			of := w.values(def.Name+"."+field.Name, field.Type, depth+1)
			if field.Type.Name() == def.Name {
				of = some(of, 12)
			}
			for _, value := range of {
				values = append(values, map[string]any{field.Name: value})
			}
		}
		return values
	}
	if typ.NamedType == "Boolean" {
		return []any{true, false}
	}
	switch typ.NamedType {
	case "ID":
		return w.ids(path)
	case "Boolean":
		return []any{false, true}
	case "Int":
		return []any{1, postgres.MaxPage}
	case "Cursor":
		return nil // with its order, in variants
	case "Time":
		return []any{"2020-01-01T00:00:00Z", seed.Anchor.AddDate(0, -1, 0).Format("2006-01-02T15:04:05Z")}
	case "String":
		return w.strings(path)
	default:
		panic("nobody has said what to ask " + path + " with")
	}
}

func (w *walk) ids(path string) (values []any) {
	parts := strings.Split(path, ".")
	if kind := idKinds[strings.Join(parts[max(0, len(parts)-2):], ".")]; kind != "" {
		for _, id := range append(some(w.foreign.ids[kind], 3), some(w.own.ids[kind], 2)...) {
			values = append(values, id)
		}
		return values
	}
	for kind, ids := range w.foreign.ids { // every kind: notes, tags and all
		if kind != "evt" {
			for _, id := range append(some(ids, 2), some(w.own.ids[kind], 1)...) {
				values = append(values, id)
			}
		}
	}
	return values
}

func (w *walk) strings(path string) (values []any) {
	switch {
	case strings.HasSuffix(path, ".ref"):
		for _, ref := range append(some(w.foreign.refs, 5), w.own.refs[0]) {
			values = append(values, ref)
		}
	case strings.HasSuffix(path, ".zones"):
		values = append(values, w.foreign.words[0]+".example")
	case path == "Query.suggestArticles.text":
		return []any{"a worker throws error 1101", "CANARY", "the"}
	case strings.HasSuffix(path, ".text"):
		for _, word := range some(w.foreign.words, 12) {
			values = append(values, word)
		}
		values = append(values, `-"no such words"`, "CANARY", strings.Join(w.foreign.words[:2], " or "))
	default:
		panic("nobody has said what to ask " + path + " with")
	}
	return values
}

// some takes a few from all over a list.
func some[T any](from []T, count int) (few []T) {
	for n := range min(count, len(from)) {
		few = append(few, from[n*len(from)/count])
	}
	return few
}
