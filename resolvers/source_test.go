package resolvers_test

import (
	"io"
	"log/slog"
	"strings"
	"testing"
)

// A house that keeps what the vendors answered asks them once, and says of every value where it came from.
func TestWhatIsKeptCostsNoCalls(t *testing.T) {
	t.Parallel()
	box := *theHouse.sandbox
	keeping(&box.Config)
	house, err := open(&box, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(house.clients.Close)
	const query = `query { accounts(first: 10) { nodes {
		billing { ... on BillingProfile { customerId source { name freshness reason } } }
		zones { ... on ZoneList { totalCount source { name freshness reason } } }
	} } }`
	var before string
	for round, want := range []string{"LIVE", "CACHED"} {
		got := house.ask(t, house.planned, "agent", query, nil)
		text := string(got.body)
		if got.status != 200 || !strings.Contains(text, `"name":"STRIPE","freshness":"`+want+`","reason":null`) ||
			!strings.Contains(text, `"name":"CLOUDFLARE","freshness":"`+want+`","reason":null`) {
			t.Fatalf("round %d: %d %s", round, got.status, text)
		}
		vendors := got.calls.Of("stripe customers.get") + got.calls.Of("cloudflare zones.list") + got.calls.Of("cloudflare zones.sweep")
		if (vendors > 0) != (round == 0) {
			t.Errorf("round %d: calls\n%s", round, got.calls)
		}
		if plain := strings.NewReplacer("LIVE", "", "CACHED", "").Replace(text); before != "" && plain != before {
			t.Errorf("round %d: got %s\nafter %s", round, plain, before)
		} else {
			before = plain
		}
	}
}
