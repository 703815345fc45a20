-- +goose Up
-- What an agent has begun to write on a ticket: one reply and one note. It stays whatever happens to the ticket.
create table drafts (
  id         uuid primary key,
  agent_id   uuid not null references agents,
  ticket_id  uuid not null references tickets,
  form       text not null check (form in ('REPLY', 'NOTE')),
  body       text not null check (length(body) <= 65536),
  version    integer not null default 1 check (version > 0),
  updated_at timestamptz not null,
  unique (agent_id, ticket_id, form)
);
create index drafts_ticket on drafts (ticket_id, agent_id);

create table canned_replies (
  id         uuid primary key,
  agent_id   uuid not null references agents,           -- whose it is
  shared     boolean not null,                          -- whether all agents see it
  name       text not null check (name <> '' and length(name) <= 100),
  body       text not null check (body <> '' and length(body) <= 65536),
  version    integer not null default 1 check (version > 0),
  updated_at timestamptz not null,
  deleted_at timestamptz
);
create index canned_replies_agent on canned_replies (agent_id) where deleted_at is null;
create index canned_replies_shared on canned_replies (name, id) where shared and deleted_at is null;

create table macros (
  id         uuid primary key,
  agent_id   uuid not null references agents,
  shared     boolean not null,
  name       text not null check (name <> '' and length(name) <= 100),
  actions    jsonb not null,
  version    integer not null default 1 check (version > 0),
  updated_at timestamptz not null,
  deleted_at timestamptz
);
create index macros_agent on macros (agent_id) where deleted_at is null;
create index macros_shared on macros (name, id) where shared and deleted_at is null;

-- What was done to tickets in one go, and can be undone for a while.
create table operations (
  id          uuid primary key,
  kind        text not null check (kind in ('MERGE', 'MACRO', 'BULK')),
  agent_id    uuid not null references agents,
  actions     jsonb,                                     -- until they are done, as they may hold a text
  state       text not null check (state in ('RUNNING', 'FINISHED', 'UNDOING', 'UNDONE')),
  created_at  timestamptz not null,
  finished_at timestamptz,
  undone_at   timestamptz,
  check ((actions is not null) <= (state = 'RUNNING'))
);
create table operation_items (
  operation_id uuid not null references operations,
  position     integer not null check (position > 0),
  ticket_id    uuid not null,                            -- which may be one that is not there
  state        text not null check (state in ('WAITING', 'DONE', 'UNCHANGED', 'REFUSED', 'UNDONE', 'PARTLY_UNDONE', 'KEPT')),
  version      integer,                                  -- of the ticket, which it made
  code         text,                                     -- why it was refused
  message      text,
  kept         text[] not null default '{}',             -- the fields that others changed since, so that they were not undone
  primary key (operation_id, position)
);
create index operation_items_waiting on operation_items (operation_id, position) where state = 'WAITING';

alter table tags
  add column parent_id uuid references tags,
  add column archived_at timestamptz;                    -- null: in use
create index tags_parent on tags (parent_id) where parent_id is not null;
create index categories_parent on categories (parent_id, name, id);
