package seed

import (
	"slices"
	"strings"
	"time"

	"supportgraph/clients/accounts"
	"supportgraph/clients/cloudflare"
	"supportgraph/clients/stripe"
)

// company is an account that is the same in every scale.
type company struct {
	name   string
	parent string
	domain string
	plan   accounts.Plan
	tier   string
	locale string
	mark   func(*Landmarks) *accounts.ID
}

var companies = []company{
	{"Northwind Retail Group", "", "northwind-retail.com", accounts.PlanEnterprise, "MISSION_CRITICAL", "en-US", func(l *Landmarks) *accounts.ID { return &l.Tree }},
	{"Northwind Retail Europe", "Northwind Retail Group", "northwind-retail.eu", accounts.PlanEnterprise, "MISSION_CRITICAL", "en-GB", func(l *Landmarks) *accounts.ID { return &l.Branch }},
	{"Northwind Retail Deutschland GmbH", "Northwind Retail Europe", "northwind-retail.de", accounts.PlanBusiness, "PREMIUM", "de-DE", func(l *Landmarks) *accounts.ID { return &l.Leaf }},
	{"Northwind Retail Americas", "Northwind Retail Group", "northwind-retail.us", accounts.PlanEnterprise, "PREMIUM", "es-ES", nil},
	{"Blauwal Logistik SE", "", "blauwal-logistik.example", accounts.PlanBusiness, "PREMIUM", "de-DE", func(l *Landmarks) *accounts.ID { return &l.Single }},
	{"Juniper Bay Hospitals", "", "juniperbay.health", accounts.PlanEnterprise, "PREMIUM", "en-US", func(l *Landmarks) *accounts.ID { return &l.Clinic }},
	{"Domain Harbour Hosting", "", "domainharbour.net", accounts.PlanBusiness, "STANDARD", "en-GB", func(l *Landmarks) *accounts.ID { return &l.ManyZones }},
	{"Quietwater Archives", "", "quietwater.org", accounts.PlanPro, "STANDARD", "fr-FR", func(l *Landmarks) *accounts.ID { return &l.DeletedCustomer }},
	{"Paper Kite Studio", "", "paperkite.studio", accounts.PlanPro, "STANDARD", "ja-JP", func(l *Landmarks) *accounts.ID { return &l.UnknownCustomer }},
	{"Handmade Radio Club", "", "handmade-radio.club", accounts.PlanFree, "STANDARD", "pl-PL", func(l *Landmarks) *accounts.ID { return &l.NotLinked }},
	{"Tin Roof Kitchens", "", "tinroof.kitchen", accounts.PlanBusiness, "STANDARD", "en-US", func(l *Landmarks) *accounts.ID { return &l.PastDue }},
	{"دار المعرفة للنشر", "", "darmaarifa.example", accounts.PlanBusiness, "PREMIUM", "ar-EG", nil},
	{"ניצן תוכנה בע״מ", "", "nitzan-software.example", accounts.PlanPro, "STANDARD", "he-IL", nil},
	{"株式会社ほしぞら", "", "hoshizora.example", accounts.PlanEnterprise, "PREMIUM", "ja-JP", nil},
}

var plans = []choice[accounts.Plan]{{accounts.PlanFree, 15}, {accounts.PlanPro, 30}, {accounts.PlanBusiness, 35}, {accounts.PlanEnterprise, 20}}

// tiers are the levels of support that a plan comes with.
var tiers = map[accounts.Plan][]choice[string]{
	accounts.PlanFree:       {{"STANDARD", 1}},
	accounts.PlanPro:        {{"STANDARD", 1}},
	accounts.PlanBusiness:   {{"STANDARD", 6}, {"PREMIUM", 4}},
	accounts.PlanEnterprise: {{"PREMIUM", 6}, {"MISSION_CRITICAL", 4}},
}

var tierNames = map[string]string{"STANDARD": "Standard", "PREMIUM": "Premium", "MISSION_CRITICAL": "Mission critical"}

func (w *World) makeAccounts() {
	r := sequence(partAccounts)
	byName := map[string]*Account{}
	for _, c := range companies {
		account := w.addAccount(r, c, byName[c.parent], 4)
		byName[c.name] = account
		if c.mark != nil {
			*c.mark(&w.Landmarks) = account.ID
		}
	}
	var roots []*Account
	for len(w.Accounts) < w.Scale.Accounts {
		var parent *Account
		if len(roots) > 3 && r.chance(22) {
			parent = pick(r, roots)
		}
		account := w.addAccount(r, w.invent(r, parent), parent, 1+int(r.about(2)))
		if len(account.Path) < 3 && account.Plan == accounts.PlanEnterprise {
			roots = append(roots, account)
		}
	}
}

// invent makes up a company that there is not yet. No name is part of another, so that a name found in an answer
// belongs to one account alone.
func (w *World) invent(r *random, parent *Account) company {
	words := w.library.companies
	for {
		stem, c := pick(r, words["first"])+" "+pick(r, words["second"]), company{}
		if parent == nil {
			c.plan = draw(r, plans)
			c.locale = pick(r, w.library.peoples).locale
			c.name = stem + " " + pick(r, words["legal"])
		} else {
			c.plan, c.locale, c.parent = parent.Plan, parent.locale, parent.Name
			stem = strings.Join(strings.Fields(parent.Name)[:2], " ")
			stem += " " + pick(r, words["region"])
			c.name = stem + " " + pick(r, words["legal"])
		}
		c.tier = draw(r, tiers[c.plan])
		c.domain = strings.ToLower(strings.ReplaceAll(stem, " ", "-")) + pick(r, []string{".com", ".net", ".io", ".example", ".eu"})
		if !slices.ContainsFunc(w.Accounts, func(a *Account) bool { return strings.HasPrefix(a.Name, stem) }) {
			return c
		}
	}
}

func (w *World) addAccount(r *random, c company, parent *Account, weight int) *Account {
	created := Anchor.Add(-r.age(500, 1400))
	account := &Account{Domain: c.domain, locale: c.locale, weight: weight}
	account.ID.UUID = r.id(created)
	account.Name, account.Plan, account.TierKey, account.TierName = c.name, c.plan, c.tier, tierNames[c.tier]
	account.CreatedAt, account.UpdatedAt = created, created.Add(r.age(0, 400)).Truncate(time.Second)
	if parent != nil {
		account.ParentID = ptr(parent.ID)
		account.Path = append(account.Path, parent.Path...)
	}
	account.Path = append(account.Path, account.ID)
	account.Products = w.products(r, c.plan)
	if stripeID := "cus_" + r.word(alphanumeric, 14); c.mark != nil || c.plan != accounts.PlanFree && !r.chance(8) {
		account.StripeCustomerID = ptr(stripe.CustomerID(stripeID))
	}
	if cloudflareID := r.hex(32); c.mark != nil || !r.chance(8) {
		account.CloudflareAccountID = ptr(cloudflare.AccountID(cloudflareID))
	}
	if c.plan == accounts.PlanFree && c.mark != nil { // the landmark without counterparts
		account.StripeCustomerID, account.CloudflareAccountID = nil, nil
	}
	w.Accounts = append(w.Accounts, account)
	return account
}

// products are what an account uses: everybody DNS and the cache, the more the bigger its plan.
func (w *World) products(r *random, plan accounts.Plan) []string {
	share := map[accounts.Plan]int{accounts.PlanFree: 15, accounts.PlanPro: 35, accounts.PlanBusiness: 60, accounts.PlanEnterprise: 80}[plan]
	var used []string
	for _, topic := range w.library.topics {
		switch topic.key {
		case "dns", "cache", "tls", "billing", "dashboard", "api":
			used = append(used, topic.product)
		default:
			if r.chance(share) {
				used = append(used, topic.product)
			}
		}
	}
	return used
}
