package tickets_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"supportgraph/clients/accounts"
	"supportgraph/clients/sandbox/seed"
	"supportgraph/clients/tickets"
)

// matches tells whether a filter lets a ticket through, worked out without SQL.
func matches(f *tickets.Filter, c *seed.Case) bool {
	if f == nil {
		return true
	}
	ticket := c.Ticket
	in := func(r *tickets.TimeRange, at time.Time) bool {
		return r == nil || (r.From == nil || !at.Before(*r.From)) && (r.Until == nil || at.Before(*r.Until))
	}
	ok := (f.Status == nil || slices.Contains(f.Status, ticket.Status)) &&
		(f.Priority == nil || slices.Contains(f.Priority, ticket.Priority)) &&
		(f.Account == nil || slices.Contains(f.Account, ticket.AccountID)) &&
		(f.Requester == nil || slices.Contains(f.Requester, ticket.RequesterID)) &&
		(f.Team == nil || ticket.AssigneeTeamID != nil && slices.Contains(f.Team, *ticket.AssigneeTeamID)) &&
		in(f.Created, ticket.CreatedAt) && in(f.Updated, ticket.UpdatedAt)
	if a := f.Assignee; a != nil {
		ok = ok && (a.Agent == nil || ticket.AssigneeAgentID != nil && slices.Contains(a.Agent, *ticket.AssigneeAgentID)) &&
			(a.Unassigned == nil || *a.Unassigned == (ticket.AssigneeAgentID == nil))
	}
	if f.Tag != nil {
		ok = ok && slices.ContainsFunc(world.Tags, func(tag *tickets.Tag) bool {
			return slices.Contains(f.Tag, tag.Name) && slices.Contains(c.Tags, tag.ID)
		})
	}
	if f.Text != nil {
		words := strings.FieldsFunc(strings.ToLower(ticket.Subject), func(r rune) bool { return !unicode.IsLetter(r) })
		ok = ok && slices.Contains(words, strings.ToLower(*f.Text))
	}
	due := dueTimes[ticket.ID]
	ok = ok && (f.Impact == nil || slices.Contains(f.Impact, ticket.Impact)) &&
		(f.Category == nil || slices.Contains(f.Category, ticket.CategoryID)) &&
		(f.Channel == nil || slices.Contains(f.Channel, ticket.Channel)) &&
		(f.Tier == nil || slices.Contains(f.Tier, ticket.Tier)) &&
		(f.AffectedZone == nil || slices.ContainsFunc(ticket.AffectedZones, func(zone string) bool { return slices.Contains(f.AffectedZone, zone) })) &&
		(f.Participant == nil || slices.ContainsFunc(c.Participants, func(p *tickets.Participant) bool { return slices.Contains(f.Participant, p.ContactID) })) &&
		(f.Due == nil || *f.Due == tickets.TimeRange{} || due.Year() < 9999 && in(f.Due, due)) &&
		(f.Overdue == nil || *f.Overdue == !due.After(time.Now())) &&
		in(f.StatusSince, ticket.StatusSince) &&
		(f.Snoozed == nil || *f.Snoozed == tickets.TimeRange{} || ticket.SnoozedUntil != nil && in(f.Snoozed, *ticket.SnoozedUntil))
	if a := f.Assignee; a != nil && a.Me != nil {
		ok = ok && *a.Me == (ticket.AssigneeAgentID != nil && *ticket.AssigneeAgentID == world.Agents[0].ID)
	}
	for _, part := range f.And {
		ok = ok && matches(part, c)
	}
	if f.Or != nil {
		ok = ok && slices.ContainsFunc(f.Or, func(part *tickets.Filter) bool { return matches(part, c) })
	}
	return ok && (f.Not == nil || !matches(f.Not, c))
}

// simple are filters of one part each.
func simple() map[string]*tickets.Filter {
	ticket := cases[len(cases)/2].Ticket
	spring, summer := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), ticket.CreatedAt
	return map[string]*tickets.Filter{
		"empty":            {},
		"status":           {Status: []tickets.Status{tickets.StatusNew, tickets.StatusOpen}},
		"no status":        {Status: []tickets.Status{}},
		"priority":         {Priority: []tickets.Priority{tickets.P1, tickets.P2}},
		"agent":            {Assignee: &tickets.AssigneeFilter{Agent: []accounts.AgentID{world.Agents[0].ID, world.Agents[1].ID}}},
		"unassigned":       {Assignee: &tickets.AssigneeFilter{Unassigned: new(true)}},
		"assigned":         {Assignee: &tickets.AssigneeFilter{Unassigned: new(false)}},
		"any assignee":     {Assignee: &tickets.AssigneeFilter{}},
		"impossible":       {Assignee: &tickets.AssigneeFilter{Agent: []accounts.AgentID{world.Agents[0].ID}, Unassigned: new(true)}},
		"team":             {Team: []accounts.TeamID{world.Teams[0].ID, world.Teams[2].ID}},
		"account":          {Account: []accounts.ID{world.Landmarks.Tree, world.Landmarks.Single, {}}},
		"requester":        {Requester: []accounts.ContactID{ticket.RequesterID}},
		"tag":              {Tag: []string{"vip", "dnssec"}},
		"unknown tag":      {Tag: []string{"nobody-has-it"}},
		"text":             {Text: new("Invoice")},
		"text of one case": {Text: new("CERTIFICATE")},
		"created from":     {Created: &tickets.TimeRange{From: &spring}},
		"created until":    {Created: &tickets.TimeRange{Until: &summer}},
		"created between":  {Created: &tickets.TimeRange{From: &spring, Until: &summer}},
		"updated between":  {Updated: &tickets.TimeRange{From: &spring, Until: &ticket.UpdatedAt}},
		"created any time": {Created: &tickets.TimeRange{}},
		"impact":           {Impact: []tickets.Impact{tickets.ImpactOutage}},
		"category":         {Category: []tickets.CategoryID{ticket.CategoryID}},
		"channel":          {Channel: []tickets.Channel{tickets.ChannelChat, tickets.ChannelPhone}},
		"zone":             {AffectedZone: append([]string{"nowhere.example"}, ticket.AffectedZones...)},
		"participant":      {Participant: []accounts.ContactID{taking()}},
		"tier":             {Tier: []string{"PREMIUM", "GOLD"}},
		"due until":        {Due: &tickets.TimeRange{Until: &seed.Anchor}},
		"due from":         {Due: &tickets.TimeRange{From: &seed.Anchor}},
		"due any time":     {Due: &tickets.TimeRange{}},
		"overdue":          {Overdue: new(true)},
		"not overdue":      {Overdue: new(false)},
		"status since":     {StatusSince: &tickets.TimeRange{From: &spring}},
		"snoozed":          {Snoozed: &tickets.TimeRange{From: &spring}},
		"mine":             {Assignee: &tickets.AssigneeFilter{Me: new(true)}},
		"not mine":         {Assignee: &tickets.AssigneeFilter{Me: new(false)}},
	}
}

// taking is somebody who takes part in a ticket.
func taking() accounts.ContactID {
	for _, c := range cases {
		if len(c.Participants) > 0 {
			return c.Participants[0].ContactID
		}
	}
	return accounts.ContactID{}
}

func checkFilter(t *testing.T, name string, scope accounts.Scope, filter *tickets.Filter) int {
	t.Helper()
	var want []*seed.Case
	for _, c := range seen(scope) {
		if matches(filter, c) {
			want = append(want, c)
		}
	}
	list := tickets.List{Filter: filter, Order: tickets.Newest, First: 5000, Me: &world.Agents[0].ID}
	if err := list.Check(); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	got := keys(read(t, pool, tickets.Page(scope, list)))
	if diff := differ(ids(ordered(want, tickets.Newest, exact)), got); diff != "" {
		t.Errorf("%s: %s", name, diff)
	}
	return len(want)
}

func TestEveryFilterAlone(t *testing.T) {
	t.Parallel()
	nothing := map[string]bool{"no status": true, "impossible": true, "unknown tag": true, "snoozed": true}
	for scopeName, scope := range scopes(t) {
		for name, filter := range simple() {
			found := checkFilter(t, scopeName+", "+name, scope, filter)
			checkFilter(t, scopeName+", not "+name, scope, &tickets.Filter{Not: filter})
			if scope.Staff && (found == 0) != nothing[name] {
				t.Errorf("%s finds %d: it tells nothing", name, found)
			}
		}
	}
}

// TestFiltersCombined asks for some hundreds of filters built by chance from the simple ones.
func TestFiltersCombined(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	var parts []*tickets.Filter
	filters := simple()
	for _, name := range sortedNames(filters) {
		parts = append(parts, filters[name])
	}
	var build func(depth int) *tickets.Filter
	build = func(depth int) *tickets.Filter {
		part := *parts[r.IntN(len(parts))]
		if depth == 0 {
			return &part
		}
		for range r.IntN(3) {
			part.And = append(part.And, build(depth-1))
		}
		for range r.IntN(4) {
			part.Or = append(part.Or, build(depth-1))
		}
		if r.IntN(3) == 0 {
			part.Not = build(depth - 1)
		}
		return &part
	}
	all := scopes(t)
	found := 0
	for i := range 300 {
		scope := all["staff"]
		if i%4 == 0 {
			scope = all["subtree"]
		}
		found += checkFilter(t, fmt.Sprintf("filter %d", i), scope, build(1+i%2))
	}
	if found < 10_000 {
		t.Errorf("all filters together find %d: they are too narrow to tell anything", found)
	}
}

func sortedNames(filters map[string]*tickets.Filter) []string {
	var names []string
	for name := range filters {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func TestTextIsHarmless(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", " ", `"`, `\`, "'", "' or 1=1 --", "a & | ! <-> b", "(((", "or or or", "-", strings.Repeat("語", 200), "\u202e", "$1"} {
		list := tickets.List{Filter: &tickets.Filter{Text: &text, Tag: []string{text}}, Order: tickets.Newest, First: 10}
		if err := list.Check(); err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		read(t, pool, tickets.Page(accounts.Staff, list))
	}
}

func TestFilterError(t *testing.T) {
	t.Parallel()
	deep := &tickets.Filter{}
	for range 6 {
		deep = &tickets.Filter{Not: deep}
	}
	wide := &tickets.Filter{}
	for range 60 {
		wide.And = append(wide.And, &tickets.Filter{})
	}
	for path, filter := range map[string]*tickets.Filter{
		"filter.text":                    {Text: new("a\x00b")},
		"filter.or[1].text":              {Or: []*tickets.Filter{{}, {Text: new(strings.Repeat("x", 201))}}},
		"filter.and[0].not.tag[1]":       {And: []*tickets.Filter{{Not: &tickets.Filter{Tag: []string{"a", "\xff"}}}}},
		"filter.or":                      {Or: []*tickets.Filter{}},
		"filter.not.or":                  {Not: &tickets.Filter{Or: []*tickets.Filter{}}},
		"filter.status":                  {Status: make([]tickets.Status, 101)},
		"filter.assignee.agent":          {Assignee: &tickets.AssigneeFilter{Agent: make([]accounts.AgentID, 101)}},
		"filter.requester":               {Requester: make([]accounts.ContactID, 101)},
		"filter.and":                     {And: make([]*tickets.Filter, 101)},
		"filter.not.not.not.not.not.not": deep,
		"filter.and[59]":                 wide,
		"filter.or[0].account":           {Or: []*tickets.Filter{{Account: make([]accounts.ID, 101)}}},
	} {
		err := tickets.List{Filter: filter, Order: tickets.Newest, First: 1}.Check()
		var refused *tickets.FilterError
		if !errors.As(err, &refused) || refused.Path != path || refused.Message == "" {
			t.Errorf("%s: %v", path, err)
		}
	}
}
