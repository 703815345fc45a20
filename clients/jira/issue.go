package jira

import (
	"context"
	"errors"
	"maps"
	"strings"
	"time"

	"supportgraph/clients/cache"
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
	URL       string          // of the issue's page
	Source    upstream.Source `json:"-"` // of this answer, not of the issue as it is kept
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

// Issues returns issues: those that are kept, and one call for up to 100 other distinct ids. What Jira reports as failed within an answer is asked for once
// more. Keys are asked for apart from ids; a key that the answer does not name belongs to an issue that was moved, or to
// none, and costs a call of its own to find out. A name in neither map is one that Jira does not know or does not show us.
// Errors are *upstream.Error. What issues hold is shared and must not be changed.
func (c *Client) Issues(ctx context.Context, lane upstream.Lane, names []IssueRef) (map[IssueRef]*EngineeringIssue, map[IssueRef]error) {
	read := &reader{upstream: c.upstream.In(lane), browse: c.browse}
	found, failed := cache.GetBy(ctx, c.issues, lane, names, IssueRef.kept, read.issues)
	return cache.Values(found, func(issue *EngineeringIssue) *upstream.Source { return &issue.Source }), failed
}

// Invalidate says that what is kept of issues is no longer right, under each of the names: an issue is kept by its id and by
// its key apart. An error means that other processes were not told.
func (c *Client) Invalidate(ctx context.Context, names ...IssueRef) error {
	wanted := make([]IssueRef, len(names))
	for i, name := range names {
		wanted[i] = name.upper()
	}
	return c.issues.Invalidate(ctx, wanted...)
}

// reader asks Jira, for one lane.
type reader struct {
	upstream *upstream.Client
	browse   string
}

// issues reads by distinct names whose keys are in upper case.
func (r *reader) issues(ctx context.Context, names []IssueRef) (map[IssueRef]*EngineeringIssue, map[IssueRef]error) {
	var ids, keys []IssueRef
	for _, name := range names {
		if name.isID() {
			ids = append(ids, name)
		} else {
			keys = append(keys, name)
		}
	}
	found, failed := upstream.Chunks(ctx, r.upstream, readIssues, maxIssues, ids, r.chunk)
	if len(keys) == 0 {
		return found, failed
	}
	byKey, faults := upstream.Chunks(ctx, r.upstream, readIssues, maxIssues, keys, r.chunk)
	var moved []IssueRef
	for _, key := range keys {
		if byKey[key] == nil && faults[key] == nil && len(keys) > 1 {
			moved = append(moved, key)
		}
	}
	alone, broken := upstream.Chunks(ctx, r.upstream, readIssues, 1, moved, r.chunk)
	for _, group := range []map[IssueRef]*EngineeringIssue{byKey, alone} {
		maps.Copy(found, group)
	}
	for _, group := range []map[IssueRef]error{faults, broken} {
		maps.Copy(failed, group)
	}
	return found, failed
}

// chunk reads issues by names of one kind, and those once more that Jira says failed.
func (r *reader) chunk(ctx context.Context, names []IssueRef) (map[IssueRef]*EngineeringIssue, map[IssueRef]error, error) {
	answer, err := r.fetch(ctx, names)
	if err != nil {
		return nil, nil, err
	}
	found := make(map[IssueRef]*EngineeringIssue, len(names))
	answer.claim(found, r.browse)
	again := answer.broken(names)
	if len(again) == 0 {
		return found, nil, nil
	}
	failed := make(map[IssueRef]error, len(again))
	second, err := r.fetch(ctx, again)
	if err == nil {
		second.claim(found, r.browse)
		again = second.broken(again)
		err = &upstream.Error{Service: r.upstream.Source(), Op: readIssues, Reason: upstream.Unavailable, Status: 200,
			Err: errors.New("the issue failed within the answer, twice")}
	}
	for _, name := range again {
		failed[name] = err
	}
	return found, failed, nil
}

func (r *reader) fetch(ctx context.Context, names []IssueRef) (*bulk, error) {
	answer := &bulk{asked: names}
	body := upstream.JSON(map[string]any{"issueIdsOrKeys": names, "fields": fields, "fieldsByKeys": false, "properties": []string{}})
	return answer, r.upstream.Post(ctx, readIssues, "/issue/bulkfetch", body, answer)
}

// kept is the name under which an issue is kept, empty for what is none.
func (n IssueRef) kept() IssueRef {
	if n.isID() || n.isKey() {
		return n.upper()
	}
	return ""
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
