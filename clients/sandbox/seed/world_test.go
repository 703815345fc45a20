package seed

import (
	"crypto/sha256"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"supportgraph/clients/accounts"
	"supportgraph/clients/sandbox/identity"
	"supportgraph/clients/sandbox/vendors"
	"supportgraph/clients/tickets"
)

func small(t *testing.T) *World {
	t.Helper()
	w, err := New(Small)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// told are the small world's tickets, made once: no test changes them.
var told = sync.OnceValues(func() ([]*Case, error) {
	w, err := New(Small)
	if err != nil {
		return nil, err
	}
	return w.Cases(), nil
})

func smallCases(t *testing.T) []*Case {
	t.Helper()
	cases, err := told()
	if err != nil {
		t.Fatal(err)
	}
	return cases
}

func TestSameWorldTwice(t *testing.T) {
	t.Parallel()
	sum := func(w *World) string {
		hash := sha256.New()
		if err := w.encode(hash); err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%x", hash.Sum(nil))
	}
	w := small(t)
	w.Cases() // telling the stories changes nothing
	if one, two := sum(small(t)), sum(w); one != two {
		t.Errorf("%s, then %s", one, two)
	}
	mark, err := w.fingerprint()
	if err != nil {
		t.Fatal(err)
	}
	w.Scale.Tickets--
	if other, err := w.fingerprint(); err != nil || other == mark {
		t.Errorf("another scale has the same mark %s, %v", mark, err)
	}
}

func TestScales(t *testing.T) {
	t.Parallel()
	for _, scale := range []Scale{Small, Full} {
		w, err := New(scale)
		if err != nil {
			t.Fatal(err)
		}
		if len(w.Accounts) != scale.Accounts || len(w.Contacts) != scale.Contacts || len(w.Agents) != scale.Agents {
			t.Errorf("%d accounts, %d contacts, %d agents, want %+v", len(w.Accounts), len(w.Contacts), len(w.Agents), scale)
		}
	}
	messages := 0
	cases := smallCases(t)
	for _, c := range cases {
		messages += len(c.Messages)
	}
	if len(cases) != Small.Tickets || messages < Small.Messages*9/10 || messages > Small.Messages*11/10 {
		t.Errorf("%d tickets with %d messages, want about %+v", len(cases), messages, Small)
	}
}

// TestNamesTellAccountsApart: whoever finds a name in an answer knows whose it is.
func TestNamesTellAccountsApart(t *testing.T) {
	t.Parallel()
	w, err := New(Full)
	if err != nil {
		t.Fatal(err)
	}
	zones := map[string]bool{}
	for i, a := range w.Accounts {
		for j, b := range w.Accounts {
			if i != j && (strings.Contains(a.Name, b.Name) || a.Domain == b.Domain) {
				t.Errorf("%q (%s) and %q (%s)", a.Name, a.Domain, b.Name, b.Domain)
			}
		}
		for _, zone := range a.Zones {
			if zones[zone] {
				t.Errorf("the zone %s is there twice", zone)
			}
			zones[zone] = true
		}
	}
	emails := map[string]bool{}
	for _, c := range w.Contacts {
		if emails[c.Email] || c.Email != strings.ToLower(c.Email) || strings.ContainsFunc(c.Email, func(r rune) bool { return r > 127 }) {
			t.Errorf("the address %s", c.Email)
		}
		emails[c.Email] = true
	}
}

func TestTreesAndMembers(t *testing.T) {
	t.Parallel()
	w := small(t)
	depths := map[int]int{}
	for _, a := range w.Accounts {
		depths[len(a.Path)]++
		if len(w.members[a.ID]) == 0 {
			t.Errorf("%s has no members", a.Name)
		}
	}
	if depths[1] == 0 || depths[2] == 0 || depths[3] == 0 || len(depths) > 3 {
		t.Errorf("accounts by depth: %v", depths)
	}
	seen := map[any]int{}
	for _, m := range w.Memberships {
		seen[m.Role]++
		seen[m.Visibility]++
		if m.EndedAt != nil {
			seen["ended"]++
		}
	}
	for _, c := range w.Contacts {
		if c.DeactivatedAt != nil {
			seen["deactivated"]++
		}
	}
	for _, a := range w.Agents {
		seen[a.Role]++
		if a.DeactivatedAt != nil {
			seen["left"]++
		}
	}
	for _, kind := range []any{
		accounts.RoleAdmin, accounts.RoleBilling, accounts.RoleTechnical, accounts.RoleReadOnly, accounts.VisibilityOwn,
		accounts.VisibilityAccount, accounts.VisibilitySubtree, accounts.AgentRoleAgent, accounts.AgentRoleLead, "ended", "deactivated", "left",
	} {
		if seen[kind] == 0 {
			t.Errorf("there is no %v", kind)
		}
	}
}

func TestVendorsKnowTheSameAccounts(t *testing.T) {
	t.Parallel()
	w := small(t)
	customers, theirs := map[string]vendors.Customer{}, map[string]vendors.Account{}
	for _, c := range w.Vendors.Customers {
		customers[c.ID] = c
	}
	for _, a := range w.Vendors.Accounts {
		theirs[a.ID] = a
	}
	linked, overdue := 0, 0
	for _, a := range w.Accounts {
		if a.StripeCustomerID != nil {
			c, known := customers[string(*a.StripeCustomerID)]
			if known == (a.ID == w.Landmarks.UnknownCustomer) {
				t.Errorf("%s: known to Stripe: %v", a.Name, known)
			}
			if known && (c.Metadata["account_id"] != a.ID.String() || c.Name != a.Name) {
				t.Errorf("%s is %+v at Stripe", a.Name, c)
			}
			if c.Deleted != (a.ID == w.Landmarks.DeletedCustomer) {
				t.Errorf("%s: deleted: %v", a.Name, c.Deleted)
			}
			linked++
			if c.Delinquent {
				overdue++
			}
		}
		if a.CloudflareAccountID != nil {
			zones := theirs[string(*a.CloudflareAccountID)].Zones
			if len(zones) != len(a.Zones) || len(zones) > 50 != (a.ID == w.Landmarks.ManyZones) {
				t.Errorf("%s has %d zones, %d at Cloudflare", a.Name, len(a.Zones), len(zones))
			}
		}
	}
	if linked == len(w.Accounts) || len(theirs) == len(w.Accounts) || overdue == 0 {
		t.Errorf("%d of %d accounts at Stripe, %d at Cloudflare, %d overdue", linked, len(w.Accounts), len(theirs), overdue)
	}
	due := w.account(w.Landmarks.PastDue)
	if c := customers[string(*due.StripeCustomerID)]; !c.Delinquent || c.Subscriptions[0].Status != "past_due" {
		t.Errorf("the landmark of debt is %+v", c)
	}
	if none := w.account(w.Landmarks.NotLinked); none.StripeCustomerID != nil || none.CloudflareAccountID != nil {
		t.Error("the landmark without counterparts has some")
	}
}

func TestComponentsAreProducts(t *testing.T) {
	t.Parallel()
	w := small(t)
	components := map[string]string{}
	for _, c := range w.Vendors.Page.Components {
		components[c.Name] = c.ID
	}
	for _, category := range w.Categories {
		if category.Product != nil && components[*category.Product] == "" {
			t.Errorf("%s is about %s, which has no component", category.Key, *category.Product)
		}
	}
	for _, a := range w.Accounts {
		for _, product := range a.Products {
			if components[product] == "" {
				t.Errorf("%s uses %s, which has no component", a.Name, product)
			}
		}
	}
	var hit []string
	for _, incident := range w.Vendors.Page.Incidents {
		hit = append(hit, incident.Components...)
		if len(incident.Updates) < 2 || incident.Status != incident.Updates[0].Status {
			t.Errorf("%+v", incident)
		}
	}
	for _, product := range []string{"DNS", "Workers", "R2"} {
		if !slices.Contains(hit, components[product]) {
			t.Errorf("no incident touches %s", product)
		}
	}
	if len(w.Vendors.Page.Maintenances) != 1 {
		t.Errorf("%d pieces of work to come", len(w.Vendors.Page.Maintenances))
	}
}

// TestPersonasHaveWork: each persona has something to look at, and each customer sees less than there is.
func TestPersonasHaveWork(t *testing.T) {
	t.Parallel()
	w := small(t)
	assigned, asked, inTree, inSingle := map[string]int{}, map[string]int{}, 0, 0
	for _, c := range smallCases(t) {
		if c.Ticket.AssigneeAgentID != nil {
			assigned[c.Ticket.AssigneeAgentID.String()]++
		}
		asked[c.Ticket.RequesterID.String()]++
		if w.account(c.Ticket.AccountID).Path[0] == w.Landmarks.Tree {
			inTree++
		}
		if c.Ticket.AccountID == w.Landmarks.Single {
			inSingle++
		}
	}
	if inTree < 100 || inSingle < 30 {
		t.Errorf("%d tickets in the tree, %d in the single account", inTree, inSingle)
	}
	audiences := map[string]int{}
	for _, persona := range w.Personas {
		audiences[persona.Issuer+persona.Role]++
		switch {
		case persona.Role == identity.Agent && assigned[persona.Subject] < 50:
			t.Errorf("%s works on %d tickets", persona.Persona, assigned[persona.Subject])
		case persona.Issuer == identity.Customers && asked[persona.Subject] < 10:
			t.Errorf("%s asked %d tickets", persona.Persona, asked[persona.Subject])
		}
	}
	if audiences[identity.Customers] != 3 || audiences[identity.Workforce+identity.Agent] != 2 || audiences[identity.Workforce+identity.Engineer] != 1 {
		t.Errorf("personas: %v", audiences)
	}
}

var place = regexp.MustCompile(`\{[a-z]+\}|\\n|^[0-9]+\| `)

func TestTexts(t *testing.T) {
	t.Parallel()
	canaries, long, rightToLeft := map[string]bool{}, 0, 0
	for _, c := range smallCases(t) {
		texts := []string{c.Ticket.Subject}
		for _, m := range c.Messages {
			texts = append(texts, m.Body)
			if len(m.Body) > 3000 {
				long++
			}
			if strings.ContainsAny(m.Body, "אבהו") || strings.ContainsAny(m.Body, "ابتم") {
				rightToLeft++
			}
			if strings.Contains(m.Body, "CANARY") {
				t.Errorf("a message of %s has a canary", c.Ticket.Ref())
			}
		}
		for _, n := range c.Notes {
			texts = append(texts, n.Body)
			_, own, found := strings.Cut(n.Body, canary)
			if !found || len(own) != 12 || canaries[own] {
				t.Errorf("a note of %s has the canary %q", c.Ticket.Ref(), own)
			}
			canaries[own] = true
		}
		for _, text := range texts {
			if found := place.FindString(text); found != "" {
				t.Errorf("%s: %q is left in %q", c.Ticket.Ref(), found, text)
			}
		}
	}
	if long == 0 || rightToLeft == 0 || len(canaries) == 0 {
		t.Errorf("%d long messages, %d from the right to the left, %d notes", long, rightToLeft, len(canaries))
	}
}

func TestShares(t *testing.T) {
	t.Parallel()
	cases := smallCases(t)
	count := map[any]int{}
	for _, c := range cases {
		count[c.Ticket.Status]++
		count[c.Ticket.Priority]++
		switch {
		case c.Ticket.AssigneeTeamID == nil:
			count["nobody"]++
		case c.Ticket.AssigneeAgentID == nil:
			count["team"]++
		}
	}
	for kind, share := range map[any][2]int{ // percent, from and to
		tickets.StatusNew: {2, 7}, tickets.StatusOpen: {7, 15}, tickets.StatusPendingCustomer: {3, 10}, tickets.StatusOnHoldEngineering: {1, 6},
		tickets.StatusSnoozed: {0, 4}, tickets.StatusSolved: {10, 20}, tickets.StatusClosed: {50, 66}, tickets.StatusMerged: {0, 5},
		tickets.P1: {2, 8}, tickets.P2: {10, 22}, tickets.P3: {45, 62}, tickets.P4: {20, 33}, "nobody": {0, 5}, "team": {1, 8},
	} {
		if count[kind] == 0 || count[kind]*100 < share[0]*len(cases) || count[kind]*100 > share[1]*len(cases) {
			t.Errorf("%v: %d of %d, want %v percent", kind, count[kind], len(cases), share)
		}
	}
}
