-- +goose Up
alter table tickets
  add column snoozed_until timestamptz,                 -- null on a snoozed ticket: until a reply
  add column follow_up_of_id uuid references tickets,   -- the ended ticket that it goes on from
  add check (snoozed_until is null or status = 'SNOOZED');
create index tickets_snoozed on tickets (snoozed_until) where snoozed_until is not null;

alter table messages add check (length(body) <= 65536);
alter table internal_notes add check (length(body) <= 65536);

alter table ticket_events
  add column version integer check (version > 0),       -- of the ticket, which the event's change made; null: from before there were any
  add column field text check (field in ('SUBJECT', 'IMPACT', 'CATEGORY', 'AFFECTED_ZONES')),
  add column contact_id uuid references contacts,       -- who was added or removed
  add column snoozed_until timestamptz,
  drop constraint ticket_events_kind_check,
  add check (kind in ('MESSAGE', 'NOTE', 'STATUS', 'ASSIGNMENT', 'PRIORITY', 'TAG', 'SLA', 'LINK', 'FIELD', 'PARTICIPANT')),
  add check ((kind = 'FIELD') = (field is not null)),
  add check ((kind = 'PARTICIPANT') = (contact_id is not null)),
  add check (kind not in ('FIELD', 'PARTICIPANT') or to_value is not null);
create index ticket_events_version on ticket_events (ticket_id, version) where version is not null;
