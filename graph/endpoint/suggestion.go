package endpoint

import (
	"github.com/vektah/gqlparser/v2/validator/core"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// hideSuggestions replaces every rule that answers a name which is not in the contract with names that are. The
// executor's own switch for it leaves out arguments, types and the fields of inputs.
func hideSuggestions(all *rules.Rules) {
	for _, rule := range []struct{ telling, silent core.Rule }{
		{rules.FieldsOnCorrectTypeRule, rules.FieldsOnCorrectTypeRuleWithoutSuggestions},
		{rules.KnownArgumentNamesRule, rules.KnownArgumentNamesRuleWithoutSuggestions},
		{rules.KnownTypeNamesRule, rules.KnownTypeNamesRuleWithoutSuggestions},
		{rules.ScalarLeafsRule, rules.ScalarLeafsRuleWithoutSuggestions},
		{rules.ValuesOfCorrectTypeRule, rules.ValuesOfCorrectTypeRuleWithoutSuggestions},
	} {
		all.ReplaceRule(rule.telling.Name, rule.silent.RuleFunc)
	}
}
