-- +goose Up
-- The changes that were made under a key of their caller, so that one that is sent again is answered and not made again.
create table idempotency_keys (
  viewer       text not null,                           -- the contact or agent, as global ID
  key          text not null check (length(key) between 1 and 64),
  operation    text not null check (operation <> ''),
  request_hash bytea not null check (length(request_hash) = 32), -- SHA-256 of the input
  answer       uuid not null,                           -- the ticket, message or note that the payload shows
  created_at   timestamptz not null default now(),
  primary key (viewer, key)
);
create index idempotency_keys_created on idempotency_keys (created_at);
