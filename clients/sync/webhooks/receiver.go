// Package webhooks takes in what vendors tell us by webhook. A delivery is looked at (size, signature, age, whether it was
// there before), noted, and answered; what comes of it is a job. Webhooks say what changed and never how it is now: the job
// reads that, so that deliveries may come twice, late, and in any order.
package webhooks

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"supportgraph/clients/postgres"
	"supportgraph/clients/sync/jobs"
	"supportgraph/clients/upstream"
)

// Path is where the receiver is mounted: a vendor's webhooks come to Path with the vendor's name, and where the vendor signs
// nothing, with a slash and the secret behind it.
const Path = "/webhooks/"

// The bounds of a delivery.
const (
	maxBody     = 512 << 10
	bodyTime    = 10 * time.Second
	acceptTime  = 5 * time.Second
	maxEventID  = 255
	maxTypeText = 200
)

// Sender is one vendor's webhooks.
type Sender struct {
	Secrets  []string // that are in force: two while one replaces the other; none: the vendor's webhooks are not taken in
	Unsigned bool     // the vendor signs nothing: a secret stands in the path instead
	Read     upstream.ReadWebhook
	// Handle brings in line what we hold of subjects that changed. It may be called again, and for subjects that did not change.
	Handle func(ctx context.Context, subjects []string) error
}

// Receiver is the HTTP handler of webhooks. It is safe for concurrent use.
type Receiver struct {
	pool    *postgres.Pool
	queue   *jobs.Queue
	log     *slog.Logger
	senders map[string]Sender
	now     func() time.Time
}

// New makes a receiver for vendors by their names, and has the queue handle what comes in. It must be made before the queue is
// started. A nil logger is silent.
func New(pool *postgres.Pool, queue *jobs.Queue, log *slog.Logger, senders map[string]Sender) *Receiver {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	r := &Receiver{pool: pool, queue: queue, log: log, senders: senders, now: time.Now}
	r.work()
	return r
}

// ServeHTTP answers one delivery: 204 where it was noted, now or before; 400 for what is malformed, replayed or too old, 401
// for a bad signature, 404 for a vendor that sends none, 413 for what is too large; 503 where the vendor should try again.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	vendor, secret, inPath := strings.Cut(strings.TrimPrefix(req.URL.Path, Path), "/")
	sender, known := r.senders[vendor]
	if !known || len(sender.Secrets) == 0 || inPath != sender.Unsigned || sender.Unsigned && !sender.opens(secret) {
		http.NotFound(w, req)
		return
	}
	if req.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "only POST", http.StatusMethodNotAllowed)
		return
	}
	_ = http.NewResponseController(w).SetReadDeadline(r.now().Add(bodyTime)) // where the connection has none, the server's limits hold
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, maxBody))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		http.Error(w, "the body is too large", http.StatusRequestEntityTooLarge)
		return
	} else if err != nil {
		http.Error(w, "the body could not be read", http.StatusBadRequest)
		return
	}
	told, err := sender.Read(sender.Secrets, req.Header, body, r.now())
	if err == nil && (told.ID == "" || len(told.ID) > maxEventID || strings.ContainsRune(told.ID+told.Type, 0)) {
		err = fmt.Errorf("%w: the event's id or type cannot be kept", upstream.ErrMalformed)
	}
	if err != nil {
		r.refuse(w, req, vendor, err)
		return
	}
	ctx, cancel := context.WithTimeout(req.Context(), acceptTime)
	defer cancel()
	if err := r.accept(ctx, vendor, told); err != nil {
		r.refuse(w, req, vendor, err)
		return
	}
	if !told.Known {
		r.log.Info("a webhook of a type that nothing is done about", "vendor", vendor, "type", brief(told.Type), "event", told.ID)
	}
	w.WriteHeader(http.StatusNoContent)
}

// opens tells whether a secret in the path is one of ours.
func (s Sender) opens(given string) bool {
	digest, good := sha256.Sum256([]byte(given)), false
	for _, secret := range s.Secrets {
		good = secret != "" && sha256.Sum256([]byte(secret)) == digest || good
	}
	return good
}

// errReplayed is a delivery that was there before, and that the vendor would have signed anew.
var errReplayed = errors.New("the delivery was there before")

// refuse answers a delivery that changes nothing. The reason is told in few words, and nothing of the body.
func (r *Receiver) refuse(w http.ResponseWriter, req *http.Request, vendor string, err error) {
	status, say := http.StatusServiceUnavailable, "try again later"
	for _, reason := range []struct {
		err    error
		status int
	}{
		{upstream.ErrForged, http.StatusUnauthorized}, {upstream.ErrStaleWebhook, http.StatusBadRequest},
		{upstream.ErrMalformed, http.StatusBadRequest}, {errReplayed, http.StatusBadRequest},
	} {
		if errors.Is(err, reason.err) {
			status, say = reason.status, reason.err.Error()
		}
	}
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "5")
	}
	r.log.Warn("a webhook was refused", "vendor", vendor, "status", status, "error", err, "from", req.RemoteAddr)
	http.Error(w, say, status)
}

// accept notes an event and the job that handles it, in one transaction. One that was noted before is counted.
func (r *Receiver) accept(ctx context.Context, vendor string, told *upstream.Webhook) error {
	id := postgres.NewUUID(r.now())
	return pgx.BeginFunc(ctx, r.pool, func(tx pgx.Tx) error {
		batch := &pgx.Batch{}
		seen, isNew := false, false
		if told.Signature != "" {
			digest := sha256.Sum256([]byte(told.Signature))
			batch.Queue(`-- webhooks.sign
				insert into webhook_signatures (vendor, digest) values ($1, $2) on conflict do nothing`, vendor, digest[:]).
				Exec(func(tag pgconn.CommandTag) error { seen = tag.RowsAffected() == 0; return nil })
		}
		batch.Queue(`-- webhooks.add
			insert into webhook_events (id, vendor, event_id, type, subjects, handled_at) values ($1, $2, $3, $4, $5, case when $6 then null else now() end)
			on conflict (vendor, event_id) do update set deliveries = webhook_events.deliveries + 1
			returning id = $1`, id, vendor, told.ID, brief(told.Type), append([]string{}, told.Subjects...), told.Known).
			QueryRow(func(row pgx.Row) error { return row.Scan(&isNew) })
		if err := tx.SendBatch(ctx, batch).Close(); err != nil {
			return fmt.Errorf("note an event: %w", err)
		}
		if seen && (isNew || !told.Repeats) {
			return errReplayed
		}
		if !isNew || !told.Known {
			return nil
		}
		return r.queue.Enqueue(ctx, tx, handle{Vendor: vendor})
	})
}

// brief is a vendor's word, cut where it is longer than any of theirs.
func brief(text string) string {
	return strings.ToValidUTF8(text[:min(len(text), maxTypeText)], "")
}
