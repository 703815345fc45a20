package contract

import (
	"regexp"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

var (
	word   = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]*`)
	quoted = regexp.MustCompile("`[^`]*`")
	// distinct is a name that is no English word: fooBar, FooBar, FOO_BAR.
	distinct = regexp.MustCompile(`[a-z0-9][A-Z]|[A-Za-z0-9]_[A-Za-z0-9]`)
)

// checkWords finds descriptions and deprecation reasons that name what the contract does not have: introspection shows
// them, so they would tell of it. A word counts when it is distinct, or when it stands in backquotes.
func (p *pruning) checkWords(fault func(string, ...any)) {
	gone := names(documentOf(p.full))
	var kept ast.DefinitionList
	for _, definition := range p.kept {
		kept = append(kept, definition)
	}
	for name := range names(&ast.SchemaDocument{Definitions: kept}) {
		delete(gone, name)
	}
	check := func(at, text string) {
		for _, name := range word.FindAllString(text, -1) {
			if gone[name] && distinct.MatchString(name) {
				fault("the text of %s names %s, which is not in the contract", at, name)
			}
		}
		for _, name := range word.FindAllString(strings.Join(quoted.FindAllString(text, -1), " "), -1) {
			if gone[name] && !distinct.MatchString(name) {
				fault("the text of %s names %s, which is not in the contract", at, name)
			}
		}
	}
	for _, original := range documentOf(p.full).Definitions { // in a fixed order
		definition := p.kept[original.Name]
		if definition == nil {
			continue
		}
		check(definition.Name, definition.Description+reason(definition.Directives))
		for _, field := range definition.Fields {
			at := definition.Name + "." + field.Name
			check(at, field.Description+reason(field.Directives))
			for _, argument := range field.Arguments {
				check(at+"("+argument.Name+":)", argument.Description+reason(argument.Directives))
			}
		}
		for _, value := range definition.EnumValues {
			check(definition.Name+"."+value.Name, value.Description+reason(value.Directives))
		}
	}
}

// reason is the text of the directives' arguments, such as why something is deprecated.
func reason(directives ast.DirectiveList) string {
	var text strings.Builder
	for _, directive := range directives {
		for _, argument := range directive.Arguments {
			text.WriteString(" " + argument.Value.Raw)
		}
	}
	return text.String()
}

// names are all names that a document declares.
func names(document *ast.SchemaDocument) map[string]bool {
	all := map[string]bool{}
	for _, directive := range document.Directives {
		all[directive.Name] = true
	}
	for _, definition := range document.Definitions {
		all[definition.Name] = true
		for _, field := range definition.Fields {
			all[field.Name] = true
			for _, argument := range field.Arguments {
				all[argument.Name] = true
			}
		}
		for _, value := range definition.EnumValues {
			all[value.Name] = true
		}
	}
	return all
}
