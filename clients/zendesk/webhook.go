package zendesk

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"supportgraph/clients/upstream"
)

// event is an event on the wire; in events ids are texts (developer.zendesk.com/api-reference/webhooks/event-types/ticket-events).
type event struct {
	ID      string `json:"id"`
	Type    string `json:"type"`    // "zen:event-type:ticket.status_changed"
	Subject string `json:"subject"` // "zen:ticket:35436"
	Detail  struct {
		ID string `json:"id"`
	} `json:"detail"`
}

var _ upstream.ReadWebhook = ReadWebhook

// ReadWebhook reads a webhook of an event subscription. The signature is over the timestamp and the body, one behind the other
// (developer.zendesk.com/documentation/webhooks/verifying). The subjects are "ticket:35436", "user:2097" and
// "organization:509974".
func ReadWebhook(secrets []string, header http.Header, body []byte, now time.Time) (*upstream.Webhook, error) {
	stamp, text := header.Get("X-Zendesk-Webhook-Signature-Timestamp"), header.Get("X-Zendesk-Webhook-Signature")
	signature, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || !upstream.Signed(secrets, append([]byte(stamp), body...), signature) {
		return nil, upstream.ErrForged
	}
	at, err := time.Parse(time.RFC3339, stamp)
	if err != nil || !upstream.Dated(at, now) {
		return nil, upstream.ErrStaleWebhook
	}
	var told event
	if err := json.Unmarshal(body, &told); err != nil {
		return nil, fmt.Errorf("%w: %w", upstream.ErrMalformed, err)
	}
	if told.ID == "" || told.Type == "" {
		return nil, fmt.Errorf("%w: an event has no id or type", upstream.ErrMalformed)
	}
	read := &upstream.Webhook{ID: told.ID, Type: told.Type, Signature: text}
	kind, _, _ := strings.Cut(strings.TrimPrefix(told.Type, "zen:event-type:"), ".")
	switch kind {
	case "ticket", "user", "organization":
		id, err := strconv.ParseInt(told.Detail.ID, 10, 64)
		if err != nil || id <= 0 {
			return nil, fmt.Errorf("%w: the event does not tell whose it is", upstream.ErrMalformed)
		}
		read.Known, read.Subjects = true, []string{kind + ":" + strconv.FormatInt(id, 10)}
	}
	return read, nil
}
