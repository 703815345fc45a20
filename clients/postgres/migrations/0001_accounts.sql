-- +goose Up
create table tiers (
  key  text primary key check (key ~ '^[A-Z][A-Z_]*$'),
  name text not null check (name <> '')
);
insert into tiers (key, name) values ('STANDARD', 'Standard'), ('PREMIUM', 'Premium'), ('MISSION_CRITICAL', 'Mission critical')
on conflict do nothing;

create table accounts (
  id                    uuid primary key,
  name                  text not null check (name <> '' and length(name) <= 200),
  plan                  text not null check (plan in ('FREE', 'PRO', 'BUSINESS', 'ENTERPRISE')),
  tier                  text not null references tiers,
  parent_id             uuid references accounts,
  path                  uuid[] not null,                -- its ancestors from the root down, and itself
  products              text[] not null default '{}',   -- what it uses, by the names of the status page's components
  stripe_customer_id    text unique,                    -- null: not linked
  cloudflare_account_id text unique check (cloudflare_account_id ~ '^[0-9a-f]{32}$'),
  created_at            timestamptz not null default now(),
  updated_at            timestamptz not null default now(),
  check (path[cardinality(path)] = id),
  check (case when parent_id is null then cardinality(path) = 1 else path[cardinality(path) - 1] = parent_id end)
);
create index accounts_parent on accounts (parent_id, name, id);
create index accounts_path on accounts using gin (path);
create index accounts_name on accounts (name, id);
create index accounts_text on accounts using gin (to_tsvector('simple', name));

create table contacts (
  id             uuid primary key,
  name           text not null check (name <> '' and length(name) <= 200),
  email          text not null check (email like '%_@_%' and length(email) <= 320),
  locale         text not null default 'en',
  time_zone      text not null default 'Etc/UTC',
  created_at     timestamptz not null default now(),
  deactivated_at timestamptz                            -- null: may sign in
);
create unique index contacts_email on contacts (lower(email));

-- What a contact may see of an account. Rows stay when access ends, because tickets and names point to them.
create table account_memberships (
  contact_id uuid not null references contacts,
  account_id uuid not null references accounts,
  role       text not null check (role in ('ADMIN', 'BILLING', 'TECHNICAL', 'READ_ONLY')),
  visibility text not null check (visibility in ('OWN', 'ACCOUNT', 'SUBTREE')),
  created_at timestamptz not null default now(),
  ended_at   timestamptz,                               -- null: in force
  primary key (contact_id, account_id)
);
create index account_memberships_account on account_memberships (account_id, contact_id);

create table teams (
  id          uuid primary key,
  name        text not null unique check (name <> ''),
  description text not null default '',
  created_at  timestamptz not null default now()
);

create table agents (
  id             uuid primary key,
  name           text not null check (name <> '' and length(name) <= 200),
  email          text not null unique,
  role           text not null check (role in ('AGENT', 'LEAD', 'ADMIN')),
  team_id        uuid not null references teams,
  created_at     timestamptz not null default now(),
  deactivated_at timestamptz
);
create index agents_team on agents (team_id, name, id);
create index agents_name on agents (name, id);
