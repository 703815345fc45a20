package vendors

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxIssues is how many issues may be asked for at once (developer.atlassian.com, "Bulk fetch issues").
const maxIssues = 100

// Issue is an issue of Jira.
type Issue struct {
	ID       string   // decimal digits
	Key      string   // "EDGE-17"
	Moved    []string // the keys that it had in other projects, by which it is still found
	Summary  string
	Status   string // the name that the project gives it: "In Progress"
	Category string // of the status, as on the wire: "new", "indeterminate", "done", "undefined"
	Priority string // empty: null on the wire
	Assignee string // a name; empty: null on the wire
	Created  time.Time
	Updated  time.Time
}

// mountJira serves the fetch of issues by id or key
// (developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues, "Bulk fetch issues").
func (s *Server) mountJira(issues []Issue, options Options) {
	found := make(map[string]Issue, 2*len(issues)) // by id, and by upper-case key
	for _, issue := range issues {
		for _, name := range append([]string{issue.ID, issue.Key}, issue.Moved...) {
			found[strings.ToUpper(name)] = issue
		}
	}
	d := dialect{
		vendor:  Jira,
		latency: options.latency(150*time.Millisecond, 900*time.Millisecond),
		allows:  allowsUser(options.JiraToken),
		refuse:  jiraRefuses,
		stamp: func(header http.Header, _ *http.Request, turn turn) {
			header.Set("Atl-Traceid", fmt.Sprintf("%032x", uint64(turn.number)))
			header.Set("X-RateLimit-Limit", fmt.Sprint(turn.rate.Calls))
			header.Set("X-RateLimit-Remaining", fmt.Sprint(turn.left))
			if 5*turn.left < turn.rate.Calls {
				header.Set("X-RateLimit-NearLimit", "true")
			}
			if turn.status == http.StatusTooManyRequests {
				header.Set("RateLimit-Reason", orElse(turn.fault.Reason, "jira-burst-based"))
				header.Set("X-RateLimit-Reset", s.now().Add(turn.wait).UTC().Format(time.RFC3339))
			}
			turn.retryAfter(header)
		},
		// Of each endpoint (developer.atlassian.com/cloud/jira/platform/rate-limiting).
		rate: func(op string) (string, Rate) { return op, Rate{Calls: 100, Window: Duration(time.Second)} },
	}
	s.handle(d, "issues.bulkfetch", "POST "+JiraPath+"/issue/bulkfetch", func(r *http.Request, fault Fault) reply {
		return bulkfetch(r, fault, found)
	})
	s.handle(d, "unknown", JiraPath+"/", func(*http.Request, Fault) reply { return jiraRefuses(http.StatusNotFound, Fault{}) })
}

func bulkfetch(r *http.Request, fault Fault, found map[string]Issue) reply {
	var asked struct {
		Names  []string `json:"issueIdsOrKeys"` // strings, ids too
		Fields []string `json:"fields"`
	}
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		return jiraError(http.StatusBadRequest, "Invalid request payload. Refer to the REST API documentation and try again.")
	}
	if len(asked.Names) == 0 || len(asked.Names) > maxIssues {
		return jiraError(http.StatusBadRequest, fmt.Sprintf("The number of issues must be between 1 and %d.", maxIssues))
	}
	issues, failures, seen := []Issue{}, []object{}, map[string]bool{}
	for _, name := range asked.Names {
		issue, ok := found[strings.ToUpper(name)]
		switch {
		case !ok || fault.drops(issue.ID) || seen[issue.ID]: // what is not there does not appear at all
			continue
		case fault.fails(issue.ID):
			failures = append(failures, object{"id": issue.ID, "errorMessage": "The issue could not be loaded. Please retry."})
		default:
			issues = append(issues, issue)
		}
		seen[issue.ID] = true
	}
	slices.SortFunc(issues, func(a, b Issue) int { return cmp.Compare(number64(a.ID), number64(b.ID)) })
	if fault.Shuffle {
		slices.Reverse(issues)
	}
	shown := make([]object, len(issues))
	for i, issue := range issues {
		shown[i] = issue.wire(r, asked.Fields)
	}
	return reply{status: http.StatusOK, body: object{"expand": "renderedFields,names,schema", "issues": shown, "issueErrors": failures}, keys: len(asked.Names)}
}

func number64(text string) int64 {
	value, _ := strconv.ParseInt(text, 10, 64)
	return value
}

// wire shows the fields that were asked for; by default those that one can go to.
func (i Issue) wire(r *http.Request, fields []string) object {
	all := object{
		"summary": i.Summary,
		"status": object{"self": "", "name": i.Status, "id": "3", "statusCategory": object{
			"id": 4, "key": orElse(i.Category, "new"), "colorName": "blue-gray", "name": i.Status,
		}},
		"priority": nil, "assignee": nil,
		"created": i.Created.UTC().Format(salesforceTime), "updated": i.Updated.UTC().Format(salesforceTime), // +0000 here too
	}
	if i.Priority != "" {
		all["priority"] = object{"name": i.Priority, "id": "2"}
	}
	if i.Assignee != "" {
		all["assignee"] = object{"accountId": "5b10a2844c20165700ede21g", "displayName": i.Assignee, "active": true}
	}
	shown := object{}
	for _, field := range fields {
		if value, ok := all[field]; ok {
			shown[field] = value
		}
	}
	if len(fields) == 0 {
		shown = all
	}
	return object{"id": i.ID, "key": i.Key, "self": "http://" + r.Host + JiraPath + "/issue/" + i.ID, "fields": shown}
}

func jiraRefuses(status int, _ Fault) reply {
	switch status {
	case http.StatusUnauthorized:
		return jiraError(status, "Client must be authenticated to access this resource.")
	case http.StatusTooManyRequests:
		return jiraError(status, "Rate limit exceeded.")
	case http.StatusNotFound:
		return jiraError(status, "Issue does not exist or you do not have permission to see it.")
	}
	if status >= 500 {
		return jiraError(status, "Internal server error")
	}
	return jiraError(status, "The request is not allowed.")
}

// jiraError is an ErrorCollection.
func jiraError(status int, message string) reply {
	return reply{status: status, body: object{"errorMessages": []string{message}, "errors": object{}, "status": status}}
}
