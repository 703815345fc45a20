-- +goose Up
-- How far a vendor's records have been read.
create table sync_checkpoints (
  vendor    text not null,
  feed      text not null,                              -- the kind of records
  cursor    text not null default '',                   -- the vendor's; empty: from nothing
  records   bigint not null default 0,                  -- read so far
  read_at   timestamptz,                                -- of the last page
  caught_up timestamptz,                                -- when the feed was last read to its end
  failed_at timestamptz,                                -- null: the last read went well
  failure   text,                                       -- the class of the last failure
  primary key (vendor, feed)
);

-- What Zendesk holds, as it was last read. A row is replaced by what is newer there, or was read later. Nothing in a mirror
-- keeps a row of ours from going.
create table zendesk_organizations (
  id          bigint primary key check (id > 0),
  name        text not null,
  external_id text,                                     -- our key, as Zendesk keeps it
  account_id  uuid,                 -- null: no account of ours
  created_at  timestamptz not null,
  updated_at  timestamptz not null,
  deleted_at  timestamptz,
  read_at     timestamptz not null
);
create index zendesk_organizations_account on zendesk_organizations (account_id) where account_id is not null;

create table zendesk_users (
  id              bigint primary key check (id > 0),
  name            text not null,
  email           text,
  role            text not null check (role in ('END_USER', 'AGENT', 'ADMIN', 'OTHER')),
  organization_id bigint,
  external_id     text,
  contact_id      uuid,             -- null: nobody whom we know
  agent_id        uuid,
  created_at      timestamptz not null,
  updated_at      timestamptz not null,
  deleted_at      timestamptz,
  read_at         timestamptz not null,
  check (contact_id is null or agent_id is null)
);

create table zendesk_tickets (
  id              bigint primary key check (id > 0),
  external_id     text,
  ticket_id       uuid, -- null: it is about no ticket of ours
  account_id      uuid,             -- of its organisation
  subject         text not null,
  status          text not null check (status in ('NEW', 'OPEN', 'PENDING', 'HOLD', 'SOLVED', 'CLOSED', 'OTHER')),
  applied_status  text,                                 -- the last that was brought to our ticket, or from it; null: none yet, '': ours has moved since
  priority        text,
  requester_id    bigint not null,
  organization_id bigint,
  tags            text[] not null,
  created_at      timestamptz not null,
  updated_at      timestamptz not null,
  deleted_at      timestamptz,
  read_at         timestamptz not null,
  thread_due      timestamptz                           -- its messages may have changed since; null: they are read
);
create index zendesk_tickets_due on zendesk_tickets (thread_due, id) where thread_due is not null;
create index zendesk_tickets_ticket on zendesk_tickets (ticket_id) where ticket_id is not null;
create index zendesk_tickets_organization on zendesk_tickets (organization_id);
create index zendesk_tickets_account on zendesk_tickets (account_id, updated_at, id);

-- The messages of tickets that are about ours: each is one message or note here, or nothing while its author is not known.
create table zendesk_comments (
  id         bigint primary key check (id > 0),
  ticket_id  bigint not null references zendesk_tickets,
  author_id  bigint not null,
  message_id uuid,
  note_id    uuid,
  waits      boolean not null default false,            -- for its author to be known
  created_at timestamptz not null,
  check (num_nonnulls(message_id, note_id) <= 1)
);
create index zendesk_comments_ticket on zendesk_comments (ticket_id);
create index zendesk_comments_waiting on zendesk_comments (author_id) where waits;
create index zendesk_comments_message on zendesk_comments (message_id) where message_id is not null;
create index zendesk_comments_note on zendesk_comments (note_id) where note_id is not null;
