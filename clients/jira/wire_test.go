package jira

import (
	"slices"
	"testing"
	"time"

	"supportgraph/clients/upstream"
)

const recorded = `{"expand":"names","issues":[{"expand":"x","id":"10005","key":"EX-2","self":"https://acme.atlassian.net/rest/api/3/issue/10005",
"fields":{"summary":"A","status":{"name":"In Progress","statusCategory":{"key":"indeterminate"}},"priority":{"name":"High"},
"assignee":{"accountId":"5b10","displayName":"Mia","active":true},"created":"2026-11-01T10:00:00.000+0000","updated":"2026-11-02T12:00:00.000+0200"}}],
"issueErrors":[{"id":"10007","errorMessage":"try again"}]}`

func TestRecordedIssue(t *testing.T) {
	t.Parallel()
	answer := bulk{asked: []IssueRef{"10005", "10007", "10008"}}
	if err := upstream.Decode([]byte(recorded), &answer); err != nil {
		t.Fatal(err)
	}
	found := map[IssueRef]*EngineeringIssue{}
	answer.claim(found, "https://acme.atlassian.net/browse/")
	if got := found["10005"]; len(found) != 1 || got.State != IssueInProgress || *got.Assignee != "Mia" || got.URL != "https://acme.atlassian.net/browse/EX-2" ||
		got.UpdatedAt.Format(time.RFC3339) != "2026-11-02T10:00:00Z" {
		t.Errorf("%+v", got)
	}
	if broken := answer.broken(answer.asked); !slices.Equal(broken, []IssueRef{"10007"}) {
		t.Errorf("broken %v", broken)
	}
}

func TestUnusableAnswers(t *testing.T) {
	t.Parallel()
	const good = `"fields":{"status":{"name":"x"},"created":"2026-11-01T10:00:00.000+0000","updated":"2026-11-01T10:00:00.000+0000"}`
	if err := upstream.Decode([]byte(`{"issues":[{"id":"1","key":"A-1",`+good+`}]}`), &bulk{asked: []IssueRef{"1"}}); err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string]string{
		"null": `null`, "nothing": `{}`, "an error": `{"errorMessages":["x"],"errors":{}}`, "an array": `[]`, "null issue": `{"issues":[null]}`,
		"more than asked for": `{"issues":[{"id":"1","key":"A-1",` + good + `},{"id":"2","key":"A-2",` + good + `}]}`,
		"no key":              `{"issues":[{"id":"1",` + good + `}]}`,
		"a number as id":      `{"issues":[{"id":1,"key":"A-1",` + good + `}]}`,
		"no fields":           `{"issues":[{"id":"1","key":"A-1"}]}`,
		"no status":           `{"issues":[{"id":"1","key":"A-1","fields":{"created":"2026-11-01T10:00:00.000+0000","updated":"2026-11-01T10:00:00.000+0000"}}]}`,
		"no times":            `{"issues":[{"id":"1","key":"A-1","fields":{"status":{"name":"x"}}}]}`,
		"another time":        `{"issues":[{"id":"1","key":"A-1","fields":{"status":{"name":"x"},"created":"2026-11-01","updated":"2026-11-01"}}]}`,
		"a key as a path":     `{"issues":[{"id":"1","key":"../A-1",` + good + `}]}`,
	} {
		if err := upstream.Decode([]byte(body), &bulk{asked: []IssueRef{"1"}}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	for body, want := range map[string][3]string{
		`{"errorMessages":["gone"],"errors":{}}`:              {"", "gone", "true"},
		`{"errorMessages":[],"errors":{"b":"two","a":"one"}}`: {"a", "one", "true"},
		`{"errorMessages":[],"errors":{}}`:                    {"", "", "false"},
		`<html>`:                                              {"", "", "false"},
	} {
		code, message, ok := explain([]byte(body))
		if code != want[0] || message != want[1] || ok != (want[2] == "true") {
			t.Errorf("%s: %q %q %v", body, code, message, ok)
		}
	}
}

func FuzzIssues(f *testing.F) {
	f.Add([]byte(recorded), "EX-2")
	f.Add([]byte(`{"issues":[],"issueErrors":[{"id":"EX-2"}]}`), "ex-2")
	f.Add([]byte(`{"errorMessages":["x"],"errors":{"a":"b"}}`), "10005")
	states := []IssueState{IssueTodo, IssueInProgress, IssueDone, IssueOther}
	f.Fuzz(func(t *testing.T, body []byte, name string) {
		explain(body)
		asked := []IssueRef{IssueRef(name).upper(), "10005", "10007"}
		answer := bulk{asked: asked}
		if upstream.Decode(body, &answer) != nil {
			return
		}
		found := map[IssueRef]*EngineeringIssue{}
		answer.claim(found, "https://x/")
		for name, issue := range found {
			if !slices.Contains(asked, name) || !IssueRef(issue.ID).isID() || issue.CreatedAt.Year() > 9999 || !slices.Contains(states, issue.State) {
				t.Errorf("%s: %+v", name, issue)
			}
		}
		for _, name := range answer.broken(asked) {
			if !slices.Contains(asked, name) {
				t.Errorf("%s was not asked for", name)
			}
		}
	})
}
