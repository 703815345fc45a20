package endpoint

import (
	"context"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/core"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// The bounds on documents.
const (
	maxTokens         = 2000     // validation is quadratic in a document's fields: this many cost 0.14 s at worst
	keptDocuments     = 1000     // parsed documents remembered per audience
	maxRememberedText = 16 << 10 // bytes; a longer document is parsed anew each time
)

// executor builds what runs the operations of one contract.
func (h *handler) executor(contract Contract) *executor.Executor {
	exec := executor.New(contract.Schema)
	exec.SetQueryCache(documents{lru.New[*ast.QueryDocument](keptDocuments)})
	exec.SetParserTokenLimit(maxTokens)
	exec.SetErrorPresenter(h.present)
	exec.SetRecoverFunc(h.panicked)
	exec.SetDefaultRulesFn(func() *rules.Rules {
		all := rules.NewDefaultRules()
		all.AddRule("NoDefer", noDefer)
		all.AddRule("NoNulCharacter", noNulCharacter)
		if !contract.Introspection {
			all.AddRule("NoIntrospection", noIntrospection)
		}
		return all
	})
	if contract.Introspection {
		exec.Use(extension.Introspection{})
	}
	for _, around := range contract.Fields {
		exec.AroundFields(around)
	}
	return exec
}

// documents remembers parsed documents. Long ones are left out, so that nobody fills the memory with them.
type documents struct {
	graphql.Cache[*ast.QueryDocument]
}

// Add remembers a document under its text.
func (d documents) Add(ctx context.Context, text string, document *ast.QueryDocument) {
	if len(text) <= maxRememberedText {
		d.Cache.Add(ctx, text, document)
	}
}

// noDefer refuses @defer: POST answers once, and the executor would answer null for the deferred part.
func noDefer(observers *core.Events, addError core.AddErrFunc) {
	observers.OnDirective(func(_ *core.Walker, directive *ast.Directive) {
		if directive.Name == "defer" {
			addError(core.Message("The directive @defer is not served over POST."), core.At(directive.Position))
		}
	})
}

// noNulCharacter refuses U+0000 in literals, as the reader of variables does: no store of ours can hold it.
func noNulCharacter(observers *core.Events, addError core.AddErrFunc) {
	observers.OnValue(func(_ *core.Walker, value *ast.Value) {
		if (value.Kind == ast.StringValue || value.Kind == ast.BlockValue) && strings.IndexByte(value.Raw, 0) >= 0 {
			addError(core.Message("A text has a character that is not allowed."), core.At(value.Position))
		}
	})
}

// noIntrospection refuses questions about the contract itself, in words instead of gqlgen's masked field error.
func noIntrospection(observers *core.Events, addError core.AddErrFunc) {
	observers.OnField(func(_ *core.Walker, field *ast.Field) {
		if field.Name == "__schema" || field.Name == "__type" {
			addError(core.Message("Introspection is switched off for this contract."), core.At(field.Position))
		}
	})
}
