-- +goose Up
-- What vendors told us by webhook. An event stays for a while after it was handled, so that a later delivery of it is known.
create table webhook_events (
  id          uuid primary key,
  vendor      text not null check (vendor in ('zendesk', 'stripe', 'jira', 'statuspage', 'cloudflare')),
  event_id    text not null check (length(event_id) between 1 and 255), -- the vendor's
  type        text not null,                            -- the vendor's
  subjects    text[] not null,                          -- the vendor's keys of what changed
  received_at timestamptz not null default now(),
  deliveries  integer not null default 1 check (deliveries > 0),
  attempts    integer not null default 0,               -- that failed
  handled_at  timestamptz,                              -- null: not yet
  unique (vendor, event_id)
);
create index webhook_events_due on webhook_events (vendor, attempts, received_at) where handled_at is null;
create index webhook_events_received on webhook_events (received_at);

-- The signatures of deliveries, so that one that is sent again by somebody else is known.
create table webhook_signatures (
  vendor      text not null,
  digest      bytea not null check (length(digest) = 32), -- SHA-256
  received_at timestamptz not null default now(),
  primary key (vendor, digest)
);
create index webhook_signatures_received on webhook_signatures (received_at);
