package endpoint

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"supportgraph/clients/upstream"
	"supportgraph/graph/auth"
	"supportgraph/graph/limits"
	"supportgraph/graph/model"
	"supportgraph/graph/operations"
)

// exchange is one request and its answer: what the log and the metrics tell of it. It holds nothing of the body.
type exchange struct {
	w         http.ResponseWriter
	id        string
	started   time.Time
	reading   time.Duration // that the caller may take to read the answer
	media     media
	coding    coding // of a long answer
	pack      *compressors
	viewer    *auth.Viewer // nil until the token is verified
	client    operations.Client
	document  *document // nil until the request is read
	trusted   bool      // the document was asked for by its ID
	unknown   bool      // the document is in no manifest of the client
	excesses  []limits.Excess
	price     *limits.Estimate // nil until the operation is known
	cost      cost
	rate      *model.RateLimit // nil where nobody counts
	dry       bool             // nothing is asked for but what the operation would cost, or how it would be answered
	explain   explaining
	trace     *upstream.Trace // nil where nothing is explained
	operation string          // the name in the document, empty until it is validated
	read      int             // bytes of the request's body
	status    int             // 0 until the answer is written
	written   int             // bytes of the answer's body
	outcome   outcome
	cause     string       // why the token was not accepted, for the log alone
	faults    atomic.Int64 // faults on our side, logged or not

	mu    sync.Mutex
	codes map[Code]int // errors in the answer
}

// begin opens an exchange and settles what every answer of it carries.
func begin(w http.ResponseWriter, r *http.Request, pack *compressors) *exchange {
	x := &exchange{
		w:       w,
		id:      reference(r.Header),
		started: time.Now(),
		media:   answerMedia(r.Header),
		coding:  acceptedCoding(r.Header),
		pack:    pack,
	}
	header := w.Header()
	header.Set(requestIDHeader, x.id)
	header.Set("Cache-Control", "no-store")
	header.Add("Vary", "Accept, Accept-Encoding")
	header.Set("X-Content-Type-Options", "nosniff")
	return x
}

// end tells the log and the metrics how the exchange went.
func (h *handler) end(ctx context.Context, x *exchange) {
	took := time.Since(x.started)
	audience, subject := "", ""
	if x.viewer != nil {
		audience, subject = string(x.viewer.Audience), x.viewer.Subject
	}
	x.mu.Lock()
	codes := maps.Clone(x.codes)
	x.mu.Unlock()
	h.Metrics.observeRequest(x.operation, audience, x.outcome, took, codes)
	attrs := []slog.Attr{
		slog.String("request", x.id), slog.String("operation", x.operation), slog.String("audience", audience),
		slog.String("subject", subject), slog.Int("status", x.status), slog.String("outcome", string(x.outcome)),
		slog.Float64("ms", float64(took.Microseconds())/1000), slog.Int("read", x.read), slog.Int("written", x.written),
	}
	if len(codes) > 0 {
		attrs = append(attrs, slog.Any("codes", slices.Sorted(maps.Keys(codes))))
	}
	if x.cost.Estimated > 0 {
		attrs = append(attrs, slog.Int("cost", x.cost.Estimated))
	}
	if len(x.excesses) > 0 {
		attrs = append(attrs, slog.Any("limits", x.excesses))
	}
	if x.client.Name != "" {
		attrs = append(attrs, slog.String("client", x.client.Name), slog.String("release", x.client.Release))
	}
	if x.unknown {
		attrs = append(attrs, slog.String("document", "unknown"))
	}
	if x.cause != "" {
		attrs = append(attrs, slog.String("cause", x.cause))
	}
	if unlogged := x.faults.Load() - maxLoggedFault; unlogged > 0 {
		attrs = append(attrs, slog.Int64("faults_unlogged", unlogged))
	}
	h.Logger.LogAttrs(ctx, slog.LevelInfo, "request", attrs...)
}

// sign completes an error with what clients rely on: its code, the reference, and whether to try again.
func (x *exchange) sign(shown *gqlerror.Error, code Code, detail, value string) *gqlerror.Error {
	shown.Extensions = map[string]any{"code": code, "reference": x.id, "retryable": code.Retryable()}
	if value != "" {
		shown.Extensions[detail] = clip(value)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.codes == nil {
		x.codes = map[Code]int{}
	}
	x.codes[code]++
	return shown
}

type exchangeKey struct{}

func withExchange(ctx context.Context, x *exchange) context.Context {
	return context.WithValue(ctx, exchangeKey{}, x)
}

func exchangeOf(ctx context.Context) *exchange { return ctx.Value(exchangeKey{}).(*exchange) }
