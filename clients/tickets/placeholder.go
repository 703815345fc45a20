package tickets

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
)

// Words are what placeholders stand for on a ticket.
type Words struct {
	TicketID  ID
	Number    int64
	Subject   string
	Requester string
	Account   string
	Agent     *string // who writes, nil for nobody
}

// placeholders are what stands for each name.
var placeholders = map[string]func(*Words) string{
	"ticket.ref":           func(w *Words) string { return "T-" + strconv.FormatInt(w.Number, 10) },
	"ticket.subject":       func(w *Words) string { return w.Subject },
	"requester.name":       func(w *Words) string { return w.Requester },
	"requester.first_name": func(w *Words) string { return firstWord(w.Requester) },
	"account.name":         func(w *Words) string { return w.Account },
	"agent.name":           func(w *Words) string { return value(w.Agent) },
}

var placeholder = regexp.MustCompile(`\{\{\s*([^{}]*?)\s*\}\}`)

// Fill puts the words in the place of a template's placeholders. What came from a ticket is not read as a template again.
func (w *Words) Fill(template string) string {
	return placeholder.ReplaceAllStringFunc(template, func(found string) string {
		if word := placeholders[placeholder.FindStringSubmatch(found)[1]]; word != nil {
			return word(w)
		}
		return found
	})
}

func firstWord(name string) string {
	first, _, _ := strings.Cut(name, " ")
	return first
}

// template checks a text with placeholders.
func (c *checks) template(text string, at ...string) {
	before := len(c.refused)
	if c.text(text, MaxBody, at...); len(c.refused) > before {
		return
	}
	for _, found := range placeholder.FindAllStringSubmatch(text, -1) {
		if placeholders[found[1]] == nil {
			names := []string{}
			for name := range placeholders {
				names = append(names, name)
			}
			slices.Sort(names)
			c.refuse(Invalid, fmt.Sprintf("There is no such placeholder: these are %s.", strings.Join(names, ", ")), at...)
			return
		}
	}
}

// WordsOf reads what placeholders stand for on each of the tickets; nothing for others than staff.
func WordsOf(scope accounts.Scope, agent *accounts.AgentID, ids []ID) postgres.Query[*Words] {
	return postgres.Query[*Words]{
		SQL: `-- tickets.words
			select t.id as ticket_id, t.number, t.subject, c.name as requester, a.name as account, (select g.name from agents g where g.id = $2) as agent
			from tickets t join contacts c on c.id = t.requester_id join accounts a on a.id = t.account_id
			where $1 and t.deleted_at is null and t.id = any($3)
			order by t.id`,
		Args: []any{scope.Staff, agent, ids},
		Row:  pgx.RowToAddrOfStructByName[Words],
	}
}
