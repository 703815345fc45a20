package tickets

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"supportgraph/clients/accounts"
	"supportgraph/clients/postgres"
)

// The wake-up of snoozed tickets, and the settling of due times beside it.
const (
	WakeEvery = 10 * time.Second // how late a ticket is taken up again at most
	wakeBatch = 100              // tickets of one transaction
)

// Start wakes snoozed tickets whose time has come, and settles those that nobody has, every WakeEvery, until Close. Several
// processes may do so at once: each ticket is woken by one. A failure is told to the pool's observer, and the next round
// tries again.
func (s *Store) Start(ctx context.Context) {
	ctx, s.end = context.WithCancel(ctx)
	s.awake.Go(func() {
		ticker := time.NewTicker(WakeEvery)
		defer ticker.Stop()
		for {
			for woken, err := wakeBatch, error(nil); err == nil && woken == wakeBatch; {
				woken, err = s.Wake(ctx)
			}
			for settled, err := settleBatch, error(nil); err == nil && settled == settleBatch; {
				settled, err = s.Settle(ctx)
			}
			select {
			case <-ticker.C:
			case <-ctx.Done():
				return
			}
		}
	})
}

// Close ends the wake-up and waits for it.
func (s *Store) Close() {
	s.end()
	s.awake.Wait()
}

// Wake takes up again the snoozed tickets whose time has come, some of them where there are many, and tells how many.
// Those that somebody is changing are left for the next time.
func (s *Store) Wake(ctx context.Context) (woken int, err error) {
	_, err = s.attempts(ctx, func(tx pgx.Tx) (*Outcome, error) {
		var due []*Ticket
		batch := &pgx.Batch{}
		postgres.Queue(batch, dueTickets(), func(rows []*Ticket, err error) { due = rows })
		if err := send(ctx, tx, batch); err != nil {
			return nil, err
		}
		if woken = len(due); woken == 0 {
			return &Outcome{}, nil
		}
		batch = &pgx.Batch{}
		settled := &settlement{}
		for _, ticket := range due {
			system := change{by: Author{Scope: accounts.Staff}, ticket: ticket.ID}
			c := &changing{change: system, now: ticket, next: *ticket, at: later(ticket.UpdatedAt)}
			c.move(StatusOpen, nil, nil)
			c.write(batch)
			settled.tickets = append(settled.tickets, c.touched...)
		}
		return &Outcome{}, settle(ctx, tx, settled, batch)
	})
	return woken, err
}

// dueTickets reads snoozed tickets whose time has come, the earliest first, and holds their rows.
func dueTickets() postgres.Query[*Ticket] {
	return postgres.Query[*Ticket]{
		SQL: `-- tickets.due
			select` + ticketColumns + `
			from tickets t
			where t.snoozed_until <= now() and t.deleted_at is null
			order by t.snoozed_until, t.id
			limit $1
			for update skip locked`,
		Args: []any{wakeBatch},
		Row:  pgx.RowToAddrOfStructByName[Ticket],
	}
}
