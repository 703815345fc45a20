-- +goose Up
-- When people are there: slots by the clock of the calendar's time zone, but for holidays.
create table business_calendars (
  key       text primary key check (key ~ '^[A-Z][A-Z0-9_]*$'),
  name      text not null check (name <> ''),
  time_zone text not null check (time_zone ~ '^[A-Z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$') -- of the IANA database
);

create table business_hours (
  calendar text not null references business_calendars on delete cascade,
  weekday  text not null check (weekday in ('MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY')),
  begins   integer not null check (begins >= 0),        -- minutes of the clock since midnight
  ends     integer not null check (ends <= 1440),
  primary key (calendar, weekday, begins),
  check (begins < ends)
);

create table holidays (
  calendar text not null references business_calendars on delete cascade,
  day      date not null,
  name     text not null check (name <> ''),
  primary key (calendar, day)
);

-- What is promised, by the account's tier and the ticket's priority.
create table sla_policies (
  tier           text not null references tiers,
  priority       text not null check (priority in ('P1', 'P2', 'P3', 'P4')),
  calendar       text not null references business_calendars,
  first_response integer check (first_response > 0),    -- minutes of the calendar; null: nothing is promised
  next_response  integer check (next_response > 0),
  resolution     integer check (resolution > 0),
  pauses_in      text[] not null                        -- statuses in which the clocks stand
    check (pauses_in <@ array['PENDING_CUSTOMER', 'ON_HOLD_ENGINEERING', 'SNOOZED']),
  primary key (tier, priority)
);

insert into business_calendars (key, name, time_zone) values
  ('AROUND_THE_CLOCK', 'Around the clock', 'Etc/UTC'),
  ('EUROPE', 'European office hours', 'Europe/Berlin'),
  ('AMERICAS', 'American office hours', 'America/New_York');

insert into business_hours (calendar, weekday, begins, ends)
select 'AROUND_THE_CLOCK', day, 0, 1440
from unnest(array['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY']) as day
union all
select 'EUROPE', day, begins, ends
from unnest(array['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY']) as day, (values (540, 750), (810, 1080)) as slot (begins, ends)
union all
select 'AMERICAS', day, 480, 1200 from unnest(array['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY']) as day
union all
select 'AMERICAS', 'SATURDAY', 600, 840;

insert into holidays (calendar, day, name) values
  ('EUROPE', '2026-01-01', 'New Year'), ('EUROPE', '2026-04-03', 'Good Friday'), ('EUROPE', '2026-04-06', 'Easter Monday'),
  ('EUROPE', '2026-05-01', 'Labour Day'), ('EUROPE', '2026-12-25', 'Christmas Day'), ('EUROPE', '2026-12-26', 'Second Christmas Day'),
  ('EUROPE', '2027-01-01', 'New Year'), ('EUROPE', '2027-03-26', 'Good Friday'), ('EUROPE', '2027-03-29', 'Easter Monday'),
  ('AMERICAS', '2026-01-01', 'New Year'), ('AMERICAS', '2026-07-03', 'Independence Day'), ('AMERICAS', '2026-11-26', 'Thanksgiving'),
  ('AMERICAS', '2026-12-25', 'Christmas Day'), ('AMERICAS', '2027-01-01', 'New Year');

insert into sla_policies (tier, priority, calendar, first_response, next_response, resolution, pauses_in) values
  ('MISSION_CRITICAL', 'P1', 'AROUND_THE_CLOCK', 15, 30, 240, '{PENDING_CUSTOMER}'),
  ('MISSION_CRITICAL', 'P2', 'AROUND_THE_CLOCK', 30, 60, 480, '{PENDING_CUSTOMER}'),
  ('MISSION_CRITICAL', 'P3', 'AROUND_THE_CLOCK', 120, 240, 2880, '{PENDING_CUSTOMER,SNOOZED}'),
  ('MISSION_CRITICAL', 'P4', 'AROUND_THE_CLOCK', 480, 480, null, '{PENDING_CUSTOMER,SNOOZED}'),
  ('PREMIUM', 'P1', 'AROUND_THE_CLOCK', 30, 60, 480, '{PENDING_CUSTOMER}'),
  ('PREMIUM', 'P2', 'AROUND_THE_CLOCK', 60, 120, 1440, '{PENDING_CUSTOMER,SNOOZED}'),
  ('PREMIUM', 'P3', 'AMERICAS', 240, 480, 3600, '{PENDING_CUSTOMER,SNOOZED}'),
  ('PREMIUM', 'P4', 'AMERICAS', 720, 720, null, '{PENDING_CUSTOMER,SNOOZED}'),
  ('STANDARD', 'P1', 'EUROPE', 240, 480, null, '{PENDING_CUSTOMER,ON_HOLD_ENGINEERING,SNOOZED}'),
  ('STANDARD', 'P2', 'EUROPE', 480, 480, null, '{PENDING_CUSTOMER,ON_HOLD_ENGINEERING,SNOOZED}'),
  ('STANDARD', 'P3', 'EUROPE', 960, 960, null, '{PENDING_CUSTOMER,ON_HOLD_ENGINEERING,SNOOZED}'),
  ('STANDARD', 'P4', 'EUROPE', 1920, null, null, '{PENDING_CUSTOMER,ON_HOLD_ENGINEERING,SNOOZED}');

alter table tickets
  add column tier text references tiers,                -- the account's when the ticket was made: what was promised stays so
  add column response_due_at timestamptz,               -- of the first or next response, null where nothing runs
  add column resolution_due_at timestamptz,
  add column settled_version integer;                   -- the version whose due times these are; any other: to be worked out
update tickets t set tier = a.tier from accounts a where a.id = t.account_id;
alter table tickets
  alter column tier set not null,
  -- what is never due comes last, by a time that is to be compared like any other
  add column next_due_at timestamptz not null generated always as (
    least(coalesce(response_due_at, '9999-01-01 00:00:00+00'), coalesce(resolution_due_at, '9999-01-01 00:00:00+00'))) stored;
create index tickets_due on tickets (next_due_at, id);
create index tickets_agent_due on tickets (assignee_agent_id, next_due_at, id);
create index tickets_team_due on tickets (assignee_team_id, next_due_at, id);
create index tickets_account_due on tickets (account_id, next_due_at, id);
create index tickets_unsettled on tickets (id) where settled_version is distinct from version;

-- Other rules, other due times: those that run are to be worked out again.
-- +goose StatementBegin
create function unsettle_tickets() returns trigger language plpgsql as $$
begin
  update tickets set settled_version = null where status not in ('SOLVED', 'CLOSED', 'MERGED');
  return null;
end $$;
-- +goose StatementEnd
create trigger unsettle after insert or update or delete on business_calendars execute function unsettle_tickets();
create trigger unsettle after insert or update or delete on business_hours execute function unsettle_tickets();
create trigger unsettle after insert or update or delete on holidays execute function unsettle_tickets();
create trigger unsettle after insert or update or delete on sla_policies execute function unsettle_tickets();
