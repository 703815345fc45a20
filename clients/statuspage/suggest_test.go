package statuspage

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func page() *Snapshot {
	began := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	of := func(names ...string) (components []*Component) {
		for _, name := range names {
			components = append(components, &Component{ID: name, Name: name})
		}
		return components
	}
	said := func(body string) []*IncidentUpdate { return []*IncidentUpdate{{ID: "u", Body: body}} }
	return &Snapshot{
		Incidents: []*Incident{
			{ID: "dns", Kind: Disturbance, Name: "Slow DNS answers in Western Europe", Status: IncidentIdentified, Impact: ImpactMinor, StartedAt: began, Components: of("DNS"),
				Updates: said("A resolver cluster in Frankfurt answers slowly.")},
			{ID: "r2", Kind: Disturbance, Name: "Errors when writing to R2", Status: IncidentInvestigating, Impact: ImpactMajor, StartedAt: began, Components: of("R2", "Workers"),
				Updates: said("Enterprise and Business customers see failing writes. We know that it hits shop.example.")},
			{ID: "over", Kind: Disturbance, Name: "DNS was down", Status: IncidentResolved, Impact: ImpactCritical, StartedAt: began, Components: of("DNS")},
		},
		Maintenances: []*Incident{
			{ID: "running", Kind: Maintenance, Name: "Work on the cache", Status: IncidentInProgress, Impact: ImpactMaintenance, StartedAt: began, Components: of("CDN/Cache")},
			{ID: "coming", Kind: Maintenance, Name: "Work on DNS", Status: IncidentScheduled, Impact: ImpactMaintenance, StartedAt: began, Components: of("DNS")},
		},
	}
}

// told writes suggestions in a line each.
func told(suggestions []*Suggestion) (lines []string) {
	for _, s := range suggestions {
		line := fmt.Sprintf("%s %d:", s.Incident.ID, s.Score)
		for _, reason := range s.Reasons {
			line += fmt.Sprintf(" %s %+d %s;", reason.Kind, reason.Weight, strings.Join(reason.Matches, ","))
		}
		lines = append(lines, line)
	}
	return lines
}

func TestSuggestions(t *testing.T) {
	t.Parallel()
	for what, test := range map[string]struct {
		of   Case
		want []string
	}{
		"nothing is known":                  {Case{}, nil},
		"the category":                      {Case{Component: "dns"}, []string{"dns 40: CATEGORY +40 DNS;"}},
		"a category that nothing is about":  {Case{Component: "Stream", Products: []string{"DNS"}}, nil},
		"what the account uses":             {Case{Products: []string{"workers", "CDN/Cache"}}, []string{"r2 20: PRODUCT +20 Workers;", "running 20: PRODUCT +20 CDN/Cache;"}},
		"a zone that it names":              {Case{Zones: []string{"Shop.example", "other.example"}}, []string{"r2 30: ZONE +30 Shop.example;"}},
		"part of a zone's name":             {Case{Zones: []string{"op.example"}}, nil},
		"zones, and what their traffic is":  {Case{Zones: []string{"a.example"}, Component: "CDN/Cache"}, []string{"running 50: CATEGORY +40 CDN/Cache; ZONE +10 CDN/Cache;"}},
		"a component in the text":           {Case{Text: "Our r2 buckets are broken."}, []string{"r2 25: TEXT +25 R2;"}},
		"a component in a word of the text": {Case{Text: "R2D2 is broken."}, nil},
		"words of the text":                 {Case{Text: "Answers from Frankfurt and all of Western Europe come slowly"}, []string{"dns 20: TEXT +20 answers,europe,frankfurt,slowly,western;"}},
		"the plan that it is told for":      {Case{Plan: "ENTERPRISE", Component: "R2"}, []string{"r2 50: CATEGORY +40 R2; PLAN +10 ENTERPRISE;"}},
		"a plan that it is not told for":    {Case{Plan: "FREE", Component: "R2"}, nil},
		"all of it": {Case{Plan: "BUSINESS", Products: []string{"R2", "DNS"}, Component: "R2", Zones: []string{"shop.example"}, Text: "writing to R2 fails"}, []string{
			"r2 100: CATEGORY +40 R2; ZONE +30 shop.example; TEXT +25 R2; PRODUCT +10 R2; PLAN +10 BUSINESS; TEXT +4 writing;",
			"dns 20: ZONE +10 DNS; PRODUCT +10 DNS;",
		}},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, told(page().Suggest(test.of))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestPlansInTexts(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Free and Pro plans are slow.":                 "FREE PRO",
		"Some Enterprise customers see errors":         "ENTERPRISE",
		"Free, Pro, and Business zones":                "BUSINESS FREE PRO",
		"Feel free to ask; business as usual for all.": "",
		"Professional users":                           "",
		"":                                             "",
	} {
		if got := strings.Join(plansOf(text), " "); got != want {
			t.Errorf("%q is about %q, not %q", text, got, want)
		}
	}
}

// TestSuggestionsOfAnyCase holds what must be true of every case: the order, the bounds, that reasons add up, and that only
// what goes on is suggested. Whatever speaks for an incident never lowers its score.
func TestSuggestionsOfAnyCase(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(from ...string) string { return from[r.IntN(len(from))] }
	for range 2000 {
		c := Case{
			Plan: pick("", "FREE", "PRO", "BUSINESS", "ENTERPRISE"), Component: pick("", "DNS", "R2", "CDN/Cache", "Stream"),
			Text: pick("", "R2 and DNS", "writing fails in Frankfurt", "\xff\xfe r2", strings.Repeat("ä", 15_000)),
		}
		for range r.IntN(3) {
			c.Products = append(c.Products, pick("DNS", "Workers", "R2", ""))
			c.Zones = append(c.Zones, pick("shop.example", "a.example", "", "é.example"))
		}
		got := page().Suggest(c)
		if len(got) > mostSuggestions || !slices.IsSortedFunc(got, func(a, b *Suggestion) int { return b.Score - a.Score }) {
			t.Fatalf("%+v: %v", c, told(got))
		}
		for _, s := range got {
			sum := 0
			for _, reason := range s.Reasons {
				sum += reason.Weight
				if len(reason.Matches) == 0 || !strings.Contains(reason.Explanation, reason.Matches[0]) {
					t.Fatalf("%+v: %+v", c, reason)
				}
			}
			if s.Score != min(sum, mostScore) || s.Score < leastScore || !s.Incident.Active() {
				t.Fatalf("%+v: %v", c, told(got))
			}
		}
		more := c
		more.Products = append(slices.Clone(c.Products), "R2")
		if score(page().Suggest(more), "r2") < score(got, "r2") {
			t.Fatalf("%+v: a product more lowers the score", c)
		}
	}
}

func score(of []*Suggestion, id string) int {
	for _, s := range of {
		if s.Incident.ID == id {
			return s.Score
		}
	}
	return 0
}
