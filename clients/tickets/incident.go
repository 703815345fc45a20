package tickets

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
	"supportgraph/clients/statuspage"
)

// IncidentLink says that a ticket is about an incident of the status page.
type IncidentLink struct {
	TicketID        ID
	IncidentID      string // the page's
	Name            string // as it was when it was linked
	LinkedByAgentID *accounts.AgentID
	LinkedAt        time.Time
}

const incidentColumns = `i.ticket_id, i.incident_id, i.name, i.linked_by_agent_id, i.linked_at`

// IncidentsOf reads which incidents each of the tickets that the scope covers is linked to, in the order they were linked.
func IncidentsOf(scope accounts.Scope, ids []ID) postgres.Query[*IncidentLink] {
	condition, args := visible(scope, []any{ids})
	return postgres.Query[*IncidentLink]{
		SQL: `-- incidents.of_tickets
			select ` + incidentColumns + `
			from ticket_incidents i join tickets t on t.id = i.ticket_id
			where i.ticket_id = any($1) and ` + condition + `
			order by i.ticket_id, i.linked_at, i.incident_id
			limit 10000`,
		Args: args,
		Row:  pgx.RowToAddrOfStructByName[IncidentLink],
	}
}

// IncidentLinking links a ticket to an incident, or takes the link away.
type IncidentLinking struct {
	IdempotencyKey  string
	Ticket          ID
	ExpectedVersion int
	Incident        string // the page's id
}

// systemStatuspage is what links to incidents stand under in a timeline.
const systemStatuspage = "STATUSPAGE"

// LinkIncident links a ticket to an incident, of which found tells as the page does: nil where it tells of none, and unread
// where it could not be asked. Linking again changes nothing. Only staff may.
func (s *Store) LinkIncident(ctx context.Context, by Author, input IncidentLinking, found *statuspage.Incident, unread error) (*Outcome, error) {
	return s.linkIncident(ctx, by, "linkIncident", input, func(c *changing, links []*IncidentLink) UserError {
		switch {
		case has(links, input.Incident):
			return nil
		case found == nil && unread != nil:
			return missing("The status page cannot be asked at the moment; try again later.", "incident")
		case found == nil:
			return missing("The status page tells of no such incident.", "incident")
		case len(links) >= MaxIncidents:
			return invalid(TooMany, fmt.Sprintf("A ticket is linked to at most %d incidents.", MaxIncidents), "incident")
		}
		name := clipped(found.Name, maxIncidentName)
		at := c.happens(event{Kind: "LINK", Reason: text(systemStatuspage), ToValue: &name, IncidentID: &input.Incident}).CreatedAt
		c.more = append(c.more, func(batch *pgx.Batch) {
			batch.Queue(`-- incidents.link
				insert into ticket_incidents (ticket_id, incident_id, name, linked_by_agent_id, linked_at) values ($1, $2, $3, $4, $5)`,
				c.ticket, input.Incident, name, c.by.Agent, at)
		})
		return nil
	})
}

// UnlinkIncident takes the link to an incident away, whether the page still tells of it or not. Only staff may.
func (s *Store) UnlinkIncident(ctx context.Context, by Author, input IncidentLinking) (*Outcome, error) {
	return s.linkIncident(ctx, by, "unlinkIncident", input, func(c *changing, links []*IncidentLink) UserError {
		at := slices.IndexFunc(links, func(link *IncidentLink) bool { return link.IncidentID == input.Incident })
		if at < 0 {
			return missing("The ticket is not linked to this incident.", "incident")
		}
		c.happens(event{Kind: "LINK", Reason: text(systemStatuspage), ToValue: &links[at].Name, IncidentID: &input.Incident, Unlinked: true})
		c.more = append(c.more, func(batch *pgx.Batch) {
			batch.Queue(`-- incidents.unlink
				delete from ticket_incidents where ticket_id = $1 and incident_id = $2`, c.ticket, input.Incident)
		})
		return nil
	})
}

func (s *Store) linkIncident(ctx context.Context, by Author, op string, input IncidentLinking, apply func(*changing, []*IncidentLink) UserError) (*Outcome, error) {
	check := checks{}
	check.staff(by)
	if !incidentID(input.Incident) {
		check.refuse(Invalid, "The ID is not that of an incident.", "incident")
	}
	var links []*IncidentLink
	return s.change(ctx, change{
		by: by, op: op, key: input.IdempotencyKey, input: input, checks: check,
		ticket: input.Ticket, expected: &input.ExpectedVersion, touches: []part{{field: FieldIncidents, incident: input.Incident}},
		lookup: func(batch *pgx.Batch, _ *changing) {
			postgres.Queue(batch, IncidentsOf(by.Scope, []ID{input.Ticket}), func(rows []*IncidentLink, err error) { links = rows })
		},
		apply: func(c *changing) UserError {
			if denied := c.denied(); denied != nil {
				return denied
			}
			return apply(c, links)
		},
	})
}

func has(links []*IncidentLink, incident string) bool {
	return slices.ContainsFunc(links, func(link *IncidentLink) bool { return link.IncidentID == incident })
}

// incidentID tells whether a text has the form of the page's ids.
func incidentID(id string) bool {
	return len(id) >= 1 && len(id) <= 32 && !slices.ContainsFunc([]byte(id), func(c byte) bool {
		return (c < '0' || c > '9') && (c < 'a' || c > 'z')
	})
}

// clipped is the beginning of a text, of at most so many characters.
func clipped(text string, most int) string {
	runes := []rune(text)
	return string(runes[:min(len(runes), most)])
}
