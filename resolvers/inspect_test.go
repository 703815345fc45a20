package resolvers_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"supportgraph/clients/postgres"
	"supportgraph/clients/tickets"
)

// inspection reads a customer's answers beside the questions: every value is at a place of the contract, and must be one
// that may stand there.
type inspection struct {
	schema *ast.Schema
	their  *theirs
	walked map[string]bool // fields that stood in an answer, arguments, input fields and values that stood in a question
	texts  map[string]bool // every text of every answer
	seen   map[string]map[string]bool
	faults map[string]bool
	first  bool // whether the first fault is enough
}

// public are the fields whose values belong to nobody: what the status page says, also of what was asked for, and how old
// something is.
var public = []string{"Incident.", "IncidentUpdate.", "Component.", "IncidentSuggestion.", "SuggestionReason.", "SourceInfo.", "SourceUnavailable.retryAfter"}

func newInspection(schema *ast.Schema, their *theirs) *inspection {
	return &inspection{schema: schema, their: their, walked: map[string]bool{}, texts: map[string]bool{},
		seen: map[string]map[string]bool{}, faults: map[string]bool{}}
}

// answer inspects one answer.
func (i *inspection) answer(tb testing.TB, query string, body []byte) {
	tb.Helper()
	document := parsed(tb, i.schema, query)
	walkDocument(document, func(place string) {
		if strings.ContainsAny(place, "(") || i.schema.Types[strings.Split(place, ".")[0]].Kind != ast.Object {
			i.walked[place] = true
		}
	})
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var answered struct {
		Data   map[string]any
		Errors []any
	}
	if err := decoder.Decode(&answered); err != nil {
		tb.Fatalf("%v in %s", err, body)
	}
	for _, e := range answered.Errors {
		i.errors(e)
		extensions, _ := e.(map[string]any)["extensions"].(map[string]any)
		if code := fmt.Sprint(extensions["code"]); !strings.HasPrefix(code, "INVALID_") && code != "BAD_USER_INPUT" {
			i.fault("a question runs into %s", code) // such as a value that only the second wall held back
		}
	}
	if answered.Data != nil {
		i.object(i.schema.Query, answered.Data, []ast.SelectionSet{document.Operations[0].SelectionSet})
	}
}

// errors keeps every text of the errors; the names in their paths are the question's.
func (i *inspection) errors(value any) {
	switch value := value.(type) {
	case string:
		i.texts[value] = true
	case []any:
		for _, element := range value {
			i.errors(element)
		}
	case map[string]any:
		for _, element := range value {
			i.errors(element)
		}
	}
}

func (i *inspection) object(def *ast.Definition, object map[string]any, sets []ast.SelectionSet) {
	if name, ok := object["__typename"].(string); ok {
		possible := i.schema.GetPossibleTypes(def)
		of := i.schema.Types[name]
		if of == nil || !slices.Contains(possible, of) {
			i.fault("a %s in the place of a %s", name, def.Name)
			return
		}
		def = of
	}
	if def.Kind != ast.Object {
		i.fault("a %s without its type", def.Name) // the question did not ask for it
		return
	}
	found := map[string][]*ast.Field{}
	for _, set := range sets {
		i.collect(def, set, found)
	}
	for key, value := range object {
		fields := found[key]
		switch {
		case key == "__typename":
		case len(fields) == 0:
			i.fault("%q in a %s, which nobody asked for", key, def.Name)
		default:
			place := def.Name + "." + fields[0].Name
			i.walked[place] = true
			var below []ast.SelectionSet
			for _, field := range fields {
				below = append(below, field.SelectionSet)
			}
			i.value(place, def.Fields.ForName(fields[0].Name).Type, value, below)
		}
	}
}

// collect finds the fields that are selected of an object, fragments opened.
func (i *inspection) collect(def *ast.Definition, set ast.SelectionSet, found map[string][]*ast.Field) {
	applies := func(condition string) bool {
		return condition == "" || slices.Contains(i.schema.GetPossibleTypes(i.schema.Types[condition]), def)
	}
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			if s.ObjectDefinition != nil && s.ObjectDefinition.Kind == ast.Interface {
				i.walked[s.ObjectDefinition.Name+"."+s.Name] = true
			}
			found[s.Alias] = append(found[s.Alias], s)
		case *ast.InlineFragment:
			if applies(s.TypeCondition) {
				i.collect(def, s.SelectionSet, found)
			}
		case *ast.FragmentSpread:
			if applies(s.Definition.TypeCondition) {
				i.collect(def, s.Definition.SelectionSet, found)
			}
		}
	}
}

func (i *inspection) value(place string, typ *ast.Type, value any, below []ast.SelectionSet) {
	if value == nil {
		return
	}
	if list, ok := value.([]any); ok {
		for _, element := range list {
			i.value(place, typ.Elem, element, below)
		}
		return
	}
	if object, ok := value.(map[string]any); ok {
		i.object(i.schema.Types[typ.Name()], object, below)
		return
	}
	text := fmt.Sprint(value)
	if i.seen[place] == nil {
		i.seen[place] = map[string]bool{}
	}
	i.seen[place][text] = true
	i.texts[text] = true
	def := i.schema.Types[typ.Name()]
	switch {
	case def.Kind == ast.Enum:
		if def.EnumValues.ForName(text) == nil {
			i.fault("%s is %q, which the contract does not have", place, text)
		}
	case def.Name == "Boolean":
	case slices.ContainsFunc(public, func(prefix string) bool { return strings.HasPrefix(place, prefix) }):
	case def.Name == "Cursor":
		i.cursor(place, text)
	case place == "HighlightPart.text":
		for piece := range strings.SplitSeq(text, " … ") {
			if piece = strings.TrimSpace(piece); piece != "" && len(i.their.own.Lookup([]byte(piece), 1)) == 0 {
				i.fault("%s is %q, which is no part of what is theirs", place, text)
			}
		}
	case i.their.shown[place] == nil:
		i.fault("%s holds something, and nobody has said what of it may be shown", place)
	case !i.their.shown[place][text]:
		i.fault("%s is %q, which is not theirs", place, text)
	}
}

// cursor holds a position to the same: it has a row's key and what its list is sorted by.
func (i *inspection) cursor(place, text string) {
	var cursor postgres.Cursor
	if err := cursor.UnmarshalText([]byte(text)); err != nil {
		i.fault("%s is no cursor", place)
		return
	}
	id := tickets.ID{}
	id.UUID = cursor.Key
	key := strings.TrimPrefix(id.String(), "tkt")
	for typ, prefix := range prefixes {
		if i.their.shown[typ+".id"][prefix+key] {
			i.texts[cursor.Value] = true
			return
		}
	}
	i.fault("%s stands behind a row that is not theirs", place)
}

func (i *inspection) fault(format string, args ...any) { i.faults[fmt.Sprintf(format, args...)] = true }

// verdict is everything that the answers should not have had.
func (i *inspection) verdict() []string {
	var all []string
	for fault := range i.faults {
		all = append(all, fault)
	}
	slices.Sort(all)
	return append(all, i.their.leaked(i.texts)...)
}
