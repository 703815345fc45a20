-- +goose Up
alter table accounts
  add salesforce_account_id   text unique check (salesforce_account_id ~ '^001[0-9A-Za-z]{15}$'), -- null: not linked
  add zendesk_organization_id bigint unique check (zendesk_organization_id > 0);                  -- null: not linked

-- The engineers' issues that a ticket is about. Jira's ids stay when an issue is moved to another project, its keys do not.
create table ticket_issues (
  ticket_id uuid not null references tickets on delete cascade,
  issue_id  text not null check (issue_id ~ '^[1-9][0-9]{0,18}$'),
  issue_key text not null check (issue_key ~ '^[A-Z][A-Z0-9_]*-[1-9][0-9]*$' and length(issue_key) <= 64), -- when it was linked
  linked_at timestamptz not null default now(),
  primary key (ticket_id, issue_id)
);
create index ticket_issues_issue on ticket_issues (issue_id, ticket_id);
