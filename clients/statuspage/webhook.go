package statuspage

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"supportgraph/clients/upstream"
)

var _ upstream.ReadWebhook = ReadWebhook

// ReadWebhook reads a notification of a subscriber. Statuspage signs none (support.atlassian.com/statuspage, "Enable webhook
// notifications"), so that it says no more than that there is something to be read; who knows the path may send one.
func ReadWebhook(_ []string, _ http.Header, body []byte, _ time.Time) (*upstream.Webhook, error) {
	var told struct {
		Page struct {
			ID string `json:"id"`
		} `json:"page"`
		Incident  *struct{} `json:"incident"`
		Component *struct{} `json:"component"`
	}
	if err := json.Unmarshal(body, &told); err != nil {
		return nil, fmt.Errorf("%w: %w", upstream.ErrMalformed, err)
	}
	if told.Page.ID == "" {
		return nil, fmt.Errorf("%w: it does not tell of which page", upstream.ErrMalformed)
	}
	digest := sha256.Sum256(body)
	read := &upstream.Webhook{ID: hex.EncodeToString(digest[:]), Type: "other", Subjects: []string{told.Page.ID}}
	switch {
	case told.Incident != nil:
		read.Type, read.Known = "incident", true
	case told.Component != nil:
		read.Type, read.Known = "component", true
	}
	return read, nil
}
