package resolvers_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/vektah/gqlparser/v2/ast"

	"supportgraph/clients/accounts"
	"supportgraph/clients/sandbox/vendors"
	"supportgraph/graph/auth"
	"supportgraph/graph/contract"
	"supportgraph/graph/endpoint"
	"supportgraph/loaders"
	"supportgraph/resolvers"
)

// customers are the personas who are customers: of a group, of one company, with cases of their own.
var customers = []string{"group", "company", "cases"}

// TestCustomersSeeOnlyTheirs walks the whole contract of customers, as each of them, and holds every byte of every answer
// to what the database says is theirs. What is not walked fails the test: a new field, argument or value comes with it.
func TestCustomersSeeOnlyTheirs(t *testing.T) {
	t.Parallel()
	schema := portal(t)
	var mu sync.Mutex
	walked := map[string]bool{}
	t.Run("as", func(t *testing.T) {
		for _, persona := range customers {
			t.Run(persona, func(t *testing.T) {
				t.Parallel()
				inspected := newInspection(schema, theirsOf(t, theHouse, persona))
				for what, texts := range map[string]int{"contact": 100, "subject": 500, "message": 2000, "canary": 300, "billing": 30, "agent": 12} {
					if found := len(inspected.their.foreign[what]); found < texts {
						t.Errorf("only %d texts to look for by %s: the test looks for nothing", found, what)
					}
				}
				walkAll(t, theHouse, inspected, persona)
				walkPages(t, theHouse, inspected, persona)
				walkBroken(t, inspected, persona)
				report(t, inspected)
				mu.Lock()
				defer mu.Unlock()
				maps.Copy(walked, inspected.walked)
			})
		}
	})
	if missing := unwalked(t, schema, walked); len(missing) > 0 {
		t.Errorf("nobody walked %s", strings.Join(missing, ", "))
	}
}

func portal(t testing.TB) *ast.Schema {
	t.Helper()
	schema, err := contract.Cut(resolvers.Full(), auth.Portal)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func report(t *testing.T, inspected *inspection) {
	t.Helper()
	for n, fault := range inspected.verdict() {
		if n == 10 {
			t.Errorf("and more")
			break
		}
		t.Errorf("%.300s", fault)
	}
}

// walkAll asks every question of the walk, and random ones.
func walkAll(t *testing.T, h *house, inspected *inspection, persona string) {
	t.Helper()
	w := &walk{inspected.schema, stockOf(t, theHouse, "agent"), stockOf(t, theHouse, persona), 3}
	for _, question := range w.questions() {
		if inspected.ask(t, h, persona, operation{query: question}); inspected.first && len(inspected.faults) > 0 && len(inspected.their.leaked(inspected.texts)) > 0 {
			return
		}
	}
	g := newGenerator(inspected.schema, stockOf(t, theHouse, "agent", persona), t.Name())
	for range *operations {
		asked := g.next()
		withTypes(g.document)
		asked.query = write(g.document)
		inspected.ask(t, h, persona, asked)
	}
}

// ask asks one question and inspects what comes.
func (i *inspection) ask(t *testing.T, h *house, persona string, asked operation) answer {
	t.Helper()
	got := h.send(t, h.planned, persona, map[string]any{"query": asked.query, "variables": asked.variables, "extensions": map[string]any{"sources": true}})
	if got.status != http.StatusOK || !strings.HasPrefix(string(got.body), `{"data":`) {
		t.Fatalf("HTTP %d %s to %s", got.status, got.body, asked)
	}
	i.answer(t, asked.query, got.body)
	i.sources(t, got.body)
	return got
}

// walkPages turns every page of the lists at the root, and wants to have seen all that is theirs.
func walkPages(t *testing.T, h *house, inspected *inspection, persona string) {
	t.Helper()
	w := &walk{schema: inspected.schema}
	for list, of := range map[string]string{"tickets": "Ticket", "accounts": "Account"} {
		inspected.seen[of+".id"] = nil
		query := "query Pages($after: Cursor) { list: " + list + "(first: 50, after: $after) { ...All } }\n" +
			"fragment All on " + of + "Connection " + w.all(inspected.schema.Types[of+"Connection"], 1)
		for variables := (map[string]any{}); ; {
			got := inspected.ask(t, h, persona, operation{query, variables})
			var page struct {
				Data struct {
					List struct {
						PageInfo struct {
							HasNextPage bool
							EndCursor   string
						}
					}
				}
			}
			if err := json.Unmarshal(got.body, &page); err != nil {
				t.Fatal(err)
			}
			if !page.Data.List.PageInfo.HasNextPage {
				break
			}
			variables["after"] = page.Data.List.PageInfo.EndCursor
		}
		for id := range inspected.their.shown[of+".id"] {
			if !inspected.seen[of+".id"][id] {
				t.Errorf("%s is theirs and on no page", id)
			}
		}
	}
}

// walkBroken walks the fields of the vendors in houses where those are down, or know nobody.
func walkBroken(t *testing.T, inspected *inspection, persona string) {
	t.Helper()
	w := &walk{inspected.schema, stockOf(t, theHouse, "agent"), stockOf(t, theHouse, persona), 3}
	for _, h := range []*house{
		apart(t, vendors.Fault{Vendor: vendors.Stripe, ErrorRate: 1}, vendors.Fault{Vendor: vendors.Cloudflare, Mode: vendors.HTML},
			vendors.Fault{Vendor: vendors.Statuspage, Mode: vendors.Reset}),
		apart(t, vendors.Fault{Vendor: vendors.Stripe, ErrorRate: 1, Status: 404}),
	} {
		for _, question := range w.questions() {
			if strings.Contains(question, "SourceUnavailable") {
				inspected.ask(t, h, persona, operation{query: question})
			}
		}
	}
}

// withTypes has every place tell its type.
func withTypes(document *ast.QueryDocument) {
	var walk func(ast.SelectionSet) ast.SelectionSet
	walk = func(set ast.SelectionSet) ast.SelectionSet {
		for _, selection := range set {
			switch s := selection.(type) {
			case *ast.Field:
				if len(s.SelectionSet) > 0 {
					s.SelectionSet = walk(s.SelectionSet)
				}
			case *ast.InlineFragment:
				s.SelectionSet = walk(s.SelectionSet)
			}
		}
		return append(ast.SelectionSet{&ast.Field{Alias: "__typename", Name: "__typename"}}, set...)
	}
	for _, operation := range document.Operations {
		operation.SelectionSet = walk(operation.SelectionSet)
	}
	for _, fragment := range document.Fragments {
		fragment.SelectionSet = walk(fragment.SelectionSet)
	}
}

// unwalked is what queries of a contract can name and the walk has not.
func unwalked(t testing.TB, schema *ast.Schema, walked map[string]bool) (missing []string) {
	t.Helper()
	reads, err := contract.Cut(resolvers.Full(), auth.Explorer) // which has all types but those of mutations
	if err != nil {
		t.Fatal(err)
	}
	unseen := []string{
		"FieldEntry", "ParticipantEntry", "RelationEntry", "Redaction", // no ticket of the world has one
		"RateLimit", // nobody counts in this house; TestRateLimit walks it
	}
	for place := range placesOf(schema) {
		if typ, _, _ := strings.Cut(place, "."); !walked[place] && reads.Types[typ] != nil && !slices.Contains(unseen, typ) {
			missing = append(missing, place)
		}
	}
	slices.Sort(missing)
	return missing
}

// TestLeaksAreCaught walks the same contract in houses that are open too wide: each must be caught. So must be a field
// that nobody walks.
func TestLeaksAreCaught(t *testing.T) {
	t.Parallel()
	schema := portal(t)
	for what, widen := range map[string]func(*accounts.Scope){
		"everything as staff": func(s *accounts.Scope) { *s = accounts.Staff },
		"one account more": func(s *accounts.Scope) {
			s.All = append(s.All, theHouse.sandbox.World.Landmarks.Single)
		},
		"cases of others in the own account": func(s *accounts.Scope) { s.All, s.Own = s.Own, nil },
		"the billing of the own account":     func(s *accounts.Scope) { s.Billing = s.Own },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			inspected := newInspection(schema, theirsOf(t, theHouse, "cases"))
			inspected.first = true
			walkAll(t, widened(t, widen), inspected, "cases")
			if len(inspected.faults) == 0 {
				t.Error("no value was found where it may not stand")
			}
			if len(inspected.their.leaked(inspected.texts)) == 0 {
				t.Error("no text was found that belongs to others")
			}
		})
	}
	t.Run("a new field", func(t *testing.T) {
		t.Parallel()
		walked := placesOf(schema)
		grown := portal(t)
		of := grown.Types["Ticket"]
		of.Fields = append(of.Fields, &ast.FieldDefinition{Name: "secret", Type: ast.NamedType("String", nil)})
		if missing := unwalked(t, grown, walked); !slices.Equal(missing, []string{"Ticket.secret"}) {
			t.Errorf("not walked are %q", missing)
		}
	})
}

// widened is the house with a mistake: customers see more than is theirs.
func widened(t *testing.T, widen func(*accounts.Scope)) *house {
	t.Helper()
	var issuers auth.Issuers
	if err := issuers.UnmarshalText([]byte(theHouse.sandbox.Issuers)); err != nil {
		t.Fatal(err)
	}
	verifier, err := auth.NewVerifier(t.Context(), issuers, http.DefaultClient, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	contracts, err := resolvers.Contracts(theHouse.clients, nil, func(auth.Audience, string) {})
	if err != nil {
		t.Fatal(err)
	}
	factory := loaders.NewFactory(theHouse.clients, resolvers.Full())
	prepare := resolvers.Prepare(theHouse.clients, factory)
	wide := *theHouse
	unbound(contracts)
	wide.planned = endpoint.New(endpoint.Config{
		Contracts: contracts,
		Verify:    verifier.Verify,
		Prepare: func(ctx context.Context, viewer *auth.Viewer) (context.Context, error) {
			prepared, err := prepare(ctx, viewer)
			if err != nil {
				return nil, fmt.Errorf("prepare: %w", err)
			}
			who := loaders.From(prepared).Who()
			widen(&who.Scope)
			return factory.With(ctx, who), nil
		},
		Logger:  slog.New(slog.DiscardHandler),
		Metrics: endpoint.NewMetrics(prometheus.NewRegistry()),
	})
	return &wide
}
