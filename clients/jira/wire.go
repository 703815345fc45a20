package jira

import (
	"errors"
	"net/url"

	"supportgraph/clients/upstream"
)

// bulk is the answer to a fetch of issues
// (developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues, "Bulk fetch issues"). Issues that are not there, or
// that we may not see, do not appear in it at all.
type bulk struct {
	asked []IssueRef

	Issues []*issue `json:"issues"`
	Errors []struct {
		ID string `json:"id"`
	} `json:"issueErrors"` // of issues that are there and could not be loaded; the answer is a 200 all the same
}

// issue is an issue on the wire. Its id is a text.
type issue struct {
	ID     string `json:"id"`
	Key    string `json:"key"`
	Fields *struct {
		Summary string `json:"summary"`
		Status  *struct {
			Name     string `json:"name"`
			Category struct {
				Key string `json:"key"`
			} `json:"statusCategory"`
		} `json:"status"`
		Priority *struct {
			Name string `json:"name"`
		} `json:"priority"`
		Assignee *struct {
			DisplayName string `json:"displayName"`
		} `json:"assignee"`
		Created upstream.Moment `json:"created"`
		Updated upstream.Moment `json:"updated"`
	} `json:"fields"`
}

// Check demands a list of whole issues, no more than were asked for.
func (b *bulk) Check() error {
	switch {
	case b.Issues == nil:
		return errors.New("the issues are missing")
	case len(b.Issues) > len(b.asked):
		return errors.New("there are more issues than were asked for")
	}
	for _, issue := range b.Issues {
		switch {
		case issue == nil || !IssueRef(issue.ID).isID() || !IssueRef(issue.Key).isKey():
			return errors.New("an issue has no id or key")
		case issue.Fields == nil || issue.Fields.Status == nil || issue.Fields.Status.Name == "":
			return errors.New("an issue has no fields or status")
		case issue.Fields.Created.Time().IsZero() || issue.Fields.Updated.Time().IsZero():
			return errors.New("an issue has no times")
		}
	}
	return nil
}

// claim gives the issues to the names that asked for them: by id, by key, and, where one name alone asked, whatever the
// issue's key is by now.
func (b *bulk) claim(found map[IssueRef]*EngineeringIssue, browse string) {
	asked := make(map[IssueRef]bool, len(b.asked))
	for _, name := range b.asked {
		asked[name] = true
	}
	for _, issue := range b.Issues {
		read := issue.issue(browse)
		id, key := IssueRef(issue.ID), IssueRef(issue.Key).upper()
		switch {
		case asked[id]:
			found[id] = read
		case asked[key]:
			found[key] = read
		case len(b.asked) == 1 && b.asked[0].isKey():
			found[b.asked[0]] = read
		}
	}
}

// broken are those of the names that the answer reports as failed. A failure names an id, which for a name that is a key
// says nothing unless it was alone.
func (b *bulk) broken(names []IssueRef) []IssueRef {
	failed := make(map[IssueRef]bool, len(b.Errors))
	for _, failure := range b.Errors {
		failed[IssueRef(failure.ID).upper()] = true
	}
	var broken []IssueRef
	for _, name := range names {
		if failed[name] || len(names) == 1 && len(b.Issues) == 0 && len(failed) > 0 {
			broken = append(broken, name)
		}
	}
	return broken
}

// issue is the one conversion from the wire.
func (i *issue) issue(browse string) *EngineeringIssue {
	read := &EngineeringIssue{
		ID:        i.ID,
		Key:       i.Key,
		Summary:   i.Fields.Summary,
		Status:    i.Fields.Status.Name,
		State:     state(i.Fields.Status.Category.Key),
		CreatedAt: i.Fields.Created.Time(),
		UpdatedAt: i.Fields.Updated.Time(),
		URL:       browse + url.PathEscape(i.Key),
	}
	if i.Fields.Priority != nil && i.Fields.Priority.Name != "" {
		read.Priority = &i.Fields.Priority.Name
	}
	if i.Fields.Assignee != nil && i.Fields.Assignee.DisplayName != "" {
		read.Assignee = &i.Fields.Assignee.DisplayName
	}
	return read
}

// state normalises the category of a status, whose keys are the same on every site.
func state(category string) IssueState {
	switch category {
	case "new":
		return IssueTodo
	case "indeterminate":
		return IssueInProgress
	case "done":
		return IssueDone
	default:
		return IssueOther
	}
}
