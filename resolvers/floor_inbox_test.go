package resolvers_test

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"supportgraph/clients/stripe"
	"supportgraph/clients/upstream"
)

// inboxQuery is the agent's inbox, as in its golden.
const inboxQuery = `query Inbox($first: Int!) {
  tickets(filter: {status: [NEW, OPEN], assignee: {unassigned: false}}, orderBy: {field: UPDATED, direction: DESC}, first: $first) {
    nodes {
      ref
      subject
      status
      priority
      updatedAt
      requester { name email }
      assignee { ... on Agent { name team { name } } ... on Team { name } }
      account {
        name
        tier { name }
` + inboxBilling + `      }
      lastMessage { createdAt author { __typename ... on Contact { name } ... on Agent { name } } }
    }
    pageInfo { hasNextPage }
  }
}`

const inboxBilling = `        billing {
          __typename
          ... on BillingProfile { delinquent currency subscriptions { status currentPeriodEnd } source { freshness } }
          ... on SourceUnavailable { reason retryAfter }
        }
`

const floorInbox = `-- floor.inbox
	select t.number, t.subject, t.status, t.priority, t.updated_at, r.name, r.email, g.name, gm.name,
		a.name, tier.name, coalesce(a.stripe_customer_id, ''), l.created_at, coalesce(lc.name, ''), coalesce(la.name, '')
	from (
		select * from tickets
		where status in ('NEW', 'OPEN') and assignee_agent_id is not null
		order by updated_at desc, id desc
		limit {limit}
	) t
	join contacts r on r.id = t.requester_id
	join accounts a on a.id = t.account_id
	join tiers tier on tier.key = a.tier
	join agents g on g.id = t.assignee_agent_id
	join teams gm on gm.id = g.team_id
	left join messages l on l.id = t.last_message_id
	left join contacts lc on lc.id = l.author_contact_id
	left join agents la on la.id = l.author_agent_id
	order by t.updated_at desc, t.id desc`

func (f *floor) inbox(ctx context.Context, _ *http.Request, first int) ([]byte, error) {
	return f.lines(ctx, first, true)
}

func (f *floor) unbilled(ctx context.Context, _ *http.Request, first int) ([]byte, error) {
	return f.lines(ctx, first, false)
}

func (f *floor) lines(ctx context.Context, first int, billed bool) ([]byte, error) {
	type line struct {
		number                           int64
		subject, status, priority        string
		updated                          time.Time
		requester, email, assignee, team string
		account, tier                    string
		customer                         stripe.CustomerID
		spoke                            *time.Time
		contact, agent                   string
	}
	rows, err := f.clients.Postgres.Query(ctx, limited(floorInbox, first+1))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	lines := make([]line, 0, first+1)
	customers := make([]stripe.CustomerID, 0, first)
	for rows.Next() {
		lines = append(lines, line{})
		l := &lines[len(lines)-1]
		if err := rows.Scan(&l.number, &l.subject, &l.status, &l.priority, &l.updated, &l.requester, &l.email, &l.assignee, &l.team,
			&l.account, &l.tier, &l.customer, &l.spoke, &l.contact, &l.agent); err != nil {
			return nil, err
		}
		if l.customer != "" && len(lines) <= first {
			customers = append(customers, l.customer)
		}
	}
	if rows.Err() != nil {
		return nil, rows.Err()
	}
	more := len(lines) > first
	if more {
		lines = lines[:first]
	}
	var profiles map[stripe.CustomerID]*stripe.BillingProfile
	var failed map[stripe.CustomerID]error
	if billed {
		profiles, failed = f.clients.Stripe.Profiles(ctx, upstream.Agents, customers)
	}

	b := append(make([]byte, 0, 1024+640*len(lines)), `{"data":{"tickets":{"nodes":[`...)
	for i := range lines {
		l := &lines[i]
		b = append(strconv.AppendInt(append(comma(b, i), `{"ref":"T-`...), l.number, 10), `","subject":`...)
		b = append(quote(b, l.subject), `,"status":`...)
		b = append(quote(b, l.status), `,"priority":`...)
		b = append(quote(b, l.priority), `,"updatedAt":`...)
		b = append(moment(b, l.updated), `,"requester":{"name":`...)
		b = append(quote(b, l.requester), `,"email":`...)
		b = append(quote(b, l.email), `},"assignee":{"name":`...)
		b = append(quote(b, l.assignee), `,"team":{"name":`...)
		b = append(quote(b, l.team), `}},"account":{"name":`...)
		b = append(quote(b, l.account), `,"tier":{"name":`...)
		b = append(quote(b, l.tier), '}')
		if billed {
			b = billing(append(b, `,"billing":`...), profiles[l.customer], failed[l.customer])
		}
		b = append(b, `},"lastMessage":`...)
		if l.spoke == nil {
			b = append(b, `null}`...)
			continue
		}
		b = append(moment(append(b, `{"createdAt":`...), *l.spoke), `,"author":`...)
		b = append(person(b, l.contact, l.agent), `}}`...)
	}
	return append(strconv.AppendBool(append(b, `],"pageInfo":{"hasNextPage":`...), more), `}}}}`...), nil
}

func billing(b []byte, profile *stripe.BillingProfile, err error) []byte {
	switch {
	case err != nil:
		down := upstream.Down(upstream.Stripe, err)
		b = quote(append(b, `{"__typename":"SourceUnavailable","reason":`...), string(down.Reason))
		b = append(b, `,"retryAfter":`...)
		if down.RetryAfter == nil {
			return append(b, `null}`...)
		}
		return append(strconv.AppendInt(b, int64(*down.RetryAfter), 10), '}')
	case profile == nil:
		return append(b, `{"__typename":"NotLinked"}`...)
	}
	b = strconv.AppendBool(append(b, `{"__typename":"BillingProfile","delinquent":`...), profile.Delinquent)
	b = append(b, `,"currency":`...)
	b = append(quoteOrNull(b, profile.Currency), `,"subscriptions":[`...)
	for i, subscription := range profile.Subscriptions {
		b = append(quote(append(comma(b, i), `{"status":`...), string(subscription.Status)), `,"currentPeriodEnd":`...)
		b = append(momentOrNull(b, subscription.CurrentPeriodEnd), '}')
	}
	return append(quote(append(b, `],"source":{"freshness":`...), string(*profile.Source.Freshness)), `}}`...)
}
