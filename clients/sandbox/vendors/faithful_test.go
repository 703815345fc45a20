package vendors_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"supportgraph/clients/sandbox/vendors"
)

const record = "001xx000003DGb1AAG"

// office is the data of the vendors that hold records of customers and work.
func office(data *vendors.Data) {
	born := time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC)
	data.Salesforce = vendors.SalesforceData{Custom: []string{"Segment__c"}, Accounts: []vendors.CrmAccount{{ID: record, Name: "Acme", Created: born, Modified: born}}}
	data.Issues = []vendors.Issue{
		{ID: "10", Key: "EDGE-10", Moved: []string{"OLD-1"}, Summary: "Ten", Status: "Doing", Category: "indeterminate", Created: born, Updated: born},
		{ID: "9", Key: "EDGE-9", Summary: "Nine", Status: "Done", Category: "done", Created: born, Updated: born},
	}
	data.Zendesk = vendors.ZendeskData{
		Users:         []vendors.ZendeskUser{{ID: 20, Name: "Ada", ExternalID: "con_1", Created: born, Updated: born}},
		Organizations: []vendors.ZendeskOrganization{{ID: 50, Name: "Acme", ExternalID: "acc_1", Created: born, Updated: born}},
	}
	for i := range 30 {
		data.Zendesk.Tickets = append(data.Zendesk.Tickets, vendors.ZendeskTicket{ID: int64(1 + i), Subject: "T", Status: "open", RequesterID: 20, OrganizationID: 50,
			Created: born, Updated: born.Add(time.Duration(i) * time.Minute), Comments: []vendors.ZendeskComment{{ID: 9, AuthorID: 20, Created: born}}})
	}
}

func TestFaithfulToSalesforce(t *testing.T) {
	t.Parallel()
	clock := &clock{at: time.Date(2026, 11, 21, 18, 0, 0, 0, time.UTC)}
	w := serve(t, vendors.Options{SalesforceSecret: "s", SessionLife: time.Hour, Now: clock.now})
	token := vendors.SalesforcePath + "/services/oauth2/token"
	form := []string{"Content-Type", "application/x-www-form-urlencoded"}
	for body, want := range map[string]string{
		"": "unsupported_grant_type", "grant_type=password": "unsupported_grant_type", "grant_type=client_credentials": "invalid_client_id",
		"grant_type=client_credentials&client_id=c": "invalid_client", "grant_type=client_credentials&client_id=c&client_secret=x": "invalid_client",
	} {
		if got := w.ask(http.MethodPost, token, body, form...); got.status != 400 || got.at("error") != want {
			t.Errorf("%q: %d %s", body, got.status, got.text)
		}
	}
	open := func() []string {
		got := w.ask(http.MethodPost, token, "grant_type=client_credentials&client_id=c&client_secret=s", form...)
		if got.status != 200 || got.at("token_type") != "Bearer" || got.at("expires_in") != nil {
			t.Fatalf("%d %s", got.status, got.text)
		}
		return []string{"Authorization", "Bearer " + got.at("access_token").(string)}
	}
	session := open()
	accounts := vendors.SalesforcePath + "/services/data/v66.0/composite/sobjects/Account"
	ask := func(body string) answer { return w.ask(http.MethodPost, accounts, body, session...) }
	for _, test := range []struct {
		body   string
		status int
		want   string
	}{
		{`{"ids":["001xx000003DGb1","nonsense","` + record + `","001xx000003DGb1BBB"],"fields":["Id","Segment__c"]}`, 200,
			`[{"Id":"` + record + `","Segment__c":null,"attributes":{"type":"Account","url":"/services/data/v66.0/sobjects/Account/` + record + `"}},null,{"Id":"` + record},
		{`{"ids":["` + record + `"],"fields":["CreatedDate"]}`, 200, `"CreatedDate":"2026-11-01T10:00:00.000+0000"`},
		{`{"ids":["` + record + `"],"fields":["Id","Soul__c"]}`, 400, `[{"errorCode":"INVALID_FIELD"`},
		{`{"ids":[],"fields":["Id"]}`, 400, `[{"errorCode":`},
		{`{"ids":["x"]}`, 400, `[{"errorCode":`},
		{`nonsense`, 400, `[{"errorCode":"JSON_PARSER_ERROR"`},
		{many(`"`+record+`",`, 2000, `"fields":["Id"]`, `"ids"`), 200, `[{"Id":`},
		{many(`"`+record+`",`, 2001, `"fields":["Id"]`, `"ids"`), 400, `[{"errorCode":"EXCEEDED_ID_LIMIT"`},
	} {
		if got := ask(test.body); got.status != test.status || !strings.Contains(got.text, test.want) || !strings.HasPrefix(got.header.Get("Sforce-Limit-Info"), "api-usage=") {
			t.Errorf("%.80s: %d %.300s %v", test.body, got.status, got.text, got.header)
		}
	}
	body := `{"ids":["` + record + `"],"fields":["Id"]}`
	if got := w.ask(http.MethodPost, accounts, body); got.status != 401 || !strings.Contains(got.text, `[{"errorCode":"INVALID_SESSION_ID"`) {
		t.Errorf("no session: %d %s", got.status, got.text)
	}
	clock.at = clock.at.Add(time.Hour)
	if got := ask(body); got.status != 401 {
		t.Errorf("a session past its life: %d", got.status)
	}
	session = open()
	if got := ask(body); got.status != 200 {
		t.Errorf("a new session: %d", got.status)
	}
	w.ExpireSessions()
	if got := ask(body); got.status != 401 {
		t.Errorf("a session that was ended: %d", got.status)
	}
}

// many is a body with so many names.
func many(name string, count int, rest, key string) string {
	return "{" + key + ":[" + strings.TrimSuffix(strings.Repeat(name, count), ",") + "]," + rest + "}"
}

func TestFaithfulToJira(t *testing.T) {
	t.Parallel()
	w := serve(t, vendors.Options{JiraToken: "p"})
	fetch := vendors.JiraPath + "/issue/bulkfetch"
	basic := []string{"Authorization", "Basic dTpw"}
	for _, test := range []struct {
		body   string
		status int
		want   string
		not    string
	}{
		{`{"issueIdsOrKeys":["edge-10","9","404"],"fields":["summary"]}`, 200, `"issues":[{"fields":{"summary":"Nine"},"id":"9","key":"EDGE-9"`, "status"}, // by id, as numbers
		{`{"issueIdsOrKeys":["OLD-1","10"]}`, 200, `"key":"EDGE-10"`, `"key":"OLD-1"`},
		{`{"issueIdsOrKeys":["10"],"fields":["created","assignee"]}`, 200, `"fields":{"assignee":null,"created":"2026-11-01T10:00:00.000+0000"}`, ""},
		{`{"issueIdsOrKeys":["404"]}`, 200, `"issueErrors":[],"issues":[]`, ""},
		{`{"issueIdsOrKeys":[]}`, 400, `"errorMessages":[`, ""},
		{`{"issueIdsOrKeys":[9]}`, 400, `"errorMessages":[`, ""}, // ids are texts
		{many(`"9",`, 100, `"fields":[]`, `"issueIdsOrKeys"`), 200, `"id":"9"`, ""},
		{many(`"9",`, 101, `"fields":[]`, `"issueIdsOrKeys"`), 400, `"status":400`, ""},
	} {
		got := w.ask(http.MethodPost, fetch, test.body, basic...)
		if got.status != test.status || !strings.Contains(got.text, test.want) || test.not != "" && strings.Contains(got.text, test.not) || got.header.Get("X-Ratelimit-Limit") != "100" {
			t.Errorf("%.80s: %d %.300s", test.body, got.status, got.text)
		}
	}
	if err := w.Break(vendors.Fault{Vendor: vendors.Jira, Fail: []string{"9"}, Times: 1}); err != nil {
		t.Fatal(err)
	}
	if got := w.ask(http.MethodPost, fetch, `{"issueIdsOrKeys":["9","10"],"fields":["summary"]}`, basic...); got.status != 200 || got.at("issueErrors.id") != "9" || got.at("issues.id") != "10" {
		t.Errorf("a failure within an answer: %s", got.text)
	}
	for _, header := range [][]string{nil, {"Authorization", "Bearer p"}, {"Authorization", "Basic dTpx"}} {
		if got := w.ask(http.MethodPost, fetch, `{"issueIdsOrKeys":["9"]}`, header...); got.status != 401 {
			t.Errorf("%v: %d", header, got.status)
		}
	}
	for _, reason := range []string{"jira-burst-based", "jira-quota-tenant-based"} {
		if err := w.Break(vendors.Fault{Vendor: vendors.Jira, Next: []int{429}, Reason: reason, RetryAfter: "1847"}); err != nil {
			t.Fatal(err)
		}
		got := w.ask(http.MethodPost, fetch, `{"issueIdsOrKeys":["9"]}`, basic...).header
		if got.Get("Ratelimit-Reason") != reason || got.Get("Retry-After") != "1847" || got.Get("X-Ratelimit-Reset") == "" {
			t.Errorf("%s: %v", reason, got)
		}
	}
}

func TestFaithfulToZendesk(t *testing.T) {
	t.Parallel()
	w := serve(t, vendors.Options{ZendeskToken: "p"})
	const zendesk = vendors.ZendeskPath
	basic := []string{"Authorization", "Basic dTpw"}
	hundred := strings.TrimSuffix(strings.Repeat("1,", 100), ",")
	for _, test := range []struct {
		path   string
		status int
		at     string
		want   any
	}{
		{"/tickets/show_many?ids=1", 200, "tickets.requester_id", 20.0},
		{"/tickets/show_many?ids=404,1,405", 200, "count", 1.0},
		{"/tickets/show_many?ids=404", 200, "tickets", nil},
		{"/tickets/show_many?ids=" + hundred, 200, "count", 1.0},
		{"/tickets/show_many?ids=" + hundred + ",1", 400, "error.title", "Too many ids"},
		{"/tickets/show_many?ids=x", 400, "error.title", "Invalid attribute"},
		{"/tickets/show_many", 400, "error.title", "Invalid attribute"},
		{"/tickets/show_many?external_ids=x", 400, "error.title", "Invalid attribute"},
		{"/users/show_many?external_ids=con_1,con_2", 200, "users.id", 20.0},
		{"/organizations/show_many?external_ids=acc_1", 200, "organizations.external_id", "acc_1"},
		{"/tickets/1/comments?page[size]=1&include=users", 200, "users.name", "Ada"},
		{"/tickets/1/comments", 200, "meta.has_more", false},
		{"/tickets/1/comments?page[size]=101", 400, "error.title", "Invalid attribute"},
		{"/tickets/404/comments", 404, "error", "RecordNotFound"},
		{"/organizations/50/tickets?sort=-updated_at&page[size]=2", 200, "tickets.id", 30.0},
		{"/organizations/50/tickets?page[size]=2", 200, "tickets.id", 1.0},
		{"/organizations/50/tickets?sort=beauty", 400, "error.title", "Invalid attribute"},
		{"/organizations/50/tickets?page[after]=nonsense", 400, "error.title", "Invalid cursor"},
		{"/organizations/404/tickets", 404, "error", "RecordNotFound"},
		{"/search?query=type:ticket%20T&per_page=5", 200, "count", 30.0},
		{"/search?query=type:ticket%20status:solved", 200, "count", 0.0},
		{"/search?query=T&per_page=100&page=11", 422, "error", "invalid"},
		{"/search", 422, "error", "invalid"},
		{"/search/export?query=T&filter[type]=ticket&page[size]=2", 200, "results.result_type", "ticket"},
		{"/search/export?query=T", 422, "error", "invalid"},
		{"/search/export?query=type:ticket&filter[type]=ticket", 422, "error", "invalid"},
		{"/souls", 404, "error", "InvalidEndpoint"},
	} {
		got := w.ask(http.MethodGet, zendesk+test.path, "", basic...)
		if value := got.at(test.at); got.status != test.status || value != test.want && (test.want != nil || len(value.([]any)) > 0) {
			t.Errorf("%s: %d, %s = %v", test.path[:min(60, len(test.path))], got.status, test.at, got.at(test.at))
		}
		for _, name := range []string{"X-Rate-Limit", "X-Rate-Limit-Remaining", "Ratelimit-Limit", "Ratelimit-Remaining", "Ratelimit-Reset", "X-Request-Id"} {
			if got.header.Get(name) == "" {
				t.Errorf("%s: no %s", test.path, name)
			}
		}
	}
	if got := w.ask(http.MethodGet, zendesk+"/tickets/show_many?ids=1", ""); got.status != 401 {
		t.Errorf("nobody: %d", got.status)
	}
	var order []string
	var asked []string
	for i := range 30 {
		asked = append(asked, fmt.Sprint(1+i))
	}
	for _, ticket := range w.ask(http.MethodGet, zendesk+"/tickets/show_many?ids="+strings.Join(asked, ","), "", basic...).json["tickets"].([]any) {
		order = append(order, fmt.Sprint(ticket.(map[string]any)["id"]))
	}
	if len(order) != 30 || slices.Equal(order, asked) {
		t.Errorf("in order: %v", order)
	}
	next := w.ask(http.MethodGet, zendesk+"/organizations/50/tickets?page[size]=20", "", basic...).at("links.next").(string)
	second := w.ask(http.MethodGet, strings.TrimPrefix(next, w.server.URL), "", basic...)
	if second.status != 200 || second.at("tickets.id") != 21.0 || second.at("meta.has_more") != false {
		t.Errorf("the link to the second page: %d %.200s", second.status, second.text)
	}
}
