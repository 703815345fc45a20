// Package resolvers answers the fields of the schema that are no plain fields of a Go type: it reads the arguments, asks
// who, makes one call and returns. Whatever leads to another record goes through the loaders of the request.
package resolvers

import (
	"context"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"supportgraph/clients"
	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
	"supportgraph/graph"
	"supportgraph/graph/auth"
	"supportgraph/graph/compiled"
	"supportgraph/loaders"
)

// Resolver answers for every type of the schema.
type Resolver struct{ clients *clients.All }

// Full returns the whole schema, from which contracts are cut.
func Full() *ast.Schema {
	return graph.NewExecutableSchema(graph.Config{}).Schema()
}

// Schema returns the executable schema of one contract. All contracts share the same code; they differ in what can be
// asked. Queries are compiled; ran is told of each operation why it was not, "" where it was.
// Equal queries of one viewer that are under way at once have one answer; changes counts what parts them.
func Schema(all *clients.All, contract *ast.Schema, ran func(uncovered string), changes *compiled.Changes) graphql.ExecutableSchema {
	config := graph.Config{Schema: contract, Resolvers: &Resolver{all}}
	return compiled.New(compiled.Config{
		Executor: graph.NewExecutableSchema(config),
		Table:    graph.NewTable(config),
		Foreseen: loaders.Foreseen(),
		Observe:  ran,
		Scope:    scope,
		Changes:  changes,
	})
}

// scope names the viewer of a request with all that they may see: whoever has another has other answers.
func scope(ctx context.Context) string {
	viewer, who := auth.From(ctx), loaders.From(ctx).Who()
	// Every field stands here: one that is added to these types must be added to the name, or this does not compile.
	asks := struct {
		Scope accounts.Scope
		Agent *accounts.AgentID
	}(who)
	sees := struct {
		Staff                      bool
		Contact                    accounts.ContactID
		All, Own, Billing, Writing []accounts.ID
	}(asks.Scope)
	name := append(append(make([]byte, 0, 128), viewer.Audience...), ' ')
	name = append(strconv.AppendQuote(name, viewer.Subject), ' ')
	name = strconv.AppendBool(name, sees.Staff)
	if asks.Agent != nil {
		name = append(append(name, " agent "...), asks.Agent.String()...)
	}
	if !sees.Staff {
		name = append(append(name, ' '), sees.Contact.String()...)
		for _, list := range [][]accounts.ID{sees.All, sees.Own, sees.Billing, sees.Writing} {
			name = append(name, ';')
			for _, account := range list {
				name, _ = account.AppendText(append(name, ' ')) // never fails
			}
		}
	}
	return string(name)
}

// UnknownViewer is a viewer whose token is good but who is nobody here, or not any more.
type UnknownViewer struct{}

func (UnknownViewer) Error() string { return "The token is valid, but its bearer has no access here." }

// Code is the error's stable code.
func (UnknownViewer) Code() string { return "VIEWER_UNKNOWN" }

// Prepare returns what gives each request its loaders and with them the scope of its viewer. Customers cost a statement:
// what their memberships open at this moment. The error is UnknownViewer, or that of the database.
func Prepare(all *clients.All, factory *loaders.Factory) func(context.Context, *auth.Viewer) (context.Context, error) {
	return func(ctx context.Context, viewer *auth.Viewer) (context.Context, error) {
		switch viewer.Audience {
		case auth.Portal:
			var contact accounts.ContactID
			if contact.UnmarshalText([]byte(viewer.Subject)) != nil {
				return nil, UnknownViewer{}
			}
			reach, err := postgres.Select(ctx, all.Postgres, accounts.ScopeOf(contact))
			if err != nil {
				return nil, err
			}
			if len(reach) == 0 {
				return nil, UnknownViewer{}
			}
			return factory.With(ctx, loaders.Who{Scope: accounts.NewScope(contact, reach)}), nil
		case auth.Console:
			var agent accounts.AgentID
			if agent.UnmarshalText([]byte(viewer.Subject)) != nil {
				return nil, UnknownViewer{}
			}
			return factory.With(ctx, loaders.Who{Scope: accounts.Staff, Agent: &agent}), nil
		case auth.Explorer:
			return factory.With(ctx, loaders.Who{Scope: accounts.Staff}), nil
		default:
			return nil, UnknownViewer{}
		}
	}
}
