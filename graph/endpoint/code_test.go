package endpoint_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"supportgraph/graph/endpoint"
	"supportgraph/graph/limits"
)

// TestEveryCodeIsListed holds ERRORS.md to the codes that there are: each of them, no other, and what may be retried.
func TestEveryCodeIsListed(t *testing.T) {
	t.Parallel()
	codes := limits.Codes()
	for _, file := range []string{"code.go", "../auth/error.go", "../model/error.go"} {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, declaration := range parsed.Decls {
			constants, ok := declaration.(*ast.GenDecl)
			if !ok || constants.Tok != token.CONST {
				continue
			}
			ast.Inspect(constants, func(node ast.Node) bool {
				if literal, ok := node.(*ast.BasicLit); ok && literal.Kind == token.STRING {
					if code, err := strconv.Unquote(literal.Value); err == nil {
						codes = append(codes, code)
					}
				}
				return true
			})
		}
	}
	text, err := os.ReadFile("ERRORS.md")
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([A-Z_]+)` \\| [0-9, ]+ \\| (yes|no) \\| .+ \\|$").FindAllStringSubmatch(string(text), -1) {
		listed = append(listed, row[1])
		if retryable := endpoint.Code(row[1]).Retryable(); retryable != (row[2] == "yes") {
			t.Errorf("%s: retryable is %v, but listed as %s", row[1], retryable, row[2])
		}
	}
	slices.Sort(codes)
	slices.Sort(listed)
	if diff := cmp.Diff(slices.Compact(codes), listed); diff != "" {
		t.Error("-in the code +in ERRORS.md", diff)
	}
}
