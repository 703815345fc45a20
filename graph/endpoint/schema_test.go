package endpoint_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"supportgraph/clients/upstream"
	"supportgraph/graph/endpoint"
)

// The contracts of these tests: the console's has one field more than the portal's.
const (
	portalSDL = `
		directive @listSize(slicingArguments: [String!], requireOneSlicingArgument: Boolean! = true) on FIELD_DEFINITION
		type Query {
			hello(name: String = "you", kind: Kind, ids: [Int!]): String
			item(id: ID!): String
			items(first: Int = 10): [String!]
			fail(how: String!): String
			panic: String
			must: String!
			wait: String
			old(by: Age @deprecated(reason: "Use none. Removed after 2027-01-31.")): String @deprecated(reason: "Use hello. Removed after 2027-01-31.")
			things(first: Int! = 10): [Thing!] @listSize(slicingArguments: ["first"])
			rateLimit(dryRun: Boolean! = false): Thing
		}
		type Thing { name: String }
		enum Age { NEW OLD @deprecated(reason: "Use NEW. Removed after 2027-01-31.") }
		enum Kind { ONE TWO }
	`
	rateLimit  = "rateLimit"
	consoleSDL = portalSDL + ` extend type Query { note: String } type Mutation { hello(name: String): String }`
)

// probe is a tiny executable schema, walked by gqlgen's own field resolution as generated code is.
type probe struct {
	schema *ast.Schema
	// waiting is told when the field wait has begun; it ends with its context.
	waiting chan struct{}
}

func newProbe(sdl string) *probe {
	return &probe{
		schema:  gqlparser.MustLoadSchema(&ast.Source{Name: "probe.graphqls", Input: sdl}),
		waiting: make(chan struct{}, 16),
	}
}

func (p *probe) Schema() *ast.Schema { return p.schema }

func (p *probe) Complexity(context.Context, string, string, int, map[string]any) (int, bool) {
	return 0, false
}

func (p *probe) Exec(ctx context.Context) graphql.ResponseHandler {
	operation := graphql.GetOperationContext(ctx)
	return func(ctx context.Context) *graphql.Response {
		selected := graphql.CollectFields(operation, operation.Operation.SelectionSet, []string{"Query"})
		out := graphql.NewFieldSet(selected)
		ctx = graphql.WithFieldContext(ctx, &graphql.FieldContext{Object: "Query"})
		for i, field := range selected {
			ctx := graphql.WithRootFieldContext(ctx, &graphql.RootFieldContext{Object: field.Name, Field: field})
			if out.Values[i] = p.field(ctx, operation, field); out.Values[i] == graphql.Null && field.Name == "must" {
				out.Invalids++
			}
		}
		out.Dispatch(ctx)
		data := []byte("null")
		if out.Invalids == 0 {
			var text bytes.Buffer
			out.MarshalGQL(&text)
			data = text.Bytes()
		}
		return &graphql.Response{Data: data}
	}
}

func (p *probe) field(ctx context.Context, operation *graphql.OperationContext, field graphql.CollectedField) graphql.Marshaler {
	return graphql.ResolveField(ctx, operation, field,
		func(ctx context.Context, field graphql.CollectedField) (*graphql.FieldContext, error) {
			fc := &graphql.FieldContext{Object: "Query", Field: field, IsResolver: true}
			ctx = graphql.WithFieldContext(ctx, fc)
			var err error
			if fc.Args, err = arguments(ctx, field.ArgumentMap(operation.Variables)); err != nil {
				operation.Error(ctx, err)
			}
			return fc, err
		},
		func(ctx context.Context) (any, error) { return p.resolve(ctx, graphql.GetFieldContext(ctx)) },
		nil,
		func(_ context.Context, _ ast.SelectionSet, v string) graphql.Marshaler {
			if field.Name == "things" || field.Name == rateLimit {
				return graphql.WriterFunc(func(w io.Writer) { _, _ = io.WriteString(w, v) })
			}
			return graphql.MarshalString(v)
		},
		true, field.Name == "must")
}

// arguments reads the argument id as a global ID, as generated code reads it with a model's UnmarshalGQL.
func arguments(ctx context.Context, raw map[string]any) (map[string]any, error) {
	id, err := graphql.ProcessArgField(ctx, raw, "id", func(ctx context.Context, value any) (string, error) {
		id := fmt.Sprint(value)
		switch {
		case strings.HasPrefix(id, "tkt_"):
			return id, nil
		case strings.HasPrefix(id, "odd_"):
			return "", graphql.ErrorOnPath(ctx, fmt.Errorf("uuid: incorrect length %d in %s", len(id), id))
		default:
			return "", graphql.ErrorOnPath(ctx, spoken{code: "INVALID_ID", message: "This is not the ID of a ticket."})
		}
	})
	if err != nil {
		return nil, err
	}
	if raw["id"] != nil {
		raw["id"] = id
	}
	return raw, nil
}

func (p *probe) resolve(ctx context.Context, fc *graphql.FieldContext) (any, error) {
	switch fc.Field.Name {
	case "hello":
		return fmt.Sprintf("hello %v", fc.Args["name"]), nil
	case "item":
		return fc.Args["id"], nil
	case "note":
		return "internal", nil
	case "things":
		return `[{"name":"a"},{"name":null},null]`, nil
	case rateLimit:
		told, err := json.Marshal(endpoint.RateLimit(ctx))
		return string(told), err
	case "items":
		return nil, spoken{code: "INVALID_PAGE_SIZE", message: "Ask for 1 to 100.", argument: "first"}
	case "fail":
		return nil, failures(fc.Args["how"].(string))
	case "panic":
		panic("secret of the panic")
	case "wait":
		p.waiting <- struct{}{}
		<-ctx.Done()
		return nil, fmt.Errorf("tickets.page: %w", ctx.Err())
	default:
		return nil, nil
	}
}

// failures are what resolvers run into.
func failures(how string) error {
	switch how {
	case "sql":
		return errors.New(`ERROR: relation "secret_table" does not exist (SQLSTATE 42P01)`)
	case "slow":
		return fmt.Errorf("tickets.page: %w", &pgconn.PgError{Code: "57014", Message: "canceling statement due to statement timeout"})
	case "shutdown":
		return fmt.Errorf("tickets.page: %w", &pgconn.PgError{Code: "57P01", Message: "terminating connection"})
	case "library":
		return spoken{code: "42P01", message: "secret_table is missing"}
	case "dial":
		return &url.Error{Op: "Get", URL: "http://secret.internal:5432", Err: errors.New("connection refused")}
	case "vendor":
		return fmt.Errorf("billing: %w", &upstream.Error{Service: "stripe", Op: "customers.get", Reason: upstream.Timeout})
	case "forbidden":
		return fmt.Errorf("secret context: %w", spoken{code: "FORBIDDEN", message: "Only the account's admins may see this."})
	default:
		return nil
	}
}

// spoken is an error that was written for viewers.
type spoken struct{ code, message, argument string }

func (s spoken) Error() string    { return s.message }
func (s spoken) Code() string     { return s.code }
func (s spoken) Argument() string { return s.argument }
