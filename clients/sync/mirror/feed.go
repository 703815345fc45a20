package mirror

import (
	"time"

	"github.com/jackc/pgx/v5"

	"supportgraph/clients/postgres"
)

// Feed is how far a kind of a vendor's records has been read.
type Feed struct {
	Vendor   string
	Feed     string
	Records  int64
	CaughtUp *time.Time // when it was last read to its end; nil: not yet
	FailedAt *time.Time // nil: the last reading went well
	Failure  *string    // the class of the last failure, as upstream.Reason has it
	Waiting  int        // comments whose authors nobody knows
	Due      int        // tickets whose messages are to be read
}

// Feeds reads how far all feeds have been read.
func Feeds() postgres.Query[*Feed] {
	return postgres.Query[*Feed]{
		SQL: `-- mirror.feeds
			select vendor, feed, records, caught_up, failed_at, failure,
				case when feed = 'tickets' then (select count(*) from zendesk_comments where waits) else 0 end as waiting,
				case when feed = 'tickets' then (select count(*) from zendesk_tickets where thread_due is not null) else 0 end as due
			from sync_checkpoints
			order by vendor, feed
			limit 100`,
		Row: pgx.RowToAddrOfStructByName[Feed],
	}
}
