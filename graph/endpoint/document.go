package endpoint

import (
	"context"
	"strings"

	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator/core"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"supportgraph/graph/auth"
	"supportgraph/graph/contract"
	"supportgraph/graph/limits"
)

// The bounds on what is remembered of documents, per audience.
const (
	keptDocuments     = 1000     // documents that may run
	keptRefusals      = 500      // documents that may not
	maxRememberedText = 16 << 10 // bytes; a longer document is read anew each time
)

// service is what answers one audience: its executor, and the documents that it has seen.
type service struct {
	Contract
	exec    *executor.Executor
	known   *lru.Cache[string, *document]
	refused *lru.Cache[string, *document] // apart, so that refusals never push out what runs
}

// document is a text that has been read: what runs, or why it must not.
type document struct {
	query      *ast.QueryDocument
	operations map[*ast.OperationDefinition]operation
	faults     gqlerror.List   // that refuse it
	deprecated []string        // what it names that is, by the schema: Ticket.old, Query.tickets(by:), State.OLD
	excesses   []limits.Excess // the bounds that it passes; they refuse it too, where they are enforced
}

// operation is what is known of one operation of a document.
type operation struct {
	price    *limits.Estimate
	mayBeDry bool // whether its variables can make it ask for its cost alone
}

// service builds what answers an audience by its contract.
func (h *handler) service(audience auth.Audience, served Contract) *service {
	if served.Policy == nil {
		policy := h.Limits.Of(audience)
		served.Policy = &policy
	}
	if served.Prices == nil {
		served.Prices = &limits.Prices{}
	}
	s := &service{Contract: served, exec: executor.New(served.Schema)}
	s.known, _ = lru.New[string, *document](keptDocuments) // it fails on sizes below one alone
	s.refused, _ = lru.New[string, *document](keptRefusals)
	s.exec.SetQueryCache(admitted{})
	s.exec.SetErrorPresenter(h.present)
	s.exec.SetRecoverFunc(h.panicked)
	if served.Introspection {
		s.exec.Use(extension.Introspection{})
		s.exec.AroundRootFields(contract.NewIntrospection(served.Schema.Schema()).Around)
	}
	for _, around := range served.Fields {
		s.exec.AroundFields(around)
	}
	return s
}

// document reads a text, or remembers what was read. It is measured before it is parsed, and again before it is
// validated: to read a hostile text, and to refuse it, costs little, and to refuse it again nothing.
func (s *service) document(text string) *document {
	if known, ok := s.known.Get(text); ok {
		return known
	}
	if known, ok := s.refused.Get(text); ok {
		return known
	}
	read := s.read(text)
	switch {
	case len(text) > maxRememberedText:
	case read.isRefused():
		s.refused.Add(text, read)
	default:
		s.known.Add(text, read)
	}
	return read
}

func (s *service) read(text string) *document {
	if passed := s.Policy.Text(text); passed != nil {
		return &document{excesses: passed}
	}
	query, err := parser.ParseQuery(&ast.Source{Input: text})
	if err != nil {
		return &document{faults: faults(ParseFailed, gqlerror.WrapIfUnwrapped(err))}
	}
	if len(query.Operations) == 0 {
		return &document{faults: faults(ValidationFailed, gqlerror.Errorf("no operation provided"))}
	}
	read := &document{query: query, excesses: s.Policy.Document(query)}
	if read.isRefused() {
		return read
	}
	invalid, passed := s.Policy.Validate(s.Schema.Schema(), query, s.rules(&read.deprecated))
	read.faults = faults(ValidationFailed, invalid...)
	nameArguments(query, invalid)
	read.excesses = append(read.excesses, passed...)
	if !read.isRefused() {
		read.operations = make(map[*ast.OperationDefinition]operation, len(query.Operations))
		for _, defined := range query.Operations {
			read.operations[defined] = operation{s.Prices.Estimate(s.Schema.Schema(), defined), mayBeDry(defined)}
		}
	}
	return read
}

func (d *document) isRefused() bool { return len(d.faults) > 0 || limits.Refused(d.excesses) }

// faults gives errors of the parser and the validator their code.
func faults(code Code, errs ...*gqlerror.Error) gqlerror.List {
	for _, err := range errs {
		of := code
		if err.Rule == noDeferRule {
			of = UnsupportedOperation
		}
		errcode.Set(err, string(of))
	}
	return errs
}

// rules are what a document is validated by. On the way they note what it names that is deprecated.
func (s *service) rules(deprecated *[]string) *rules.Rules {
	all := rules.NewDefaultRules()
	all.AddRule("Deprecated", noteDeprecated(deprecated))
	all.AddRule(noDeferRule, noDefer)
	all.AddRule("NoNulCharacter", noNulCharacter)
	if !s.Introspection {
		all.AddRule("NoIntrospection", noIntrospection)
		hideSuggestions(all)
	}
	return all
}

// admitted hands the executor the document that its request was admitted with, so that it neither parses nor validates.
type admitted struct{}

// Get returns the document of the request.
func (admitted) Get(ctx context.Context, _ string) (*ast.QueryDocument, bool) {
	query := exchangeOf(ctx).document.query
	return query, query != nil
}

// Add does nothing.
func (admitted) Add(context.Context, string, *ast.QueryDocument) {}

const noDeferRule = "NoDefer"

// noDefer refuses @defer, to whoever accepts many parts, too. To POST the executor would answer null for what is
// deferred; to a transport that writes parts it tells of null first, mixes up what fragments share, and loses one for the
// failure of another. The tests show it.
func noDefer(observers *core.Events, addError core.AddErrFunc) {
	observers.OnDirective(func(_ *core.Walker, directive *ast.Directive) {
		if directive.Name == "defer" {
			addError(core.Message("The directive @defer is not served. Ask for everything at once, or in two operations."), core.At(directive.Position))
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
