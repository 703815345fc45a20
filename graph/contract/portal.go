package contract

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// tagDirective is the directive that puts an element into an audience's contract.
const tagDirective = "tag"

// onlyTagged returns what carries the tag, and of it what still makes sense: what refers to something that is gone
// goes too, until nothing changes any more. Only built-in directives stay, because no directive can carry a tag.
func onlyTagged(whole *ast.SchemaDocument, full *ast.Schema, tag string) (*ast.SchemaDocument, error) {
	p := &pruning{full: full, tag: tag, kept: map[string]*ast.Definition{}}
	for _, definition := range whole.Definitions {
		if p.isTagged(definition.Directives) {
			p.kept[definition.Name] = p.copyTagged(definition)
		}
	}
	for p.dropDangling() {
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	cut := &ast.SchemaDocument{}
	for _, definition := range whole.Definitions {
		if kept := p.kept[definition.Name]; kept != nil {
			cut.Definitions = append(cut.Definitions, kept)
		}
	}
	for _, definition := range whole.Schema {
		copied := &ast.SchemaDefinition{} // the description carries no tag
		for _, root := range definition.OperationTypes {
			if p.kept[root.Type] != nil {
				copied.OperationTypes = append(copied.OperationTypes, root)
			}
		}
		cut.Schema = append(cut.Schema, copied)
	}
	return cut, nil
}

// pruning is a schema on its way to a contract. The kept definitions are copies.
type pruning struct {
	full *ast.Schema
	tag  string
	kept map[string]*ast.Definition
}

func (p *pruning) isTagged(directives ast.DirectiveList) bool {
	for _, directive := range directives.ForNames(tagDirective) {
		if name := directive.Arguments.ForName("name"); name != nil && name.Value != nil && name.Value.Raw == p.tag {
			return true
		}
	}
	return false
}

// copyTagged copies a definition with its tagged parts.
func (p *pruning) copyTagged(definition *ast.Definition) *ast.Definition {
	copied := *definition
	copied.Directives = p.builtIn(definition.Directives)
	copied.Interfaces = slices.Clone(definition.Interfaces)
	copied.Types = slices.Clone(definition.Types)
	copied.TypePositions = nil
	copied.Fields, copied.EnumValues = nil, nil
	for _, field := range definition.Fields {
		if p.isTagged(field.Directives) {
			copied.Fields = append(copied.Fields, p.copyField(field))
		}
	}
	for _, value := range definition.EnumValues {
		if p.isTagged(value.Directives) {
			kept := *value
			kept.Directives = p.builtIn(value.Directives)
			copied.EnumValues = append(copied.EnumValues, &kept)
		}
	}
	return &copied
}

func (p *pruning) copyField(field *ast.FieldDefinition) *ast.FieldDefinition {
	copied := *field
	copied.Directives = p.builtIn(field.Directives)
	copied.Arguments = nil
	for _, argument := range field.Arguments {
		if p.isTagged(argument.Directives) {
			kept := *argument
			kept.Directives = p.builtIn(argument.Directives)
			copied.Arguments = append(copied.Arguments, &kept)
		}
	}
	return &copied
}

// builtIn leaves the uses of directives that every schema has, such as @deprecated.
func (p *pruning) builtIn(directives ast.DirectiveList) ast.DirectiveList {
	var kept ast.DirectiveList
	for _, directive := range directives {
		if definition := p.full.Directives[directive.Name]; definition != nil && isBuiltIn(definition.Position) {
			kept = append(kept, directive)
		}
	}
	return kept
}

// dropDangling drops what refers to types that are gone, and types that have nothing left. It reports a change.
func (p *pruning) dropDangling() bool {
	changed := false
	for name, definition := range p.kept {
		before := len(definition.Fields) + len(definition.Interfaces) + len(definition.Types)
		definition.Fields = slices.DeleteFunc(definition.Fields, func(field *ast.FieldDefinition) bool {
			arguments := len(field.Arguments)
			field.Arguments = slices.DeleteFunc(field.Arguments, func(argument *ast.ArgumentDefinition) bool {
				return p.isGone(argument.Type.Name())
			})
			changed = changed || len(field.Arguments) != arguments
			return p.isGone(field.Type.Name())
		})
		definition.Interfaces = slices.DeleteFunc(definition.Interfaces, p.isGone)
		definition.Types = slices.DeleteFunc(definition.Types, p.isGone)
		changed = changed || len(definition.Fields)+len(definition.Interfaces)+len(definition.Types) != before
		if isEmpty(definition) {
			delete(p.kept, name)
			changed = true
		}
	}
	return changed
}

func (p *pruning) isGone(name string) bool {
	definition := p.full.Types[name]
	return p.kept[name] == nil && (definition == nil || !definition.BuiltIn)
}

// isEmpty reports whether a definition has lost all that its kind must have.
func isEmpty(definition *ast.Definition) bool {
	switch definition.Kind {
	case ast.Object, ast.Interface, ast.InputObject:
		return len(definition.Fields) == 0
	case ast.Union:
		return len(definition.Types) == 0
	case ast.Enum:
		return len(definition.EnumValues) == 0
	default:
		return false
	}
}
