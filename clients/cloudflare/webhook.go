package cloudflare

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"supportgraph/clients/upstream"
)

var _ upstream.ReadWebhook = ReadWebhook

// ReadWebhook reads a notification (developers.cloudflare.com/notifications/reference/webhook-payload-schema). It carries the
// secret itself and no signature of its body, which therefore says no more than of which account there is something to be read.
func ReadWebhook(secrets []string, header http.Header, body []byte, now time.Time) (*upstream.Webhook, error) {
	given, good := sha256.Sum256([]byte(header.Get("Cf-Webhook-Auth"))), false
	for _, secret := range secrets {
		want := sha256.Sum256([]byte(secret))
		good = subtle.ConstantTimeCompare(given[:], want[:]) == 1 && secret != "" || good
	}
	if !good {
		return nil, upstream.ErrForged
	}
	var told struct {
		At        int64     `json:"ts"`
		AccountID AccountID `json:"account_id"`
		Type      string    `json:"alert_type"`
	}
	if err := json.Unmarshal(body, &told); err != nil {
		return nil, fmt.Errorf("%w: %w", upstream.ErrMalformed, err)
	}
	if told.At <= 0 {
		return nil, fmt.Errorf("%w: it has no time", upstream.ErrMalformed)
	}
	if !upstream.Dated(time.Unix(told.At, 0), now) {
		return nil, upstream.ErrStaleWebhook
	}
	digest := sha256.Sum256(body)
	read := &upstream.Webhook{ID: hex.EncodeToString(digest[:]), Type: told.Type}
	if told.AccountID != "" {
		read.Known, read.Subjects = true, []string{string(told.AccountID)}
	}
	return read, nil
}
