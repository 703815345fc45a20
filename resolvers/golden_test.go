package resolvers_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"supportgraph/clients/sandbox/vendors"
)

var update = flag.Bool("update", false, "write the goldens anew from what is answered now")

// TestGoldens asks what each file of testdata holds: a sentence, the viewer, the query and perhaps its variables, the whole
// answer, and the calls to each source that it took. A file with sizes is asked for a page of each: answer and calls are
// those of the first, and no page, however large, takes more than the calls under "most": one for each source and level.
// A page that leads to nobody new on some level takes fewer. Stripe is asked once for each distinct customer. A file with
// faults is asked of a house whose vendors have them.
func TestGoldens(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no goldens: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			golden(t, file)
		})
	}
}

func golden(t *testing.T, file string) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]string{}
	for _, part := range archive.Files {
		parts[part.Name] = string(part.Data)
	}
	variables := map[string]any{}
	if text, ok := parts["variables.json"]; ok {
		if err := json.Unmarshal([]byte(text), &variables); err != nil {
			t.Fatal(err)
		}
	}
	h := theHouse
	if text, ok := parts["faults.json"]; ok {
		var faults []vendors.Fault
		if err := json.Unmarshal([]byte(text), &faults); err != nil {
			t.Fatal(err)
		}
		h = apart(t, faults...)
	}
	sizes := strings.Fields(parts["sizes"])
	if len(sizes) == 0 {
		sizes = []string{""}
	}
	var shown, calls string
	for i, size := range sizes {
		if size != "" {
			variables["first"] = json.Number(size)
		}
		got := h.ask(t, h.planned, strings.TrimSpace(parts["viewer"]), parts["query.graphql"], variables)
		if more := beyond(got.calls.String(), parts["most"]); size != "" && more != "" {
			t.Errorf("a page of %s takes more calls than one for each source and level:\n%s", size, more)
		}
		if i > 0 {
			continue
		}
		shown, calls = indent(t, got.body), got.calls.String()
		if got.status != 200 {
			shown = fmt.Sprintf("HTTP %d\n%s", got.status, shown)
		}
	}
	if *update {
		set(archive, "answer.json", shown)
		set(archive, "calls", calls)
		if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(parts["answer.json"], shown); diff != "" {
		t.Errorf("the answer differs (-golden +answer):\n%s", diff)
	}
	if diff := cmp.Diff(parts["calls"], calls); diff != "" {
		t.Errorf("the calls differ (-golden +made):\n%s", diff)
	}
}

// beyond lists the calls, by source and operation, of which there are more than the bound has.
func beyond(calls, bound string) string {
	count := func(calls string) map[string]int {
		counts := map[string]int{}
		for line := range strings.Lines(calls) {
			var source, op string
			var n int
			if _, err := fmt.Sscan(line, &source, &op, &n); err == nil {
				counts[source+" "+op] = n
			}
		}
		return counts
	}
	var more strings.Builder
	bounds := count(bound)
	for name, n := range count(calls) {
		if n > bounds[name] {
			fmt.Fprintf(&more, "%s %d, not %d\n", name, n, bounds[name])
		}
	}
	return more.String()
}

func set(archive *txtar.Archive, name, data string) {
	for i := range archive.Files {
		if archive.Files[i].Name == name {
			archive.Files[i].Data = []byte(data)
			return
		}
	}
	archive.Files = append(archive.Files, txtar.File{Name: name, Data: []byte(data)})
}

func indent(t *testing.T, body []byte) string {
	t.Helper()
	var out bytes.Buffer
	if err := json.Indent(&out, body, "", "  "); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	return out.String() + "\n"
}
