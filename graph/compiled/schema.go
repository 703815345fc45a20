package compiled

import (
	"bytes"
	"context"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// The bounds on what is kept and answered.
const (
	DefaultMaxAnswer = 16 << 20 // bytes of an answer's data

	maxConditions = 64        // variables that an operation's selections depend on
	maxChoices    = 32        // plans of one operation, for different values of those
	maxKept       = 256 << 10 // bytes of a buffer that is used again
)

// TooLarge is the error of an answer that passes the bound.
type TooLarge struct{}

func (TooLarge) Error() string { return "The answer is too large. Ask for less of it at once." }

// Code is the error's stable code.
func (TooLarge) Code() string { return "ANSWER_TOO_LARGE" }

// Config is what a compiled schema needs; Executor and Table must be given.
type Config struct {
	// Executor is gqlgen's, with the contract's schema.
	Executor graphql.ExecutableSchema
	Table    *Table
	// Foreseen tells whether what a resolver loads is planned, so that asking it for many objects, one after the other,
	// costs no call for each. Without it none is.
	Foreseen func(object, field string) bool
	// Observe is told of each operation that is answered: why it ran in gqlgen's executor, "" where it did not.
	Observe func(uncovered string)
	// Scope names what the viewer of an operation may see, and who it is; "" where nobody may share it. Without it equal
	// operations that are under way at once run each by itself.
	Scope func(ctx context.Context) string
	// Changes counts the mutations of all schemas that read the same; the schema's own when nil.
	Changes *Changes
	// MaxAnswer is how many bytes of data an answer may have, DefaultMaxAnswer when 0.
	MaxAnswer int
	// MaxPlans is how many bytes of plans are kept, about; DefaultMaxPlans when 0.
	MaxPlans int
}

// Schema answers queries by compiled plans, and all else by gqlgen's executor.
type Schema struct {
	graphql.ExecutableSchema
	table    *Table
	foreseen func(object, field string) bool
	observe  func(uncovered string)
	limit    int
	plans    *plans
	scope    func(ctx context.Context) string
	changes  *Changes
	flights  flights
	key      any
	buffers  sync.Pool
}

// New makes a schema that answers as the executor does.
func New(config Config) *Schema {
	s := &Schema{
		ExecutableSchema: config.Executor, table: config.Table, foreseen: config.Foreseen, observe: config.Observe,
		limit: config.MaxAnswer, plans: newPlans(config.MaxPlans), scope: config.Scope, changes: config.Changes, key: keyOfField(),
	}
	if s.changes == nil {
		s.changes = &Changes{}
	}
	if s.foreseen == nil {
		s.foreseen = func(string, string) bool { return false }
	}
	if s.observe == nil {
		s.observe = func(string) {}
	}
	if s.limit == 0 {
		s.limit = DefaultMaxAnswer
	}
	s.buffers.New = func() any { return new([]byte) }
	return s
}

// Exec answers an operation.
func (s *Schema) Exec(ctx context.Context) graphql.ResponseHandler {
	operation := graphql.GetOperationContext(ctx)
	p, uncovered := s.plan(operation)
	if uncovered == "" && operation.Stats.GetExtension(watched) != nil {
		uncovered = "watched"
	}
	s.observe(uncovered)
	if uncovered != "" {
		next := s.ExecutableSchema.Exec(ctx)
		if operation.Operation.Operation == ast.Mutation {
			return s.change(next)
		}
		return next
	}
	answered := false
	return func(ctx context.Context) *graphql.Response {
		if answered {
			return nil
		}
		answered = true
		run := func() *graphql.Response { return s.run(ctx, operation, p) }
		if key, ok := s.flightKey(ctx, operation, p); ok {
			return s.flights.do(ctx, key, run)
		}
		return run()
	}
}

func (s *Schema) run(ctx context.Context, operation *graphql.OperationContext, p *plan) *graphql.Response {
	buffer := s.buffers.Get().(*[]byte)
	x := &Run{Out: (*buffer)[:0], operation: operation, arguments: make([]map[string]any, p.arguments), limit: s.limit, done: ctx.Done()}
	x.Context = &fieldContext{ctx, s.key, x}
	x.path = x.steps[:0]
	x.query(p)
	if x.stopped != nil {
		graphql.AddError(ctx, x.stopped)
		x.Out = append(x.Out[:0], "null"...)
	}
	response := &graphql.Response{Data: bytes.Clone(x.Out)}
	if cap(x.Out) <= maxKept {
		*buffer = x.Out
		s.buffers.Put(buffer)
	}
	x.Out = nil
	return response
}

// Compile compiles an operation of a validated document ahead of its first request, with its conditions as they are by
// default, or else met. It tells why the operation runs in gqlgen's executor, "" where it does not.
func (s *Schema) Compile(doc *ast.QueryDocument, operation *ast.OperationDefinition) (uncovered string) {
	values := map[string]any{}
	for _, condition := range s.choices(doc, operation).variables {
		values[condition.Raw] = true
		if declared := operation.VariableDefinitions.ForName(condition.Raw); declared != nil && declared.DefaultValue != nil {
			values[condition.Raw], _ = declared.DefaultValue.Value(nil)
		}
	}
	_, uncovered = s.plan(&graphql.OperationContext{Doc: doc, Operation: operation, Variables: values})
	return uncovered
}

func (s *Schema) choices(doc *ast.QueryDocument, operation *ast.OperationDefinition) *choices {
	return s.plans.of(operation, func() *choices {
		variables, uncovered := conditions(doc, operation)
		return &choices{variables: variables, uncovered: uncovered, plans: map[string]*plan{}}
	})
}

// plan returns the operation's plan, or why there is none.
func (s *Schema) plan(operation *graphql.OperationContext) (p *plan, uncovered string) {
	if operation.Operation.Operation != ast.Query {
		return nil, string(operation.Operation.Operation)
	}
	known := s.choices(operation.Doc, operation.Operation)
	if known.uncovered != "" {
		return nil, known.uncovered
	}
	word, ok := choice(known.variables, operation.Variables)
	if !ok {
		return nil, "conditions"
	}
	return known.plan(s.plans, word, func() (*plan, string) { return s.compile(operation) })
}

func (s *Schema) compile(operation *graphql.OperationContext) (*plan, string) {
	c := &compiler{schema: s, plan: &plan{}, left: maxFields,
		operation: &graphql.OperationContext{Doc: operation.Doc, Variables: operation.Variables}}
	c.plan.root = c.selection(s.table.Objects["Query"], operation.Operation.SelectionSet, false)
	if c.uncovered != "" {
		return nil, c.uncovered
	}
	return c.plan, ""
}
