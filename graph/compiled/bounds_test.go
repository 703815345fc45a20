package compiled_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"

	"supportgraph/clients/accounts"
	"supportgraph/graph"
	"supportgraph/graph/compiled"
)

// teams answers Query.teams with so many, and Team.agents by a function.
func teams(count int, agents func(ctx context.Context) error, limit int) (*executor.Executor, *[]string) {
	var uncovered []string
	config := graph.Config{Resolvers: hooked{func(ctx context.Context, object, _ string, _ any, _ []any, v any) error {
		switch v := v.(type) {
		case *[]*accounts.Team:
			for range count {
				*v = append(*v, &accounts.Team{Name: "Support"})
			}
			return nil
		case *[]*accounts.Agent:
			*v = []*accounts.Agent{}
			return agents(ctx)
		default:
			return errors.New("nobody asks for " + object)
		}
	}}}
	e := executor.New(compiled.New(compiled.Config{
		Executor:  graph.NewExecutableSchema(config),
		Table:     graph.NewTable(config),
		Foreseen:  func(string, string) bool { return true },
		Observe:   func(why string) { uncovered = append(uncovered, why) },
		MaxAnswer: limit,
	}))
	return e, &uncovered
}

func dispatch(t *testing.T, ctx context.Context, e *executor.Executor, query string) *graphql.Response {
	t.Helper()
	ctx = graphql.StartOperationTrace(ctx)
	operation, faults := e.CreateOperationContext(ctx, &graphql.RawParams{Query: query})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	next, ctx := e.DispatchOperation(ctx, operation)
	response := next(ctx)
	if response != nil && next(ctx) != nil {
		t.Error("there is a second answer")
	}
	return response
}

// TestCallerLeaves ends the context while a list is written: no further element is asked for.
func TestCallerLeaves(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	asked := 0
	e, _ := teams(100, func(context.Context) error {
		if asked++; asked == 3 {
			cancel()
		}
		return nil
	}, 0)
	operation, _ := e.CreateOperationContext(graphql.StartOperationTrace(ctx), &graphql.RawParams{Query: `{teams {name agents {name}}}`})
	next, inner := e.DispatchOperation(ctx, operation)
	response := next(inner)
	if asked != 3 || string(response.Data) != "null" || len(response.Errors) != 1 || !errors.Is(response.Errors[0], context.Canceled) {
		t.Errorf("%d were asked, answered %s and %v", asked, response.Data, response.Errors)
	}
}

// TestDeadlinePasses has the deadline pass while a list is written: what needs nobody is answered all the same.
func TestDeadlinePasses(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	e, _ := teams(3, func(context.Context) error { cancel(context.DeadlineExceeded); return nil }, 0)
	operation, _ := e.CreateOperationContext(graphql.StartOperationTrace(ctx), &graphql.RawParams{Query: `{teams {name agents {name}}}`})
	next, inner := e.DispatchOperation(ctx, operation)
	if response := next(inner); strings.Count(string(response.Data), "Support") != 3 || len(response.Errors) > 0 {
		t.Errorf("answered %s and %v", response.Data, response.Errors)
	}
}

// TestAnswerTooLarge asks for more than the bound: the answer is an error, by its code.
func TestAnswerTooLarge(t *testing.T) {
	t.Parallel()
	e, _ := teams(1000, func(context.Context) error { return nil }, 2000)
	response := dispatch(t, t.Context(), e, `{teams {name agents {name}}}`)
	if string(response.Data) != "null" || len(response.Errors) != 1 || !errors.As(response.Errors[0], &compiled.TooLarge{}) {
		t.Errorf("answered %s and %v", response.Data, response.Errors)
	}
}

// TestResolverPanics has a resolver panic for each element: each has an error on its path, and null as far as it must go.
func TestResolverPanics(t *testing.T) {
	t.Parallel()
	e, _ := teams(2, func(context.Context) error { panic("nobody expected this") }, 0)
	e.SetRecoverFunc(func(_ context.Context, caught any) error { return errors.New(caught.(string)) })
	response := dispatch(t, t.Context(), e, `{teams {name agents {name}}}`)
	if string(response.Data) != "null" || len(response.Errors) != 2 || response.Errors[1].Path.String() != "teams[1].agents" {
		t.Errorf("answered %s and %v", response.Data, response.Errors)
	}
}

// TestFieldContextWhileAsked lets a resolver ask which field it answers.
func TestFieldContextWhileAsked(t *testing.T) {
	t.Parallel()
	var paths []string
	e, _ := teams(2, func(ctx context.Context) error {
		field := graphql.GetFieldContext(ctx)
		paths = append(paths, field.Path().String()+" "+field.Object+"."+field.Field.Name)
		return nil
	}, 0)
	dispatch(t, t.Context(), e, `{all: teams {staff: agents {name}}}`)
	if len(paths) != 2 || paths[1] != "all[1].staff Team.agents" {
		t.Errorf("the paths are %q", paths)
	}
}

// TestWhatIsNotCompiled names the reasons for which gqlgen's executor runs an operation.
func TestWhatIsNotCompiled(t *testing.T) {
	t.Parallel()
	e, uncovered := teams(1, func(context.Context) error { return nil }, 0)
	e.SetDefaultRulesFn(nil)
	for query, want := range map[string]string{
		`{teams {name}}`:                                          "",
		`{__schema {queryType {name}}}`:                           "introspection",
		`{teams {name ... @defer {description}}}`:                 "defer",
		`{teams {` + strings.Repeat("name a: name ", 3) + `id}}`:  "",
		`{teams {` + aliases(2001) + `}}`:                         "size",
		`query($v: Boolean!) {teams {name @skip(if: $v) id}}`:     "conditions",
		`query($v: Boolean!=true) {teams {name @skip(if:$v) id}}`: "",
	} {
		*uncovered = nil
		operation, faults := e.CreateOperationContext(graphql.StartOperationTrace(t.Context()), &graphql.RawParams{Query: query})
		if len(faults) > 0 && want != "conditions" {
			t.Fatalf("%s: %v", query, faults)
		}
		if want == "conditions" { // validation refuses it; whoever comes by another way meets the executor's panic
			operation.Variables = map[string]any{}
		}
		func() {
			defer func() { _ = recover() }()
			next, ctx := e.DispatchOperation(t.Context(), operation)
			next(ctx)
		}()
		if len(*uncovered) != 1 || (*uncovered)[0] != want {
			t.Errorf("%.60s: not compiled because of %q, want %q", query, *uncovered, want)
		}
	}
}

func aliases(count int) string {
	var b strings.Builder
	for n := range count {
		b.WriteString(" a" + strings.Repeat("b", n%40) + string(rune('a'+n/40%26)) + string(rune('a'+n/1040)) + ":name")
	}
	return b.String()
}
