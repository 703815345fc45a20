package vendors

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"
)

// zendesk is the account's records, which can change.
type zendesk struct {
	now func() time.Time

	mu            sync.RWMutex
	users         map[int64]changing[ZendeskUser]
	organizations map[int64]changing[ZendeskOrganization]
	all           map[int64]changing[ZendeskTicket]
	externals     map[string][]int64 // "users con_...": ids
}

// changing is a record with the moment at which it last changed, by which exports are sorted.
type changing[R any] struct {
	record  R
	at      time.Time
	deleted bool
}

func newZendesk(data ZendeskData, now func() time.Time) *zendesk {
	z := &zendesk{
		now: now, users: map[int64]changing[ZendeskUser]{}, organizations: map[int64]changing[ZendeskOrganization]{},
		all: map[int64]changing[ZendeskTicket]{}, externals: map[string][]int64{},
	}
	for _, user := range data.Users {
		z.users[user.ID] = changing[ZendeskUser]{record: user, at: user.Updated}
		z.name("users", user.ExternalID, user.ID)
	}
	for _, organization := range data.Organizations {
		z.organizations[organization.ID] = changing[ZendeskOrganization]{record: organization, at: organization.Updated}
		z.name("organizations", organization.ExternalID, organization.ID)
	}
	for _, ticket := range data.Tickets {
		z.all[ticket.ID] = changing[ZendeskTicket]{record: ticket, at: ticket.Updated}
	}
	return z
}

func (z *zendesk) name(kind, external string, id int64) {
	if key := kind + " " + external; external != "" && !slices.Contains(z.externals[key], id) {
		z.externals[key] = append(z.externals[key], id)
	}
}

// external are the ids of the records of one of our ids.
func (z *zendesk) external(kind, name string) []int64 {
	z.mu.RLock()
	defer z.mu.RUnlock()
	return slices.Clone(z.externals[kind+" "+name])
}

// record is a record on the wire, nil where there is none, or none any more.
func (z *zendesk) record(kind string, id int64) object {
	z.mu.RLock()
	defer z.mu.RUnlock()
	switch kind {
	case "users":
		if user, ok := z.users[id]; ok {
			return user.record.wire()
		}
	case "organizations":
		if organization, ok := z.organizations[id]; ok && !organization.deleted {
			return organization.record.wire()
		}
	case "tickets":
		if ticket, ok := z.all[id]; ok && !ticket.deleted {
			return ticket.record.wire()
		}
	}
	return nil
}

func (z *zendesk) ticket(id int64) (ZendeskTicket, bool) {
	z.mu.RLock()
	defer z.mu.RUnlock()
	found, ok := z.all[id]
	return found.record, ok && !found.deleted
}

// tickets are those that there are and that fit, by their ids; nil fits all.
func (z *zendesk) tickets(fits func(ZendeskTicket) bool) []ZendeskTicket {
	z.mu.RLock()
	defer z.mu.RUnlock()
	var found []ZendeskTicket
	for _, id := range slices.Sorted(maps.Keys(z.all)) {
		if ticket := z.all[id]; !ticket.deleted && (fits == nil || fits(ticket.record)) {
			found = append(found, ticket.record)
		}
	}
	return found
}

// exportLag is what exports leave out: the last minute (developer.zendesk.com, "Incremental Exports").
const exportLag = time.Minute

// place is where an export goes on: behind a record of a moment.
type place struct {
	at time.Time
	id int64
}

func (p place) compare(other place) int {
	return cmp.Or(p.at.Compare(other.at), cmp.Compare(p.id, other.id))
}

// incremental is a page of what changed, the earliest first; by a cursor, and of organisations by a time.
func (z *zendesk) incremental(r *http.Request, kind string) reply {
	query := r.URL.Query()
	size, err := number(query.Get("per_page"), exportPage, 1, exportPage)
	if err != nil {
		return zendeskFault(http.StatusBadRequest, "Invalid attribute", "per_page is out of range")
	}
	var from place
	if cursor := query.Get("cursor"); cursor != "" && kind != "organizations" {
		text, _ := base64.RawURLEncoding.DecodeString(cursor)
		var nanos int64
		if _, err := fmt.Sscanf(string(text), "%d|%d", &nanos, &from.id); err != nil {
			return zendeskFault(http.StatusBadRequest, "Invalid cursor", "cursor is not valid")
		}
		from.at = time.Unix(0, nanos)
	} else {
		seconds := number64(query.Get("start_time"))
		if seconds <= 0 || time.Unix(seconds, 0).After(z.now().Add(-exportLag)) {
			return zendeskFault(http.StatusUnprocessableEntity, "Too recent", "Too recent start_time. Use a start_time older than 60 seconds")
		}
		from.at = time.Unix(seconds, 0)
	}
	z.mu.RLock()
	defer z.mu.RUnlock()
	edge := z.now().Add(-exportLag)
	var behind []place
	wire := map[int64]func() object{}
	add := func(id int64, at time.Time, record func() object) {
		if one := (place{at, id}); !at.After(edge) && one.compare(from) > 0 {
			behind = append(behind, one)
			wire[id] = record
		}
	}
	switch kind {
	case "tickets":
		for id, ticket := range z.all {
			add(id, ticket.at, func() object {
				row := ticket.record.wire()
				if ticket.deleted {
					row["status"] = "deleted"
				}
				return row
			})
		}
	case "users":
		for id, user := range z.users {
			add(id, user.at, user.record.wire)
		}
	case "organizations":
		for id, organization := range z.organizations {
			if !organization.deleted {
				add(id, organization.at, organization.record.wire)
			}
		}
	}
	slices.SortFunc(behind, place.compare)
	end := min(size, len(behind))
	if kind == "organizations" { // whose pages end with a second, not within it
		for end > 0 && end < len(behind) && behind[end].at.Unix() == behind[end-1].at.Unix() {
			end++
		}
	}
	rows := make([]object, end)
	for i, one := range behind[:end] {
		rows[i], from = wire[one.id](), one
	}
	body := object{kind: rows, "end_of_stream": end == len(behind)}
	if kind == "organizations" {
		body["count"], body["end_time"], body["next_page"] = end, from.at.Unix(), nil
	} else {
		body["after_cursor"] = base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d|%d", from.at.UnixNano(), from.id))
		body["after_url"], body["before_cursor"], body["before_url"] = nil, nil, nil
	}
	return reply{status: http.StatusOK, body: body}
}

// PutZendeskTicket makes a ticket, or changes one, now.
func (s *Server) PutZendeskTicket(ticket ZendeskTicket) {
	z, at := s.zendesk, s.now()
	z.mu.Lock()
	defer z.mu.Unlock()
	ticket.Updated = at
	if ticket.Created.IsZero() {
		ticket.Created = at
	}
	z.all[ticket.ID] = changing[ZendeskTicket]{record: ticket, at: at}
}

// ChangeZendeskTicket changes a ticket that is there, now; it reports whether it is.
func (s *Server) ChangeZendeskTicket(id int64, change func(*ZendeskTicket)) bool {
	ticket, ok := s.zendesk.ticket(id)
	if ok {
		ticket.Comments = slices.Clone(ticket.Comments)
		change(&ticket)
		s.PutZendeskTicket(ticket)
	}
	return ok
}

// DeleteZendeskTicket deletes a ticket now.
func (s *Server) DeleteZendeskTicket(id int64) {
	z, at := s.zendesk, s.now()
	z.mu.Lock()
	defer z.mu.Unlock()
	if gone, ok := z.all[id]; ok {
		gone.record.Updated, gone.at, gone.deleted = at, at, true
		z.all[id] = gone
	}
}

// PutZendeskUser makes a user, or changes one, now.
func (s *Server) PutZendeskUser(user ZendeskUser) {
	z, at := s.zendesk, s.now()
	z.mu.Lock()
	defer z.mu.Unlock()
	user.Updated = at
	if user.Created.IsZero() {
		user.Created = at
	}
	z.users[user.ID] = changing[ZendeskUser]{record: user, at: at}
	z.name("users", user.ExternalID, user.ID)
}

// PutZendeskOrganization makes an organisation, or changes one, now.
func (s *Server) PutZendeskOrganization(organization ZendeskOrganization) {
	z, at := s.zendesk, s.now()
	z.mu.Lock()
	defer z.mu.Unlock()
	organization.Updated = at
	if organization.Created.IsZero() {
		organization.Created = at
	}
	z.organizations[organization.ID] = changing[ZendeskOrganization]{record: organization, at: at}
	z.name("organizations", organization.ExternalID, organization.ID)
}

// DeleteZendeskOrganization deletes an organisation, as when it is merged into another one. Exports do not tell.
func (s *Server) DeleteZendeskOrganization(id int64) {
	z := s.zendesk
	z.mu.Lock()
	defer z.mu.Unlock()
	gone := z.organizations[id]
	gone.deleted = true
	z.organizations[id] = gone
}

// ZendeskTickets are the tickets that there are.
func (s *Server) ZendeskTickets() []ZendeskTicket { return s.zendesk.tickets(nil) }
