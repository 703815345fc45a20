package compiled

import (
	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// maxFields bounds the fields of one plan, those of each member of an interface counted apart.
const maxFields = 2000

// plan is an operation compiled for one choice of its conditions.
type plan struct {
	root      *selection
	arguments int // fields that have any
	size      int // bytes, about
}

// selection is the fields that are written of one object.
type selection struct{ fields []*Selected }

// Selected is a field of an operation.
type Selected struct {
	key       []byte // what stands in front of the value, comma or brace included
	field     *Field // nil where the key says it all
	object    string // the object that has the field
	collected graphql.CollectedField
	shadowed  bool         // the same key was written before: gqlgen asks, and writes nothing
	refused   []bool       // which of them the contract does not have, or may not know
	slot      int          // where the run keeps its arguments
	record    *selection   // of what the field leads to, where that is an object
	members   []*selection // of each member, where it is an interface or union
}

// compiler makes a plan of an operation.
type compiler struct {
	schema    *Schema
	operation *graphql.OperationContext // with the document and the conditions' values, and nothing else
	plan      *plan
	left      int
	uncovered string // why there is no plan
}

func (c *compiler) selection(object *Object, set ast.SelectionSet, list bool) *selection {
	collected := graphql.CollectFields(c.operation, set, object.Satisfies)
	made := &selection{fields: make([]*Selected, 0, len(collected))}
	keys := make(map[string]bool, len(collected))
	for _, field := range collected {
		if c.left--; c.left < 0 {
			c.refuse("size")
		}
		if c.uncovered != "" {
			return nil
		}
		shadowed := keys[field.Alias]
		key := appendKey(len(keys) == 0, field.Alias)
		keys[field.Alias] = true
		if field.Name == "__typename" {
			if !shadowed {
				made.fields = append(made.fields, &Selected{key: AppendString(key, object.Name)})
			}
			continue
		}
		f := c.field(object, field, list)
		if f == nil {
			return nil
		}
		f.key, f.shadowed = key, shadowed
		made.fields = append(made.fields, f)
		c.plan.size += len(key) + 400
	}
	c.plan.size += 100
	return made
}

// field compiles a field; list tells whether it is asked for many objects.
func (c *compiler) field(object *Object, collected graphql.CollectedField, list bool) *Selected {
	field, known := object.Fields[collected.Name]
	switch {
	case !known:
		c.refuse("introspection")
		return nil
	case field.Uncovered != "":
		c.refuse(field.Uncovered)
		return nil
	case list && field.Resolver && !c.schema.foreseen(object.Name, collected.Name):
		c.refuse("unforeseen")
		return nil
	}
	f := &Selected{field: field, object: object.Name, collected: collected}
	if field.Arguments != nil {
		f.slot = c.plan.arguments
		c.plan.arguments++
	}
	list = list || collected.Definition.Type.Elem != nil
	if record, ok := c.schema.table.Objects[field.Type]; ok {
		f.record = c.selection(record, collected.Selections, list)
		return f
	}
	members := c.schema.table.Abstracts[field.Type]
	made := make(map[string]*selection, len(members))
	for _, member := range members {
		sel, ok := made[member.Object]
		if !ok {
			sel = c.selection(c.schema.table.Objects[member.Object], collected.Selections, list)
			made[member.Object] = sel
		}
		f.members = append(f.members, sel)
		f.refused = append(f.refused, member.Value || c.schema.Schema().Types[member.Object] == nil)
	}
	return f
}

func (c *compiler) refuse(reason string) {
	if c.uncovered == "" {
		c.uncovered = reason
	}
}

func appendKey(first bool, alias string) []byte {
	key := make([]byte, 0, len(alias)+8)
	if first {
		key = append(key, '{')
	} else {
		key = append(key, ',')
	}
	return append(AppendString(key, alias), ':')
}

// conditions are the variables on which an operation's selections depend, in the order of the document, or why no plan
// covers the operation.
func conditions(doc *ast.QueryDocument, operation *ast.OperationDefinition) (variables []*ast.Value, uncovered string) {
	seen, opened := map[string]bool{}, map[string]bool{}
	directives := func(list ast.DirectiveList) {
		for _, directive := range list {
			condition := directive.Arguments.ForName("if")
			switch {
			case directive.Name == "defer":
				uncovered = "defer"
			case directive.Name != "skip" && directive.Name != "include", condition == nil:
				uncovered = "directive"
			case condition.Value.Kind == ast.Variable && !seen[condition.Value.Raw]:
				seen[condition.Value.Raw] = true
				variables = append(variables, condition.Value)
			}
		}
	}
	var walk func(ast.SelectionSet)
	walk = func(set ast.SelectionSet) {
		for _, selection := range set {
			switch s := selection.(type) {
			case *ast.Field:
				directives(s.Directives)
				walk(s.SelectionSet)
			case *ast.InlineFragment:
				directives(s.Directives)
				walk(s.SelectionSet)
			case *ast.FragmentSpread:
				directives(s.Directives)
				if fragment := doc.Fragments.ForName(s.Name); fragment != nil && !opened[s.Name] {
					opened[s.Name] = true
					directives(fragment.Directives)
					walk(fragment.SelectionSet)
				}
			}
		}
	}
	directives(operation.Directives)
	walk(operation.SelectionSet)
	if len(variables) > maxConditions {
		uncovered = "conditions"
	}
	return variables, uncovered
}

// choice is the values of the conditions as one word; false where one is no boolean, which the executor will say.
func choice(variables []*ast.Value, values map[string]any) (string, bool) {
	if len(variables) == 0 {
		return "", true
	}
	word := make([]byte, 0, maxConditions)
	for _, variable := range variables {
		value, err := variable.Value(values)
		holds, ok := value.(bool)
		if err != nil || !ok {
			return "", false
		}
		if holds {
			word = append(word, '1')
		} else {
			word = append(word, '0')
		}
	}
	return string(word), true
}
