package resolvers_test

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestNounsHaveTheirPlaces holds the signature of the house: the same noun has the same file name on every floor.
func TestNounsHaveTheirPlaces(t *testing.T) {
	t.Parallel()
	nowhere := map[string]string{ // what a noun does not need, by its reason
		"loaders/schema.go":      "roots and scalars are no noun",
		"clients/*/schema.go":    "roots and scalars are no noun",
		"loaders/status.go":      "a status is a field of its ticket",
		"loaders/ratelimit.go":   "budgets are kept in front of the resolvers, graph/endpoint/budget",
		"clients/*/ratelimit.go": "budgets are kept in front of the resolvers, graph/endpoint/budget",
		"clients/*/viewer.go":    "who asks comes from the token, graph/auth/viewer.go",
	}
	schemas, err := filepath.Glob("../graph/schema/*.graphqls")
	if err != nil || len(schemas) == 0 {
		t.Fatalf("no schema: %v", err)
	}
	for _, schema := range schemas {
		noun := strings.TrimSuffix(filepath.Base(schema), ".graphqls")
		for _, place := range []string{"resolvers/" + noun + ".go", "loaders/" + noun + ".go", "clients/*/" + noun + ".go"} {
			found, err := filepath.Glob("../" + place)
			if err != nil {
				t.Fatal(err)
			}
			if len(found) == 0 && nowhere[place] == "" {
				t.Errorf("%s has no %s", schema, place)
			}
		}
	}
}
