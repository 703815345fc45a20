package mirror_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
	"supportgraph/clients/sandbox/vendors"
	"supportgraph/clients/sync/mirror"
	"supportgraph/clients/tickets"
)

// TestFromNothing: all that there is, matched with what we have, the same when it is read again.
func TestFromNothing(t *testing.T) {
	t.Parallel()
	w := open(t, box.World.Vendors.Zendesk, vendors.Options{Rates: true})
	data := box.World.Vendors.Zendesk
	for range 2 {
		w.sync()
		w.want(len(data.Tickets), "zendesk_tickets")
		w.want(len(data.Users), "zendesk_users")
		w.want(len(data.Organizations), "zendesk_organizations")
		w.want(len(data.Organizations), "zendesk_organizations o join accounts a on a.id = o.account_id and a.zendesk_organization_id = o.id")
		w.want(len(data.Tickets), "zendesk_tickets where account_id is not null")
		w.want(len(data.Users)-1, "zendesk_users where contact_id is not null") // but for the staff
	}
	feeds, err := postgres.Select(t.Context(), w.pool, mirror.Feeds())
	if err != nil || len(feeds) != 3 {
		t.Fatal(feeds, err)
	}
	for _, feed := range feeds {
		if feed.CaughtUp == nil || feed.FailedAt != nil || feed.Records == 0 || feed.Due != 0 {
			t.Errorf("%+v", feed)
		}
	}
	if err := w.Forget(t.Context()); err != nil {
		t.Fatal(err)
	}
	var told []mirror.Progress
	if err := w.Sync(t.Context(), func(p mirror.Progress) { told = append(told, p) }); err != nil {
		t.Fatal(err)
	}
	if len(told) != 3 || told[2].Records != int64(len(data.Tickets)) || !told[2].End {
		t.Errorf("told %+v", told)
	}
	w.want(len(data.Tickets), "zendesk_tickets")
}

// TestItGoesOnWhereItWas: a vendor that fails in the middle is told of, and no page is read twice.
func TestItGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	data := box.World.Vendors.Zendesk
	data.Tickets = nil
	for i := range 2500 {
		data.Tickets = append(data.Tickets, vendors.ZendeskTicket{ID: int64(1 + i), Subject: fmt.Sprint("Ticket ", i), Status: "open",
			RequesterID: data.Users[1].ID, Created: time.Unix(1e9, 0), Updated: time.Unix(int64(1e9+i), 0)})
	}
	w := open(t, data, vendors.Options{Rates: true})
	if err := w.vendors.Break(vendors.Fault{Vendor: vendors.Zendesk, Op: "incremental.tickets", Next: []int{200, 500, 500, 500, 500}}); err != nil {
		t.Fatal(err)
	}
	if err := w.Sync(t.Context(), nil); err == nil {
		t.Fatal("nobody is told")
	}
	w.want(1000, "zendesk_tickets")
	w.want(1, "sync_checkpoints where feed = 'tickets' and failed_at is not null and failure = 'UNAVAILABLE' and records = 1000 and caught_up is null")
	w.vendors.Heal()
	w.sync()
	w.want(2500, "zendesk_tickets")
	w.want(1, "sync_checkpoints where feed = 'tickets' and failed_at is null and records = 2500 and caught_up is not null")
}

// linked is a ticket of ours that Zendesk holds too, as its ticket 7.
func linked(t *testing.T) (*world, *tickets.Ticket) {
	t.Helper()
	data := box.World.Vendors.Zendesk
	w := open(t, data, vendors.Options{})
	ours := &tickets.Ticket{}
	ours.ID.UUID = one[[16]byte](w, "select id from tickets where status = 'OPEN' order by id limit 1")
	ours.RequesterID.UUID = one[[16]byte](w, "select requester_id from tickets where id = $1", ours.ID)
	w.vendors.PutZendeskUser(vendors.ZendeskUser{ID: 71, Name: "Ann", ExternalID: ours.RequesterID.String()})
	w.vendors.PutZendeskUser(vendors.ZendeskUser{ID: 72, Name: "Agent", Role: "agent", Email: box.World.Agents[0].Email})
	w.vendors.PutZendeskTicket(vendors.ZendeskTicket{ID: 7, ExternalID: ours.ID.String(), Subject: "x", Status: "open", RequesterID: 71})
	w.sync()
	return w, ours
}

func (w *world) say(id, author int64, body string, public bool, change func(*vendors.ZendeskTicket)) {
	w.t.Helper()
	if !w.vendors.ChangeZendeskTicket(7, func(t *vendors.ZendeskTicket) {
		t.Comments = append(t.Comments, vendors.ZendeskComment{ID: id, AuthorID: author, Body: body, Public: public, Created: w.clock.Now()})
		if change != nil {
			change(t)
		}
	}) {
		w.t.Fatal("there is no ticket")
	}
}

// TestATicketAnsweredInZendeskIsAnsweredHere: with its notes and its status, once, however often it is told.
func TestATicketAnsweredInZendeskIsAnsweredHere(t *testing.T) {
	t.Parallel()
	w, ours := linked(t)
	before := one[int](w, "select count(*) from messages where ticket_id = $1", ours.ID)
	w.say(701, 71, "It is down again.", true, nil)
	w.say(702, 72, "We look into it.\x00", true, func(t *vendors.ZendeskTicket) { t.Status = "pending" })
	w.say(703, 72, "Looks like DNS.", false, nil)
	for range 2 {
		w.changed("ticket:7", "ticket:999999", "article:1")
		w.sync()
	}
	w.want(before+2, "messages where ticket_id = $1", ours.ID)
	w.want(1, "messages where ticket_id = $1 and author_contact_id = $2 and body = 'It is down again.'", ours.ID, ours.RequesterID)
	w.want(1, "messages m join tickets t on t.last_message_id = m.id where t.id = $1 and m.author_agent_id = $2 and m.body = 'We look into it.'", ours.ID, box.World.Agents[0].ID)
	w.want(1, "internal_notes where ticket_id = $1 and body = 'Looks like DNS.'", ours.ID)
	w.want(1, "tickets where id = $1 and status = 'PENDING_CUSTOMER'", ours.ID)
	w.want(1, "ticket_events where ticket_id = $1 and kind = 'STATUS' and to_value = 'PENDING_CUSTOMER' and reason = 'Changed at Zendesk'", ours.ID)

	// What changes here afterwards stays, while nothing changes there.
	if _, err := w.pool.Exec(t.Context(), "update tickets set status = 'SOLVED' where id = $1", ours.ID); err != nil {
		t.Fatal(err)
	}
	w.changed("ticket:7")
	w.want(1, "tickets where id = $1 and status = 'SOLVED'", ours.ID)
}

// TestWhatWasWrittenHereDoesNotComeBack: a comment that carries our message's key is that message.
func TestWhatWasWrittenHereDoesNotComeBack(t *testing.T) {
	t.Parallel()
	w, ours := linked(t)
	var mark tickets.MessageID
	mark.UUID = one[[16]byte](w, "select id from messages where ticket_id = $1 order by created_at limit 1", ours.ID)
	before := one[int](w, "select count(*) from messages where ticket_id = $1", ours.ID)
	w.say(701, 72, "Written here", true, func(t *vendors.ZendeskTicket) {
		t.Comments[len(t.Comments)-1].Custom = map[string]string{"message_id": mark.String()}
	})
	w.changed("ticket:7")
	w.want(before, "messages where ticket_id = $1", ours.ID)
	w.want(1, "zendesk_comments where id = 701 and message_id = $1", mark)
}

// TestAMessageWaitsForItsAuthor: whom nobody knows is not made up, and their message is there when they are known.
func TestAMessageWaitsForItsAuthor(t *testing.T) {
	t.Parallel()
	w, ours := linked(t)
	w.vendors.PutZendeskUser(vendors.ZendeskUser{ID: 73, Name: "Somebody"})
	w.say(701, 73, "Hello", true, nil)
	w.changed("ticket:7")
	w.want(0, "messages where ticket_id = $1 and body = 'Hello'", ours.ID)
	w.want(1, "zendesk_comments where waits")
	w.vendors.PutZendeskUser(vendors.ZendeskUser{ID: 73, Name: "Somebody", ExternalID: ours.RequesterID.String()})
	w.changed("user:73")
	w.want(1, "messages where ticket_id = $1 and body = 'Hello'", ours.ID)
	w.want(0, "zendesk_comments where waits")
}

func TestDeletions(t *testing.T) {
	t.Parallel()
	w, _ := linked(t)
	first, second := box.World.Vendors.Zendesk.Tickets[0].ID, box.World.Vendors.Zendesk.Tickets[1].ID
	w.vendors.DeleteZendeskTicket(first)
	w.vendors.DeleteZendeskTicket(second)
	w.changed(fmt.Sprint("ticket:", first)) // told by webhook
	w.want(1, "zendesk_tickets where deleted_at is not null")
	w.sync() // and by the export
	w.want(2, "zendesk_tickets where deleted_at is not null and id = any($1)", []int64{first, second})
	w.vendors.PutZendeskTicket(box.World.Vendors.Zendesk.Tickets[0]) // and restored
	w.sync()
	w.want(1, "zendesk_tickets where deleted_at is not null")
}

// TestOrganisationsMove: to another account, and into one another; the links of accounts and tickets follow.
func TestOrganisationsMove(t *testing.T) {
	t.Parallel()
	w := open(t, box.World.Vendors.Zendesk, vendors.Options{})
	w.sync()
	organizations := box.World.Vendors.Zendesk.Organizations
	moved, other := organizations[0], organizations[1]
	var unlinked accounts.ID
	unlinked.UUID = one[[16]byte](w, "select id from accounts where zendesk_organization_id is null order by id limit 1")
	was := moved.ExternalID
	moved.ExternalID = unlinked.String()
	w.vendors.PutZendeskOrganization(moved)
	w.changed(fmt.Sprint("organization:", moved.ID))
	w.want(1, "accounts where id = $1 and zendesk_organization_id = $2", unlinked, moved.ID)
	w.want(1, "accounts where zendesk_organization_id = $1", moved.ID)
	w.want(0, "zendesk_tickets where organization_id = $1 and account_id is distinct from $2", moved.ID, unlinked)

	// The account that lost it is merged: another organisation takes its tickets and its key.
	var orphan accounts.ID
	if err := orphan.UnmarshalText([]byte(was)); err != nil {
		t.Fatal(err)
	}
	w.vendors.PutZendeskOrganization(vendors.ZendeskOrganization{ID: 999, Name: "Heir", ExternalID: other.ExternalID})
	var account accounts.ID
	if err := account.UnmarshalText([]byte(other.ExternalID)); err != nil {
		t.Fatal(err)
	}
	w.vendors.DeleteZendeskOrganization(other.ID)
	for _, ticket := range w.vendors.ZendeskTickets() {
		if ticket.OrganizationID == other.ID {
			w.vendors.ChangeZendeskTicket(ticket.ID, func(t *vendors.ZendeskTicket) { t.OrganizationID = 999 })
		}
	}
	w.changed("organization:999", fmt.Sprint("organization:", other.ID))
	w.sync()
	w.want(1, "accounts where id = $1 and zendesk_organization_id = 999", account)
	w.want(0, "zendesk_tickets where organization_id = $1", other.ID)
	w.want(0, "zendesk_tickets where organization_id = 999 and account_id is distinct from $1", account)
}

func TestAVendorThatIsDownIsTold(t *testing.T) {
	t.Parallel()
	w, _ := linked(t)
	if err := w.vendors.Break(vendors.Fault{Vendor: vendors.Zendesk, ErrorRate: 1}); err != nil {
		t.Fatal(err)
	}
	if err := w.Changed(t.Context(), []string{"ticket:7", "user:71"}); err == nil {
		t.Error("a change that could not be read counts as handled")
	}
	w.want(1, "zendesk_tickets where id = 7 and deleted_at is null")
	err := w.Changed(t.Context(), []string{"ticket:seven"})
	if err == nil || errors.Unwrap(err) == nil {
		t.Errorf("%v", err)
	}
	w.vendors.Heal()
}

// TestTheLimitIsKept: by the vendor's own count, no call is refused.
func TestTheLimitIsKept(t *testing.T) {
	t.Parallel()
	w := open(t, box.World.Vendors.Zendesk, vendors.Options{Rates: true})
	var at []time.Time
	for range 15 {
		begun := w.clock.Now()
		if err := w.Sync(t.Context(), func(mirror.Progress) { at = append(at, w.clock.Now()) }); err != nil {
			t.Fatal(err)
		}
		if w.clock.Now().Before(begun) {
			t.Error("time goes backwards")
		}
	}
	if !slices.IsSortedFunc(at, time.Time.Compare) || at[len(at)-1].Sub(at[0]) < 44*6*time.Second {
		t.Errorf("45 calls in %s", at[len(at)-1].Sub(at[0]))
	}
}
