package seed

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"supportgraph/clients/sandbox/vendors"
	"supportgraph/clients/tickets"
)

// The numbers of the issues' keys in the project EDGE, of which the texts of tickets name some.
const (
	firstIssue = 100
	lastIssue  = 9_999
	issueIDs   = 10_000 // an issue's id is so much more than the number of its first key
)

var works = []string{
	"%s: a purge by tag answers before every place has done it", "%s: retries of the control plane pile up after a restart",
	"%s: metrics of a zone are late by an hour", "%s: a race between two releases leaves an old configuration in force",
	"%s: the limit of a plan is counted per place, not per account", "%s: memory grows with the number of open streams",
	"%s: errors of the origin are counted twice", "%s: the dashboard shows what was true before the last change",
	"%s: a certificate is renewed and not sent to one region", "%s: a timeout is shorter than the one that it waits for",
}

var issueStates = []choice[[2]string]{
	{[2]string{"Backlog", "new"}, 20}, {[2]string{"To Do", "new"}, 15}, {[2]string{"In Progress", "indeterminate"}, 20},
	{[2]string{"In Review", "indeterminate"}, 10}, {[2]string{"Done", "done"}, 30}, {[2]string{"Won't Fix", "done"}, 4}, {[2]string{"Parked", "undefined"}, 1},
}

var issuePriorities = []choice[string]{{"Highest", 5}, {"High", 25}, {"Medium", 45}, {"Low", 20}, {"", 5}}

// makeIssues gives the engineers an issue for every key that a ticket could name. Some have been deleted since, some moved
// to another project and have another key now.
func (w *World) makeIssues() {
	r := sequence(partIssues)
	var engineers []string
	for i := range 12 {
		shown, _ := w.library.peoples[(i*3+1)%len(w.library.peoples)].person(r)
		engineers = append(engineers, shown)
	}
	for number := firstIssue; number <= lastIssue; number++ {
		state, created := draw(r, issueStates), Anchor.Add(-r.age(1, 400)).Truncate(time.Second)
		issue := vendors.Issue{
			ID: strconv.Itoa(issueIDs + number), Key: fmt.Sprintf("EDGE-%d", number), Summary: fmt.Sprintf(pick(r, works), pick(r, w.library.topics).product),
			Status: state[0], Category: state[1], Priority: draw(r, issuePriorities),
			Created: created, Updated: created.Add(time.Duration(r.Float64() * float64(Anchor.Sub(created)))).Truncate(time.Second),
		}
		if state[1] != "new" || r.chance(30) {
			issue.Assignee = pick(r, engineers)
		}
		switch {
		case number%97 == 0: // deleted
			continue
		case number%41 == 0:
			issue.Key, issue.Moved = fmt.Sprintf("CORE-%d", number), []string{issue.Key}
		}
		w.Vendors.Issues = append(w.Vendors.Issues, issue)
	}
}

// Link is an issue that a ticket is about.
type Link struct {
	TicketID  tickets.ID
	IssueID   string
	IssueKey  string // when it was linked
	CreatedAt time.Time
}

// links are the issues that the case's events link it to, each once.
func (c *Case) links() []*Link {
	var links []*Link
	seen := map[string]bool{}
	for _, event := range c.Events {
		if event.Kind != "LINK" || *event.Reason != "JIRA" || seen[*event.ToValue] {
			continue
		}
		seen[*event.ToValue] = true
		number, _ := strconv.Atoi(strings.TrimPrefix(*event.ToValue, "EDGE-"))
		links = append(links, &Link{
			TicketID: c.Ticket.ID, IssueID: strconv.Itoa(issueIDs + number), IssueKey: *event.ToValue, CreatedAt: event.CreatedAt,
		})
	}
	return links
}
