package resolvers_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"supportgraph/graph"
	"supportgraph/graph/auth"
	"supportgraph/graph/compiled"
	"supportgraph/graph/contract"
	documents "supportgraph/graph/operations"
	"supportgraph/loaders"
	"supportgraph/resolvers"
)

// TestTableCoversTheSchema holds the generated table to the schema: each field of each object is in it, and is written,
// or named with the reason. Nothing of this is kept by hand.
func TestTableCoversTheSchema(t *testing.T) {
	t.Parallel()
	schema := resolvers.Full()
	table := graph.NewTable(graph.Config{Schema: schema, Resolvers: &resolvers.Resolver{}})
	foreseen := loaders.Foreseen()
	for name, def := range schema.Types {
		switch {
		case strings.HasPrefix(name, "__") || def == schema.Mutation || def == schema.Subscription:
		case def.IsAbstractType():
			for _, member := range schema.GetPossibleTypes(def) {
				if !slices.ContainsFunc(table.Abstracts[name], func(m compiled.Member) bool { return m.Object == member.Name }) {
					t.Errorf("the table has no %s as %s", member.Name, name)
				}
			}
		case def.IsCompositeType():
			for _, field := range def.Fields {
				if strings.HasPrefix(field.Name, "__") {
					continue
				}
				known, ok := table.Objects[name].Fields[field.Name]
				switch {
				case !ok:
					t.Errorf("the table has no %s.%s", name, field.Name)
				case known.NonNull != field.Type.NonNull || known.Type != field.Type.Name() || (known.Arguments != nil) != (len(field.Arguments) > 0):
					t.Errorf("the table has %s.%s as another type", name, field.Name)
				case known.Uncovered != "":
					t.Logf("%s.%s runs in gqlgen's executor: %s", name, field.Name, known.Uncovered)
				case known.Write == nil:
					t.Errorf("the table does not say how to write %s.%s", name, field.Name)
				case known.Resolver && !foreseen(name, field.Name) && def != schema.Query:
					t.Logf("%s.%s runs in gqlgen's executor below lists: no edge leads there", name, field.Name)
				}
			}
		}
	}
}

// TestTrustedDocumentsAreCompiled counts the selections of the documents that the apps ask for: 95 of a hundred must be
// compiled. Mutations are not.
func TestTrustedDocumentsAreCompiled(t *testing.T) {
	t.Parallel()
	library, err := documents.Load(documents.BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	all, covered := 0, 0
	for _, audience := range []auth.Audience{auth.Portal, auth.Console} {
		contract, err := contract.Cut(resolvers.Full(), audience)
		if err != nil {
			t.Fatal(err)
		}
		schema := resolvers.Schema(theHouse.clients, contract, func(string) {}, nil).(*compiled.Schema)
		for named := range library.Documents(audience) {
			document := parsed(t, contract, named.Text)
			for _, operation := range document.Operations {
				fields := 0
				walkDocument(&ast.QueryDocument{Operations: ast.OperationList{operation}, Fragments: document.Fragments}, func(place string) {
					if !strings.Contains(place, "(") {
						fields++
					}
				})
				all += fields
				switch uncovered := schema.Compile(document, operation); {
				case uncovered == "":
					covered += fields
				case operation.Operation != ast.Mutation:
					t.Errorf("%s of %s runs in gqlgen's executor: %s", operation.Name, audience, uncovered)
				default:
					all -= fields
					t.Logf("%s of %s is a mutation", operation.Name, audience)
				}
			}
		}
	}
	t.Logf("%d of %d selections are compiled", covered, all)
	if all == 0 || covered*100 < all*95 {
		t.Errorf("%d of %d selections are compiled", covered, all)
	}
}
