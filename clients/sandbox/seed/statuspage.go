package seed

import (
	"slices"
	"time"

	"supportgraph/clients/sandbox/vendors"
)

const statusAddress = "https://www.cloudflarestatus.com"

// moreComponents are reported on without being a category of tickets.
var moreComponents = []string{"Analytics", "Images", "Pages", "Stream"}

// makeStatusPage has two incidents under way, one piece of work to come, and everything else in order. Components bear
// the names of the products that accounts use and categories are about.
func (w *World) makeStatusPage() {
	r := sequence(partStatusPage)
	founded, now := Anchor.Add(-1500*day), Anchor.Add(-20*time.Minute)
	page := vendors.Page{
		ID: "yh6f0r4529hb", Name: "Cloudflare", URL: statusAddress, Indicator: "major",
		Description: "Partial System Outage", Updated: now,
	}
	group := vendors.Component{ID: "1km35smx8p41", Name: "Cloudflare Sites and Services", Status: "partial_outage", Group: true, Created: founded, Updated: now}
	page.Components = append(page.Components, group)

	products := slices.Clone(moreComponents)
	for _, topic := range w.library.topics {
		products = append(products, topic.product)
	}
	slices.Sort(products)
	ids := map[string]string{}
	for _, product := range slices.Compact(products) {
		component := vendors.Component{ID: r.word(hexadecimal[:10]+"ghjkmnpqrstvwxyz", 12), Name: product, GroupID: group.ID, Created: founded, Updated: founded}
		switch product {
		case "DNS":
			component.Status, component.Updated = "degraded_performance", now
		case "Workers", "R2":
			component.Status, component.Updated = "partial_outage", now
		}
		ids[product] = component.ID
		page.Components = append(page.Components, component)
	}
	incident := func(id, name, impact string, started time.Time, products []string, updates ...vendors.IncidentUpdate) vendors.Incident {
		i := vendors.Incident{
			ID: id, Name: name, Impact: impact, URL: "https://stspg.io/" + id[:6], Started: started,
			Status: updates[0].Status, Updated: updates[0].At, Updates: updates,
		}
		for n := range i.Updates {
			i.Updates[n].ID = r.word(hexadecimal[:10]+"ghjkmnpqrstvwxyz", 12)
		}
		for _, product := range products {
			i.Components = append(i.Components, ids[product])
		}
		return i
	}
	ago := func(minutes int) time.Time { return Anchor.Add(-time.Duration(minutes) * time.Minute) }
	page.Incidents = []vendors.Incident{
		incident("p31zjtct2jer", "Slow DNS answers in Western Europe", "minor", ago(150), []string{"DNS"},
			vendors.IncidentUpdate{Status: "identified", At: ago(35), Body: "A resolver cluster in Frankfurt answers slowly. Traffic is being moved to Amsterdam and Paris."},
			vendors.IncidentUpdate{Status: "investigating", At: ago(150), Body: "We are looking into slow DNS answers in Western Europe."}),
		incident("q8vk2mwd0xhs", "Errors when writing to R2 and starting Workers", "major", ago(70), []string{"Workers", "R2"},
			vendors.IncidentUpdate{Status: "identified", At: ago(20), Body: "A release of the control plane causes the errors. It is being taken back region by region."},
			vendors.IncidentUpdate{Status: "investigating", At: ago(55), Body: "About 4 % of writes to R2 fail, and some Workers do not start after a deployment."},
			vendors.IncidentUpdate{Status: "investigating", At: ago(70), Body: "We are looking into raised error rates."}),
	}
	page.Maintenances = []vendors.Maintenance{{
		Incident: incident("m5r0c7ykb2nf", "Maintenance in the data centre SIN", "maintenance", Anchor.Add(36*time.Hour), []string{"CDN/Cache"},
			vendors.IncidentUpdate{Status: "scheduled", At: Anchor.Add(-4 * day), Body: "Traffic may be served from neighbouring places during the work."}),
		From: Anchor.Add(36 * time.Hour), Until: Anchor.Add(42 * time.Hour),
	}}
	over := incident("k2wd70hxq5fr", "Certificates were issued late", "minor", ago(5*24*60), []string{"SSL/TLS"},
		vendors.IncidentUpdate{Status: "resolved", At: ago(5*24*60 - 130), Body: "All certificates that waited have been issued."},
		vendors.IncidentUpdate{Status: "investigating", At: ago(5 * 24 * 60), Body: "New certificates take longer than usual to be issued."})
	over.Resolved = over.Updated
	page.Past = []vendors.Incident{over}
	w.Vendors.Page = page
}
