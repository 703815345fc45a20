package vendors

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxMany is how many records a show_many answers for (developer.zendesk.com/api-reference/ticketing/tickets/tickets,
// "Show Multiple Tickets").
const maxMany = 100

// mountZendesk serves the reads of tickets, users and organisations (developer.zendesk.com/api-reference/ticketing).
func (s *Server) mountZendesk(data ZendeskData, options Options) {
	z := newZendesk(data, s.now)
	s.zendesk = z
	d := dialect{
		vendor:  Zendesk,
		latency: options.latency(120*time.Millisecond, 600*time.Millisecond),
		allows:  allowsUser(options.ZendeskToken),
		refuse:  zendeskRefuses,
		stamp:   zendeskStamp,
		rate:    zendeskRate,
	}
	for _, kind := range []string{"tickets", "users", "organizations"} {
		s.handle(d, kind+".show_many", "GET "+ZendeskPath+"/"+kind+"/show_many", func(r *http.Request, fault Fault) reply {
			return s.showMany(r, fault, kind, z)
		})
	}
	for kind, path := range map[string]string{"tickets": "tickets/cursor", "users": "users/cursor", "organizations": "organizations"} {
		s.handle(d, "incremental."+kind, "GET "+ZendeskPath+"/incremental/"+path, func(r *http.Request, _ Fault) reply {
			return z.incremental(r, kind)
		})
	}
	s.handle(d, "comments.list", "GET "+ZendeskPath+"/tickets/{id}/comments", func(r *http.Request, fault Fault) reply {
		id := number64(r.PathValue("id"))
		ticket, ok := z.ticket(id)
		if !ok || fault.drops(r.PathValue("id")) {
			return zendeskError(http.StatusNotFound, "RecordNotFound", "Not found")
		}
		return z.commentPage(r, ticket.Comments)
	})
	s.handle(d, "organizations.tickets", "GET "+ZendeskPath+"/organizations/{id}/tickets", func(r *http.Request, fault Fault) reply {
		id := number64(r.PathValue("id"))
		if z.record("organizations", id) == nil || fault.drops(r.PathValue("id")) {
			return zendeskError(http.StatusNotFound, "RecordNotFound", "Not found")
		}
		return ticketPage(r, fault, z.tickets(func(t ZendeskTicket) bool { return t.OrganizationID == id }))
	})
	s.handle(d, "search.list", "GET "+ZendeskPath+"/search", func(r *http.Request, fault Fault) reply {
		return z.search(r, s.indexed(z.tickets(nil), fault))
	})
	s.handle(d, "search.export", "GET "+ZendeskPath+"/search/export", func(r *http.Request, fault Fault) reply {
		return z.export(r, s.indexed(z.tickets(nil), fault), s.now())
	})
	s.handle(d, "unknown", ZendeskPath+"/", func(*http.Request, Fault) reply {
		return zendeskError(http.StatusNotFound, "InvalidEndpoint", "Not found")
	})
}

// zendeskRate is the vendor's: a limit of the account, and own ones of two endpoints, by the minute
// (developer.zendesk.com/api-reference/introduction/rate-limits).
func zendeskRate(op string) (string, Rate) {
	switch op {
	case "organizations.tickets":
		return "tickets-index", Rate{Calls: 100, Window: Duration(time.Minute)}
	case "search.export":
		return "search-export", Rate{Calls: 100, Window: Duration(time.Minute)}
	case "incremental.tickets", "incremental.users", "incremental.organizations":
		return "incremental-exports", Rate{Calls: 10, Window: Duration(time.Minute)}
	default:
		return "", Rate{Calls: 700, Window: Duration(time.Minute)}
	}
}

func zendeskStamp(header http.Header, _ *http.Request, turn turn) {
	limit, left := fmt.Sprint(turn.rate.Calls), fmt.Sprint(turn.left)
	header.Set("X-Request-Id", fmt.Sprintf("%08x-zdk-%04x", uint64(turn.number), turn.status))
	header.Set("X-Rate-Limit", limit)
	header.Set("X-Rate-Limit-Remaining", left)
	header.Set("Ratelimit-Limit", limit)
	header.Set("Ratelimit-Remaining", left)
	header.Set("Ratelimit-Reset", fmt.Sprint(max(turn.seconds(), 1)))
	if pool, _ := zendeskRate(turn.op); pool != "" {
		header.Set("Zendesk-Ratelimit-"+pool, fmt.Sprintf("total=%s; remaining=%s; resets=%d", limit, left, max(turn.seconds(), 1)))
	}
	turn.retryAfter(header)
}

// showMany answers for ids, or for our ids where it is asked by those: what is there, in no order.
func (s *Server) showMany(r *http.Request, fault Fault, kind string, z *zendesk) reply {
	query := r.URL.Query()
	names, external := query.Get("ids"), query.Get("external_ids")
	if (names == "") == (external == "") || external != "" && kind == "tickets" {
		return zendeskFault(http.StatusBadRequest, "Invalid attribute", "You passed an invalid value for the ids attribute.")
	}
	asked := strings.Split(names+external, ",")
	if len(asked) > maxMany {
		return zendeskFault(http.StatusBadRequest, "Too many ids", "Too many records requested, maximum is 100.")
	}
	found, seen := []object{}, map[int64]bool{}
	for _, name := range asked {
		ids := z.external(kind, name)
		if names != "" {
			id, err := strconv.ParseInt(name, 10, 64)
			if err != nil {
				return zendeskFault(http.StatusBadRequest, "Invalid attribute", "You passed an invalid value for the ids attribute.")
			}
			ids = []int64{id}
		}
		for _, id := range ids {
			if record := z.record(kind, id); record != nil && !seen[id] && !fault.drops(name) {
				seen[id] = true
				found = append(found, record)
			}
		}
	}
	s.shuffle(len(found), func(i, j int) { found[i], found[j] = found[j], found[i] })
	return reply{status: http.StatusOK, keys: len(asked), body: object{
		kind: found, "count": len(found), "next_page": nil, "previous_page": nil,
	}}
}

func (u ZendeskUser) wire() object {
	return object{
		"id": u.ID, "name": u.Name, "email": orNull(u.Email), "role": orElse(u.Role, "end-user"), "external_id": orNull(u.ExternalID),
		"organization_id": orNone64(u.OrganizationID), "active": !u.Deleted, "suspended": u.Suspended, "time_zone": "UTC", "locale": "en-US",
		"user_fields": object{}, "created_at": whole(u.Created), "updated_at": whole(u.Updated),
	}
}

func (o ZendeskOrganization) wire() object {
	return object{
		"id": o.ID, "name": o.Name, "external_id": orNull(o.ExternalID), "domain_names": orEmpty(o.Domains), "details": nil, "notes": nil,
		"group_id": nil, "tags": orEmpty(o.Tags), "organization_fields": object{}, "created_at": whole(o.Created), "updated_at": whole(o.Updated),
	}
}

func (t ZendeskTicket) wire() object {
	return object{
		"id": t.ID, "external_id": orNull(t.ExternalID), "subject": t.Subject, "description": t.Description, "type": orNull(t.Type),
		"priority": orNull(t.Priority), "status": t.Status, "custom_status_id": 11, "requester_id": t.RequesterID,
		"submitter_id": t.RequesterID, "assignee_id": orNone64(t.AssigneeID), "organization_id": orNone64(t.OrganizationID),
		"group_id": nil, "brand_id": 1, "ticket_form_id": nil, "tags": orEmpty(t.Tags), "custom_fields": []object{},
		"via": object{"channel": "web"}, "is_public": true, "created_at": whole(t.Created), "updated_at": whole(t.Updated),
	}
}

func (c ZendeskComment) wire() object {
	return object{
		"id": c.ID, "type": "Comment", "author_id": c.AuthorID, "body": c.Body, "html_body": "<p>" + c.Body + "</p>", "plain_body": c.Body,
		"public": c.Public, "attachments": []object{}, "audit_id": c.ID + 1, "via": object{"channel": "api"}, "created_at": whole(c.Created),
		"metadata": object{"system": object{}, "custom": orEmptyObject(c.Custom)},
	}
}

func orEmptyObject(custom map[string]string) map[string]string {
	if custom == nil {
		return map[string]string{}
	}
	return custom
}

// whole writes a time as the vendor does: to the second, in UTC.
func whole(at time.Time) string { return at.UTC().Format(time.RFC3339) }

func orNone64(id int64) *int64 {
	if id == 0 {
		return nil
	}
	return &id
}

func orEmpty(list []string) []string { return append([]string{}, list...) }

func zendeskRefuses(status int, _ Fault) reply {
	switch status {
	case http.StatusUnauthorized:
		return zendeskError(status, "Couldn't authenticate you", "")
	case http.StatusForbidden:
		return zendeskFault(status, "Forbidden", "You do not have access to this page. Please contact the account owner of this help desk for further help.")
	case http.StatusNotFound:
		return zendeskError(status, "RecordNotFound", "Not found")
	case http.StatusTooManyRequests:
		return zendeskError(status, "APIRateLimitExceeded", "Number of allowed API requests per minute exceeded")
	}
	if status >= 500 {
		return zendeskError(status, "unavailable", "Sorry, we could not complete your request.")
	}
	return zendeskFault(status, "Invalid attribute", "The request is not valid.")
}

// zendeskError is a failure whose error is a text, zendeskFault one whose error is an object: the vendor has both.
func zendeskError(status int, code, description string) reply {
	body := object{"error": code}
	if description != "" {
		body["description"] = description
	}
	return reply{status: status, body: body}
}

func zendeskFault(status int, title, message string) reply {
	return reply{status: status, body: object{"error": object{"title": title, "message": message}}}
}

// byUpdate orders tickets by one of the vendor's orders; among equals by id.
func byUpdate(order string) (func(a, b ZendeskTicket) int, bool) {
	field, descending := strings.CutPrefix(order, "-")
	var by func(a, b ZendeskTicket) int
	switch field {
	case "", "id":
		by = func(a, b ZendeskTicket) int { return cmp.Compare(a.ID, b.ID) }
	case "updated_at":
		by = func(a, b ZendeskTicket) int { return cmp.Or(a.Updated.Compare(b.Updated), cmp.Compare(a.ID, b.ID)) }
	case "status":
		by = func(a, b ZendeskTicket) int {
			return cmp.Or(cmp.Compare(a.Status, b.Status), cmp.Compare(a.ID, b.ID))
		}
	default:
		return nil, false
	}
	if descending {
		return func(a, b ZendeskTicket) int { return by(b, a) }, true
	}
	return by, true
}

// ticketPage is a page of tickets by cursor.
func ticketPage(r *http.Request, fault Fault, tickets []ZendeskTicket) reply {
	order, ok := byUpdate(r.URL.Query().Get("sort"))
	if !ok {
		return zendeskFault(http.StatusBadRequest, "Invalid attribute", "sort is not valid")
	}
	sorted := slices.SortedFunc(slices.Values(tickets), order)
	sorted = slices.DeleteFunc(sorted, func(t ZendeskTicket) bool { return fault.drops(fmt.Sprint(t.ID)) })
	return cursorPage(r, "tickets", sorted, ZendeskTicket.wire, maxMany, "")
}
