package seed

import (
	"fmt"
	"strings"
	"time"

	"supportgraph/clients/accounts"
	"supportgraph/clients/sandbox/vendors"
)

// manyZones is more than Cloudflare lists on a page.
const manyZones = 57

var zonePlans = map[accounts.Plan][2]string{
	accounts.PlanFree:       {"Free Website", "free"},
	accounts.PlanPro:        {"Pro Website", "pro"},
	accounts.PlanBusiness:   {"Business Website", "business"},
	accounts.PlanEnterprise: {"Enterprise Website", "enterprise"},
}

var zoneAffixes = []string{"shop-%s", "%s-status", "%s-cdn", "my-%s", "%s-mail", "get-%s", "%s-labs", "%s-jobs", "news-%s"}

// makeZones gives every account that Cloudflare knows its zones. The first is the domain of its people.
func (w *World) makeZones() {
	r := sequence(partZones)
	for _, account := range w.Accounts {
		if account.CloudflareAccountID == nil {
			continue
		}
		count := r.between(1, 8)
		switch {
		case account.ID == w.Landmarks.ManyZones:
			count = manyZones
		case r.chance(6):
			count = 0
		}
		theirs := vendors.Account{ID: string(*account.CloudflareAccountID), Name: account.Name}
		stem, suffix, _ := strings.Cut(account.Domain, ".")
		for i := range count {
			name := account.Domain
			switch {
			case i > len(zoneAffixes):
				name = fmt.Sprintf("%s-customer-%02d.%s", stem, i, suffix)
			case i > 0:
				name = fmt.Sprintf(zoneAffixes[i-1], stem) + "." + suffix
			}
			account.Zones = append(account.Zones, name)
			theirs.Zones = append(theirs.Zones, w.zone(r, account, name))
		}
		w.Vendors.Accounts = append(w.Vendors.Accounts, theirs)
	}
}

func (w *World) zone(r *random, account *Account, name string) vendors.Zone {
	plan := zonePlans[account.Plan]
	if r.chance(20) {
		plan = zonePlans[accounts.PlanFree]
	}
	zone := vendors.Zone{
		ID: r.hex(32), Name: name, Plan: plan[0], PlanKey: plan[1], Created: account.CreatedAt.Add(time.Hour),
		NameServers: []string{pick(r, nameServers) + ".ns.cloudflare.com", pick(r, nameServers) + ".ns.cloudflare.com"},
	}
	switch {
	case r.chance(4):
		zone.Status = "pending"
	case r.chance(2):
		zone.Status, zone.Activated = "moved", zone.Created.Add(time.Hour)
	default:
		zone.Activated = zone.Created.Add(r.age(0, 2))
	}
	zone.Paused = r.chance(3)
	if account.Plan == accounts.PlanEnterprise && r.chance(15) {
		zone.Type = "partial"
	}
	return zone
}

var nameServers = []string{"ada", "bob", "cleo", "dan", "elle", "finn", "gina", "hugh", "ivy", "jay", "kara", "leo", "mia", "ned", "ophelia", "pete"}
