package endpoint_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"

	"supportgraph/clients/accounts"
	"supportgraph/clients/tickets"
	"supportgraph/graph"
	"supportgraph/graph/model"
)

// These tests show why @defer is refused, on the executor that would have to serve it. When one of them fails, gqlgen has
// mended something: look again whether incremental delivery can be served. One reason cannot be shown without leaving a
// goroutine behind: where the request ends while a part is under way, the part may be given up without a word, and
// whoever waits for it waits for ever (https://github.com/99designs/gqlgen/issues/2771).

// halting answers for a ticket whose requester and account say themselves when they are there.
type halting struct {
	graph.ResolverRoot
	requester func(ctx context.Context) (*accounts.Contact, error)
	account   func(ctx context.Context) (*accounts.Account, error)
}

func (h halting) Query() graph.QueryResolver   { return oneTicket{} }
func (h halting) Ticket() graph.TicketResolver { return ticketOf{halting: h} }

// oneTicket answers the root.
type oneTicket struct{ graph.QueryResolver }

func (oneTicket) Ticket(context.Context, model.GlobalID) (*tickets.Ticket, error) {
	return &tickets.Ticket{}, nil
}

// ticketOf answers the ticket's fields.
type ticketOf struct {
	graph.TicketResolver
	halting halting
}

func (t ticketOf) Requester(ctx context.Context, _ *tickets.Ticket) (*accounts.Contact, error) {
	return t.halting.requester(ctx)
}

func (t ticketOf) Account(ctx context.Context, _ *tickets.Ticket) (*accounts.Account, error) {
	return t.halting.account(ctx)
}

// incremental starts an operation on the ticket as a transport for incremental delivery would; next gives its payloads.
func incremental(t *testing.T, h halting, selection string) (next func() *graphql.Response) {
	t.Helper()
	exec := executor.New(graph.NewExecutableSchema(graph.Config{Resolvers: h}))
	ctx := graphql.StartOperationTrace(t.Context())
	operation, errs := exec.CreateOperationContext(ctx, &graphql.RawParams{Query: `{ticket(id:"` + tickets.ID{}.String() + `"){` + selection + `}}`})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	responses, ctx := exec.DispatchOperation(ctx, operation)
	return func() *graphql.Response { return responses(ctx) }
}

func found(context.Context) (*accounts.Contact, error) { return &accounts.Contact{Name: "Ada"}, nil }
func foundAccount(context.Context) (*accounts.Account, error) {
	return &accounts.Account{Name: "Acme"}, nil
}

// TestDeferredFieldsAreAnsweredWithNull: the first payload has null for what comes later, also where the contract has no
// null. The specification leaves such fields out, so that a client sees that they are still to come.
func TestDeferredFieldsAreAnsweredWithNull(t *testing.T) {
	t.Parallel()
	next := incremental(t, halting{requester: found}, `__typename ...@defer{requester{name}}`)
	if got := string(next().Data); got != `{"ticket":{"__typename":"Ticket","requester":null}}` {
		t.Errorf("the first payload: %s", got)
	}
	if got := string(next().Data); got != `{"requester":{"name":"Ada"}}` {
		t.Errorf("the second payload: %s", got)
	}
}

// TestOverlappingFragmentsLoseAPart: what two deferred fragments share comes with the first of them alone, although the
// format that is written (of August 2022) has each payload whole.
func TestOverlappingFragmentsLoseAPart(t *testing.T) {
	t.Parallel()
	first := make(chan struct{})
	next := incremental(t, halting{requester: found, account: func(ctx context.Context) (*accounts.Account, error) {
		<-first
		return foundAccount(ctx)
	}}, `...@defer(label:"a"){requester{name}} ...@defer(label:"b"){requester{name} account{name}}`)
	next()
	a := next()
	close(first)
	b := next()
	if a.Label != "a" || b.Label != "b" || string(b.Data) != `{"account":{"name":"Acme"}}` {
		t.Errorf("got %s %s and %s %s", a.Label, a.Data, b.Label, b.Data)
	}
}

// TestOneFragmentsFailureIsAnothers: where a field without null fails in one deferred fragment, another one of the same
// object is lost with it.
func TestOneFragmentsFailureIsAnothers(t *testing.T) {
	t.Parallel()
	failed := make(chan struct{})
	next := incremental(t, halting{
		requester: func(context.Context) (*accounts.Contact, error) { return nil, errors.New("it failed") },
		account: func(ctx context.Context) (*accounts.Account, error) {
			<-failed
			return foundAccount(ctx)
		},
	}, `...@defer(label:"a"){requester{name}} ...@defer(label:"b"){account{name}}`)
	next()
	a := next()
	close(failed)
	if b := next(); a.Label != "a" || len(a.Errors) != 1 || b.Label != "b" || string(b.Data) != "null" || len(b.Errors) != 0 {
		t.Errorf("got %s %v and %s %s %v", a.Label, a.Errors, b.Label, b.Data, b.Errors)
	}
}

// TestDeferIsRefusedByName, whatever the caller accepts.
func TestDeferIsRefusedByName(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	for _, accept := range []string{"application/json", "multipart/mixed;deferSpec=20220824, application/json", "multipart/mixed;incrementalSpec=v0.2, application/graphql-response+json"} {
		answer, body := s.send(t, request{body: `{"query":"{...@defer{hello}}"}`, header: map[string]string{"Accept": accept}})
		if !strings.Contains(body, `"code":"UNSUPPORTED_OPERATION"`) || !strings.Contains(body, `"message":"The directive @defer is not served.`) ||
			strings.Contains(body, `"data"`) || !slices.Contains([]int{200, 400}, answer.StatusCode) {
			t.Errorf("%s: %d %s", accept, answer.StatusCode, body)
		}
	}
}
