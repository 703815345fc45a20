package tickets_test

import (
	"slices"
	"strings"
	"testing"

	"supportgraph/clients/accounts"
	"supportgraph/clients/tickets"
)

// TestPermissions holds the whole table: rows are actions, columns where a ticket stands, in the order of statuses. S is for
// agents, L for leads and administrators alone, B for agents and customers, C for customers alone.
func TestPermissions(t *testing.T) {
	t.Parallel()
	table := []string{
		//NOPHZSCM
		"BBBBBB·· UPDATE_TICKET",
		"SSSSSS·· ASSIGN_TICKET",
		"BBBBBB·· SET_TICKET_STATUS",
		"SSSSS··· SNOOZE_TICKET",
		"····S··· UNSNOOZE_TICKET",
		"BBBBBBC· REPLY_TO_TICKET",
		"SSSSSSSS ADD_INTERNAL_NOTE",
		"BBBBBB·· ADD_PARTICIPANT",
		"BBBBBB·· REMOVE_PARTICIPANT",
		"SSSSSSSS ADD_TAGS",
		"SSSSSSSS REMOVE_TAGS",
		"SSSSSS·· LINK_INCIDENT",
		"SSSSSS·· UNLINK_INCIDENT",
		"SSSSSSSS RELATE_TICKETS",
		"SSSSSSSS UNRELATE_TICKETS",
		"SSSSSS·· MERGE_TICKETS",
		"·······S UNMERGE_TICKETS",
		"SSSSSS·· SPLIT_TICKET",
		"SSSSSSSS REDACT_MESSAGE",
		"SSSSSSSS MAKE_NOTE_PUBLIC",
		"SSSSSSSS MAKE_MESSAGE_INTERNAL",
		"SSSSSSSS SAVE_DRAFT",
		"SSSSSSSS APPLY_MACRO",
		"LLLLLLLL DELETE_TICKET",
	}
	hands := map[string]tickets.Hand{
		"agent":    {Staff: true, Changes: true, Role: accounts.AgentRoleAgent},
		"lead":     {Staff: true, Changes: true, Role: accounts.AgentRoleLead},
		"admin":    {Staff: true, Changes: true, Role: accounts.AgentRoleAdmin},
		"left":     {Staff: true},
		"customer": {Changes: true},
		"reader":   {},
	}
	may := map[rune]string{'B': "agent lead admin customer", 'S': "agent lead admin", 'L': "lead admin", 'C': "customer", '·': ""}
	for column, status := range statuses {
		for name, hand := range hands {
			found := tickets.Permissions(&tickets.Ticket{Status: status}, hand)
			for _, row := range table {
				marks, action, _ := strings.Cut(row, " ")
				at := slices.IndexFunc(found.Actions, func(p *tickets.Permission) bool { return p.Action == tickets.Action(action) })
				if at < 0 {
					if hand.Staff || strings.ContainsAny(marks, "BC") {
						t.Errorf("%s is not told of %s", name, action)
					}
					continue
				}
				p := found.Actions[at]
				if want := slices.Contains(strings.Fields(may[[]rune(marks)[column]]), name); p.Allowed() != want {
					t.Errorf("%s, %s, %s: allowed is %v", status, name, action, p.Allowed())
				}
				if (p.Reason() == nil) != p.Allowed() || (p.Message() == nil) != p.Allowed() {
					t.Errorf("%s, %s, %s: %v, because of %v", status, name, action, p.Allowed(), p.Reason())
				}
				if !hand.Changes && *p.Reason() != tickets.DeniedReadOnly {
					t.Errorf("%s may not %s because of %s", name, action, *p.Reason())
				}
			}
			if most := map[bool]int{true: len(table), false: 5}[hand.Staff]; len(found.Actions) != most {
				t.Errorf("%s is told of %d actions, not of %d", name, len(found.Actions), most)
			}
			if !hand.Changes && len(found.Statuses) > 0 {
				t.Errorf("%s may bring a ticket to %v", name, found.Statuses)
			}
		}
	}
}
