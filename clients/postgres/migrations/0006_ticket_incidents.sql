-- +goose Up
-- The incidents of the status page that a ticket is about. The page forgets them in time: what they were called stays.
create table ticket_incidents (
  ticket_id          uuid not null references tickets on delete cascade,
  incident_id        text not null check (incident_id ~ '^[0-9a-z]{1,32}$'),
  name               text not null check (name <> '' and length(name) <= 1000), -- when it was linked
  linked_by_agent_id uuid references agents,                                     -- null: the system
  linked_at          timestamptz not null,
  primary key (ticket_id, incident_id)
);
create index ticket_incidents_incident on ticket_incidents (incident_id, ticket_id);

alter table ticket_events
  add column incident_id text,                       -- of a link to an incident
  add column unlinked boolean not null default false, -- of a link: whether it was taken away
  add check (kind = 'LINK' or incident_id is null and not unlinked);
