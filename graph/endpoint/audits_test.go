package endpoint_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// audits is how many audits the pinned version of graphql-http has.
const audits = 61

// TestAudits holds the endpoint, with its limits on, to what the GraphQL-over-HTTP specification says a server must,
// should and may do, by the audits of graphql-http.
func TestAudits(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("skipped: the GraphQL-over-HTTP audits need node, which is not installed")
	}
	if _, err := os.Stat("testdata/audits/node_modules/graphql-http"); err != nil {
		t.Skip("skipped: the GraphQL-over-HTTP audits are not installed; with npm, make audits installs them")
	}
	s := serve(t, nil)
	audit := exec.CommandContext(t.Context(), "node", "audit.mjs", s.URL+"/graphql")
	audit.Dir = "testdata/audits"
	audit.Env = append(os.Environ(), "TOKEN=console")
	var faults strings.Builder
	audit.Stderr = &faults
	results, err := audit.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, faults.String())
	}
	lines := strings.Split(strings.TrimSpace(string(results)), "\n")
	if len(lines) != audits {
		t.Errorf("%d audits were asked, want %d", len(lines), audits)
	}
	for _, line := range lines {
		if !strings.HasPrefix(line, "ok\t") {
			t.Error(line)
		}
	}
}
