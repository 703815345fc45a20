-- +goose Up
-- What is open of an account, without looking at all that it ever asked.
create index tickets_open on tickets (account_id, priority) where status not in ('SOLVED', 'CLOSED', 'MERGED');
