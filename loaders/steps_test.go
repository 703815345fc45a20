package loaders

import "testing"

// TestVendorsAreExplained: a dry run tells of the vendors that are called which one it is, and how many calls there can be.
// A source that only looks at what is there says neither.
func TestVendorsAreExplained(t *testing.T) {
	t.Parallel()
	for _, e := range edges() {
		if (e.service != "") != (e.together > 0) || e.service != "" && !e.vendor {
			t.Errorf("%s.%s: the source %s is of the service %q, %d keys together", e.typ, e.field, e.loader, e.service, e.together)
		}
	}
}

func TestCalls(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ keys, together, want int }{{0, 1, 0}, {1, 1, 1}, {5, 1, 5}, {5, 2000, 1}, {100, 100, 1}, {101, 100, 2}, {1, 0, 1}} {
		if got := calls(test.keys, test.together); got != test.want {
			t.Errorf("%d keys, %d together: %d calls", test.keys, test.together, got)
		}
	}
}
