package contract

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
)

// Fault is something in a schema that the rules of the house do not allow, or that breaks a promise.
type Fault struct {
	Rule  string // CONNECTION, FIELD_REMOVED
	Place string // Ticket.messages(first:)
	Says  string
}

func (f Fault) String() string { return f.Rule + " " + f.Place + ": " + f.Says }

func sorted(faults []Fault) []Fault {
	slices.SortStableFunc(faults, func(a, b Fault) int {
		return cmp.Or(strings.Compare(a.Place, b.Place), strings.Compare(a.Rule, b.Rule))
	})
	return faults
}

var (
	typeName  = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)
	fieldName = regexp.MustCompile(`^[a-z][A-Za-z0-9]*$`)
	valueName = regexp.MustCompile(`^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$`)
	// removal is how a deprecation says when it ends.
	removal = regexp.MustCompile(`[A-Z].*\. Removed after (\d{4}-\d{2}-\d{2})\.$`)
)

// inputEndings are how the names of inputs end, and those of no other type.
var inputEndings = []string{"Input", "Filter", "Order", "Range"}

// mayBeNull are the items of lists that may be null, by their reason.
var mayBeNull = map[string]string{
	"Query.nodes":        "an ID of nothing keeps its place",
	"Query.ticketCounts": "a view of nobody keeps its place",
}

// writeNothing are the mutations that need no idempotency key, by their reason.
var writeNothing = map[string]string{
	"Mutation.previewMacro": "it reads in a transaction that cannot write",
}

// Lint holds a whole schema to the rules of the house, but for those that other places check: prices and lengths of lists
// in graph/limits, tags in Cut.
//
//   - DESCRIPTION: every element is described, in sentences;
//   - NAME: types are Named, fields and arguments named, values NAMED; no field is a get, fetch or list;
//   - INPUT: the names of inputs, and of no other type, end in Input, Filter, Order or Range;
//   - MUTATION: a change takes one argument, input, of an input type with idempotencyKey: String!, and always answers a payload;
//   - PAYLOAD: a payload has userErrors: [UserError!]!, and all else in it may be null;
//   - CONNECTION: a connection has nodes, edges and pageInfo, an edge node and cursor, and a field that leads to one
//     is never null and takes first, with a default, and after;
//   - NULL: items of lists are never null, nor are lists, booleans and IDs of records;
//   - RESULT: a union of a source's answers is named Result, says SourceUnavailable, and is never null where it stands;
//   - DEPRECATION: what is deprecated says what to use instead and ends in "Removed after 2027-01-31.".
func Lint(schema *ast.Schema) []Fault {
	l := &lint{schema: schema}
	for _, definition := range documentOf(schema).Definitions {
		l.definition(definition)
	}
	for _, directive := range documentOf(schema).Directives {
		l.described("@"+directive.Name, directive.Description)
		for _, argument := range directive.Arguments {
			l.described("@"+directive.Name+"("+argument.Name+":)", argument.Description)
		}
	}
	return sorted(l.faults)
}

type lint struct {
	schema *ast.Schema
	faults []Fault
}

func (l *lint) fault(rule, place, format string, args ...any) {
	l.faults = append(l.faults, Fault{rule, place, fmt.Sprintf(format, args...)})
}

// must says what is wrong where it does not hold.
func (l *lint) must(holds bool, rule, place, format string, args ...any) {
	if !holds {
		l.fault(rule, place, format, args...)
	}
}

func (l *lint) described(place, text string) {
	text = strings.TrimSpace(text)
	l.must(text != "", "DESCRIPTION", place, "it is not described")
	l.must(text == "" || strings.HasSuffix(text, "."), "DESCRIPTION", place, "its description does not end in a full stop")
}

func (l *lint) definition(d *ast.Definition) {
	l.described(d.Name, d.Description)
	l.must(typeName.MatchString(d.Name), "NAME", d.Name, "a type is named LikeThis")
	isInput := slices.ContainsFunc(inputEndings, func(ending string) bool { return strings.HasSuffix(d.Name, ending) })
	l.must(d.Kind != ast.InputObject || isInput, "INPUT", d.Name, "the name of an input ends in one of %s", strings.Join(inputEndings, ", "))
	l.must(d.Kind == ast.InputObject || !strings.HasSuffix(d.Name, "Input"), "INPUT", d.Name, "it is no input")
	for _, value := range d.EnumValues {
		place := d.Name + "." + value.Name
		l.described(place, value.Description)
		l.must(valueName.MatchString(value.Name), "NAME", place, "a value is named LIKE_THIS")
		l.deprecated(place, value.Directives)
	}
	for _, field := range d.Fields {
		if !strings.HasPrefix(field.Name, "__") {
			l.field(d, field)
		}
	}
	switch {
	case d.Kind == ast.Union && strings.HasSuffix(d.Name, "Result"):
		l.must(slices.Contains(d.Types, "SourceUnavailable"), "RESULT", d.Name, "it does not say SourceUnavailable")
	case d.Kind == ast.Union:
		l.must(!slices.Contains(d.Types, "SourceUnavailable"), "RESULT", d.Name, "the name of what a source answers ends in Result")
	case d.Kind == ast.Object && strings.HasSuffix(d.Name, "Connection"):
		l.connection(d)
	case d.Kind == ast.Object && strings.HasSuffix(d.Name, "Payload"):
		l.payload(d)
	}
}

func (l *lint) field(d *ast.Definition, field *ast.FieldDefinition) {
	place := d.Name + "." + field.Name
	l.described(place, field.Description)
	l.name(place, field.Name)
	l.deprecated(place, field.Directives)
	if d.Kind != ast.InputObject {
		l.output(place, field)
	}
	for _, argument := range field.Arguments {
		place := place + "(" + argument.Name + ":)"
		l.described(place, argument.Description)
		l.name(place, argument.Name)
		l.deprecated(place, argument.Directives)
		l.must(argument.Type.Elem == nil || argument.Type.Elem.NonNull, "NULL", place, "the items of a list are never null")
	}
	switch {
	case d == l.schema.Mutation:
		l.mutation(place, field)
	case strings.HasSuffix(field.Type.Name(), "Connection"):
		l.page(place, field)
	}
}

func (l *lint) name(place, name string) {
	l.must(fieldName.MatchString(name), "NAME", place, "it is named likeThis")
	for _, verb := range []string{"get", "fetch", "list"} {
		rest, found := strings.CutPrefix(name, verb)
		l.must(!found || rest == "" || strings.ToLower(rest[:1]) == rest[:1], "NAME", place, "a field is named for what it is, not for %s", verb)
	}
}

func (l *lint) output(place string, field *ast.FieldDefinition) {
	typ := field.Type
	if typ.Elem != nil {
		l.must(typ.NonNull, "NULL", place, "a list is never null: it is empty")
		l.must(typ.Elem.NonNull || mayBeNull[place] != "", "NULL", place, "the items of a list are never null")
		return
	}
	l.must(typ.NonNull || typ.NamedType != "Boolean", "NULL", place, "yes or no is never null")
	l.must(typ.NonNull || field.Name != "id", "NULL", place, "an ID is never null")
	isResult := strings.HasSuffix(typ.NamedType, "Result") && l.schema.Types[typ.NamedType].Kind == ast.Union
	l.must(typ.NonNull || !isResult, "RESULT", place, "what a source answers is never null: it says why there is nothing")
}

func (l *lint) mutation(place string, field *ast.FieldDefinition) {
	l.must(field.Type.NonNull && strings.HasSuffix(field.Type.NamedType, "Payload"), "MUTATION", place, "a change always answers a payload")
	input := field.Arguments.ForName("input")
	if len(field.Arguments) != 1 || input == nil || !input.Type.NonNull || !strings.HasSuffix(input.Type.NamedType, "Input") {
		l.fault("MUTATION", place, "a change takes one argument, input, which an input type of its own describes")
		return
	}
	key := l.schema.Types[input.Type.NamedType].Fields.ForName("idempotencyKey")
	l.must(key != nil && key.Type.String() == "String!" || writeNothing[place] != "", "MUTATION", input.Type.NamedType, "an input has idempotencyKey: String!")
}

func (l *lint) payload(d *ast.Definition) {
	faults := d.Fields.ForName("userErrors")
	l.must(faults != nil && faults.Type.String() == "[UserError!]!", "PAYLOAD", d.Name, "a payload has userErrors: [UserError!]!")
	for _, field := range d.Fields {
		l.must(field.Name == "userErrors" || field.Type.Elem != nil || !field.Type.NonNull || l.schema.Types[field.Type.NamedType].IsLeafType(),
			"PAYLOAD", d.Name+"."+field.Name, "what is not changed is null beside the errors")
	}
}

func (l *lint) connection(d *ast.Definition) {
	is := func(of *ast.Definition, field, typ string) {
		found := of.Fields.ForName(field)
		l.must(found != nil && found.Type.String() == typ, "CONNECTION", of.Name, "it has %s: %s", field, typ)
	}
	of := strings.TrimSuffix(d.Name, "Connection")
	edge := l.schema.Types[of+"Edge"]
	is(d, "pageInfo", "PageInfo!")
	is(d, "edges", "["+of+"Edge!]!")
	nodes := d.Fields.ForName("nodes")
	if nodes == nil || edge == nil {
		l.fault("CONNECTION", d.Name, "it has nodes, and edges of %sEdge", of)
		return
	}
	is(d, "nodes", "["+nodes.Type.Name()+"!]!")
	is(edge, "node", nodes.Type.Name()+"!")
	is(edge, "cursor", "Cursor!")
}

func (l *lint) page(place string, field *ast.FieldDefinition) {
	l.must(field.Type.NonNull, "CONNECTION", place, "a page is never null: it is empty")
	first, after := field.Arguments.ForName("first"), field.Arguments.ForName("after")
	l.must(first != nil && first.Type.NamedType == "Int" && first.DefaultValue != nil, "CONNECTION", place, "a page takes first: Int!, with a default")
	l.must(after != nil && after.Type.String() == "Cursor", "CONNECTION", place, "a page takes after: Cursor")
}

func (l *lint) deprecated(place string, directives ast.DirectiveList) {
	deprecated := directives.ForName("deprecated")
	if deprecated == nil {
		return
	}
	why, _ := deprecated.ArgumentMap(nil)["reason"].(string)
	found := removal.FindStringSubmatch(strings.ReplaceAll(why, "\n", " "))
	if found == nil {
		l.fault("DEPRECATION", place, `its reason says what to use instead, and ends in "Removed after 2027-01-31."`)
		return
	}
	_, err := time.Parse(time.DateOnly, found[1])
	l.must(err == nil, "DEPRECATION", place, "%s is no day", found[1])
}
