package resolvers_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

// TestExplanations holds what each file of testdata/explain is told: its query is asked with the header as its viewer, and
// extensions.explain and the calls that were made are those of the file. Times are left out, for they vary.
func TestExplanations(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/explain/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no goldens: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			parts := map[string]string{}
			for _, part := range archive.Files {
				parts[part.Name] = string(part.Data)
			}
			body := `{"query":` + quoted(parts["query.graphql"]) + `}`
			answer, calls := theHouse.post(t, theHouse.planned, strings.TrimSpace(parts["viewer"]), body,
				map[string]string{"Support-Graph-Explain": strings.TrimSpace(parts["explain"])})
			told, data := explained(t, answer.Body.Bytes())
			if ids := globalID.Find(told); ids != nil {
				t.Errorf("it names %s", ids)
			}
			if strings.TrimSpace(parts["explain"]) == "dryRun" && string(data) != "null" {
				t.Errorf("a dry run answers %s", data)
			}
			if *update {
				set(archive, "explain.json", string(told))
				set(archive, "calls", calls.String())
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(parts["explain.json"], string(told)); diff != "" {
				t.Errorf("(-golden +told):\n%s", diff)
			}
			if diff := cmp.Diff(parts["calls"], calls.String()); diff != "" {
				t.Errorf("the calls differ (-golden +made):\n%s", diff)
			}
		})
	}
}

// explained is extensions.explain of an answer without its times, and the data beside it.
func explained(t *testing.T, body []byte) (told, data []byte) {
	t.Helper()
	var answer struct {
		Data       json.RawMessage
		Extensions struct{ Explain map[string]any }
	}
	if err := json.Unmarshal(body, &answer); err != nil || answer.Extensions.Explain == nil {
		t.Fatalf("nothing is explained: %v in %.500s", err, body)
	}
	timeless(answer.Extensions.Explain)
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(answer.Extensions.Explain); err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), answer.Data
}

// timeless leaves out what varies: times, and who waited.
func timeless(value any) {
	switch v := value.(type) {
	case map[string]any:
		delete(v, "waits")
		for key, member := range v {
			if strings.HasSuffix(key, "Ms") {
				delete(v, key)
			}
			timeless(member)
		}
	case []any:
		for _, item := range v {
			timeless(item)
		}
	}
}

// TestCustomersGetNoExplanation: to ask for one means nothing, wherever it is asked, and the answer is the same to the byte.
func TestCustomersGetNoExplanation(t *testing.T) {
	t.Parallel()
	const query = `{"query":"{ tickets(first: 3) { nodes { ref requester { name } account { billing { __typename } } } } }"`
	for _, persona := range customers {
		plain, calls := theHouse.post(t, theHouse.planned, persona, query+"}", nil)
		for _, asked := range []struct{ body, header string }{
			{query + "}", "true"},
			{query + "}", "dryRun"},
			{query + "}", "nonsense"},
			{query + `,"extensions":{"explain":true}}`, ""},
			{query + `,"extensions":{"explain":"dryRun"}}`, ""},
			{query + `,"extensions":{"explain":{"all":1}}}`, "true"},
		} {
			got, made := theHouse.post(t, theHouse.planned, persona, asked.body, map[string]string{"Support-Graph-Explain": asked.header})
			if got.Code != http.StatusOK || got.Body.String() != plain.Body.String() || made.String() != calls.String() {
				t.Errorf("%s, %+v: %d %s", persona, asked, got.Code, got.Body)
			}
		}
	}
}

// TestExplanationIsAskedForInEitherPlace, and nothing else will do.
func TestExplanationIsAskedForInEitherPlace(t *testing.T) {
	t.Parallel()
	const query = `{"query":"{ viewer { name } }"`
	for _, test := range []struct {
		body, header string
		explained    bool
		status       int
	}{
		{query + "}", "true", true, 200},
		{query + "}", "", false, 200},
		{query + "}", "false", false, 200},
		{query + "}", "yes", false, 400},
		{query + `,"extensions":{"explain":true}}`, "", true, 200},
		{query + `,"extensions":{"explain":false}}`, "true", false, 200},
		{query + `,"extensions":{"explain":"dryRun"}}`, "", true, 200},
		{query + `,"extensions":{"explain":1}}`, "", false, 400},
	} {
		got, _ := theHouse.post(t, theHouse.planned, "engineer", test.body, map[string]string{"Support-Graph-Explain": test.header})
		if got.Code != test.status || strings.Contains(got.Body.String(), `"explain":{`) != test.explained {
			t.Errorf("%+v: %d %s", test, got.Code, got.Body)
		}
	}
}
