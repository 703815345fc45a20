package contract

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDiff(t *testing.T) {
	t.Parallel()
	lines := func(words string) string { return strings.Join(strings.Fields(words), "\n") }
	for name, test := range map[string]struct{ old, now, want string }{
		"equal":        {"a b c", "a b c", ""},
		"changed":      {"a b c", "a x c", "@@ line 1\n  a\n- b\n+ x\n  c\n"},
		"inserted":     {"a b", "a x b", "@@ line 1\n  a\n+ x\n  b\n"},
		"removed":      {"a x b", "a b", "@@ line 1\n  a\n- x\n  b\n"},
		"from nothing": {"", "a b", "@@ line 1\n- \n+ a\n+ b\n"},
		"moved":        {"a b c", "b c a", "@@ line 1\n- a\n  b\n  c\n+ a\n"},
		"two changes that share their context": {
			"a 1 2 3 4 b", "A 1 2 3 4 B", "@@ line 1\n- a\n+ A\n  1\n  2\n  3\n  4\n- b\n+ B\n",
		},
		"two changes far apart": {
			"a 1 2 3 4 5 6 7 8 b", "A 1 2 3 4 5 6 7 8 B", "@@ line 1\n- a\n+ A\n  1\n  2\n  3\n@@ line 7\n  6\n  7\n  8\n- b\n+ B\n",
		},
	} {
		if changes := cmp.Diff(test.want, diff(lines(test.old), lines(test.now))); changes != "" {
			t.Errorf("%s: %s", name, changes)
		}
	}
	old, now := strings.Repeat("a\n", 3000), strings.Repeat("b\n", 3000) // beyond the table: everything has changed
	if got := strings.Count(diff(old, now), "\n"); got != 6000+2 {
		t.Errorf("%d lines", got)
	}
}
