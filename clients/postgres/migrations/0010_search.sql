-- +goose Up
-- The lists that agents keep: one agent's own, a team's, or, with neither, everybody's.
create table ticket_views (
  id         uuid primary key,
  version    integer not null default 1 check (version > 0),
  name       text not null check (name <> '' and length(name) <= 100),
  agent_id   uuid references agents,
  team_id    uuid references teams,
  filter     jsonb not null,                            -- as the contract's TicketFilter has it
  field      text not null check (field in ('UPDATED', 'CREATED', 'PRIORITY', 'DUE')),
  direction  text not null check (direction in ('ASC', 'DESC')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (num_nonnulls(agent_id, team_id) <= 1)
);
create index ticket_views_agent on ticket_views (agent_id, name, id);
create index ticket_views_team on ticket_views (team_id, name, id);

-- Words are kept beside their texts, so that nobody works them out again for each row that is looked at.
alter table tickets add column words tsvector generated always as (to_tsvector('english', subject)) stored;
alter table messages add column words tsvector generated always as (to_tsvector('english', body)) stored;
alter table internal_notes add column words tsvector generated always as (to_tsvector('english', body)) stored;
create index tickets_words on tickets using gin (words);
create index messages_words on messages using gin (words);
create index internal_notes_words on internal_notes using gin (words);
create index tickets_category on tickets (category_id, id);
create index tickets_account_id on tickets (account_id, id);

-- What customers can help themselves with.
create table articles (
  id         uuid primary key,
  title      text not null check (title <> '' and length(title) <= 200),
  body       text not null check (body <> ''),
  url        text not null check (url ~ '^https://'),
  updated_at timestamptz not null,
  words      tsvector generated always as (setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', body), 'B')) stored
);
create index articles_words on articles using gin (words);
