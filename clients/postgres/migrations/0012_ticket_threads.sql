-- +goose Up
alter table tickets
  add column merged_into_id uuid references tickets,     -- of a merged ticket: the one that it is part of
  add column deleted_at timestamptz,                     -- null: not deleted; what is deleted is in no read
  add check ((merged_into_id is not null) <= (status = 'MERGED'));
create index tickets_merged_into on tickets (merged_into_id) where merged_into_id is not null;

-- A message that was made internal has a note in its place, and a note that was made public a message: what is not shown
-- any more keeps no text, so that no read can show it by mistake.
alter table messages
  add column note_id uuid references internal_notes,     -- the note in its place; null: it is shown
  add column redacted_at timestamptz,
  add column redacted_by_id uuid references agents,
  add column redaction_reason text check (length(redaction_reason) <= 500),
  drop constraint messages_body_check,
  add check (body <> '' or note_id is not null or redacted_at is not null),
  add check (note_id is null or body = ''),
  add check (num_nulls(redacted_at, redacted_by_id, redaction_reason) in (0, 3));
create unique index messages_note on messages (note_id) where note_id is not null;

alter table internal_notes
  add column message_id uuid references messages,        -- the message in its place; null: it is shown
  add column redacted_at timestamptz,
  add column redacted_by_id uuid references agents,
  add column redaction_reason text check (length(redaction_reason) <= 500),
  drop constraint internal_notes_body_check,
  add check (body <> '' or message_id is not null or redacted_at is not null),
  add check (message_id is null or body = ''),
  add check (num_nulls(redacted_at, redacted_by_id, redaction_reason) in (0, 3));
create unique index internal_notes_message on internal_notes (message_id) where message_id is not null;

-- What a merge brought from one ticket to another, so that it can go back.
create table ticket_merges (
  id              uuid primary key,
  source_id       uuid not null references tickets,
  target_id       uuid not null references tickets,
  status          text not null,                         -- of the source before, with reason and wake-up
  status_reason   text,
  snoozed_until   timestamptz,
  message_ids     uuid[] not null,
  note_ids        uuid[] not null,
  participant_ids uuid[] not null,                       -- who takes part in the target since
  merged_at       timestamptz not null,
  unmerged_at     timestamptz,
  check (source_id <> target_id)
);
create unique index ticket_merges_source on ticket_merges (source_id) where unmerged_at is null;
create index ticket_merges_target on ticket_merges (target_id);

-- Tickets that have to do with each other, each pair once.
create table ticket_relations (
  ticket_id  uuid not null references tickets,
  other_id   uuid not null references tickets,
  related_at timestamptz not null,
  primary key (ticket_id, other_id),
  check (ticket_id < other_id)
);
create index ticket_relations_other on ticket_relations (other_id, ticket_id);

-- What happened stays as it was written: who, when, what and which version. Where it is shown follows the message or note
-- that it is about.
alter table ticket_events
  add column other_id uuid references tickets,           -- the ticket that messages went to or came from, or that it was related to
  add column shown_on_id uuid references tickets,        -- the ticket in whose timeline it stands now; null: its own
  add column shown_as text check (shown_as in ('MESSAGE', 'NOTE')), -- what its message or note is now; null: what it was
  drop constraint ticket_events_check1,
  drop constraint ticket_events_check2,
  drop constraint ticket_events_kind_check,
  add check (kind in ('MESSAGE', 'NOTE', 'STATUS', 'ASSIGNMENT', 'PRIORITY', 'TAG', 'SLA', 'LINK', 'FIELD', 'PARTICIPANT', 'TRANSFER',
    'RELATION', 'VISIBILITY', 'REDACTION', 'DELETION')),
  add check (coalesce(shown_as, kind) <> 'MESSAGE' or message_id is not null),
  add check (coalesce(shown_as, kind) <> 'NOTE' or note_id is not null),
  add check (message_id is null or kind in ('MESSAGE', 'NOTE', 'VISIBILITY', 'REDACTION')),
  add check (note_id is null or kind in ('MESSAGE', 'NOTE', 'VISIBILITY', 'REDACTION')),
  add check (shown_as is null or kind in ('MESSAGE', 'NOTE')),
  add check (shown_on_id is null or kind in ('MESSAGE', 'NOTE')),
  add check ((kind in ('TRANSFER', 'RELATION')) = (other_id is not null)),
  add check (kind not in ('TRANSFER', 'RELATION', 'VISIBILITY', 'DELETION') or to_value is not null),
  add check (kind <> 'REDACTION' or num_nonnulls(message_id, note_id) = 1);
create index ticket_events_shown on ticket_events (shown_on_id, created_at, id) where shown_on_id is not null;
