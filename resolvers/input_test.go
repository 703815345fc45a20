package resolvers_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
	"supportgraph/clients/tickets"
)

// TestBadInput gives each argument what it cannot take: the answer is exact, names the argument, and costs nothing but,
// for customers, the statement that says what is theirs.
func TestBadInput(t *testing.T) {
	t.Parallel()
	var (
		ticket  = tickets.ID{}.String()
		account = accounts.ID{}.String()
		cursor  = func(order byte) string { return postgres.Cursor{Order: order, Value: "1"}.String() }
		deep    = strings.Repeat("{not: ", 6) + "{}" + strings.Repeat("}", 6)
		parts   = "{or: [" + strings.Repeat("{}, ", 60) + "]}"
		ids     = `["` + strings.Repeat(ticket+`", "`, 100) + ticket + `"]`
		long    = `"` + strings.Repeat("x", 201) + `"`
		values  = "[" + strings.Repeat("NEW ", 101) + "]"
	)
	zone := "2026-11-20T12:00:00"
	// field is refused where it stands, with null in its place or in that of what must not be null.
	for _, bad := range []struct {
		what, query string
		variables   map[string]any
		want        string
	}{
		{"an ID that is none", `{ticket(id: "x") {id}}`, nil, at("ticket", "id", "INVALID_ID", "The ID is malformed.")},
		{"an empty ID", `{node(id: "") {id}}`, nil, at("node", "id", "INVALID_ID", "The ID is malformed.")},
		{"a number as ID", `{node(id: 5) {id}}`, nil, at("node", "id", "INVALID_ID", "The ID is malformed.")},
		{"an ID in capitals", `{node(id: "` + strings.ToUpper(ticket) + `") {id}}`, nil, at("node", "id", "INVALID_ID", "The ID is malformed.")},
		{"an ID out of range", `{node(id: "tkt_` + strings.Repeat("z", 26) + `") {id}}`, nil, at("node", "id", "INVALID_ID", "The ID is malformed.")},
		{"an ID of another kind", `{ticket(id: "` + account + `") {id}}`, nil, at("ticket", "id", "INVALID_ID", "The ID is not that of a ticket.")},
		{"a ticket's ID for an account", `{account(id: "` + ticket + `") {id}}`, nil, at("account", "id", "INVALID_ID", "The ID is not that of an account.")},
		{"a ticket's ID for a contact", `{contact(id: "` + ticket + `") {id}}`, nil, at("contact", "id", "INVALID_ID", "The ID is not that of a contact.")},
		{"an ID that no record has", `{ticket(id: "` + ticket + `") {id}}`, nil, `{"data":{"ticket":null}}`},
		{"an event's ID", `{node(id: "evt_` + strings.Repeat("0", 26) + `") {id}}`, nil, at("node", "id", "INVALID_ID", "The ID is malformed.")},
		{"one of several IDs", `{nodes(ids: ["` + ticket + `", "x"]) {id}}`, nil, whole("nodes", "ids[1]", "INVALID_ID", "The ID is malformed.")},
		{"too many IDs", `{nodes(ids: ` + ids + `) {id}}`, nil, whole("nodes", "ids", "INVALID_PAGE_SIZE", "At most 100 IDs can be asked for at once.")},
		{"a cursor that is none", `{tickets(after: "x") {nodes {id}}}`, nil, whole("tickets", "after", "INVALID_CURSOR", "The cursor is malformed.")},
		{"an empty cursor", `{accounts(after: "") {nodes {id}}}`, nil, whole("accounts", "after", "INVALID_CURSOR", "The cursor is malformed.")},
		{"a cursor of another list", `{tickets(after: "` + cursor('a') + `") {nodes {id}}}`, nil, whole("tickets", "after", "INVALID_CURSOR", "The cursor belongs to another list or another order.")},
		{"a cursor of the other direction", `{tickets(after: "` + cursor('u') + `") {nodes {id}}}`, nil, whole("tickets", "after", "INVALID_CURSOR", "The cursor belongs to another list or another order.")},
		{"a ticket's cursor for accounts", `{accounts(after: "` + cursor('U') + `") {nodes {id}}}`, nil, whole("accounts", "after", "INVALID_CURSOR", "The cursor belongs to another list or another order.")},
		{"a contact's cursor for agents", `{agents(after: "` + cursor('c') + `") {nodes {id}}}`, nil, whole("agents", "after", "INVALID_CURSOR", "The cursor belongs to another list or another order.")},
		{"a page of nothing", `{tickets(first: 0) {nodes {id}}}`, nil, whole("tickets", "first", "INVALID_PAGE_SIZE", "A page has 1 to 100 items.")},
		{"a page of less than nothing", `{accounts(first: -1) {nodes {id}}}`, nil, whole("accounts", "first", "INVALID_PAGE_SIZE", "A page has 1 to 100 items.")},
		{"a page too large", `{agents(first: 101) {nodes {id}}}`, nil, whole("agents", "first", "INVALID_PAGE_SIZE", "A page has 1 to 100 items.")},
		{"a page beyond 32 bits", `{tickets(first: 2147483648) {nodes {id}}}`, nil, whole("tickets", "first", "BAD_USER_INPUT", "The value is not a whole number in the type's range.")},
		{"a reference that is none", `{ticketByRef(ref: "1234") {id}}`, nil, at("ticketByRef", "ref", "BAD_USER_INPUT", "A reference looks like T-1234.")},
		{"a reference beyond all", `{ticketByRef(ref: "T-99999999999999999999") {id}}`, nil, at("ticketByRef", "ref", "BAD_USER_INPUT", "A reference looks like T-1234.")},
		{"a filter too deep", `{tickets(filter: ` + deep + `) {nodes {id}}}`, nil,
			whole("tickets", "filter"+strings.Repeat(".not", 6), "BAD_USER_INPUT", "A filter has at most 60 parts and a depth of 6.")},
		{"a filter too big", `{tickets(filter: ` + parts + `) {nodes {id}}}`, nil,
			whole("tickets", "filter.or[59]", "BAD_USER_INPUT", "A filter has at most 60 parts and a depth of 6.")},
		{"a filter of too many values", `{tickets(filter: {and: {status: ` + values + `}}) {nodes {id}}}`, nil,
			whole("tickets", "filter.and[0].status", "BAD_USER_INPUT", "At most 100 values.")},
		{"an or of nothing", `{tickets(filter: {or: []}) {nodes {id}}}`, nil, whole("tickets", "filter.or", "BAD_USER_INPUT", "Needs at least one part.")},
		{"a text too long", `{tickets(filter: {text: ` + long + `}) {nodes {id}}}`, nil,
			whole("tickets", "filter.text", "BAD_USER_INPUT", "Not a text of at most 200 characters that can be searched for.")},
		{"a text too long for accounts", `{accounts(text: ` + long + `) {nodes {id}}}`, nil,
			whole("accounts", "text", "BAD_USER_INPUT", "The text is too long, or holds a character that cannot be searched for.")},
		{"an ID of another kind in a filter", `{tickets(filter: {account: ["` + ticket + `"]}) {nodes {id}}}`, nil,
			whole("tickets", "filter.account[0]", "INVALID_ID", "The ID is malformed, or not of the kind that is asked for.")},
		{"a text too long for Zendesk", `{searchVendorTickets(text: ` + long + `) {__typename}}`, nil,
			whole("searchVendorTickets", "text", "BAD_USER_INPUT", "The text is empty or too long, or holds a character that cannot be searched for.")},
		{"a page of nothing at Zendesk", `{searchVendorTickets(text: "x", first: 0) {__typename}}`, nil, whole("searchVendorTickets", "first", "INVALID_PAGE_SIZE", "A page has 1 to 100 items.")},
		{"no time", `{tickets(filter: {created: {from: "` + zone + `"}}) {nodes {id}}}`, nil,
			whole("tickets", "filter.created.from", "BAD_USER_INPUT", "The value is not a time such as 2026-11-20T12:00:00Z.")},
		{"a word as page size", `query ($n: Int!) {tickets(first: $n) {nodes {id}}}`, map[string]any{"n": "5"},
			`{"data":null,"errors":[` + wrong("tickets", "first", "BAD_USER_INPUT", "The value is not a whole number in the type's range.", 19) + `]}`},
		{"a variable beyond 32 bits", `query ($n: Int!) {tickets(first: $n) {nodes {id}}}`, map[string]any{"n": 2147483648},
			`{"data":null,"errors":[` + wrong("tickets", "first", "BAD_USER_INPUT", "The value is not a whole number in the type's range.", 19) + `]}`},
	} {
		t.Run(bad.what, func(t *testing.T) {
			t.Parallel()
			for persona, calls := range map[string]string{"agent": "", "group": "postgres accounts.scope 1\n"} {
				if persona == "group" && (strings.Contains(bad.query, "agents") || strings.Contains(bad.query, "VendorTickets")) {
					continue
				}
				got := theHouse.ask(t, theHouse.planned, persona, bad.query, bad.variables)
				if diff := cmp.Diff(bad.want, string(got.body)); diff != "" || got.status != 200 {
					t.Errorf("as %s: HTTP %d (-want +got):\n%s", persona, got.status, diff)
				}
				if bad.what != "an ID that no record has" && got.calls.String() != calls {
					t.Errorf("as %s, calls are made:\n%s", persona, got.calls)
				}
			}
		})
	}
}

// TestRefused asks what does not fit the contract: nothing is read, not even what is theirs, and nothing is executed.
func TestRefused(t *testing.T) {
	t.Parallel()
	const failed, variable = "GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT"
	for _, bad := range []struct {
		what, query string
		variables   map[string]any
		status      int
		code, want  string
		at          string // the place in the document, or the variable
	}{
		{"a text as page size", `{tickets(first: "5") {nodes {id}}}`, nil, 200, failed, `Argument "first" has a value that cannot be used.`, "1:18"},
		{"a fraction as page size", `{tickets(first: 1.5) {nodes {id}}}`, nil, 200, failed, `Argument "first" has a value that cannot be used.`, "1:17"},
		{"a number beyond all", `{tickets(first: 99999999999999999999) {nodes {id}}}`, nil, 200, failed,
			`Argument "first" has a value that cannot be used.`, "1:17"},
		{"null as page size", `{tickets(first: null) {nodes {id}}}`, nil, 200, failed, `Argument "first" has a value that cannot be used.`, "1:17"},
		{"an unknown value of an enum", `{tickets(filter: {status: OPENED}) {nodes {id}}}`, nil, 200, failed,
			`Value "OPENED" does not exist in "[TicketStatus!]" enum. Did you mean the enum value "OPEN"?`, "1:27"},
		{"an unknown value of an enum in a variable", `query ($s: [TicketStatus!]) {tickets(filter: {status: $s}) {nodes {id}}}`,
			map[string]any{"s": "OPENED"}, 200, variable, `Variable $s[0] has a value that cannot be used.`, "s[0]"},
		{"a variable that is missing", `query ($id: ID!) {ticket(id: $id) {id}}`, nil, 200, variable, `Variable $id must be given.`, "id"},
		{"a variable that is null", `query ($id: ID!) {ticket(id: $id) {id}}`, map[string]any{"id": nil}, 200, variable, `Variable $id must not be null.`, "id"},
		{"an unknown field in a variable", `query ($f: TicketFilter) {tickets(filter: $f) {nodes {id}}}`,
			map[string]any{"f": map[string]any{"stati": "OPEN"}}, 200, variable, `Variable $f.stati is no field of its input.`, "f.stati"},
		{"an argument that is missing", `{ticket {id}}`, nil, 200, failed, `Field "ticket" argument "id" of type "ID!" is required, but it was not provided.`, "1:2"},
		{"an unknown field", `{tickets {nodes {ids}}}`, nil, 200, failed, `Cannot query field "ids" on type "Ticket". Did you mean "id"?`, "1:18"},
		{"an unknown argument", `{tickets(frist: 1) {nodes {id}}}`, nil, 200, failed, `Unknown argument "frist" on field "Query.tickets". Did you mean "first"?`, "1:2"},
		{"an unknown part of a filter", `{tickets(filter: {stati: OPEN}) {nodes {id}}}`, nil, 200, failed,
			`Field "stati" is not defined by type "TicketFilter". Did you mean "status"?`, "1:19"}, // staff are told of tags
		{"a record without fields", `{viewer}`, nil, 200, failed, `Field "viewer" of type "Viewer!" must have a selection of subfields. Did you mean "viewer { ... }"?`, "1:2"},
		{"a character that no text has", `{tickets(filter: {text: "a\u0000b"}) {nodes {id}}}`, nil, 200, failed, `A text has a character that is not allowed.`, "1:26"},
		{"a character that no text has in a variable", `query ($x: String) {tickets(filter: {text: $x}) {nodes {id}}}`, map[string]any{"x": "a\x00b"},
			400, "BAD_REQUEST", `The body has a character that is not allowed in text.`, ""},
		{"a change", `mutation {x}`, nil, 200, failed, `Cannot query field "x" on type "Mutation".`, "1:11"},
		{"no end", `{tickets {nodes {id}}`, nil, 200, "GRAPHQL_PARSE_FAILED", `Expected Name, found <EOF>`, "1:22"},
	} {
		t.Run(bad.what, func(t *testing.T) {
			t.Parallel()
			got := theHouse.ask(t, theHouse.planned, "group", bad.query, bad.variables)
			want := refusal{Message: bad.want}
			want.Extensions.Code, want.Extensions.Reference = bad.code, "a-test"
			if line, column, ok := strings.Cut(bad.at, ":"); ok {
				want.Locations = []map[string]json.Number{{"line": json.Number(line), "column": json.Number(column)}}
			} else {
				want.Extensions.Variable = bad.at
			}
			var refused struct{ Errors []refusal }
			decoder := json.NewDecoder(bytes.NewReader(got.body))
			decoder.DisallowUnknownFields()
			if err := decoder.Decode(&refused); err != nil {
				t.Fatalf("%v in %s", err, got.body)
			}
			if diff := cmp.Diff([]refusal{want}, refused.Errors); diff != "" || got.status != bad.status {
				t.Errorf("HTTP %d (-want +got):\n%s", got.status, diff)
			}
			if got.calls.Of("") != 0 {
				t.Errorf("calls are made:\n%s", got.calls)
			}
		})
	}
}

// refusal is an error of an operation that did not run, with all that it may say.
type refusal struct {
	Message    string
	Locations  []map[string]json.Number
	Extensions struct {
		Code, Reference, Variable string
		Retryable                 bool
	}
}

// at is the answer of a field that could not be asked, with null in its place.
func at(field, argument, code, message string) string {
	return fmt.Sprintf(`{"data":{%q:null},"errors":[%s]}`, field, wrong(field, argument, code, message, 2))
}

// whole is the answer where the field must not be null.
func whole(field, argument, code, message string) string {
	return fmt.Sprintf(`{"data":null,"errors":[%s]}`, wrong(field, argument, code, message, 2))
}

func wrong(field, argument, code, message string, column int) string {
	return fmt.Sprintf(`{"message":%q,"path":[%q],"locations":[{"line":1,"column":%d}],"extensions":{"argument":%q,"code":%q,"reference":"a-test","retryable":false}}`,
		message, field, column, argument, code)
}
