package mirror

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
	"supportgraph/clients/tickets"
	"supportgraph/clients/zendesk"
)

const threadBatch = 100

// dueThread is a ticket whose messages may have changed.
type dueThread struct {
	ID       zendesk.TicketID
	TicketID tickets.ID
	Status   zendesk.VendorTicketStatus
	Due      time.Time
}

// Threads brings the messages and the status of changed tickets that are about ours to them. What fails is left due, and the
// others are done all the same.
func (z *Zendesk) Threads(ctx context.Context) error {
	var faults []error
	var behind zendesk.TicketID // so that one that fails is not read again in this run
	for {
		due, err := postgres.Select(ctx, z.pool, postgres.Query[dueThread]{
			SQL: `-- mirror.due
				select id, ticket_id, status, thread_due as due
				from zendesk_tickets
				where thread_due is not null and ticket_id is not null and deleted_at is null and id > $1
				order by id
				limit $2`,
			Args: []any{behind, threadBatch},
			Row:  pgx.RowToStructByName[dueThread],
		})
		if err != nil {
			return err
		}
		for _, ticket := range due {
			behind = ticket.ID
			if err := z.thread(ctx, ticket); err != nil {
				faults = append(faults, fmt.Errorf("read the messages of a ticket of Zendesk: %w", err))
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
		if len(due) < threadBatch {
			return errors.Join(faults...)
		}
	}
}

// author is who a user of Zendesk is here.
type author struct {
	ID        zendesk.UserID
	ContactID *accounts.ContactID
	AgentID   *accounts.AgentID
}

func (z *Zendesk) thread(ctx context.Context, due dueThread) error {
	comments, err := z.client.Thread(ctx, due.ID)
	if err != nil {
		return err
	}
	authors, err := z.authors(ctx, comments)
	if err != nil {
		return err
	}
	for _, comment := range comments {
		if err := z.take(ctx, due, comment, authors[comment.AuthorID]); err != nil {
			return err
		}
	}
	if err := z.status(ctx, due); err != nil {
		return err
	}
	_, err = z.pool.Exec(ctx, "-- mirror.done\nupdate zendesk_tickets set thread_due = null where id = $1 and thread_due <= $2", due.ID, due.Due)
	if err != nil {
		return fmt.Errorf("mark the messages as read: %w", err)
	}
	return nil
}

// authors are who has written, reading those whom no feed has told of yet.
func (z *Zendesk) authors(ctx context.Context, comments []*zendesk.VendorComment) (map[zendesk.UserID]author, error) {
	var ids []zendesk.UserID
	known := map[zendesk.UserID]author{}
	for _, comment := range comments {
		if _, seen := known[comment.AuthorID]; !seen && comment.AuthorID > 0 {
			known[comment.AuthorID] = author{}
			ids = append(ids, comment.AuthorID)
		}
	}
	for range 2 {
		found, err := postgres.Select(ctx, z.pool, postgres.Query[author]{
			SQL: `-- mirror.authors
				select id, contact_id, agent_id from zendesk_users where id = any($1) order by id`,
			Args: []any{ids},
			Row:  pgx.RowToStructByName[author],
		})
		if err != nil {
			return nil, err
		}
		for _, one := range found {
			known[one.ID] = one
		}
		var missing []int64
		for _, id := range ids {
			if known[id].ID == 0 {
				missing = append(missing, int64(id))
			}
		}
		if len(missing) == 0 {
			break
		}
		page := &zendesk.Export{At: z.clock.Now()}
		err = show(ctx, missing, z.client.FreshUsers, func(u *zendesk.VendorUser) { page.Users = append(page.Users, u) }, func(int64) {})
		if err != nil {
			return nil, err
		}
		if len(page.Users) == 0 {
			break // nobody knows them
		}
		if err := pgx.BeginFunc(ctx, z.pool, func(tx pgx.Tx) error { return z.put(ctx, tx, page) }); err != nil {
			return nil, err
		}
	}
	return known, nil
}

// take makes a message or a note of a comment, once. One whose author nobody knows waits; one that was written here is only
// noted.
func (z *Zendesk) take(ctx context.Context, due dueThread, comment *zendesk.VendorComment, by author) error {
	in := tickets.Received{
		Ticket: due.TicketID, Contact: by.ContactID, Agent: by.AgentID, Internal: !comment.Public, Body: body(comment.Body), At: comment.CreatedAt,
	}
	waits := in.Contact == nil && in.Agent == nil || in.Internal && in.Agent == nil
	var mark tickets.MessageID
	written := comment.MessageID != "" && mark.UnmarshalText([]byte(comment.MessageID)) == nil
	_, err := z.tickets.Receive(ctx, in, func(ctx context.Context, tx pgx.Tx, key [16]byte) (bool, error) {
		var message, note *[16]byte
		switch {
		case written || waits:
		case in.Internal:
			note = &key
		default:
			message = &key
		}
		if written {
			var there bool
			err := tx.QueryRow(ctx, "-- mirror.ours\nselect exists (select from messages where id = $1 and ticket_id = $2)", mark, due.TicketID).Scan(&there)
			if err != nil {
				return false, fmt.Errorf("look for a message of ours: %w", err)
			}
			if there {
				message = &mark.UUID
			}
		}
		tag, err := tx.Exec(ctx, `-- mirror.comment
			insert into zendesk_comments as c (id, ticket_id, author_id, message_id, note_id, waits, created_at) values ($1, $2, $3, $4, $5, $6, $7)
			on conflict (id) do update set message_id = excluded.message_id, note_id = excluded.note_id, waits = excluded.waits
			where c.waits and not excluded.waits`, comment.ID, due.ID, comment.AuthorID, message, note, waits && !written, comment.CreatedAt)
		if err != nil {
			return false, fmt.Errorf("keep a comment: %w", err)
		}
		if tag.RowsAffected() == 0 || waits || written {
			return false, nil
		}
		// A reply moves our ticket, so that Zendesk's status is brought to it again, even if that is the same as before.
		_, err = tx.Exec(ctx, "-- mirror.moved\nupdate zendesk_tickets set applied_status = '' where id = $1 and applied_status is not null", due.ID)
		if err != nil {
			return false, fmt.Errorf("note that the ticket moves: %w", err)
		}
		return true, nil
	})
	return err
}

// body is a comment as a message keeps it.
func body(foreign string) string {
	kept := text(foreign)
	if kept == "" {
		return "(no text)" // an attachment alone
	}
	if len(kept) > tickets.MaxBody {
		cut := tickets.MaxBody
		for !utf8.RuneStart(kept[cut]) {
			cut--
		}
		kept = kept[:cut]
	}
	return kept
}

// statuses are where a ticket stands here when it stands so at Zendesk.
var statuses = map[zendesk.VendorTicketStatus]tickets.Status{
	zendesk.VendorTicketOpen: tickets.StatusOpen, zendesk.VendorTicketPending: tickets.StatusPendingCustomer,
	zendesk.VendorTicketHold: tickets.StatusOnHoldEngineering, zendesk.VendorTicketSolved: tickets.StatusSolved, zendesk.VendorTicketClosed: tickets.StatusClosed,
}

// status brings a status that changed at Zendesk to our ticket, once: what changed here since stays. Where the ticket is told
// of for the first time, ours stands.
func (z *Zendesk) status(ctx context.Context, due dueThread) error {
	to, moves := statuses[due.Status]
	_, err := z.tickets.ReceiveStatus(ctx, due.TicketID, to, "Changed at Zendesk", func(ctx context.Context, tx pgx.Tx, _ [16]byte) (bool, error) {
		var first bool
		err := tx.QueryRow(ctx, `-- mirror.status
			update zendesk_tickets z set applied_status = $2
			from (select id, applied_status from zendesk_tickets where id = $1 for update) old
			where z.id = old.id and z.applied_status is distinct from $2 and z.status = $2
			returning old.applied_status is null`, due.ID, string(due.Status)).Scan(&first)
		if errors.Is(err, pgx.ErrNoRows) {
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("keep a status: %w", err)
		}
		return moves && !first, nil
	})
	return err
}
