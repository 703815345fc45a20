// Package limits decides what an operation may cost: how large its document, its variables and its validation may be,
// what it is priced at before anything is fetched, and what becomes of one that passes a bound.
package limits

import (
	"fmt"
	"strconv"

	"supportgraph/graph/auth"
)

// Limit is something about an operation that has a bound.
type Limit uint8

// The limits, in the order in which they are checked. Of a document the counts are of what is written, each fragment
// once, unless it says otherwise.
const (
	Bytes              Limit = iota // of the document
	Tokens                          // of the document; comments count
	NameBytes                       // of the longest name
	LiteralBytes                    // of the longest literal
	Operations                      // in the document
	Fragments                       // fragment definitions
	Spreads                         // fragment spreads and inline fragments
	FragmentCycles                  // spreads by which a fragment comes back to itself
	Depth                           // levels of fields in an operation, outside of introspection
	Fields                          // in an operation with its fragments spread out, as they are answered
	UniqueFields                    // fields but for repetitions in the same braces
	DuplicateKeys                   // fields that repeat a response key in the same braces
	RootFields                      // at the top of an operation with its fragments spread out
	Aliases                         // of fields
	Directives                      // wherever they stand
	IntrospectionDepth              // lists of types and fields within each other, below __schema and __type
	Variables                       // that an operation declares
	Values                          // in the variables, or in the literals: each scalar, list and object
	ValueDepth                      // lists and objects within each other, in variables and literals
	ListLength                      // items of the longest list, in variables and literals
	Checks                          // steps of the validation
	Cost                            // points, by the schema's @cost and @listSize
	limits                          // how many there are
)

// spoken is how each limit is called, and what is said where it is passed: of %s, the figure.
var spoken = [limits]struct{ name, sentence string }{
	Bytes:              {"BYTE", "The document is %s bytes long"},
	Tokens:             {"TOKEN", "The document has at least %s tokens"},
	NameBytes:          {"NAME", "A name is %s bytes long"},
	LiteralBytes:       {"LITERAL", "A literal is %s bytes long"},
	Operations:         {"OPERATION", "The document has %s operations"},
	Fragments:          {"FRAGMENT", "The document has %s fragments"},
	Spreads:            {"SPREAD", "The document spreads fragments in %s places"},
	FragmentCycles:     {"FRAGMENT_CYCLE", "The document has %s circular fragment spreads"},
	Depth:              {"DEPTH", "The operation is %s levels deep"},
	Fields:             {"FIELD", "The operation has %s fields with its fragments spread out"},
	UniqueFields:       {"UNIQUE_FIELD", "The document has %s different fields"},
	DuplicateKeys:      {"DUPLICATE_KEY", "The document asks %s times again for a field that stands beside it"},
	RootFields:         {"ROOT_FIELD", "The operation has %s fields at its root"},
	Aliases:            {"ALIAS", "The document has %s aliases"},
	Directives:         {"DIRECTIVE", "The document has %s directives"},
	IntrospectionDepth: {"INTROSPECTION_DEPTH", "The operation asks for types and fields %s lists deep"},
	Variables:          {"VARIABLE", "The operation declares %s variables"},
	Values:             {"VALUE", "The request has %s values"},
	ValueDepth:         {"VALUE_DEPTH", "A value is %s levels deep"},
	ListLength:         {"LIST", "A list has %s items"},
	Checks:             {"VALIDATION", "The document takes %s steps to validate"},
	Cost:               {"COST", "The operation costs %s points"},
}

// String is the short name of a limit, as metrics and the log have it.
func (l Limit) String() string { return spoken[l].name }

// Code is the stable name of the error, such as DEPTH_LIMIT_EXCEEDED.
func (l Limit) Code() string { return spoken[l].name + "_LIMIT_EXCEEDED" }

// Codes are the codes of all limits.
func Codes() []string {
	codes := make([]string, limits)
	for l := range limits {
		codes[l] = l.Code()
	}
	return codes
}

// guards tells whether the limit keeps the process itself safe. Such a limit is enforced at every level: what is read
// beyond it would cost more than any operation may.
func (l Limit) guards() bool {
	switch l {
	case Bytes, Tokens, NameBytes, LiteralBytes, FragmentCycles, ValueDepth, Checks:
		return true
	default:
		return false
	}
}

// Level says what becomes of an operation that passes a bound.
type Level uint8

// The levels.
const (
	Enforce Level = iota // it is refused
	Measure              // it is served, and told of in the log and the metrics
)

// Bounds are the most that is allowed, by limit; 0 is no bound, but for FragmentCycles, of which none are allowed.
type Bounds [limits]int

// Policy is what holds for one audience.
type Policy struct {
	Bounds Bounds
	// Level is that of the limits on documents and variables, but for those that keep the process safe.
	Level Level
	// CostLevel is that of Cost.
	CostLevel Level
}

// For returns the policy that an audience starts with. Engineers keep many operations in one document of the
// playground, and are told of a price before they are held to it.
func For(audience auth.Audience) Policy {
	p := Policy{Bounds: Bounds{
		Bytes:              64 << 10,
		Tokens:             2000,
		NameBytes:          128,
		LiteralBytes:       16 << 10,
		Operations:         10,
		Fragments:          100,
		Spreads:            200,
		Depth:              12,
		Fields:             1000,
		UniqueFields:       300,
		DuplicateKeys:      50,
		RootFields:         10,
		Aliases:            30,
		Directives:         20,
		IntrospectionDepth: 2,
		Variables:          50,
		Values:             2000,
		ValueDepth:         16, // a TicketFilter that nests as deep as it may has 13
		ListLength:         250,
		Checks:             10_000,
		Cost:               5000,
	}}
	switch audience {
	case auth.Portal:
		p.Bounds[Cost] = 2000
	case auth.Explorer:
		p.Bounds[Operations] = 20
		p.Bounds[UniqueFields] = 500
		p.Bounds[Cost] = 10_000
	}
	return p
}

// Excess is a bound that an operation passes.
type Excess struct {
	Limit  Limit
	Figure int
	Bound  int
	// Refused tells whether the operation must not be served for it.
	Refused bool
}

// Error says what is too large, how large it is, and how large it may be.
func (e Excess) Error() string {
	return fmt.Sprintf(spoken[e.Limit].sentence+"; at most %s are allowed.", number(e.Figure), number(e.Bound))
}

// Code is the stable name of the error.
func (e Excess) Code() string { return e.Limit.Code() }

// Refused tells whether one of the bounds that are passed is enforced.
func Refused(excesses []Excess) bool {
	for _, e := range excesses {
		if e.Refused {
			return true
		}
	}
	return false
}

// tally is how much there is of what has a bound.
type tally [limits]int

// excesses are the bounds that a tally passes, in the order of the limits.
func (p *Policy) excesses(t *tally) []Excess {
	var passed []Excess
	for l := range limits {
		if bound := p.Bounds[l]; t[l] > bound && (bound != 0 || l == FragmentCycles) {
			passed = append(passed, Excess{Limit: l, Figure: t[l], Bound: bound, Refused: p.refuses(l)})
		}
	}
	return passed
}

func (p *Policy) refuses(l Limit) bool {
	level := p.Level
	if l == Cost {
		level = p.CostLevel
	}
	return level == Enforce || l.guards()
}

// number writes a figure with its thousands apart: 12,000.
func number(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// MarshalText writes an excess for the log: DEPTH 14/12.
func (e Excess) MarshalText() ([]byte, error) {
	return fmt.Appendf(nil, "%s %d/%d", e.Limit, e.Figure, e.Bound), nil
}
