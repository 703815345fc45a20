package statuspage

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Case is what is known of a case that is being written, as far as an incident could be the cause. What is empty is not
// known.
type Case struct {
	Plan      string   // what its account pays for: "FREE", "PRO", "BUSINESS" or "ENTERPRISE"
	Products  []string // what its account uses, by the names of components
	Component string   // what its category is about
	Zones     []string // the affected ones, by their names
	Text      string   // what was written so far
}

// Suggestion is an incident that may be the cause of a case.
type Suggestion struct {
	Incident *Incident
	Score    int                 // 1 to 100
	Reasons  []*SuggestionReason // the heaviest first
}

// SuggestionReason is one thing that speaks for an incident, or against it.
type SuggestionReason struct {
	Kind        SuggestionKind
	Weight      int      // points; negative where it speaks against
	Matches     []string // the components, zones, plans or words
	Explanation string   // in a sentence
}

// SuggestionKind is what a reason comes from.
type SuggestionKind string

// The kinds.
const (
	ByCategory SuggestionKind = "CATEGORY" // it touches what the category is about
	ByZone     SuggestionKind = "ZONE"     // it names an affected zone, or touches what the traffic of zones passes
	ByText     SuggestionKind = "TEXT"     // the text names a component that it touches, or has words of it
	ByProduct  SuggestionKind = "PRODUCT"  // it touches what the account uses
	ByPlan     SuggestionKind = "PLAN"     // it is told for some plans only
)

// The points of the reasons, and the bounds of what is suggested. One reason that is sure, or two that are not, make a
// suggestion.
const (
	categoryPoints   = 40
	zonePoints       = 30
	namedPoints      = 25
	productPoints    = 20 // where the category does not tell better
	productBeside    = 10
	trafficPoints    = 10
	planPoints       = 10
	otherPlanPoints  = -30
	wordPoints       = 4
	mostWords        = 5
	leastScore       = 20
	mostScore        = 100
	mostSuggestions  = 5
	shortestWord     = 4
	mostTextCompared = 20_000 // bytes of a case's text that are looked at
)

// serving are the components that the traffic of every zone passes.
var serving = []string{"dns", "cdn/cache", "ssl/tls", "ddos/waf", "load balancing"}

// Suggest returns the incidents that go on now and may be the cause of a case, the likeliest first, at most five.
func (s *Snapshot) Suggest(c Case) []*Suggestion {
	c.Text = c.Text[:min(len(c.Text), mostTextCompared)]
	words := wordsOf(c.Text)
	suggestions := []*Suggestion{}
	for _, incident := range s.Of([]IncidentKind{Disturbance, Maintenance}, true) {
		if suggestion := incident.suggest(c, words); suggestion.Score >= leastScore {
			suggestions = append(suggestions, suggestion)
		}
	}
	slices.SortStableFunc(suggestions, func(a, b *Suggestion) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(severity(b.Incident.Impact), severity(a.Incident.Impact)),
			b.Incident.StartedAt.Compare(a.Incident.StartedAt), cmp.Compare(a.Incident.ID, b.Incident.ID))
	})
	return suggestions[:min(len(suggestions), mostSuggestions)]
}

func (i *Incident) suggest(c Case, words map[string]string) *Suggestion {
	suggestion := &Suggestion{Incident: i}
	add := func(kind SuggestionKind, weight int, matches []string, explanation string) {
		if len(matches) > 0 {
			suggestion.Score += weight
			suggestion.Reasons = append(suggestion.Reasons, &SuggestionReason{kind, weight, matches, fmt.Sprintf(explanation, strings.Join(matches, ", "))})
		}
	}
	told := i.Name
	for _, update := range i.Updates {
		told += "\n" + update.Body
	}
	add(ByCategory, categoryPoints, i.touched(func(name string) bool { return name == folded(c.Component) }), "It touches %s, which the category is about.")
	zones := slices.DeleteFunc(slices.Clone(c.Zones), func(zone string) bool { return !names(told, zone) })
	add(ByZone, zonePoints, zones, "It names %s.")
	if len(c.Zones) > 0 && len(zones) == 0 {
		add(ByZone, trafficPoints, i.touched(func(name string) bool { return slices.Contains(serving, name) }), "It touches %s, which the traffic of the zones passes.")
	}
	add(ByText, namedPoints, i.touched(func(name string) bool { return names(c.Text, name) }), "The text names %s, which it touches.")
	shared := []string{}
	for word := range wordsOf(told) {
		if written, ok := words[word]; ok {
			shared = append(shared, written)
		}
	}
	slices.Sort(shared)
	shared = shared[:min(len(shared), mostWords)]
	add(ByText, wordPoints*len(shared), shared, "The text has words of it: %s.")
	points := productPoints
	if c.Component != "" {
		points = productBeside
	}
	add(ByProduct, points, i.touched(func(name string) bool {
		return slices.ContainsFunc(c.Products, func(product string) bool { return folded(product) == name })
	}), "It touches %s, which the account uses.")
	if plans := plansOf(told); len(plans) > 0 && c.Plan != "" {
		if slices.Contains(plans, c.Plan) {
			add(ByPlan, planPoints, []string{c.Plan}, "It is told for the account's plan, %s.")
		} else {
			add(ByPlan, otherPlanPoints, plans, "It is told for other plans: %s.")
		}
	}
	slices.SortStableFunc(suggestion.Reasons, func(a, b *SuggestionReason) int { return cmp.Compare(b.Weight, a.Weight) })
	suggestion.Score = min(suggestion.Score, mostScore)
	return suggestion
}

// touched are the names of the components that the incident touches and that match, by their folded names.
func (i *Incident) touched(matches func(folded string) bool) []string {
	var found []string
	for _, component := range i.Components {
		if name := folded(component.Name); name != "" && matches(name) && !slices.Contains(found, component.Name) {
			found = append(found, component.Name)
		}
	}
	return found
}

// names tells whether a text has a name, in any case, as words of its own: "R2" is not in "R2D2", nor "a.example" in
// "ba.example".
func names(text, name string) bool {
	text, name = strings.ToLower(text), folded(name)
	if name == "" {
		return false
	}
	for from := 0; ; {
		at := strings.Index(text[from:], name)
		if at < 0 {
			return false
		}
		begin, end := from+at, from+at+len(name)
		before, after := []rune(text[max(0, begin-4):begin]), []rune(text[end:min(len(text), end+4)])
		if (len(before) == 0 || !inName(before[len(before)-1])) && (len(after) == 0 || !inName(after[0]) || after[0] == '.' && (len(after) == 1 || !inName(after[1]))) {
			return true
		}
		from = begin + 1
	}
}

func inName(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_' || r == '.'
}

// wordsOf are the words of a text that may tell it apart, by their stems.
func wordsOf(text string) map[string]string {
	words := map[string]string{}
	for word := range strings.FieldsFuncSeq(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		stem := strings.TrimSuffix(word, "s")
		if len(stem) >= shortestWord && !strings.Contains(commonWords, " "+stem+" ") {
			words[stem] = word
		}
	}
	return words
}

// commonWords tell nothing apart, by their stems.
const commonWords = " about after again also because been before being between both cannot case could customer does doing down each error ever every from" +
	" have having here hello help into issue just know like look looking make many more most much need only other over please problem same seem should since some still" +
	" such than thank that their them then there these they thing this those time under until user very want were what when where which while will with work working" +
	" would your "

// planNames finds plans where a text tells for whom something is: "Free and Pro plans", "Enterprise customers".
var planNames = regexp.MustCompile(`(?i)\b((?:free|pro|business|enterprise)(?:(?:\s*[,/&]\s*(?:and\s+|or\s+)?|\s+and\s+|\s+or\s+)(?:free|pro|business|enterprise))*)\s+(?:plan|customer|zone|account|user|domain)s?\b`)

var planName = regexp.MustCompile(`(?i)free|pro|business|enterprise`)

// plansOf are the plans that a text is about, in upper case; none where it names none, and is for all.
func plansOf(text string) []string {
	var plans []string
	for _, found := range planNames.FindAllStringSubmatch(text, -1) {
		for _, plan := range planName.FindAllString(found[1], -1) {
			plans = append(plans, strings.ToUpper(plan))
		}
	}
	slices.Sort(plans)
	return slices.Compact(plans)
}

// severity orders impacts.
func severity(impact IncidentImpact) int {
	return slices.Index([]IncidentImpact{ImpactOther, ImpactNone, ImpactMaintenance, ImpactMinor, ImpactMajor, ImpactCritical}, impact)
}
