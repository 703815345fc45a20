package vendors

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	exportPage    = 1000 // the most of a page of an export (developer.zendesk.com/api-reference/ticketing/ticket-management/search)
	searchResults = 1000 // the most that a search pages through
	cursorLife    = time.Hour
)

// cursorPage is a page by cursor: page[size] and page[after] in, meta and links out. A cursor holds its place and, where
// it has one, the end of its life.
func cursorPage[T any](r *http.Request, kind string, rows []T, wire func(T) object, most int, until string) reply {
	query := r.URL.Query()
	size, err := number(query.Get("page[size]"), most, 1, most)
	if err != nil {
		return zendeskFault(http.StatusBadRequest, "Invalid attribute", "page[size] is out of range")
	}
	start := 0
	if after := query.Get("page[after]"); after != "" {
		text, _ := base64.RawURLEncoding.DecodeString(after)
		place, _, _ := strings.Cut(string(text), "|")
		if start, err = strconv.Atoi(place); err != nil || start < 0 || start > len(rows) {
			return zendeskFault(http.StatusBadRequest, "Invalid cursor", "page[after] is not valid")
		}
	}
	end := min(start+size, len(rows))
	shown := make([]object, 0, end-start)
	for _, row := range rows[start:end] {
		shown = append(shown, wire(row))
	}
	meta, links := object{"has_more": end < len(rows), "after_cursor": nil, "before_cursor": nil}, object{"next": nil, "prev": nil}
	if end < len(rows) {
		cursor := base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d|%s", end, until))
		meta["after_cursor"] = cursor
		query.Set("page[after]", cursor)
		links["next"] = "http://" + r.Host + r.URL.Path + "?" + query.Encode()
	}
	return reply{status: http.StatusOK, body: object{kind: shown, "meta": meta, "links": links}}
}

func (z *zendesk) commentPage(r *http.Request, comments []ZendeskComment) reply {
	switch sort := r.URL.Query().Get("sort"); sort {
	case "", "created_at":
	case "-created_at":
		comments = slices.Clone(comments)
		slices.Reverse(comments)
	default:
		return zendeskFault(http.StatusBadRequest, "Invalid attribute", "sort is not valid")
	}
	answer := cursorPage(r, "comments", comments, ZendeskComment.wire, maxMany, "")
	if body := answer.body.(object); answer.status == http.StatusOK && r.URL.Query().Get("include") == "users" {
		users, seen := []object{}, map[int64]bool{}
		for _, comment := range body["comments"].([]object) {
			author := comment["author_id"].(int64)
			if user := z.record("users", author); user != nil && !seen[author] {
				seen[author] = true
				users = append(users, user)
			}
		}
		body["users"] = users
	}
	return answer
}

// indexed is what searches know: everything, but nothing younger than the fault's lag.
func (s *Server) indexed(tickets []ZendeskTicket, fault Fault) []ZendeskTicket {
	edge := s.now().Add(-time.Duration(fault.IndexLag))
	return slices.DeleteFunc(slices.Clone(tickets), func(t ZendeskTicket) bool {
		return fault.drops(fmt.Sprint(t.ID)) || fault.IndexLag > 0 && t.Updated.After(edge)
	})
}

// search pages by number, and not beyond its first 1,000 results.
func (z *zendesk) search(r *http.Request, tickets []ZendeskTicket) reply {
	query := r.URL.Query()
	page, errPage := number(query.Get("page"), 1, 1, 1<<30)
	size, errSize := number(query.Get("per_page"), 100, 1, 100)
	switch {
	case errPage != nil || errSize != nil:
		return zendeskFault(http.StatusBadRequest, "Invalid attribute", "page or per_page is out of range")
	case query.Get("query") == "":
		return zendeskError(http.StatusUnprocessableEntity, "invalid", "Invalid search: query must be present")
	case page*size > searchResults:
		return zendeskError(http.StatusUnprocessableEntity, "invalid", "Invalid search: Requested response size was greater than Search Response Limits")
	}
	found := matching(query.Get("query"), tickets)
	slices.SortFunc(found, func(a, b ZendeskTicket) int { return b.Updated.Compare(a.Updated) })
	start := min((page-1)*size, len(found))
	results := []object{}
	for _, ticket := range found[start:min(start+size, len(found))] {
		results = append(results, ticket.result())
	}
	return reply{status: http.StatusOK, body: object{"results": results, "count": len(found), "facets": nil, "next_page": nil, "previous_page": nil}}
}

// export pages by a cursor that lives for an hour, in the order of creation.
func (z *zendesk) export(r *http.Request, tickets []ZendeskTicket, now time.Time) reply {
	query := r.URL.Query()
	if query.Get("filter[type]") != "ticket" {
		return zendeskError(http.StatusUnprocessableEntity, "invalid", "Invalid search: filter[type] must be present")
	}
	if strings.Contains(query.Get("query"), "type:") {
		for _, term := range terms(query.Get("query")) {
			if !term.quoted && strings.HasPrefix(term.text, "type:") {
				return zendeskError(http.StatusUnprocessableEntity, "invalid", "Invalid search: type must not be in the query")
			}
		}
	}
	if after := query.Get("page[after]"); after != "" {
		text, _ := base64.RawURLEncoding.DecodeString(after)
		_, until, _ := strings.Cut(string(text), "|")
		if end, err := strconv.ParseInt(until, 10, 64); err != nil || now.After(time.Unix(end, 0)) {
			return zendeskFault(http.StatusBadRequest, "Expired cursor", "The cursor has expired")
		}
	}
	found := matching(query.Get("query"), tickets)
	slices.SortFunc(found, func(a, b ZendeskTicket) int { return a.Created.Compare(b.Created) })
	return cursorPage(r, "results", found, ZendeskTicket.result, exportPage, fmt.Sprint(now.Add(cursorLife).Unix()))
}

func (t ZendeskTicket) result() object {
	wire := t.wire()
	wire["result_type"] = "ticket"
	return wire
}

type term struct {
	text   string
	quoted bool // a phrase: nothing in it is an operator
}

// terms splits a query at spaces outside quotes.
func terms(query string) []term {
	var found []term
	for i, part := range strings.Split(query, `"`) {
		if i%2 == 1 {
			found = append(found, term{text: part, quoted: true})
			continue
		}
		for word := range strings.FieldsSeq(part) {
			found = append(found, term{text: word})
		}
	}
	return found
}

// matching finds the tickets of which every term of the query is true: words and phrases of its texts, properties, and
// what must not be.
func matching(query string, tickets []ZendeskTicket) []ZendeskTicket {
	found := []ZendeskTicket{}
	for _, ticket := range tickets {
		text := strings.ToLower(ticket.Subject + " " + ticket.Description + " " + strings.Join(ticket.Tags, " "))
		holds := true
		for _, term := range terms(query) {
			word, without := strings.ToLower(term.text), false
			if !term.quoted {
				word, without = strings.CutPrefix(word, "-")
			}
			property, value, isProperty := strings.Cut(word, ":")
			var has bool
			switch {
			case term.quoted || !isProperty:
				has = strings.Contains(text, word)
			case property == "type":
				has = value == "ticket"
			case property == "status":
				has = ticket.Status == value
			case property == "organization":
				has = fmt.Sprint(ticket.OrganizationID) == value
			}
			holds = holds && has != without
		}
		if holds {
			found = append(found, ticket)
		}
	}
	return found
}
