package zendesk

import (
	"slices"
	"strings"
	"testing"
	"time"

	"supportgraph/clients/upstream"
)

const recorded = `{"tickets":[{"id":35436,"external_id":"tkt_01J","subject":"522 on apex","description":"x","type":"incident","priority":"high","status":"open",
"custom_status_id":11,"requester_id":2097,"submitter_id":768,"assignee_id":null,"organization_id":509974,"tags":["dns"],"custom_fields":[{"id":27642,"value":"745"}],
"via":{"channel":"web"},"is_public":true,"created_at":"2026-11-01T10:00:00Z","updated_at":"2026-11-02T08:00:00Z"}],
"users":[{"id":2097,"name":"Ann","role":"end-user","created_at":"2026-11-01T10:00:00Z","updated_at":"2026-11-01T10:00:00Z"}],"count":1,"next_page":null,
"meta":{"has_more":true,"after_cursor":"xyz","before_cursor":null},"links":{"next":"https://x","prev":null}}`

func TestRecordedTickets(t *testing.T) {
	t.Parallel()
	for _, most := range []int{0, 1} {
		if err := upstream.Decode([]byte(recorded), &answer{kind: "tickets", most: most}); err != nil {
			t.Errorf("pages of %d: %v", most, err)
		}
	}
	if err := upstream.Decode([]byte(recorded), &answer{kind: "users"}); err != nil {
		t.Error(err)
	}
}

func TestUnusableAnswers(t *testing.T) {
	t.Parallel()
	const times = `"created_at":"2026-11-01T10:00:00Z","updated_at":"2026-11-01T10:00:00Z"`
	const good = `{"id":1,"status":"open","requester_id":2,` + times + `}`
	for name, test := range map[string]struct {
		kind string
		most int
		body string
	}{
		"null":                {"tickets", 0, `null`},
		"another kind":        {"users", 0, `{"tickets":[]}`},
		"an error":            {"tickets", 0, `{"error":"unavailable","description":"x"}`},
		"a null ticket":       {"tickets", 0, `{"tickets":[null]}`},
		"a text as id":        {"tickets", 0, `{"tickets":[{"id":"1","status":"open","requester_id":2,` + times + `}]}`},
		"no requester":        {"tickets", 0, `{"tickets":[{"id":1,"status":"open",` + times + `}]}`},
		"no times":            {"tickets", 0, `{"tickets":[{"id":1,"status":"open","requester_id":2}]}`},
		"after all time":      {"tickets", 0, `{"tickets":[{"id":1,"status":"open","requester_id":2,"created_at":"9999-12-31T23:59:59-02:00","updated_at":"2026-11-01T10:00:00Z"}]}`},
		"no role":             {"users", 0, `{"users":[{"id":1,` + times + `}]}`},
		"no name":             {"organizations", 0, `{"organizations":[{"id":1,` + times + `}]}`},
		"no visibility":       {"comments", 9, `{"comments":[{"id":1,"author_id":2,"body":"x","created_at":"2026-11-01T10:00:00Z"}],"meta":{"has_more":false}}`},
		"no meta":             {"tickets", 9, `{"tickets":[` + good + `]}`},
		"more without cursor": {"tickets", 9, `{"tickets":[` + good + `],"meta":{"has_more":true,"after_cursor":null}}`},
		"an empty cursor":     {"tickets", 9, `{"tickets":[` + good + `],"meta":{"has_more":true,"after_cursor":""}}`},
		"more than asked for": {"tickets", 1, `{"tickets":[` + good + `,` + good + `],"meta":{"has_more":false}}`},
	} {
		if err := upstream.Decode([]byte(test.body), &answer{kind: test.kind, most: test.most}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if err := upstream.Decode([]byte(`{"tickets":[`+good+`],"meta":{"has_more":false}}`), &answer{kind: "tickets", most: 1}); err != nil {
		t.Error(err)
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	for body, want := range map[string][2]string{
		`{"error":"RecordNotFound","description":"Not found"}`:                {"RecordNotFound", "Not found"},
		`{"error":{"title":"Invalid attribute","message":"m"}}`:               {"Invalid attribute", "m"},
		`{"error":"RecordInvalid","description":"d","details":{"base":[{}]}}`: {"RecordInvalid", "d"},
		`{"error":7}`: {}, `{"error":null}`: {}, `{}`: {}, `<html>`: {}, `{"error":{}}`: {}, `{"error":""}`: {},
	} {
		code, message, ok := explain([]byte(body))
		if code != want[0] || message != want[1] || ok != (want[0] != "") {
			t.Errorf("%s: %q %q %v", body, code, message, ok)
		}
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add([]byte(recorded), "522 on apex")
	f.Add([]byte(`{"results":[],"comments":[{"id":1,"author_id":-1,"body":"x","public":false,"created_at":"2026-11-01T10:00:00Z"}],"meta":{"has_more":false}}`), `a "b\" -c*`)
	f.Add([]byte(`{"error":{"title":"x","message":"y"}}`), "type:user")
	statuses := []VendorTicketStatus{VendorTicketNew, VendorTicketOpen, VendorTicketPending, VendorTicketHold, VendorTicketSolved, VendorTicketClosed, VendorTicketOther}
	f.Fuzz(func(t *testing.T, body []byte, text string) {
		explain(body)
		if query := literal(text); strings.Count(query, `"`)%2 != 0 || strings.Contains(query, `\`) || strings.Trim(strings.ReplaceAll(query, `" "`, ""), `"`) != strings.ReplaceAll(strings.ReplaceAll(query, `" "`, ""), `"`, "") {
			t.Errorf("%q is looked for as %s", text, query)
		}
		for _, kind := range []string{"tickets", "results", "users", "organizations", "comments"} {
			for _, most := range []int{0, 100} {
				answer := answer{kind: kind, most: most}
				if upstream.Decode(body, &answer) != nil {
					continue
				}
				for _, row := range answer.Tickets {
					if kind != "tickets" {
						break
					}
					if ticket := row.ticket("https://x/"); ticket.ID <= 0 || ticket.CreatedAt.Year() > 9999 || !slices.Contains(statuses, ticket.Status) {
						t.Errorf("%+v", ticket)
					}
				}
				if kind == "comments" && most > 0 {
					answer.comments()
				}
				if kind == "results" && most > 0 {
					answer.tickets(answer.Results, "https://x/")
				}
				if kind == "users" {
					for _, row := range answer.Users {
						row.user(time.Now())
					}
				}
			}
		}
	})
}
