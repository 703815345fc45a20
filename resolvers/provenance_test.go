package resolvers_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"supportgraph/clients/sandbox/vendors"
)

// told is an answer with what it tells of its sources.
type told struct {
	Data       any
	Errors     []any
	Extensions struct {
		Sources []struct {
			Path                 []any
			Source               string
			FetchedAt, Freshness *string
			Age                  *int
			Reason               string
		}
	}
}

func readTold(tb testing.TB, body []byte) (answered told) {
	tb.Helper()
	if err := json.Unmarshal(body, &answered); err != nil {
		tb.Fatalf("%v in %s", err, body)
	}
	return answered
}

// lines are the places and their sources.
func (a told) lines() (lines []string) {
	for _, at := range a.Extensions.Sources {
		line := strings.Trim(fmt.Sprint(at.Path), "[]") + " " + at.Source
		if at.Freshness != nil {
			line += " " + *at.Freshness
		}
		if at.Reason != "" {
			line += " " + at.Reason
		}
		lines = append(lines, line)
	}
	return lines
}

// TestSourcesAreTold asks where the values of an answer came from: by aliases, lists, fragments and conditions.
func TestSourcesAreTold(t *testing.T) {
	t.Parallel()
	const accountsOfTwo = `accounts(text: "Blauwal") { nodes { bill: billing { ...paid } again: billing { __typename } zones { ... on ZoneList { totalCount } } crm @skip(if: true) { __typename } } }`
	const paid = ` fragment paid on BillingResult { ... on BillingProfile { delinquent source { name } } }`
	for _, asked := range []struct {
		what, query string
		want        []string
	}{
		{"aliases, lists and fragments", `{` + accountsOfTwo + `}` + paid, []string{
			"accounts nodes 0 again STRIPE LIVE", "accounts nodes 0 bill STRIPE LIVE", "accounts nodes 0 zones CLOUDFLARE LIVE",
		}},
		{"what is our own", `{viewer{name} tickets(first: 1) {nodes {subject}}}`, nil},
		{"what stands below another source's value", `{accounts(text: "Blauwal") {nodes {crm {... on CrmAccount {name owner {name}}}}}}`, []string{
			"accounts nodes 0 crm SALESFORCE LIVE", "accounts nodes 0 crm owner SALESFORCE LIVE",
		}},
		{"a list that comes from where its parent does", `{accounts(text: "Blauwal") {nodes {vendorTickets {... on VendorTicketList {nodes {subject}}}}}}`, []string{
			"accounts nodes 0 vendorTickets ZENDESK LIVE",
		}},
		{"what an error took with it", `{incidents {__typename} ticketByRef(ref: "T-2900") {account {billing {__typename} tickets(first: 0) {nodes {id}}}}}`, []string{
			"incidents STATUSPAGE CACHED",
		}},
		{"nothing that is left", `{incidents {__typename} tickets(first: 0) {nodes {id}}}`, nil},
	} {
		t.Run(asked.what, func(t *testing.T) {
			t.Parallel()
			got := theHouse.send(t, theHouse.planned, "agent", map[string]any{"query": asked.query, "extensions": map[string]any{"sources": true}})
			answered := readTold(t, got.body)
			if diff := cmp.Diff(asked.want, answered.lines()); diff != "" {
				t.Errorf("(-want +got):\n%s\nof %s", diff, got.body)
			}
			if !strings.Contains(string(got.body), `"extensions":{"sources":[`) {
				t.Errorf("nothing is told in %s", got.body)
			}
			for _, at := range answered.Extensions.Sources {
				if at.FetchedAt == nil || at.Age == nil || *at.Age < 0 || *at.Age > 600 {
					t.Errorf("%v has no time, or no age", at.Path)
				}
			}
		})
	}
}

// TestBrokenSourcesAreTold asks while vendors are down: why there is no value is told in its place.
func TestBrokenSourcesAreTold(t *testing.T) {
	t.Parallel()
	h := apart(t, vendors.Fault{Vendor: vendors.Stripe, ErrorRate: 1, Status: 503})
	got := h.send(t, h.planned, "agent", map[string]any{
		"query": `{accounts(text: "Blauwal") {nodes {billing {__typename} zones {__typename}}}}`, "extensions": map[string]any{"sources": true},
	})
	want := []string{"accounts nodes 0 billing STRIPE UNAVAILABLE", "accounts nodes 0 zones CLOUDFLARE LIVE"}
	if diff := cmp.Diff(want, readTold(t, got.body).lines()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestSourcesAreAskedFor asks in every way in which they can be asked for, and not.
func TestSourcesAreAskedFor(t *testing.T) {
	t.Parallel()
	const query = `{"query": "{incidents {__typename}}"`
	for _, asked := range []struct {
		what, body, header string
		status             int
		told               bool
	}{
		{"not", query + `}`, "", 200, false},
		{"by the request", query + `, "extensions": {"sources": true}}`, "", 200, true},
		{"by the header", query + `}`, "1", 200, true},
		{"by both", query + `, "extensions": {"sources": true}}`, "1", 200, true},
		{"no, in so many words", query + `, "extensions": {"sources": false}}`, "", 200, false},
		{"with null", query + `, "extensions": {"sources": null, "other": 1}}`, "", 200, false},
		{"with a word", query + `, "extensions": {"sources": "true"}}`, "", 400, false},
	} {
		t.Run(asked.what, func(t *testing.T) {
			t.Parallel()
			request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", strings.NewReader(asked.body))
			request.Header.Set("Content-Type", "application/json")
			request.Header.Set("Authorization", "Bearer "+theHouse.tokens["company"])
			if asked.header != "" {
				request.Header.Set("Support-Graph-Sources", asked.header)
			}
			recorder := httptest.NewRecorder()
			theHouse.planned.ServeHTTP(recorder, request)
			if recorder.Code != asked.status || strings.Contains(recorder.Body.String(), `"sources":[{"path":["incidents"],"source":"STATUSPAGE"`) != asked.told ||
				!asked.told && strings.Contains(recorder.Body.String(), `"sources":`) {
				t.Errorf("HTTP %d %s", recorder.Code, recorder.Body)
			}
		})
	}
}

// sources holds what an answer tells of its sources to what it holds: every place is in the answer, every source in the
// contract, and every value that says itself where it came from is told of.
func (i *inspection) sources(tb testing.TB, body []byte) {
	tb.Helper()
	answered := readTold(tb, body)
	told := map[string]string{} // the source by its place
	for _, at := range answered.Extensions.Sources {
		place, data := "", answered.Data
		for _, step := range at.Path {
			place += fmt.Sprintf("/%v", step)
			switch step := step.(type) {
			case string:
				object, _ := data.(map[string]any)
				data = object[step]
			case float64:
				if list, _ := data.([]any); int(step) < len(list) {
					data = list[int(step)]
				} else {
					data = nil
				}
			}
		}
		told[place] = at.Source
		if data == nil {
			i.fault("%s is told of and not in the answer", place)
		}
		if i.schema.Types["SourceName"].EnumValues.ForName(at.Source) == nil {
			i.fault("%s is said to come from %s, which the contract does not have", place, at.Source)
		}
	}
	i.carried("", "", answered.Data, told)
}

// carried looks for values that say where they came from; above is what is told of the places over them.
func (i *inspection) carried(place, above string, data any, told map[string]string) {
	if source := told[place]; source != "" {
		above = source
	}
	switch data := data.(type) {
	case []any:
		for n, element := range data {
			i.carried(fmt.Sprintf("%s/%d", place, n), above, element, told)
		}
	case map[string]any:
		for key, value := range data {
			if object, ok := value.(map[string]any); ok && (key == "source" || strings.HasSuffix(key, "_source")) && !slices.Contains([]any{nil, above}, object["name"]) {
				i.fault("%s comes from %v, and is told to come from %q", place, object["name"], above)
			}
			i.carried(place+"/"+key, above, value, told)
		}
	}
}

// BenchmarkSources is the inbox with its sources told, and not.
func BenchmarkSources(b *testing.B) {
	screen := inboxScreen()
	for name, extensions := range map[string]map[string]any{"off": nil, "on": {"sources": true}} {
		body, err := json.Marshal(map[string]any{"query": screen.query, "variables": screen.of(50), "extensions": extensions})
		if err != nil {
			b.Fatal(err)
		}
		visit := theHouse.visit(b, theHouse.planned, http.MethodPost, "/graphql", body)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if visit.serve(b.Context()); visit.status != http.StatusOK { // its times change its length
					b.Fatal(visit.status)
				}
			}
		})
	}
}
