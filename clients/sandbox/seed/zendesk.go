package seed

import (
	"fmt"
	"strings"
	"time"

	"supportgraph/clients/sandbox/vendors"
	"supportgraph/clients/zendesk"
)

// What the first organisation, user and ticket at Zendesk are numbered after.
const (
	firstOrganization = 509_000
	firstVendorUser   = 2_000_000
	firstVendorTicket = 35_000
	firstComment      = 90_000_000
)

var vendorStatuses = []choice[string]{{"new", 5}, {"open", 20}, {"pending", 15}, {"hold", 5}, {"solved", 25}, {"closed", 30}}

var vendorPriorities = []choice[string]{{"", 10}, {"low", 25}, {"normal", 45}, {"high", 15}, {"urgent", 5}}

// makeZendesk gives most accounts the organisation that they had before they came here, with its people and the tickets
// that stayed behind. The organisation's and the users' external ids are ours.
func (w *World) makeZendesk() {
	r := sequence(partZendesk)
	data := &w.Vendors.Zendesk
	data.Users = append(data.Users, vendors.ZendeskUser{
		ID: firstVendorUser, Name: "Support", Email: "support@vendor.example", Role: "agent", Created: Anchor.Add(-1500 * day), Updated: Anchor.Add(-30 * day),
	})
	for i, account := range w.Accounts {
		moved := i < len(companies) || r.chance(70)
		if !moved || account.ID == w.Landmarks.NotLinked {
			continue
		}
		id := int64(firstOrganization + i)
		account.ZendeskOrganizationID = ptr(zendesk.OrganizationID(id))
		if account.ID == w.Landmarks.UnknownCustomer {
			continue
		}
		data.Organizations = append(data.Organizations, vendors.ZendeskOrganization{
			ID: id, Name: account.Name, ExternalID: account.ID.String(), Domains: []string{account.Domain},
			Tags: []string{strings.ToLower(string(account.Plan))}, Created: account.CreatedAt, Updated: account.UpdatedAt,
		})
		var people []int64
		for _, member := range w.members[account.ID] {
			if len(people) == 3 {
				break
			}
			contact := w.people[member.ContactID]
			if contact.Email == "" || !strings.HasSuffix(contact.Email, "@"+account.Domain) {
				continue // known to the organisation that they belong to
			}
			user := int64(firstVendorUser + len(data.Users))
			people = append(people, user)
			data.Users = append(data.Users, vendors.ZendeskUser{
				ID: user, Name: contact.Name, Email: contact.Email, ExternalID: contact.ID.String(), OrganizationID: id,
				Created: contact.CreatedAt, Updated: contact.CreatedAt.Add(day),
			})
		}
		if len(people) == 0 {
			continue
		}
		for range r.between(0, 9) {
			data.Tickets = append(data.Tickets, w.vendorTicket(r, account, id, pick(r, people)))
		}
	}
}

// vendorTicket is about what tickets here are about too.
func (w *World) vendorTicket(r *random, account *Account, organization, requester int64) vendors.ZendeskTicket {
	topic := weighted(r, w.library.topics, func(t *topic) int { return t.weight })
	scenario := r.between(1, topic.scenarios)
	zone := account.Domain
	if len(account.Zones) > 0 {
		zone = pick(r, account.Zones)
	}
	facts := newFacts(r, zone)
	facts["customer"] = account.Name
	say := func(section string) string {
		return facts.fill(r, pick(r, w.library.fitting(topic, section, scenario)))
	}
	created := Anchor.Add(-r.age(30, 420)).Truncate(time.Second)
	ticket := vendors.ZendeskTicket{
		ID: int64(firstVendorTicket + len(w.Vendors.Zendesk.Tickets)), Subject: say("subject"), Description: say("opening"), Type: "question",
		Priority: draw(r, vendorPriorities), Status: draw(r, vendorStatuses), RequesterID: requester, AssigneeID: firstVendorUser,
		OrganizationID: organization, Tags: []string{strings.ReplaceAll(topic.key, "_", "-")}, Created: created,
	}
	at := created
	write := func(author int64, body string, public bool) {
		ticket.Comments = append(ticket.Comments, vendors.ZendeskComment{
			ID: firstComment + 100*ticket.ID + int64(len(ticket.Comments)), AuthorID: author, Body: body, Public: public, Created: at,
		})
		at = at.Add(r.about(6*time.Hour) + time.Minute).Truncate(time.Second)
	}
	write(requester, ticket.Description, true)
	if ticket.Status != "new" {
		write(firstVendorUser, say("ask"), true)
		write(requester, say("answer"), true)
		write(firstVendorUser, fmt.Sprintf("%s\n\n%s%s", say("note"), canary, r.word(alphanumeric[:36], 12)), false)
	}
	if ticket.Status == "solved" || ticket.Status == "closed" {
		write(firstVendorUser, say("fix"), true)
	}
	ticket.Updated = at
	return ticket
}
