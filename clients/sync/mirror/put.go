package mirror

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"supportgraph/clients/accounts"
	"supportgraph/clients/tickets"
	"supportgraph/clients/zendesk"
)

// put keeps records, the ones that are referred to first, and puts down a job where messages are due.
func (z *Zendesk) put(ctx context.Context, tx pgx.Tx, page *zendesk.Export) error {
	batch := &pgx.Batch{}
	due := 0
	if len(page.Organizations) > 0 {
		putOrganizations(batch, page.Organizations, page.At)
	}
	if len(page.Users) > 0 {
		putUsers(batch, page.Users, page.At)
	}
	if len(page.Tickets) > 0 {
		putTickets(batch, page.Tickets, page.At, &due)
	}
	if batch.Len() == 0 {
		return nil
	}
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("keep %d records: %w", page.Len(), err)
	}
	if due == 0 && len(page.Users) == 0 {
		return nil
	}
	return z.queue.Enqueue(ctx, tx, threads{})
}

// ours reads a key of ours that a vendor keeps for us; nil where it is none.
func ours[K any, P interface {
	*K
	UnmarshalText(text []byte) error
}](external *string) *K {
	var key K
	if external == nil || P(&key).UnmarshalText([]byte(*external)) != nil {
		return nil
	}
	return &key
}

// text is a vendor's text as Postgres keeps it.
func text(foreign string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(foreign, "\x00", ""), "\uFFFD")
}

func texts(foreign *string) *string {
	if foreign == nil {
		return nil
	}
	kept := text(*foreign)
	return &kept
}

func column[R, V any](rows []*R, of func(*R) V) []V {
	values := make([]V, len(rows))
	for i, row := range rows {
		values[i] = of(row)
	}
	return values
}

// putOrganizations keeps organisations and what accounts they are: where one was given to another account, or an account's
// was merged into another one, the link moves along.
func putOrganizations(batch *pgx.Batch, rows []*zendesk.VendorOrganization, at time.Time) {
	batch.Queue(`-- mirror.organizations
		insert into zendesk_organizations as o (id, name, external_id, account_id, created_at, updated_at, read_at)
		select distinct on (r.id) r.id, r.name, r.external, a.id, r.created, r.updated, $7
		from unnest($1::bigint[], $2::text[], $3::text[], $4::uuid[], $5::timestamptz[], $6::timestamptz[]) as r (id, name, external, account, created, updated)
		left join accounts a on a.id = r.account
		order by r.id, r.updated desc
		on conflict (id) do update set name = excluded.name, external_id = excluded.external_id, account_id = excluded.account_id,
			updated_at = excluded.updated_at, read_at = excluded.read_at, deleted_at = null
		where (excluded.updated_at, excluded.read_at) >= (o.updated_at, o.read_at)`,
		column(rows, func(o *zendesk.VendorOrganization) int64 { return int64(o.ID) }),
		column(rows, func(o *zendesk.VendorOrganization) string { return text(o.Name) }),
		column(rows, func(o *zendesk.VendorOrganization) *string { return texts(o.ExternalID) }),
		column(rows, func(o *zendesk.VendorOrganization) *accounts.ID { return ours[accounts.ID](o.ExternalID) }),
		column(rows, func(o *zendesk.VendorOrganization) time.Time { return o.CreatedAt }),
		column(rows, func(o *zendesk.VendorOrganization) time.Time { return o.UpdatedAt }), at)
	ids := column(rows, func(o *zendesk.VendorOrganization) int64 { return int64(o.ID) })
	link(batch, ids)
}

// link brings accounts and tickets in line with whose organisations are. An account has one organisation: of several that
// are named after it, the one that it has already, or else the newest.
func link(batch *pgx.Batch, organizations []int64) {
	batch.Queue(`-- mirror.unlink
		update accounts a set zendesk_organization_id = null
		from zendesk_organizations o
		where o.id = any($1) and a.zendesk_organization_id = o.id and (o.deleted_at is not null or o.account_id is not null and o.account_id <> a.id)`, organizations)
	batch.Queue(`-- mirror.link
		update accounts a set zendesk_organization_id = o.id
		from (
			select distinct on (account_id) account_id, id from zendesk_organizations
			where account_id in (select account_id from zendesk_organizations where id = any($1)) and deleted_at is null
			order by account_id, created_at desc, id desc
		) o
		where a.id = o.account_id and a.zendesk_organization_id is null
			and not exists (select from accounts b where b.zendesk_organization_id = o.id)`, organizations)
	batch.Queue(`-- mirror.ticket_accounts
		update zendesk_tickets t set account_id = o.account_id
		from zendesk_organizations o
		where o.id = any($1) and t.organization_id = o.id and t.account_id is distinct from o.account_id`, organizations)
}

// putUsers keeps users and who they are: contacts and agents by our key, agents also by their address. Messages that waited
// for their author to be known are due again.
func putUsers(batch *pgx.Batch, rows []*zendesk.VendorUser, at time.Time) {
	ids := column(rows, func(u *zendesk.VendorUser) int64 { return int64(u.ID) })
	batch.Queue(`-- mirror.users
		insert into zendesk_users as u (id, name, email, role, organization_id, external_id, contact_id, agent_id, created_at, updated_at, read_at, deleted_at)
		select distinct on (r.id) r.id, r.name, r.email, r.role, r.organization, r.external, c.id,
			case when c.id is null then coalesce(g.id, h.id) end, r.created, r.updated, $12, case when r.deleted then $12::timestamptz end
		from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::uuid[], $8::uuid[], $9::timestamptz[], $10::timestamptz[], $11::boolean[])
			as r (id, name, email, role, organization, external, contact, agent, created, updated, deleted)
		left join contacts c on c.id = r.contact
		left join agents g on g.id = r.agent
		left join agents h on h.email = r.email and r.role in ('AGENT', 'ADMIN')
		order by r.id, r.updated desc
		on conflict (id) do update set name = excluded.name, email = excluded.email, role = excluded.role, organization_id = excluded.organization_id,
			external_id = excluded.external_id, contact_id = excluded.contact_id, agent_id = excluded.agent_id, updated_at = excluded.updated_at,
			read_at = excluded.read_at, deleted_at = excluded.deleted_at
		where (excluded.updated_at, excluded.read_at) >= (u.updated_at, u.read_at)`,
		ids,
		column(rows, func(u *zendesk.VendorUser) string { return text(u.Name) }),
		column(rows, func(u *zendesk.VendorUser) *string { return texts(u.Email) }),
		column(rows, func(u *zendesk.VendorUser) string { return string(u.Role) }),
		column(rows, func(u *zendesk.VendorUser) *int64 { return (*int64)(u.OrganizationID) }),
		column(rows, func(u *zendesk.VendorUser) *string { return texts(u.ExternalID) }),
		column(rows, func(u *zendesk.VendorUser) *accounts.ContactID { return ours[accounts.ContactID](u.ExternalID) }),
		column(rows, func(u *zendesk.VendorUser) *accounts.AgentID { return ours[accounts.AgentID](u.ExternalID) }),
		column(rows, func(u *zendesk.VendorUser) time.Time { return u.CreatedAt }),
		column(rows, func(u *zendesk.VendorUser) time.Time { return u.UpdatedAt }),
		column(rows, func(u *zendesk.VendorUser) bool { return u.Deleted }), at)
	batch.Queue(`-- mirror.waiting
		update zendesk_tickets set thread_due = $2
		where id in (
			select c.ticket_id from zendesk_comments c join zendesk_users u on u.id = c.author_id
			where c.waits and c.author_id = any($1) and (u.contact_id is not null or u.agent_id is not null)
		)`, ids, at)
}

// putTickets keeps tickets and which of ours they are about. The messages of those are due whenever they are told of: a
// message need not change the second of a ticket's last update. Tags have no spaces.
func putTickets(batch *pgx.Batch, rows []*zendesk.VendorTicket, at time.Time, due *int) {
	batch.Queue(`-- mirror.tickets
		insert into zendesk_tickets as z (id, external_id, ticket_id, account_id, subject, status, priority, requester_id, organization_id, tags,
			created_at, updated_at, read_at, deleted_at, thread_due)
		select distinct on (r.id) r.id, r.external, t.id, o.account_id, r.subject, r.status, r.priority, r.requester, r.organization,
			string_to_array(r.tags, ' '), r.created, r.updated, $13,
			case when r.deleted then $13::timestamptz end, case when t.id is not null and not r.deleted then $13::timestamptz end
		from unnest($1::bigint[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[], $9::text[], $10::timestamptz[],
			$11::timestamptz[], $12::boolean[]) as r (id, external, ticket, subject, status, priority, requester, organization, tags, created, updated, deleted)
		left join tickets t on t.id = r.ticket
		left join zendesk_organizations o on o.id = r.organization
		order by r.id, r.updated desc
		on conflict (id) do update set external_id = excluded.external_id, ticket_id = excluded.ticket_id, account_id = excluded.account_id,
			subject = excluded.subject, status = case when excluded.deleted_at is null then excluded.status else z.status end, priority = excluded.priority,
			requester_id = excluded.requester_id, organization_id = excluded.organization_id, tags = excluded.tags, updated_at = excluded.updated_at,
			read_at = excluded.read_at, deleted_at = case when excluded.deleted_at is not null then coalesce(z.deleted_at, excluded.deleted_at) end,
			thread_due = excluded.thread_due
		where (excluded.updated_at, excluded.read_at) >= (z.updated_at, z.read_at)`,
		column(rows, func(t *zendesk.VendorTicket) int64 { return int64(t.ID) }),
		column(rows, func(t *zendesk.VendorTicket) *string { return texts(t.ExternalID) }),
		column(rows, func(t *zendesk.VendorTicket) *tickets.ID { return ours[tickets.ID](t.ExternalID) }),
		column(rows, func(t *zendesk.VendorTicket) string { return text(t.Subject) }),
		column(rows, func(t *zendesk.VendorTicket) string { return string(t.Status) }),
		column(rows, func(t *zendesk.VendorTicket) *string { return (*string)(t.Priority) }),
		column(rows, func(t *zendesk.VendorTicket) int64 { return int64(t.RequesterID) }),
		column(rows, func(t *zendesk.VendorTicket) *int64 { return (*int64)(t.OrganizationID) }),
		column(rows, func(t *zendesk.VendorTicket) string { return text(strings.Join(t.Tags, " ")) }),
		column(rows, func(t *zendesk.VendorTicket) time.Time { return t.CreatedAt }),
		column(rows, func(t *zendesk.VendorTicket) time.Time { return t.UpdatedAt }),
		column(rows, func(t *zendesk.VendorTicket) bool { return t.Deleted }), at)
	for _, row := range rows {
		if row.ExternalID != nil && !row.Deleted {
			*due++
		}
	}
}

// bury marks what the vendor does not show any more, unless it was read later than that.
func bury(ctx context.Context, tx pgx.Tx, gone map[zendesk.Feed][]int64, at time.Time) error {
	batch := &pgx.Batch{}
	if ids := gone[zendesk.FeedOrganizations]; len(ids) > 0 {
		batch.Queue(`-- mirror.bury_organizations
			update zendesk_organizations set deleted_at = coalesce(deleted_at, $2), read_at = $2 where id = any($1) and read_at <= $2`, ids, at)
		link(batch, ids)
	}
	if ids := gone[zendesk.FeedUsers]; len(ids) > 0 {
		batch.Queue(`-- mirror.bury_users
			update zendesk_users set deleted_at = coalesce(deleted_at, $2), read_at = $2 where id = any($1) and read_at <= $2`, ids, at)
	}
	if ids := gone[zendesk.FeedTickets]; len(ids) > 0 {
		batch.Queue(`-- mirror.bury_tickets
			update zendesk_tickets set deleted_at = coalesce(deleted_at, $2), read_at = $2, thread_due = null where id = any($1) and read_at <= $2`, ids, at)
	}
	if batch.Len() == 0 {
		return nil
	}
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("mark what is deleted: %w", err)
	}
	return nil
}
