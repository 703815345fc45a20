package contract_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"supportgraph/graph/auth"
	"supportgraph/graph/contract"
)

// TestWrittenContractsAreCurrent compares the committed contracts with the schema.
func TestWrittenContractsAreCurrent(t *testing.T) {
	t.Parallel()
	full, err := contract.Load("../schema")
	if err != nil {
		t.Fatal(err)
	}
	if err := contract.Check(".", full); err != nil {
		t.Errorf("run: go run ./graph/contract/generate\n%v", err)
	}
}

func TestCheckShowsDrift(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	old := load(t, `type Query @p { "First." a: ID @p b: ID @p c: ID @p d: ID @p e: ID @p secret: ID }`)
	if err := contract.Check(dir, old); err == nil || !strings.Contains(err.Error(), "+ type Query {") {
		t.Errorf("nothing written: %v", err)
	}
	if err := contract.Write(dir, old); err != nil {
		t.Fatal(err)
	}
	if err := contract.Check(dir, old); err != nil {
		t.Errorf("just written: %v", err)
	}
	for _, audience := range auth.Audiences {
		text, err := os.ReadFile(filepath.Join(dir, string(audience)+".graphql"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := gqlparser.LoadSchema(&ast.Source{Input: string(text)}); err != nil {
			t.Errorf("%s: %v", audience, err)
		}
	}
	err := contract.Check(dir, load(t, `type Query @p { "First." a: ID @p b: ID @p c: ID @p d: ID @p e: Int @p secret: ID }`))
	if err == nil {
		t.Fatal("a change of the schema was not seen")
	}
	portal, _, _ := strings.Cut(err.Error(), "\n"+filepath.Join(dir, "console.graphql"))
	_, portal, _ = strings.Cut(portal, "\n")
	want := "@@ line 6\n" +
		"    b: ID\n    c: ID\n    d: ID\n" +
		"-   e: ID\n" +
		"+   e: Int\n" +
		"  }\n  \n"
	if diff := cmp.Diff(want, portal); diff != "" {
		t.Error(diff)
	}
}

func TestLoadTellsWhatIsWrong(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := contract.Load(dir); err == nil || !strings.Contains(err.Error(), "no .graphqls file") {
		t.Errorf("empty directory: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "a.graphqls"), []byte("type Query { a: Nothing }"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := contract.Load(dir); err == nil || !strings.Contains(err.Error(), "Nothing") {
		t.Errorf("wrong schema: %v", err)
	}
}
