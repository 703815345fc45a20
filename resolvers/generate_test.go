package resolvers_test

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// operation is a query with its variables.
type operation struct {
	query     string
	variables map[string]any
}

func (o operation) String() string {
	return fmt.Sprintf("%s\nvariables: %s", o.query, literal(o.variables))
}

// generator makes operations of a contract out of chance: the same sequence gives the same operations. They are valid,
// but now and then an argument holds what its resolver refuses.
type generator struct {
	*rand.Rand
	schema *ast.Schema
	stock  *stock
	// unsteady are the fields that no two answers need to agree on: by default those that the clock changes.
	unsteady map[string]bool
	used     map[string]int // how often a place of the contract came up: what did rarely goes first

	document  *ast.QueryDocument // of the operation that was made last
	left      int                // fields that the operation may still have
	names     int                // aliases, variables and fragments so far
	variables map[string]any
	declared  []string
	fragments []string
	spread    []fragment
	order     byte // marks the cursors of the list whose arguments are being made
}

// fragment is one that was defined, and may be spread again where it was.
type fragment struct {
	name  string
	def   *ast.Definition
	scope *scope
}

// scope is the response keys of the objects in one place of the answer. Whoever selects there, by whatever fragment, must
// mean the same by the same key.
type scope struct{ keys map[string]*selected }

type selected struct {
	meaning string
	head    string // the field as it was written, without its selection
	parent  *ast.Definition
	field   *ast.FieldDefinition
	rows    int
	below   *scope
}

const (
	maxFields = 90
	maxHops   = 11
	maxRows   = 60 // about how many rows one place of the answer may hold
)

func newGenerator(schema *ast.Schema, stock *stock, purpose string) *generator {
	name := fnv.New64()
	_, _ = name.Write([]byte(purpose))
	return &generator{Rand: rand.New(rand.NewPCG(*chance, name.Sum64())), schema: schema, stock: stock, used: map[string]int{},
		unsteady: unsteady()}
}

// unsteady are the fields that the clock changes, and those that count what others do meanwhile.
func unsteady() map[string]bool {
	return map[string]bool{
		"SourceInfo.age": true, "SourceInfo.fetchedAt": true, "SlaClock.remaining": true, "SlaClock.state": true, "SlaPreview.then": true,
		"SourceStatus.calls": true, "SourceStatus.attempts": true, "SourceStatus.inFlight": true, "SourceStatus.lastSuccess": true,
		"SourceStatus.lastFailure": true, "SourceAllowance.remaining": true, "SourceAllowance.at": true,
		"LaneBudget.left": true,
	}
}

// next makes an operation. The validator has the last word: what it refuses is made anew.
func (g *generator) next() operation {
	for {
		drafted := g.draft()
		if document, errs := gqlparser.LoadQueryWithRules(g.schema, drafted.query, nil); len(errs) == 0 {
			g.document = document
			return drafted
		}
	}
}

func (g *generator) draft() operation {
	g.left, g.names, g.variables, g.declared, g.fragments, g.spread = 5+g.IntN(maxFields), 0, map[string]any{}, nil, nil, nil
	body := g.selection(newScope(), g.schema.Query, maxHops, 1)
	head := "query Generated"
	if len(g.declared) > 0 {
		head += "(" + strings.Join(g.declared, ", ") + ")"
	}
	return operation{strings.Join(append([]string{head + " " + body}, g.fragments...), "\n"), g.variables}
}

// rarest picks some and takes the one that came up least often.
func rarest[T any](g *generator, from []T, place func(T) string) T {
	rare := from[g.IntN(len(from))]
	for range 4 {
		if other := from[g.IntN(len(from))]; g.used[place(other)] < g.used[place(rare)] {
			rare = other
		}
	}
	g.used[place(rare)]++
	return rare
}

// due tells whether something optional comes up: surely where it never did, and else by chance.
func (g *generator) due(place string, percent int) bool {
	if g.used[place] > 0 && !g.chance(percent) {
		return false
	}
	g.used[place]++
	return true
}

func newScope() *scope { return &scope{map[string]*selected{}} }

func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

func (g *generator) name(prefix string) string {
	g.names++
	return fmt.Sprintf("%s%d", prefix, g.names)
}

func (g *generator) selection(s *scope, def *ast.Definition, hops, rows int) string {
	var items []string
	for range 1 + g.IntN(5) {
		if item := g.item(s, def, hops, rows); item != "" {
			items = append(items, item)
		}
	}
	if len(items) == 0 {
		items = []string{"__typename"}
	}
	return "{ " + strings.Join(items, " ") + " }"
}

// item is a field, a fragment, or "" where chance found nothing that fits.
func (g *generator) item(s *scope, def *ast.Definition, hops, rows int) string {
	g.left--
	fragments := 25
	if def.IsAbstractType() {
		fragments = 80
	}
	switch {
	case g.left > 0 && hops > 0 && g.chance(fragments):
		return g.fragment(s, def, hops, rows)
	case def.Kind == ast.Union || g.chance(4):
		return "__typename" + g.condition()
	case g.chance(20):
		if again := g.again(s, def, hops); again != "" {
			return again
		}
	}
	return g.field(s, def, hops, rows)
}

// fragment selects by way of a fragment, inline or named, on a type that the objects have or may have.
func (g *generator) fragment(s *scope, def *ast.Definition, hops, rows int) string {
	if known := g.known(s, def); known != "" && g.chance(30) {
		return "..." + known + g.condition()
	}
	on := def
	if others := g.overlapping(def); len(others) > 0 && (def.Kind != ast.Object || g.chance(30)) {
		on = rarest(g, others, func(d *ast.Definition) string { return "... on " + d.Name })
	}
	if on == def && g.chance(40) {
		return "..." + g.condition() + " " + g.selection(s, def, hops, rows)
	}
	if g.chance(60) {
		return "... on " + on.Name + g.condition() + " " + g.selection(s, on, hops, rows)
	}
	name := g.name("F")
	g.fragments = append(g.fragments, "fragment "+name+" on "+on.Name+" "+g.selection(s, on, hops, rows))
	g.spread = append(g.spread, fragment{name, def, s})
	return "..." + name + g.condition()
}

// known is a fragment that was spread in this place already.
func (g *generator) known(s *scope, def *ast.Definition) string {
	for _, f := range g.spread {
		if f.scope == s && f.def == def {
			return f.name
		}
	}
	return ""
}

// overlapping are the other types that an object of a type may have at the same time, by name.
func (g *generator) overlapping(def *ast.Definition) (found []*ast.Definition) {
	possible := g.schema.GetPossibleTypes(def)
	for _, other := range g.schema.Types {
		if other != def && other.IsCompositeType() && !strings.HasPrefix(other.Name, "__") &&
			slices.ContainsFunc(g.schema.GetPossibleTypes(other), func(d *ast.Definition) bool { return slices.Contains(possible, d) }) {
			found = append(found, other)
		}
	}
	slices.SortFunc(found, func(a, b *ast.Definition) int { return strings.Compare(a.Name, b.Name) })
	return found
}

// again selects more below a field that is selected in this place already.
func (g *generator) again(s *scope, def *ast.Definition, hops int) string {
	var keys []string
	for key, known := range s.keys {
		if known.parent == def && known.below != nil {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 || hops == 0 {
		return ""
	}
	slices.Sort(keys)
	known := s.keys[keys[g.IntN(len(keys))]]
	return known.head + g.condition() + " " + g.selection(known.below, g.schema.Types[known.field.Type.Name()], hops-1, known.rows)
}

func (g *generator) field(s *scope, def *ast.Definition, hops, rows int) string {
	var leaves, others []*ast.FieldDefinition
	for _, field := range def.Fields {
		switch {
		case strings.HasPrefix(field.Name, "__"):
		case g.unsteady[def.Name+"."+field.Name]:
		case g.schema.Types[field.Type.Name()].IsLeafType():
			leaves = append(leaves, field)
		default:
			others = append(others, field)
		}
	}
	from := leaves
	if len(leaves) == 0 || len(others) > 0 && g.chance(70) {
		from = others
	}
	if len(leaves) > 0 && (hops == 0 || g.left <= 0) {
		from = leaves
	}
	if len(from) == 0 || hops == 0 && len(leaves) == 0 {
		return ""
	}
	field := rarest(g, from, func(f *ast.FieldDefinition) string { return def.Name + "." + f.Name })
	arguments, size := g.arguments(def, field, rows)
	found := &selected{meaning: field.Name + arguments + field.Type.String(), parent: def, field: field, rows: rows}
	key := field.Name
	if g.chance(25) {
		key = g.name("a")
	}
	if old := s.keys[key]; old != nil && old.meaning != found.meaning {
		key = g.name("a")
	} else if old != nil {
		found = old
	}
	s.keys[key] = found
	found.head = field.Name + arguments
	if key != field.Name {
		found.head = key + ": " + found.head
	}
	target := g.schema.Types[field.Type.Name()]
	if target.IsLeafType() {
		return found.head + g.condition()
	}
	if found.below == nil {
		found.below = newScope()
	}
	switch {
	case size > 0:
		found.rows = rows * size
	case field.Type.Elem != nil && field.Name != "nodes" && field.Name != "edges":
		found.rows = rows * 3
	}
	return found.head + g.condition() + " " + g.selection(found.below, target, hops-1, found.rows)
}

// condition is now and then a @skip or an @include, or both.
func (g *generator) condition() (directives string) {
	for _, directive := range []string{"skip", "include"} {
		if !g.chance(6) {
			continue
		}
		holds := g.chance(50)
		value := fmt.Sprint(holds)
		if g.chance(60) {
			value = g.variable("Boolean!", holds)
		}
		directives += " @" + directive + "(if: " + value + ")"
	}
	return directives
}

// variable declares a variable with a value, which may be its default.
func (g *generator) variable(typ string, value any) string {
	name := g.name("v")
	declared := "$" + name + ": " + typ
	if value != nil && g.chance(25) {
		declared += " = " + literal(value)
	} else {
		g.variables[name] = value
	}
	g.declared = append(g.declared, declared)
	return "$" + name
}
