package upstream

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"net/http"
	"time"
)

// Webhook is what a vendor's webhook tells, once its signature was found good.
type Webhook struct {
	ID        string   // the vendor's own of the event: the same when it is delivered again
	Type      string   // the vendor's word for what happened
	Known     bool     // whether we do anything about events of the type
	Subjects  []string // the vendor's keys of what changed, with their kind where there are several: "ticket:35436"
	Signature string   // of this very delivery; empty where the vendor signs none
	// Repeats says that the vendor signs a delivery that it repeats in the same way, so that an equal signature is no replay.
	Repeats bool
}

// ReadWebhook reads a webhook of one vendor. Any of the secrets will do, so that one can be replaced by another. Its error is
// ErrForged, ErrStaleWebhook, or ErrMalformed.
type ReadWebhook func(secrets []string, header http.Header, body []byte, now time.Time) (*Webhook, error)

// Why a webhook is refused.
var (
	ErrForged       = errors.New("the signature is not the vendor's")
	ErrStaleWebhook = errors.New("the delivery is too old")
	ErrMalformed    = errors.New("the body is not one of the vendor's")
)

// WebhookAge is how old a delivery may be, where the vendor dates it, and how far its clock may be ahead of ours. Stripe's own
// libraries allow as much (docs.stripe.com/webhooks/signature); of Zendesk none is documented.
const WebhookAge = 5 * time.Minute

// Signed tells whether a signature is the HMAC-SHA256 of a message under one of the secrets. It takes as long for a wrong one
// as for a right one. An empty secret signs nothing.
func Signed(secrets []string, message, signature []byte) bool {
	good := false
	for _, secret := range secrets {
		mac := hmac.New(sha256.New, []byte(secret))
		_, _ = mac.Write(message) // never fails
		if hmac.Equal(mac.Sum(nil), signature) && secret != "" {
			good = true
		}
	}
	return good
}

// Dated tells whether a delivery of a time is neither too old nor from the future.
func Dated(at, now time.Time) bool {
	age := now.Sub(at)
	return age <= WebhookAge && age >= -WebhookAge
}
