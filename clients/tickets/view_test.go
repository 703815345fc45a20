package tickets_test

import (
	"testing"

	"supportgraph/clients/tickets"
)

// TestManyLists reads and counts many lists at once: each as if it were read alone.
func TestManyLists(t *testing.T) {
	t.Parallel()
	for name, scope := range scopes(t) {
		var lists []tickets.List
		for _, filter := range simple() {
			list := tickets.List{Filter: filter, Order: orders[len(lists)%len(orders)], First: 3, Me: &world.Agents[0].ID}
			if len(lists)%2 == 0 {
				if first := read(t, pool, tickets.Page(scope, list)); len(first) > 1 {
					list.After = new(list.Order.Cursor(first[1]))
				}
			}
			lists = append(lists, list)
		}
		got := make([][]tickets.ID, len(lists))
		for _, listed := range read(t, pool, tickets.OfLists(scope, lists)) {
			got[listed.Index] = append(got[listed.Index], listed.ID)
		}
		counts := read(t, pool, tickets.Counts(scope, lists))
		for i, list := range lists {
			want := keys(read(t, pool, tickets.Page(scope, list)))
			if diff := differ(want, append([]tickets.ID{}, got[i]...)); diff != "" {
				t.Errorf("%s, list %d: %s", name, i, diff)
			}
			list.First = len(cases)
			all := len(read(t, pool, tickets.Page(scope, list)))
			if counts[i].Index != i || counts[i].Count != min(all, tickets.MaxCount) || counts[i].Exact != (all <= tickets.MaxCount) {
				t.Errorf("%s, list %d: counted %+v of %d", name, i, counts[i], all)
			}
		}
	}
}
