package resolvers_test

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"supportgraph/clients/statuspage"
	"supportgraph/clients/tickets"
)

// ticketQuery is the ticket's page, as in its golden.
const ticketQuery = `query TicketPage($ref: String!, $first: Int!) {
  ticketByRef(ref: $ref) {
    ref
    version
    subject
    status
    statusReason
    statusSince
    priority
    impact
    category { key name parent { name } }
    affectedZones
    channel
    requester { name email }
    participants { name }
    account { name plan tier { key } parent { name } }
    assignee { ... on Agent { name team { name } } ... on Team { name } }
    tags { name }
    messages(first: $first) {
      nodes { body createdAt author { ...person } }
      pageInfo { hasNextPage hasPreviousPage }
    }
    internalNotes(first: $first) { nodes { body author { name } } }
    timeline(first: $first) {
      nodes {
        __typename
        createdAt
        actor { ...person }
        ... on MessageEntry { message { channel author { ...person } } }
        ... on NoteEntry { note { body } }
        ... on StatusEntry { before: from after: to reason }
        ... on AssignmentEntry { giver: from { ...assigned } taker: to { ...assigned } }
        ... on PriorityEntry { was: from is: to }
        ... on TagEntry { change tag { name } }
        ... on SlaEntry { clock state }
        ... on LinkEntry { system reference }
      }
    }
    relatedIncidents { ... on IncidentList { nodes { name status impact } } }
  }
}
fragment person on Actor { __typename ... on Contact { name } ... on Agent { name } }
fragment assigned on Assignee { __typename ... on Agent { name } ... on Team { name } }`

// The statements of the ticket's page, sent as one batch, in the order in which they stand in the answer.
const (
	floorTicket = `-- floor.ticket
		select t.number, t.version, t.subject, t.status, t.status_reason, t.status_since, t.priority, t.impact,
			c.key, c.name, coalesce(cp.name, ''), c.product, t.affected_zones, t.channel, r.name, r.email,
			a.name, a.plan, a.tier, coalesce(ap.name, ''), coalesce(g.name, ''), coalesce(gm.name, ''), coalesce(m.name, '')
		from tickets t
		join categories c on c.id = t.category_id
		left join categories cp on cp.id = c.parent_id
		join contacts r on r.id = t.requester_id
		join accounts a on a.id = t.account_id
		left join accounts ap on ap.id = a.parent_id
		left join agents g on g.id = t.assignee_agent_id
		left join teams gm on gm.id = g.team_id
		left join teams m on m.id = t.assignee_team_id
		where t.number = $1`

	floorParticipants = `-- floor.participants
		select c.name
		from ticket_participants p join contacts c on c.id = p.contact_id
		where p.ticket_id = (select id from tickets where number = $1)
		order by p.added_at, p.contact_id
		limit 10000`

	floorTags = `-- floor.tags
		select g.name
		from ticket_tags x join tags g on g.id = x.tag_id
		where x.ticket_id = (select id from tickets where number = $1)
		order by g.name
		limit 10000`

	floorMessages = `-- floor.messages
		select m.body, m.created_at, coalesce(c.name, ''), coalesce(a.name, '')
		from (
			select * from messages
			where ticket_id = (select id from tickets where number = $1)
			order by created_at, id
			limit {limit}
		) m
		left join contacts c on c.id = m.author_contact_id
		left join agents a on a.id = m.author_agent_id
		order by m.created_at, m.id`

	floorNotes = `-- floor.notes
		select n.body, a.name
		from (
			select * from internal_notes
			where ticket_id = (select id from tickets where number = $1)
			order by created_at, id
			limit {limit}
		) n
		join agents a on a.id = n.author_agent_id
		order by n.created_at, n.id`

	floorTimeline = `-- floor.timeline
		select e.kind, e.created_at, coalesce(c.name, ''), coalesce(a.name, ''),
			e.from_value, coalesce(e.to_value, ''), e.reason,
			coalesce(m.channel, ''), coalesce(mc.name, ''), coalesce(ma.name, ''), coalesce(n.body, ''),
			fa.id is not null, coalesce(fa.name, ft.name, ''), ta.id is not null, coalesce(ta.name, tt.name, ''),
			coalesce(g.name, '')
		from (
			select * from ticket_events
			where ticket_id = (select id from tickets where number = $1)
			order by created_at, id
			limit {limit}
		) e
		left join contacts c on c.id = e.actor_contact_id
		left join agents a on a.id = e.actor_agent_id
		left join messages m on m.id = e.message_id
		left join contacts mc on mc.id = m.author_contact_id
		left join agents ma on ma.id = m.author_agent_id
		left join internal_notes n on n.id = e.note_id
		left join agents fa on fa.id = e.from_agent_id
		left join teams ft on ft.id = e.from_team_id
		left join agents ta on ta.id = e.to_agent_id
		left join teams tt on tt.id = e.to_team_id
		left join tags g on g.id = e.tag_id
		order by e.created_at, e.id`
)

func (f *floor) ticket(ctx context.Context, r *http.Request, first int) (body []byte, err error) {
	number, ok := tickets.ParseRef(r.PathValue("ref"))
	if !ok {
		return nil, errors.New("not a reference")
	}
	batch := &pgx.Batch{}
	batch.Queue(floorTicket, number)
	batch.Queue(floorParticipants, number)
	batch.Queue(floorTags, number)
	batch.Queue(limited(floorMessages, first+1), number)
	batch.Queue(limited(floorNotes, first), number)
	batch.Queue(limited(floorTimeline, first), number)
	sent := f.clients.Postgres.SendBatch(ctx, batch)
	defer func() {
		if closed := sent.Close(); err == nil {
			err = closed
		}
	}()

	var t struct {
		tickets.Ticket
		category, kind, above       string
		product                     *string
		requester, email            string
		account, plan, tier, parent string
		agent, team, assigned       string
	}
	err = sent.QueryRow().Scan(&t.Number, &t.Version, &t.Subject, &t.Status, &t.StatusReason, &t.StatusSince, &t.Priority, &t.Impact,
		&t.kind, &t.category, &t.above, &t.product, &t.AffectedZones, &t.Channel, &t.requester, &t.email,
		&t.account, &t.plan, &t.tier, &t.parent, &t.agent, &t.team, &t.assigned)
	if errors.Is(err, pgx.ErrNoRows) {
		return []byte(`{"data":{"ticketByRef":null}}`), nil
	}
	if err != nil {
		return nil, err
	}
	b := append(make([]byte, 0, 4096+2048*first), `{"data":{"ticketByRef":{"ref":"T-`...)
	b = append(strconv.AppendInt(b, t.Number, 10), `","version":`...)
	b = append(strconv.AppendInt(b, int64(t.Version), 10), `,"subject":`...)
	b = append(quote(b, t.Subject), `,"status":`...)
	b = append(quote(b, string(t.Status)), `,"statusReason":`...)
	b = append(quoteOrNull(b, t.StatusReason), `,"statusSince":`...)
	b = append(moment(b, t.StatusSince), `,"priority":`...)
	b = append(quote(b, string(t.Priority)), `,"impact":`...)
	b = append(quote(b, string(t.Impact)), `,"category":{"key":`...)
	b = append(quote(b, t.kind), `,"name":`...)
	b = append(quote(b, t.category), `,"parent":`...)
	b = append(named(b, t.above), `},"affectedZones":[`...)
	for i, zone := range t.AffectedZones {
		b = quote(comma(b, i), zone)
	}
	b = append(quote(append(b, `],"channel":`...), string(t.Channel)), `,"requester":{"name":`...)
	b = append(quote(b, t.requester), `,"email":`...)
	b = append(quote(b, t.email), `},"participants":[`...)
	if b, _, err = each(sent, b, unlimited, new(floorName).show); err != nil {
		return nil, err
	}
	b = append(quote(append(b, `],"account":{"name":`...), t.account), `,"plan":`...)
	b = append(quote(b, t.plan), `,"tier":{"key":`...)
	b = append(quote(b, t.tier), `},"parent":`...)
	b = append(named(b, t.parent), `},"assignee":`...)
	if t.agent != "" {
		b = append(quote(append(b, `{"name":`...), t.agent), `,"team":{"name":`...)
		b = append(quote(b, t.team), `}}`...)
	} else {
		b = named(b, t.assigned)
	}
	b = append(b, `,"tags":[`...)
	if b, _, err = each(sent, b, unlimited, new(floorName).show); err != nil {
		return nil, err
	}
	b = append(b, `],"messages":{"nodes":[`...)
	more := false
	if b, more, err = each(sent, b, first, new(floorMessage).show); err != nil {
		return nil, err
	}
	b = strconv.AppendBool(append(b, `],"pageInfo":{"hasNextPage":`...), more)
	b = append(b, `,"hasPreviousPage":false}},"internalNotes":{"nodes":[`...)
	if b, _, err = each(sent, b, first, new(floorNote).show); err != nil {
		return nil, err
	}
	b = append(b, `]},"timeline":{"nodes":[`...)
	if b, _, err = each(sent, b, first, new(floorEntry).show); err != nil {
		return nil, err
	}
	b = append(b, `]},"relatedIncidents":`...)
	return append(f.incidents(ctx, b, t.product), `}}}`...), nil
}

const unlimited = 1 << 30

// each appends the rows of the batch's next statement, limit of them, and tells whether there are more.
func each(sent pgx.BatchResults, b []byte, limit int, show func([]byte, pgx.Rows) ([]byte, error)) (_ []byte, more bool, err error) {
	rows, err := sent.Query()
	if err != nil {
		return b, false, err
	}
	defer rows.Close()
	for i := 0; rows.Next(); i++ {
		if i == limit {
			more = true
			continue
		}
		if b, err = show(comma(b, i), rows); err != nil {
			return b, false, err
		}
	}
	return b, more, rows.Err()
}

// The rows of the page's lists; one of each takes all rows of a list in turn.
type (
	floorName    struct{ name string }
	floorMessage struct {
		body, contact, agent string
		at                   time.Time
	}
	floorNote  struct{ body, author string }
	floorEntry struct {
		kind, contact, agent, to, channel, authorContact, authorAgent, note, giver, taker, tag string
		from, reason                                                                           *string
		at                                                                                     time.Time
		fromAgent, toAgent                                                                     bool
	}
)

func (n *floorName) show(b []byte, row pgx.Rows) ([]byte, error) {
	err := row.Scan(&n.name)
	return named(b, n.name), err
}

func (m *floorMessage) show(b []byte, row pgx.Rows) ([]byte, error) {
	err := row.Scan(&m.body, &m.at, &m.contact, &m.agent)
	b = append(quote(append(b, `{"body":`...), m.body), `,"createdAt":`...)
	b = append(moment(b, m.at), `,"author":`...)
	return append(person(b, m.contact, m.agent), '}'), err
}

func (n *floorNote) show(b []byte, row pgx.Rows) ([]byte, error) {
	err := row.Scan(&n.body, &n.author)
	b = append(quote(append(b, `{"body":`...), n.body), `,"author":`...)
	return append(named(b, n.author), '}'), err
}

func (e *floorEntry) show(b []byte, row pgx.Rows) ([]byte, error) {
	err := row.Scan(&e.kind, &e.at, &e.contact, &e.agent, &e.from, &e.to, &e.reason, &e.channel, &e.authorContact, &e.authorAgent,
		&e.note, &e.fromAgent, &e.giver, &e.toAgent, &e.taker, &e.tag)
	if err != nil {
		return b, err
	}
	b = append(moment(append(append(append(b, `{"__typename":"`...), entryTypes[e.kind]...), `","createdAt":`...), e.at), `,"actor":`...)
	b = person(b, e.contact, e.agent)
	switch e.kind {
	case "MESSAGE":
		b = append(quote(append(b, `,"message":{"channel":`...), e.channel), `,"author":`...)
		b = append(person(b, e.authorContact, e.authorAgent), '}')
	case "NOTE":
		b = append(quote(append(b, `,"note":{"body":`...), e.note), '}')
	case "STATUS":
		b = append(quoteOrNull(append(b, `,"before":`...), e.from), `,"after":`...)
		b = quoteOrNull(append(quote(b, e.to), `,"reason":`...), e.reason)
	case "ASSIGNMENT":
		b = append(assigned(append(b, `,"giver":`...), e.fromAgent, e.giver), `,"taker":`...)
		b = assigned(b, e.toAgent, e.taker)
	case "PRIORITY":
		b = quote(append(quoteOrNull(append(b, `,"was":`...), e.from), `,"is":`...), e.to)
	case "TAG":
		b = named(append(quote(append(b, `,"change":`...), e.to), `,"tag":`...), e.tag)
	case "SLA":
		b = quote(append(quote(append(b, `,"clock":`...), orNothing(e.reason)), `,"state":`...), e.to)
	case "LINK":
		b = quote(append(quote(append(b, `,"system":`...), orNothing(e.reason)), `,"reference":`...), e.to)
	}
	return append(b, '}'), nil
}

var entryTypes = map[string]string{
	"MESSAGE": "MessageEntry", "NOTE": "NoteEntry", "STATUS": "StatusEntry", "ASSIGNMENT": "AssignmentEntry",
	"PRIORITY": "PriorityEntry", "TAG": "TagEntry", "SLA": "SlaEntry", "LINK": "LinkEntry",
}

func orNothing(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// incidents are those that touch the ticket's product, from the page that is in memory already.
func (f *floor) incidents(ctx context.Context, b []byte, product *string) []byte {
	snapshot, err := f.clients.Statuspage.Snapshot(ctx)
	if err != nil {
		return append(b, `{}`...)
	}
	var touched []*statuspage.Incident
	if product != nil {
		touched = snapshot.Touching([]string{*product})
	}
	b = append(b, `{"nodes":[`...)
	for i, incident := range touched {
		b = append(quote(append(comma(b, i), `{"name":`...), incident.Name), `,"status":`...)
		b = append(quote(b, string(incident.Status)), `,"impact":`...)
		b = append(quote(b, string(incident.Impact)), '}')
	}
	return append(b, `]}`...)
}
