package contract_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"supportgraph/graph/contract"
)

// TestSchemaKeepsTheRules holds the schema of the house to them.
func TestSchemaKeepsTheRules(t *testing.T) {
	t.Parallel()
	full, err := contract.Load("../schema")
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range contract.Lint(full) {
		t.Error(fault)
	}
}

// TestLint has a schema that keeps all rules, and a change of it for each way of breaking one.
func TestLint(t *testing.T) {
	t.Parallel()
	const good = `
"All." type Query { "A." tickets("F." first: Int! = 20, "A." after: Cursor): TicketConnection! "B." billing: BillingResult! "N." nodes("I." ids: [ID!]!): [Ticket]! "S." state: State }
"All." type Mutation { "R." reply("I." input: ReplyInput!): ReplyPayload! }
"I." input ReplyInput { "K." idempotencyKey: String! "T." to: [ID!] }
"P." type ReplyPayload { "T." ticket: Ticket "U." userErrors: [UserError!]! }
"E." interface UserError { "M." message: String! }
"E." type Failure implements UserError { "M." message: String! }
"C." type TicketConnection { "N." nodes: [Ticket!]! "E." edges: [TicketEdge!]! "P." pageInfo: PageInfo! }
"E." type TicketEdge { "N." node: Ticket! "C." cursor: Cursor! }
"P." type PageInfo { "N." hasNextPage: Boolean! }
"T." type Ticket { "I." id: ID! "T." tags: [String!]! "S." old: String @deprecated(reason: "Use tags. Removed after 2027-01-31.") }
"B." union BillingResult = Billing | SourceUnavailable
"B." type Billing { "B." balance: Int }
"S." type SourceUnavailable { "R." reason: String! }
"S." enum State { "O." OPEN "W." ON_HOLD }
"C." scalar Cursor
`
	described := strings.Replace(tagDefinition, "directive @tag(name", `"T." directive @tag("N." name`, 1)
	lint := func(text string) (found []string) {
		for _, fault := range contract.Lint(loadPlain(t, described+text)) {
			found = append(found, fault.Rule+" "+fault.Place)
		}
		return found
	}
	if found := lint(good); found != nil {
		t.Fatalf("the good one: %s", found)
	}
	for name, test := range map[string]struct{ old, now, want string }{
		"a type":                     {`"T." type Ticket`, `type Ticket`, "DESCRIPTION Ticket"},
		"a field":                    {`"T." tags`, `tags`, "DESCRIPTION Ticket.tags"},
		"an argument":                {`"F." first`, `first`, "DESCRIPTION Query.tickets(first:)"},
		"a value":                    {`"O." OPEN`, `OPEN`, "DESCRIPTION State.OPEN"},
		"an input field":             {`"K." idem`, `idem`, "DESCRIPTION ReplyInput.idempotencyKey"},
		"no sentence":                {`"T." tags`, `"the tags" tags`, "DESCRIPTION Ticket.tags"},
		"a directive":                {`"S." enum`, `directive @d on FIELD "S." enum`, "DESCRIPTION @d"},
		"a type's name":              {`"B." balance: Int }`, `"B." balance: Int } "S." type small_case { "A." a: Int }`, "NAME small_case"},
		"a field's name":             {`"B." balance`, `"B." Balance_now`, "NAME Billing.Balance_now"},
		"a verb":                     {`"B." balance`, `"B." getBalance`, "NAME Billing.getBalance"},
		"no verb":                    {`"B." balance`, `"B." listing`, ""},
		"a value's name":             {`"O." OPEN`, `"O." Open`, "NAME State.Open"},
		"an input's name":            {"ReplyInput", "ReplyThing", "MUTATION Mutation.reply\nINPUT ReplyThing"},
		"no input":                   {`"B." balance: Int }`, `"B." balance: Int } "S." type SmallInput { "A." a: Int }`, "INPUT SmallInput"},
		"two arguments":              {`("I." input: ReplyInput!)`, `("I." input: ReplyInput! "J." also: Int)`, "MUTATION Mutation.reply"},
		"an optional input":          {`input: ReplyInput!`, `input: ReplyInput`, "MUTATION Mutation.reply"},
		"no key":                     {`idempotencyKey: String!`, `key: String!`, "MUTATION ReplyInput"},
		"a payload that may be null": {`: ReplyPayload!`, `: ReplyPayload`, "MUTATION Mutation.reply"},
		"no payload":                 {`: ReplyPayload!`, `: Ticket!`, "MUTATION Mutation.reply"},
		"no errors":                  {`"U." userErrors: [UserError!]!`, `"U." ok: Boolean!`, "PAYLOAD ReplyPayload"},
		"errors that may be null":    {`[UserError!]!`, `[UserError!]`, "PAYLOAD ReplyPayload\nNULL ReplyPayload.userErrors"},
		"an entity that is always":   {`"T." ticket: Ticket `, `"T." ticket: Ticket! `, "PAYLOAD ReplyPayload.ticket"},
		"a page that may be null":    {`TicketConnection!`, `TicketConnection`, "CONNECTION Query.tickets"},
		"a page without a default":   {`first: Int! = 20`, `first: Int!`, "CONNECTION Query.tickets"},
		"a page without an end":      {`, "A." after: Cursor`, ``, "CONNECTION Query.tickets"},
		"no page info":               {`"P." pageInfo: PageInfo!`, ``, "CONNECTION TicketConnection"},
		"nodes that may be null":     {`nodes: [Ticket!]!`, `nodes: [Ticket]!`, "CONNECTION TicketConnection\nNULL TicketConnection.nodes"},
		"an edge without its cursor": {`"C." cursor: Cursor!`, `"C." at: Int!`, "CONNECTION TicketEdge"},
		"a list that may be null":    {`tags: [String!]!`, `tags: [String!]`, "NULL Ticket.tags"},
		"items that may be null":     {`tags: [String!]!`, `tags: [String]!`, "NULL Ticket.tags"},
		"items of an argument":       {`ids: [ID!]!`, `ids: [ID]!`, "NULL Query.nodes(ids:)"},
		"maybe yes":                  {`hasNextPage: Boolean!`, `hasNextPage: Boolean`, "NULL PageInfo.hasNextPage"},
		"an ID that may be null":     {`id: ID!`, `id: ID`, "NULL Ticket.id"},
		"a source that never fails":  {`Billing | SourceUnavailable`, `Billing`, "RESULT BillingResult"},
		"a result by another name":   {`BillingResult`, `BillingAnswer`, "RESULT BillingAnswer"},
		"a result that may be null":  {`: BillingResult!`, `: BillingResult`, "RESULT Query.billing"},
		"a deprecation without why":  {`(reason: "Use tags. Removed after 2027-01-31.")`, ``, "DEPRECATION Ticket.old"},
		"a deprecation without end":  {`Removed after 2027-01-31.`, ``, "DEPRECATION Ticket.old"},
		"no day":                     {`2027-01-31`, `2027-02-31`, "DEPRECATION Ticket.old"},
	} {
		if !strings.Contains(good, test.old) {
			t.Fatalf("%s changes nothing", name)
		}
		want := strings.Split(test.want, "\n")
		if test.want == "" {
			want = nil
		}
		if diff := cmp.Diff(want, lint(strings.ReplaceAll(good, test.old, test.now))); diff != "" {
			t.Errorf("%s (-want +found): %s", name, diff)
		}
	}
}
