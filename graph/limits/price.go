package limits

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"
)

// What is taken of a field that carries no directive.
const (
	objectWeight   = 1
	mutationWeight = 10
	listLength     = 10
)

// Prices are what the fields of a schema cost, by its @cost and @listSize. The zero value knows of no directives.
//
// They are read from the full schema, and serve for every contract that is cut from it: what an operation costs is no
// part of what customers are told, so their contract carries neither directive.
type Prices struct {
	fields map[string]map[string]*price // by type and field
}

// price is what one field costs.
type price struct {
	weight    float64            // of each value
	arguments map[string]float64 // of each argument that is given, where it is not nothing
	list      bool
	assumed   float64  // the length of the list, where slicing does not say it
	slicing   []string // arguments
	sized     []string // the fields below that are as long as slicing says; the field itself is one value
}

// NewPrices reads the prices of a schema. It fails on a directive that cannot be meant.
func NewPrices(schema *ast.Schema) (*Prices, error) {
	p := &Prices{fields: make(map[string]map[string]*price, len(schema.Types))}
	for name, definition := range schema.Types {
		if definition.Kind != ast.Object && definition.Kind != ast.Interface {
			continue
		}
		fields := make(map[string]*price, len(definition.Fields))
		for _, field := range definition.Fields {
			priced, err := priceOf(schema, definition, field)
			if err != nil {
				return nil, fmt.Errorf("price %s.%s: %w", name, field.Name, err)
			}
			fields[field.Name] = priced
		}
		p.fields[name] = fields
	}
	for name, definition := range schema.Types {
		if definition.Kind == ast.Interface {
			p.raise(schema, name)
		}
	}
	return p, nil
}

// raise makes the fields of an interface as dear as those of the dearest type behind it.
func (p *Prices) raise(schema *ast.Schema, name string) {
	for field, priced := range p.fields[name] {
		for _, possible := range schema.PossibleTypes[name] {
			if behind := p.fields[possible.Name][field]; behind != nil {
				priced.weight = max(priced.weight, behind.weight)
				priced.assumed = max(priced.assumed, behind.assumed)
			}
		}
	}
}

// of is the price of a selected field.
func (p *Prices) of(schema *ast.Schema, field *ast.Field) *price {
	if known := p.fields[field.ObjectDefinition.Name][field.Name]; known != nil {
		return known
	}
	return &price{weight: typeWeight(schema, field.Definition.Type.Name()), list: field.Definition.Type.Elem != nil, assumed: listLength}
}

func priceOf(schema *ast.Schema, parent *ast.Definition, field *ast.FieldDefinition) (*price, error) {
	priced := &price{list: field.Type.Elem != nil, assumed: listLength}
	if known, ok := introspection[parent.Name]; ok {
		priced.weight, priced.assumed = introspectionWeight, known[field.Name]
		if schema.Types[field.Type.Name()].IsLeafType() {
			priced.weight = 0
		}
		return priced, nil
	}
	own, given, err := weight(field.Directives)
	if err != nil {
		return nil, err
	}
	switch {
	case given:
		priced.weight = own
	case parent == schema.Mutation:
		priced.weight = mutationWeight
	default:
		if priced.weight, err = declaredWeight(schema, field.Type.Name()); err != nil {
			return nil, err
		}
	}
	for _, argument := range field.Arguments {
		w, given, err := weight(argument.Directives)
		if err != nil {
			return nil, err
		}
		if given {
			if priced.arguments == nil {
				priced.arguments = map[string]float64{}
			}
			priced.arguments[argument.Name] = w
		}
	}
	return priced, priced.measure(schema, field)
}

// measure reads @listSize.
func (p *price) measure(schema *ast.Schema, field *ast.FieldDefinition) error {
	directive := field.Directives.ForName("listSize")
	if directive == nil {
		return nil
	}
	said := directive.ArgumentMap(nil)
	if assumed, ok := said["assumedSize"].(int64); ok {
		p.assumed = max(float64(assumed), 0)
	}
	p.slicing, p.sized = names(said["slicingArguments"]), names(said["sizedFields"])
	sure := false
	for _, name := range p.slicing {
		argument := field.Arguments.ForName(name)
		if argument == nil {
			return fmt.Errorf("it has no argument %s to slice by", name)
		}
		sure = sure || argument.Type.NonNull || argument.DefaultValue != nil && argument.DefaultValue.Kind != ast.NullValue
	}
	if require, _ := said["requireOneSlicingArgument"].(bool); require && len(p.slicing) > 0 && !sure {
		return fmt.Errorf("none of its slicing arguments always has a value")
	}
	below := schema.Types[field.Type.Name()]
	for _, name := range p.sized {
		isPage := func(d *ast.Definition) bool {
			list := d.Fields.ForName(name)
			return list != nil && list.Type.Elem != nil
		}
		// A vendor's answer is a union, of which one member is the page.
		if !isPage(below) && !slices.ContainsFunc(schema.GetPossibleTypes(below), isPage) {
			return fmt.Errorf("%s has no list %s", below.Name, name)
		}
	}
	if len(p.sized) == 0 && !p.list {
		return fmt.Errorf("it is no list")
	}
	return nil
}

func names(value any) []string {
	var texts []string
	list, _ := value.([]any)
	for _, item := range list {
		if text, ok := item.(string); ok {
			texts = append(texts, text)
		}
	}
	return texts
}

// weight reads @cost.
func weight(directives ast.DirectiveList) (points float64, given bool, err error) {
	directive := directives.ForName("cost")
	if directive == nil {
		return 0, false, nil
	}
	text, _ := directive.ArgumentMap(nil)["weight"].(string)
	points, err = strconv.ParseFloat(text, 64)
	if err != nil || !(points >= 0 && points <= most) {
		return 0, false, fmt.Errorf("@cost(weight: %q) is no number of points", text)
	}
	return points, true, nil
}

// declaredWeight is what a value of a type costs: of an interface or union, of the dearest type behind it.
func declaredWeight(schema *ast.Schema, name string) (float64, error) {
	definition := schema.Types[name]
	points, given, err := weight(definition.Directives)
	if err != nil || given {
		return points, err
	}
	points = typeWeight(schema, name)
	for _, possible := range schema.PossibleTypes[name] {
		behind, given, err := weight(possible.Directives)
		if err != nil {
			return 0, err
		}
		if given {
			points = max(points, behind)
		}
	}
	return points, nil
}

func typeWeight(schema *ast.Schema, name string) float64 {
	if definition := schema.Types[name]; definition == nil || definition.IsLeafType() {
		return 0
	}
	return objectWeight
}

// introspectionWeight is what each object of an answer about the contract costs. It is in memory, but there are many:
// with this weight the query that tools open with (4,800 points, some 2 ms of CPU) can be asked once in an operation.
const introspectionWeight = 0.15

// introspection is how long its lists are taken to be.
var introspection = map[string]map[string]float64{
	"__Schema":     {"types": 120, "directives": 10},
	"__Type":       {"fields": 10, "interfaces": 1, "possibleTypes": 1, "enumValues": 2, "inputFields": 2},
	"__Field":      {"args": 1},
	"__Directive":  {"args": 2},
	"__InputValue": {},
	"__EnumValue":  {},
}
