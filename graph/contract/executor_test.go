package contract_test

import (
	"context"
	"encoding/json"
	"sync/atomic"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"

	"supportgraph/clients/accounts"
	"supportgraph/clients/tickets"
	"supportgraph/graph"
	"supportgraph/graph/auth"
	"supportgraph/graph/contract"
	"supportgraph/graph/model"
)

// root has no resolvers but those of the query.
type root struct{ graph.ResolverRoot }

func (root) Query() graph.QueryResolver { return leaky{} }

// leaky answers like a store that forgot who asks.
type leaky struct{ graph.QueryResolver }

func (leaky) Node(context.Context, model.GlobalID) (model.Node, error) {
	return &tickets.InternalNote{Body: "secret"}, nil
}

func (leaky) Nodes(context.Context, []model.GlobalID) ([]model.Node, error) {
	return []model.Node{&accounts.Account{}, &tickets.InternalNote{Body: "secret"}}, nil
}

// TestWallInTheExecutor runs the generated executor: without the wall it writes what the portal does not have.
func TestWallInTheExecutor(t *testing.T) {
	t.Parallel()
	full, err := contract.Load("../schema")
	if err != nil {
		t.Fatal(err)
	}
	portal := cut(t, full, auth.Portal)
	ask := func(around ...graphql.FieldMiddleware) string {
		t.Helper()
		exec := executor.New(graph.NewExecutableSchema(graph.Config{Schema: portal, Resolvers: root{}}))
		for _, middleware := range around {
			exec.AroundFields(middleware)
		}
		ctx := graphql.StartOperationTrace(t.Context())
		operation, errs := exec.CreateOperationContext(ctx, &graphql.RawParams{
			Query:     `query($id: ID!) { node(id: $id) { __typename } nodes(ids: [$id, $id]) { __typename } }`,
			Variables: map[string]any{"id": tickets.ID{}.String()},
		})
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		responses, ctx := exec.DispatchOperation(ctx, operation)
		response := responses(ctx)
		if len(response.Errors) > 0 {
			t.Fatal(response.Errors)
		}
		return string(json.RawMessage(response.Data))
	}

	open := `{"node":{"__typename":"InternalNote"},"nodes":[{"__typename":"Account"},{"__typename":"InternalNote"}]}`
	if got := ask(); got != open {
		t.Errorf("the executor has no such hole any more; is the wall still needed? %s", got)
	}
	var dropped atomic.Int64 // fields run side by side
	walled := `{"node":null,"nodes":[{"__typename":"Account"},null]}`
	if got := ask(contract.Wall(portal, goName, func(name string) {
		if name == "InternalNote" {
			dropped.Add(1)
		}
	})); got != walled {
		t.Errorf("with the wall: %s", got)
	}
	if dropped.Load() != 2 {
		t.Errorf("%d reports", dropped.Load())
	}
}
