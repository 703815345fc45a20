package vendors

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Delivery is a webhook as a vendor sends it: signed, and dated where the vendor dates it.
type Delivery struct {
	Vendor string
	Header http.Header
	Body   []byte
}

// Send delivers to an address, and returns the status of the answer.
func (d Delivery) Send(ctx context.Context, client *http.Client, address string) (int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(d.Body))
	if err != nil {
		return 0, fmt.Errorf("deliver a webhook: %w", err)
	}
	request.Header = d.Header.Clone()
	response, err := client.Do(request)
	if err != nil {
		return 0, fmt.Errorf("deliver a webhook: %w", err)
	}
	_, _ = io.Copy(io.Discard, response.Body)
	return response.StatusCode, response.Body.Close()
}

func sum(secret, message string) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = mac.Write([]byte(message)) // never fails
	return mac.Sum(nil)
}

func delivery(vendor string, body []byte, pairs ...string) Delivery {
	d := Delivery{Vendor: vendor, Header: http.Header{"Content-Type": {"application/json"}}, Body: body}
	for i := 0; i < len(pairs); i += 2 {
		d.Header.Set(pairs[i], pairs[i+1])
	}
	return d
}

// encode writes a body that can always be written.
func encode(body any) []byte {
	text, err := json.Marshal(body)
	if err != nil {
		panic(fmt.Sprintf("a body of ours cannot be written: %v", err))
	}
	return text
}

// ZendeskDelivery signs a body (developer.zendesk.com/documentation/webhooks/verifying).
func ZendeskDelivery(secret string, at time.Time, body []byte) Delivery {
	stamp := whole(at)
	return delivery(Zendesk, body, "X-Zendesk-Webhook-Signature-Timestamp", stamp,
		"X-Zendesk-Webhook-Signature", base64.StdEncoding.EncodeToString(sum(secret, stamp+string(body))))
}

// ZendeskEvent is the body of an event of a ticket, user or organisation, such as "ticket.comment_added"; ids are texts and
// enums in upper case, unlike in answers (developer.zendesk.com/api-reference/webhooks/event-types/ticket-events).
func ZendeskEvent(id, kind string, record int64, at time.Time) []byte {
	noun, _, _ := strings.Cut(kind, ".")
	return encode(object{
		"account_id": 123, "id": id, "type": "zen:event-type:" + kind, "time": whole(at), "zendesk_event_version": "2022-11-06",
		"subject": fmt.Sprintf("zen:%s:%d", noun, record), "event": object{}, "detail": object{"id": fmt.Sprint(record), "updated_at": whole(at)},
	})
}

// StripeDelivery signs a body with each secret, as while one replaces another (docs.stripe.com/webhooks/signature).
func StripeDelivery(at time.Time, body []byte, secrets ...string) Delivery {
	header := fmt.Sprintf("t=%d", at.Unix())
	for _, secret := range secrets {
		header += ",v1=" + hex.EncodeToString(sum(secret, fmt.Sprintf("%d.%s", at.Unix(), body)))
	}
	return delivery(Stripe, body, "Stripe-Signature", header)
}

// StripeEvent is the body of an event about an object of a customer: "customer.updated", "customer.subscription.deleted",
// "invoice.paid" (docs.stripe.com/api/events/object).
func StripeEvent(id, kind, customer string, at time.Time) []byte {
	about := object{"id": "in_1", "object": "invoice", "customer": customer}
	switch {
	case strings.HasPrefix(kind, "customer.subscription."):
		about = object{"id": "sub_1", "object": "subscription", "customer": customer}
	case strings.HasPrefix(kind, "customer."):
		about = object{"id": customer, "object": "customer"}
	}
	return encode(object{"id": id, "object": "event", "api_version": "2026-08-26.dahlia", "type": kind, "created": at.Unix(), "livemode": false,
		"data": object{"object": about}})
}

// JiraDelivery signs a body. Jira dates nothing; the identifier is the same when it delivers again.
func JiraDelivery(secret, identifier string, body []byte) Delivery {
	return delivery(Jira, body, "X-Hub-Signature", "sha256="+hex.EncodeToString(sum(secret, string(body))),
		"X-Atlassian-Webhook-Identifier", identifier, "X-Atlassian-Webhook-Flow", "Primary")
}

// JiraEvent is the body of an event of an issue, such as "jira:issue_updated".
func JiraEvent(kind, issue, key string, at time.Time) []byte {
	return encode(object{"timestamp": at.UnixMilli(), "webhookEvent": kind, "issue": object{"id": issue, "key": key}, "changelog": object{"items": []object{}}})
}

// StatuspageDelivery tells of an incident of a page. It is not signed.
func StatuspageDelivery(page, incident string) Delivery {
	return delivery(Statuspage, encode(object{
		"meta": object{"unsubscribe": "https://status.example/unsubscribe", "documentation": "https://status.example/docs"},
		"page": object{"id": page, "status_indicator": "major", "status_description": "Partial outage"}, "incident": object{"id": incident},
	}))
}

// CloudflareDelivery is a notification about an account; it carries the secret and is not signed.
func CloudflareDelivery(secret, account string, at time.Time) Delivery {
	return delivery(Cloudflare, encode(object{
		"name": "Zone status", "text": "A zone has changed.", "data": object{}, "ts": at.Unix(), "account_id": account, "policy_id": "p1",
		"alert_type": "zone_status", "alert_correlation_id": "c1", "alert_event": "ALERT_STATE_EVENT_START",
	}), "Cf-Webhook-Auth", secret)
}
