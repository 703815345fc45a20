package resolvers_test

import (
	"fmt"
	"index/suffixarray"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"supportgraph/clients/accounts"
	"supportgraph/clients/sandbox/seed"
	"supportgraph/clients/tickets"
)

// theirs is what one customer may see, and what nobody may show them. It is read from the database by statements that
// share nothing with those of the stores: the tree is followed by parents, and each field has its own list of values.
type theirs struct {
	own     *suffixarray.Index         // every text that any field may hold, of which highlights are parts
	shown   map[string]map[string]bool // what a field of the contract may hold, by "Account.name"
	foreign map[string][]string        // texts that belong to others, or to staff, by what they are
	args    pgx.NamedArgs              // the keys of what is theirs
}

// reach is the accounts that memberships in force open.
const reach = `
	with recursive reach as (
		select m.account_id, m.visibility, m.role
		from account_memberships m join contacts c on c.id = m.contact_id
		where m.contact_id = @me and m.ended_at is null and c.deactivated_at is null
		union
		select a.id, r.visibility, r.role from reach r join accounts a on a.parent_id = r.account_id where r.visibility = 'SUBTREE')
	select distinct account_id from reach where `

// mine are the keys of what is theirs, each in the terms of those before.
var mine = []struct{ name, sql string }{
	{"accounts", reach + `true`},
	{"whole", reach + `visibility in ('ACCOUNT', 'SUBTREE')`},
	{"billed", reach + `role in ('ADMIN', 'BILLING')`},
	{"tickets", `select id from tickets where account_id = any(@whole) or account_id = any(@accounts) and @me in (
		select requester_id union select contact_id from ticket_participants where ticket_id = tickets.id)`},
	{"contacts", `select distinct contact_id from account_memberships where account_id = any(@accounts)`},
}

// shownBySQL are the values that each field of the contract may hold which comes from the database.
var shownBySQL = map[string]string{
	"Account.id":                  `select id from accounts where id = any(@accounts)`,
	"Account.name":                `select name from accounts where id = any(@accounts)`,
	"Account.products":            `select unnest(products) from accounts where id = any(@accounts)`,
	"Account.createdAt":           `select created_at from accounts where id = any(@accounts)`,
	"Tier.key":                    `select tier from accounts where id = any(@accounts)`,
	"Tier.name":                   `select name from tiers where key in (select tier from accounts where id = any(@accounts))`,
	"AccountMembership.createdAt": `select created_at from account_memberships where account_id = any(@accounts) and ended_at is null`,
	"Contact.id":                  `select id from contacts where id = any(@contacts)`,
	"Contact.name":                `select name from contacts where id = any(@contacts)`,
	"Contact.email":               `select email from contacts where id = any(@contacts)`,
	"Agent.id":                    `select id from agents`,
	"Agent.name":                  `select name from agents`,
	"Team.id":                     `select id from teams`,
	"Team.name":                   `select name from teams`,
	"Category.id":                 `select id from categories`,
	"Category.key":                `select key from categories`,
	"Category.name":               `select name from categories`,
	"Category.product":            `select product from categories`,
	"Ticket.id":                   `select id from tickets where id = any(@tickets)`,
	"Ticket.ref":                  `select 'T-' || number from tickets where id = any(@tickets)`,
	"Ticket.version":              `select version from tickets where id = any(@tickets)`,
	"Ticket.subject":              `select subject from tickets where id = any(@tickets)`,
	"Ticket.statusReason":         `select status_reason from tickets where id = any(@tickets)`,
	"Ticket.statusSince":          `select status_since from tickets where id = any(@tickets)`,
	"Ticket.affectedZones":        `select unnest(affected_zones) from tickets where id = any(@tickets)`,
	"Ticket.createdAt":            `select created_at from tickets where id = any(@tickets)`,
	"Ticket.updatedAt":            `select updated_at from tickets where id = any(@tickets)`,
	"Ticket.responseDueAt":        `select response_due_at from tickets where id = any(@tickets)`,
	"Article.id":                  `select id from articles`,
	"Article.title":               `select title from articles`,
	"Article.body":                `select body from articles`,
	"Article.url":                 `select url from articles`,
	"Article.updatedAt":           `select updated_at from articles`,
	"Message.id":                  `select id from messages where ticket_id = any(@tickets)`,
	"Message.body":                `select body from messages where ticket_id = any(@tickets)`,
	"Message.createdAt":           `select created_at from messages where ticket_id = any(@tickets)`,
	"LinkedIncident.linkedAt":     `select linked_at from ticket_incidents where ticket_id = any(@tickets)`,
	"TicketPermission.message": `select unnest(array['You may read this ticket, but not change it.', 'The ticket has ended and does not change any more.',
		'The ticket does not stand where this could be done.'])`,
	"StatusEntry.reason": `select reason from ticket_events where ticket_id = any(@tickets) and kind = 'STATUS'`,
}

// foreignBySQL are the texts that belong to others or to staff.
var foreignBySQL = map[string]string{
	"account":      `select name from accounts where id <> all(@accounts)`,
	"contact":      `select name from contacts where id <> all(@contacts)`,
	"address":      `select email from contacts where id <> all(@contacts)`,
	"subject":      `select subject from tickets where id <> all(@tickets)`,
	"message":      `select body from messages where ticket_id <> all(@tickets)`,
	"zone":         `select unnest(affected_zones) from tickets where account_id <> all(@accounts)`,
	"note":         `select body from internal_notes`,
	"canary":       `select substring(body from 'CANARY-NOTE-\w+') from internal_notes`,
	"agent":        `select email from agents`,
	"team":         `select description from teams`,
	"incident":     `select unnest(array[incident_id, name]) from ticket_incidents where incident_id = 'a1zzq04c8r7d'`,
	"link":         `select to_value from ticket_events where kind = 'LINK' and reason = 'JIRA'`,
	"Stripe's key": `select stripe_customer_id from accounts where stripe_customer_id is not null`,
	"Cloudflare's": `select cloudflare_account_id from accounts where cloudflare_account_id is not null`,
}

// prefixes are the beginnings of the IDs of each type.
var prefixes = map[string]string{
	"Account": "acc", "Contact": "con", "Agent": "agt", "Team": "team", "Category": "cat", "Ticket": "tkt", "Message": "msg",
	"Article": "art", "MessageEntry": "evt", "StatusEntry": "evt", "AssignmentEntry": "evt", "PriorityEntry": "evt",
}

func theirsOf(tb testing.TB, h *house, persona string) *theirs {
	tb.Helper()
	their := &theirs{shown: map[string]map[string]bool{}, foreign: map[string][]string{}, args: pgx.NamedArgs{}}
	their.args["me"] = contactOf(tb, h, persona)
	for _, role := range h.sandbox.World.Personas {
		if strings.HasSuffix(role.Persona, " "+persona) {
			their.show("Viewer.name", role.Persona) // as the token says
		}
	}
	for _, part := range mine {
		keys := their.selectAll(tb, h, part.sql)
		if len(keys) == 0 && part.name != "whole" && part.name != "billed" {
			tb.Fatalf("%s has no %s", persona, part.name)
		}
		of := [][16]byte{}
		for _, key := range keys {
			of = append(of, key.([16]byte))
		}
		their.args[part.name] = of
	}
	for _, kind := range []string{"Message", "Status", "Assignment", "Priority"} {
		for field, column := range map[string]string{"id": "id", "createdAt": "created_at"} {
			their.show(kind+"Entry."+field, their.selectAll(tb, h, `select `+column+` from ticket_events
				where ticket_id = any(@tickets) and kind = '`+strings.ToUpper(kind)+`'`)...)
		}
	}
	for field, sql := range shownBySQL {
		their.show(field, their.selectAll(tb, h, sql)...)
	}
	for what, sql := range foreignBySQL {
		for _, value := range their.selectAll(tb, h, sql) {
			their.foreign[what] = append(their.foreign[what], value.(string))
		}
	}
	their.vendors(h.sandbox.World)
	their.own = their.corpus()
	their.onlyForeign()
	return their
}

// contactOf is the contact that a persona is.
func contactOf(tb testing.TB, h *house, persona string) (me accounts.ContactID) {
	tb.Helper()
	for _, role := range h.sandbox.World.Personas {
		if strings.HasSuffix(role.Persona, " "+persona) {
			if err := me.UnmarshalText([]byte(role.Subject)); err != nil {
				tb.Fatal(err)
			}
		}
	}
	return me
}

func (their *theirs) selectAll(tb testing.TB, h *house, sql string) []any {
	tb.Helper()
	rows, err := h.clients.Postgres.Query(tb.Context(), sql, their.args)
	if err != nil {
		tb.Fatalf("%v in %s", err, sql)
	}
	values, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (any, error) {
		columns, err := row.Values()
		return columns[0], err
	})
	if err != nil {
		tb.Fatalf("%v in %s", err, sql)
	}
	return slices.DeleteFunc(values, func(value any) bool { return value == nil })
}

func (their *theirs) show(field string, values ...any) {
	if their.shown[field] == nil {
		their.shown[field] = map[string]bool{}
	}
	typ, _, _ := strings.Cut(field, ".")
	for _, value := range values {
		text := fmt.Sprint(value)
		switch value := value.(type) {
		case [16]byte:
			id := tickets.ID{}
			id.UUID = value
			text = prefixes[typ] + strings.TrimPrefix(id.String(), "tkt")
		case time.Time:
			text = value.UTC().Format(time.RFC3339Nano)
		}
		their.shown[field][text] = true
	}
}

// vendors adds what Stripe and Cloudflare know, as the seed has it: of the customer's own accounts, and of others.
func (their *theirs) vendors(world *seed.World) {
	has := func(of string, id accounts.ID) bool { return slices.Contains(their.args[of].([][16]byte), id.UUID) }
	for _, account := range world.Accounts {
		if !has("accounts", account.ID) {
			their.foreign["domain"] = append(their.foreign["domain"], account.Domain)
			their.foreign["zone"] = append(their.foreign["zone"], account.Zones...)
		}
		for _, customer := range world.Vendors.Customers {
			if account.StripeCustomerID == nil || customer.ID != string(*account.StripeCustomerID) {
				continue
			}
			theirs := has("billed", account.ID)
			if theirs {
				their.show("BillingProfile.name", customer.Name)
				their.show("BillingProfile.email", customer.Email)
				their.show("BillingProfile.currency", strings.ToUpper(customer.Currency))
				their.show("BillingProfile.balance", customer.Balance)
			} else {
				their.foreign["billing"] = append(their.foreign["billing"], customer.Email)
			}
			for _, invoice := range customer.Invoices {
				if !theirs {
					their.foreign["billing"] = append(their.foreign["billing"], invoice.ID, invoice.Number)
					continue
				}
				their.show("Invoice.id", invoice.ID)
				their.show("Invoice.number", invoice.Number)
				their.show("Invoice.currency", strings.ToUpper(invoice.Currency))
				their.show("Invoice.total", invoice.Total)
				their.show("Invoice.amountPaid", invoice.AmountPaid)
				their.show("Invoice.amountRemaining", invoice.Total-invoice.AmountPaid)
				their.show("Invoice.createdAt", invoice.Created)
				their.show("Invoice.dueAt", invoice.Due)
				their.show("Invoice.paidAt", invoice.Paid)
				their.show("Invoice.url", "https://invoice.stripe.com/i/acct_1/test_"+invoice.ID)
			}
			for _, subscription := range customer.Subscriptions {
				if !theirs {
					their.foreign["billing"] = append(their.foreign["billing"], subscription.ID)
				} else {
					their.show("BillingSubscription.id", subscription.ID)
					their.show("BillingSubscription.trialEnd", subscription.TrialEnd)
				}
				for _, item := range subscription.Items {
					if !theirs {
						their.foreign["billing"] = append(their.foreign["billing"], item.ID)
						continue
					}
					their.show("BillingSubscription.currentPeriodStart", item.PeriodStart)
					their.show("BillingSubscription.currentPeriodEnd", item.PeriodEnd)
					their.show("SubscriptionItem.id", item.ID)
					their.show("SubscriptionItem.nickname", item.Nickname)
					their.show("SubscriptionItem.unitAmount", item.UnitAmount)
					their.show("SubscriptionItem.currency", strings.ToUpper(item.Currency))
					their.show("SubscriptionItem.quantity", item.Quantity)
				}
			}
		}
		for _, known := range world.Vendors.Accounts {
			if account.CloudflareAccountID == nil || known.ID != string(*account.CloudflareAccountID) {
				continue
			}
			if !has("accounts", account.ID) {
				for _, zone := range known.Zones {
					their.foreign["zone"] = append(their.foreign["zone"], zone.ID)
				}
				for _, plan := range known.Subscriptions {
					their.foreign["hosting"] = append(their.foreign["hosting"], plan.ID)
				}
				continue
			}
			their.show("HostingAccount.name", known.Name)
			their.show("HostingAccount.createdAt", known.Created)
			their.show("HostingSubscriptionList.totalCount", len(known.Subscriptions))
			for _, plan := range known.Subscriptions {
				their.foreign["hosting"] = append(their.foreign["hosting"], plan.ID) // nor are their own keys there shown
				their.show("HostingSubscription.plan", plan.Name)
				their.show("HostingSubscription.scope", plan.Scope)
				their.show("HostingSubscription.currentPeriodStart", plan.Start)
				their.show("HostingSubscription.currentPeriodEnd", plan.End)
			}
			their.show("ZoneList.totalCount", len(known.Zones))
			for _, zone := range known.Zones {
				their.show("Zone.id", zone.ID)
				their.show("Zone.name", zone.Name)
				their.show("Zone.plan", zone.Plan)
				their.show("Zone.createdAt", zone.Created)
				their.show("Zone.activatedAt", zone.Activated)
				for _, server := range zone.NameServers {
					their.show("Zone.nameServers", server)
				}
			}
		}
	}
}

// onlyForeign leaves out of what is foreign whatever a text of their own has too: a namesake, a subject without a name.
func (their *theirs) onlyForeign() {
	for what, texts := range their.foreign {
		slices.Sort(texts)
		their.foreign[what] = slices.DeleteFunc(slices.Compact(texts), func(text string) bool {
			return len(text) < 6 || len(their.own.Lookup([]byte(text), 1)) > 0
		})
	}
}

func (their *theirs) corpus() *suffixarray.Index {
	return corpus(func(yield func(string)) {
		for _, values := range their.shown {
			for value := range values {
				yield(value)
			}
		}
	})
}

// leaked are the foreign texts that stand in one of these.
func (their *theirs) leaked(texts map[string]bool) (found []string) {
	index := corpus(func(yield func(string)) {
		for text := range texts {
			yield(text)
		}
	})
	for _, what := range slices.Sorted(maps.Keys(their.foreign)) {
		for _, text := range their.foreign[what] {
			if len(index.Lookup([]byte(text), 1)) > 0 {
				found = append(found, fmt.Sprintf("the %s %q", what, text))
			}
		}
	}
	return found
}

// corpus is texts in which others are looked up.
func corpus(texts func(yield func(string))) *suffixarray.Index {
	var all strings.Builder
	texts(func(text string) {
		all.WriteString(text)
		all.WriteByte(0)
	})
	return suffixarray.New([]byte(all.String()))
}
