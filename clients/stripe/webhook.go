package stripe

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"supportgraph/clients/upstream"
)

// event is an event on the wire (docs.stripe.com/api/events/object).
type event struct {
	ID     string `json:"id"`
	Object string `json:"object"`
	Type   string `json:"type"` // "invoice.payment_failed"
	Data   struct {
		Object struct {
			ID       string       `json:"id"`
			Object   string       `json:"object"`
			Customer expandableID `json:"customer"`
		} `json:"object"`
	} `json:"data"`
}

var _ upstream.ReadWebhook = ReadWebhook

// ReadWebhook reads a webhook. The signature is over the time in the header, a dot and the body; a header may hold several, one
// for each secret while they are being replaced (docs.stripe.com/webhooks/signature). The subject is the customer.
func ReadWebhook(secrets []string, header http.Header, body []byte, now time.Time) (*upstream.Webhook, error) {
	text := header.Get("Stripe-Signature")
	var stamp string
	var signatures [][]byte
	for part := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(part, "=")
		switch name {
		case "t":
			stamp = value
		case "v1":
			if signature, err := hex.DecodeString(value); err == nil && strings.ToLower(value) == value {
				signatures = append(signatures, signature)
			}
		}
	}
	message, good := append([]byte(stamp+"."), body...), false
	for _, signature := range signatures[:min(len(signatures), 10)] {
		good = upstream.Signed(secrets, message, signature) || good
	}
	if !good {
		return nil, upstream.ErrForged
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || !upstream.Dated(time.Unix(seconds, 0), now) {
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
	of := string(told.Data.Object.Customer)
	switch told.Data.Object.Object {
	case "customer":
		of = told.Data.Object.ID
	case "subscription", "invoice":
	default:
		return read, nil
	}
	if !strings.HasPrefix(told.Type, told.Data.Object.Object+".") && !strings.HasPrefix(told.Type, "customer.") {
		return read, nil
	}
	if of == "" {
		return nil, fmt.Errorf("%w: the event does not tell whose it is", upstream.ErrMalformed)
	}
	read.Known, read.Subjects = true, []string{of}
	return read, nil
}
