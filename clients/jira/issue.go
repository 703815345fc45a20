package jira

import (
	"context"
	"errors"
	"strings"
	"time"

	"supportgraph/clients/upstream"
)

// IssueRef names an issue: by its id, "10005", which never changes, or by its key, "EDGE-17", which does when the issue is
// moved to another project.
type IssueRef string

// EngineeringIssue is a piece of work of the engineers.
type EngineeringIssue struct {
	ID        string // decimal digits
	Key       string // "EDGE-17", as it is now
	Summary   string
	Status    string // the name that the project gives it: "In Review"
	State     IssueState
	Priority  *string // the name that the site gives it: "High"
	Assignee  *string // a name; nil while nobody works on it
	CreatedAt time.Time
	UpdatedAt time.Time
	URL       string // of the issue's page
	Source    upstream.Source
}

// IssueState is where an issue stands, whatever the project calls it (developer.atlassian.com, "Workflow status categories").
type IssueState string

// The states. A category that we do not know, or none, is IssueOther.
const (
	IssueTodo       IssueState = "TODO"
	IssueInProgress IssueState = "IN_PROGRESS"
	IssueDone       IssueState = "DONE"
	IssueOther      IssueState = "OTHER"
)

const (
	maxIssues  = 100 // of one call
	readIssues = "issues.bulkfetch"
)

// fields are all that is read of an issue.
var fields = []string{"summary", "status", "priority", "assignee", "created", "updated"}

// Issues reads issues: one call for up to 100 distinct ids. What Jira reports as failed within an answer is asked for once
// more. Keys are asked for apart from ids; a key that the answer does not name belongs to an issue that was moved, or to
// none, and costs a call of its own to find out. A name in neither map is one that Jira does not know or does not show us.
// Errors are *upstream.Error.
func (c *Client) Issues(ctx context.Context, names []IssueRef) (map[IssueRef]*EngineeringIssue, map[IssueRef]error) {
	var ids, keys []IssueRef
	for _, name := range names {
		switch {
		case name.isID():
			ids = append(ids, name)
		case name.isKey():
			keys = append(keys, name.upper())
		}
	}
	found, failed := upstream.Chunks(ctx, c.upstream, readIssues, maxIssues, ids, c.chunk)
	if len(keys) == 0 {
		return found, failed
	}
	byKey, faults := upstream.Chunks(ctx, c.upstream, readIssues, maxIssues, keys, c.chunk)
	var moved []IssueRef
	for _, key := range keys {
		if byKey[key] == nil && faults[key] == nil && len(keys) > 1 {
			moved = append(moved, key)
		}
	}
	alone, broken := upstream.Chunks(ctx, c.upstream, readIssues, 1, moved, c.chunk)
	for _, name := range names {
		key := name.upper()
		switch {
		case name.isID():
		case byKey[key] != nil:
			found[name] = byKey[key]
		case faults[key] != nil:
			failed[name] = faults[key]
		case alone[key] != nil:
			found[name] = alone[key]
		case broken[key] != nil:
			failed[name] = broken[key]
		}
	}
	return found, failed
}

// chunk reads issues by names of one kind, and those once more that Jira says failed.
func (c *Client) chunk(ctx context.Context, names []IssueRef) (map[IssueRef]*EngineeringIssue, map[IssueRef]error, error) {
	answer, err := c.fetch(ctx, names)
	if err != nil {
		return nil, nil, err
	}
	at := time.Now()
	found := make(map[IssueRef]*EngineeringIssue, len(names))
	answer.claim(found, c.browse, at)
	again := answer.broken(names)
	if len(again) == 0 {
		return found, nil, nil
	}
	failed := make(map[IssueRef]error, len(again))
	second, err := c.fetch(ctx, again)
	if err == nil {
		second.claim(found, c.browse, at)
		again = second.broken(again)
		err = &upstream.Error{Service: c.upstream.Source(), Op: readIssues, Reason: upstream.Unavailable, Status: 200,
			Err: errors.New("the issue failed within the answer, twice")}
	}
	for _, name := range again {
		failed[name] = err
	}
	return found, failed, nil
}

func (c *Client) fetch(ctx context.Context, names []IssueRef) (*bulk, error) {
	answer := &bulk{asked: names}
	body := upstream.JSON(map[string]any{"issueIdsOrKeys": names, "fields": fields, "fieldsByKeys": false, "properties": []string{}})
	return answer, c.upstream.Post(ctx, readIssues, "/issue/bulkfetch", body, answer)
}

func (n IssueRef) upper() IssueRef { return IssueRef(strings.ToUpper(string(n))) }

// isID tells whether the name is an id: up to 19 digits, and not 0 in front, so that it is the only text of its number.
func (n IssueRef) isID() bool {
	return len(n) > 0 && len(n) <= 19 && n[0] != '0' && strings.Trim(string(n), "0123456789") == ""
}

// isKey tells whether the name could be a key: a project, a dash and a number (support.atlassian.com, "Edit a project's
// details").
func (n IssueRef) isKey() bool {
	project, number, ok := strings.Cut(string(n.upper()), "-")
	return ok && len(n) <= 64 && IssueRef(number).isID() && project != "" && project[0] >= 'A' && project[0] <= 'Z' &&
		strings.Trim(project, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == ""
}
