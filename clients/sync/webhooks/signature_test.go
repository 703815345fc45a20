package webhooks_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"supportgraph/clients/cloudflare"
	"supportgraph/clients/jira"
	"supportgraph/clients/sandbox/vendors"
	"supportgraph/clients/statuspage"
	"supportgraph/clients/stripe"
	"supportgraph/clients/upstream"
	"supportgraph/clients/zendesk"
)

// vector is a delivery whose signature somebody else has worked out.
type vector struct {
	read   upstream.ReadWebhook
	secret string
	header map[string]string
	body   string
	at     time.Time
}

var vectors = map[string]vector{
	"zendesk": {zendesk.ReadWebhook, "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==", map[string]string{
		"X-Zendesk-Webhook-Signature-Timestamp": "2026-11-21T18:00:00Z", "X-Zendesk-Webhook-Signature": "MLw2uOzBXPjWlyFfAjNfpQIxbxyONyi1Zc+MRxcOLSk=",
	}, `{"hello":"world","n":1}`, time.Date(2026, 11, 21, 18, 0, 1, 0, time.UTC)},
	"stripe": {stripe.ReadWebhook, "whsec_test_secret", map[string]string{
		"Stripe-Signature": "t=1795284000,v1=203b7cd4c58101f0b124ffa60adac725f403842332fb97f8c425c70d0ba08796",
	}, `{"hello":"world","n":1}`, time.Unix(1795284001, 0)},
	"jira": {jira.ReadWebhook, "jira-secret", map[string]string{
		"X-Hub-Signature": "sha256=5363f0b2d011928d369aee505d33d4ef32bd7f37ba2bd6eb48bdaabac4a53f01",
	}, `{"hello":"world","n":1}`, time.Now()},
	"jira, a text": {jira.ReadWebhook, "It's a Secret to Everybody", map[string]string{
		"X-Hub-Signature": "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9",
	}, `Hello World!`, time.Now()},
}

func (v vector) headers() http.Header {
	header := http.Header{}
	for name, value := range v.header {
		header.Set(name, value)
	}
	return header
}

// TestSignatureVectors: the vendors' own examples pass, up to the body, which is none of theirs; and no byte of the body, of the
// signature or of its time may be another, missing, or added.
func TestSignatureVectors(t *testing.T) {
	t.Parallel()
	for name, v := range vectors {
		secrets := []string{"another", v.secret}
		if _, err := v.read(secrets, v.headers(), []byte(v.body), v.at); !errors.Is(err, upstream.ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := v.read([]string{"another", ""}, v.headers(), []byte(v.body), v.at); !errors.Is(err, upstream.ErrForged) {
			t.Errorf("%s, without its secret: %v", name, err)
		}
		if _, err := v.read(nil, v.headers(), []byte(v.body), v.at); !errors.Is(err, upstream.ErrForged) {
			t.Errorf("%s, without secrets: %v", name, err)
		}
		for changed := range changes(v.body) {
			if _, err := v.read(secrets, v.headers(), []byte(changed), v.at); !errors.Is(err, upstream.ErrForged) {
				t.Errorf("%s: the body %q: %v", name, changed, err)
			}
		}
		for of, value := range v.header {
			for changed := range changes(value) {
				header := v.headers()
				header.Set(of, changed)
				if _, err := v.read(secrets, header, []byte(v.body), v.at); !errors.Is(err, upstream.ErrForged) {
					t.Errorf("%s: %s: %q: %v", name, of, changed, err)
				}
			}
		}
	}
}

// changes yields a text with each byte changed in one bit, in its case, and left out, and with a byte more.
func changes(text string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for i := range text {
			for _, other := range []string{string(text[i] ^ 1), string(text[i] ^ 0x20), ""} {
				if changed := text[:i] + other + text[i+1:]; !yield(changed) {
					return
				}
			}
		}
		yield(text + "0")
	}
}

// TestEachByteOfADelivery does the same for whole events of every vendor that signs, as it sends them.
func TestEachByteOfADelivery(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for name, test := range map[string]struct {
		read     upstream.ReadWebhook
		delivery vendors.Delivery
		subjects []string
	}{
		"zendesk":             {zendesk.ReadWebhook, vendors.ZendeskDelivery("s", now, vendors.ZendeskEvent("e1", "ticket.comment_added", 35436, now)), []string{"ticket:35436"}},
		"zendesk user":        {zendesk.ReadWebhook, vendors.ZendeskDelivery("s", now, vendors.ZendeskEvent("e1", "user.created", 7, now)), []string{"user:7"}},
		"zendesk article":     {zendesk.ReadWebhook, vendors.ZendeskDelivery("s", now, vendors.ZendeskEvent("e1", "article.published", 7, now)), nil},
		"stripe customer":     {stripe.ReadWebhook, vendors.StripeDelivery(now, vendors.StripeEvent("evt_1", "customer.updated", "cus_1", now), "s"), []string{"cus_1"}},
		"stripe subscription": {stripe.ReadWebhook, vendors.StripeDelivery(now, vendors.StripeEvent("evt_1", "customer.subscription.deleted", "cus_1", now), "s"), []string{"cus_1"}},
		"stripe invoice":      {stripe.ReadWebhook, vendors.StripeDelivery(now, vendors.StripeEvent("evt_1", "invoice.paid", "cus_2", now), "s"), []string{"cus_2"}},
		"jira":                {jira.ReadWebhook, vendors.JiraDelivery("s", "i1", vendors.JiraEvent("jira:issue_updated", "10005", "EX-1", now)), []string{"10005"}},
	} {
		read, err := test.read([]string{"s"}, test.delivery.Header, test.delivery.Body, now)
		if err != nil || !slices.Equal(read.Subjects, test.subjects) || read.Known != (test.subjects != nil) || read.ID == "" {
			t.Errorf("%s: %+v, %v", name, read, err)
			continue
		}
		for changed := range changes(string(test.delivery.Body)) {
			if _, err := test.read([]string{"s"}, test.delivery.Header, []byte(changed), now); !errors.Is(err, upstream.ErrForged) {
				t.Fatalf("%s: %q: %v", name, changed, err)
			}
		}
	}
}

func TestRotationAndAge(t *testing.T) {
	t.Parallel()
	now := time.Now().Truncate(time.Second)
	both := vendors.StripeDelivery(now, vendors.StripeEvent("evt_1", "customer.updated", "cus_1", now), "old", "new")
	for _, secrets := range [][]string{{"old"}, {"new"}, {"new", "old"}} {
		if _, err := stripe.ReadWebhook(secrets, both.Header, both.Body, now); err != nil {
			t.Errorf("%v: %v", secrets, err)
		}
	}
	for age, want := range map[time.Duration]error{
		0: nil, upstream.WebhookAge: nil, -upstream.WebhookAge: nil,
		upstream.WebhookAge + time.Second: upstream.ErrStaleWebhook, -upstream.WebhookAge - time.Second: upstream.ErrStaleWebhook,
	} {
		at := now.Add(-age)
		for name, test := range map[string]struct {
			read     upstream.ReadWebhook
			delivery vendors.Delivery
		}{
			"zendesk":    {zendesk.ReadWebhook, vendors.ZendeskDelivery("s", at, vendors.ZendeskEvent("e", "ticket.created", 1, at))},
			"stripe":     {stripe.ReadWebhook, vendors.StripeDelivery(at, vendors.StripeEvent("e", "customer.created", "cus_1", at), "s")},
			"cloudflare": {cloudflare.ReadWebhook, vendors.CloudflareDelivery("s", strings.Repeat("a", 32), at)},
		} {
			if _, err := test.read([]string{"s"}, test.delivery.Header, test.delivery.Body, now); !errors.Is(err, want) {
				t.Errorf("%s, %s old: %v", name, age, err)
			}
		}
	}
	for name, secrets := range map[string][]string{"another": {"t"}, "none": nil, "an empty one": {""}} {
		d := vendors.CloudflareDelivery("s", "a", now)
		if _, err := cloudflare.ReadWebhook(secrets, d.Header, d.Body, now); !errors.Is(err, upstream.ErrForged) {
			t.Errorf("cloudflare, %s: %v", name, err)
		}
		d.Header.Del("Cf-Webhook-Auth")
		if _, err := cloudflare.ReadWebhook(secrets, d.Header, d.Body, now); !errors.Is(err, upstream.ErrForged) {
			t.Errorf("cloudflare, %s, without header: %v", name, err)
		}
	}
}

// FuzzWebhook: whatever comes, signed or not, is read or refused, and what is read can be kept.
func FuzzWebhook(f *testing.F) {
	now := time.Date(2026, 11, 21, 18, 0, 0, 0, time.UTC)
	f.Add(vendors.ZendeskEvent("e1", "ticket.created", 1, now), "x")
	f.Add(vendors.StripeEvent("evt_1", "invoice.paid", "cus_1", now), "t=1,v1=00")
	f.Add(vendors.JiraEvent("jira:issue_created", "1", "A-1", now), "sha256=")
	f.Add(vendors.StatuspageDelivery("p", "i").Body, "")
	f.Add(vendors.CloudflareDelivery("s", "a", now).Body, "s")
	f.Fuzz(func(t *testing.T, body []byte, header string) {
		for name, sent := range map[string]struct {
			read     upstream.ReadWebhook
			delivery vendors.Delivery
		}{
			"zendesk": {zendesk.ReadWebhook, vendors.ZendeskDelivery("s", now, body)}, "stripe": {stripe.ReadWebhook, vendors.StripeDelivery(now, body, "s")},
			"jira": {jira.ReadWebhook, vendors.JiraDelivery("s", "i", body)}, "statuspage": {statuspage.ReadWebhook, vendors.Delivery{Body: body}},
			"cloudflare": {cloudflare.ReadWebhook, vendors.Delivery{Header: http.Header{"Cf-Webhook-Auth": {"s"}}, Body: body}},
		} {
			read, err := sent.read([]string{"s"}, sent.delivery.Header, sent.delivery.Body, now)
			if err == nil && (read.ID == "" || read.Known && (len(read.Subjects) != 1 || read.Subjects[0] == "")) {
				t.Errorf("%s: %+v", name, read)
			}
			if err != nil && !errors.Is(err, upstream.ErrMalformed) && !errors.Is(err, upstream.ErrStaleWebhook) {
				t.Errorf("%s: %v", name, err)
			}
			for of := range sent.delivery.Header {
				forged := sent.delivery.Header.Clone()
				forged.Set(of, header)
				if _, err := sent.read([]string{"another"}, forged, body, now); err == nil && name != "statuspage" {
					t.Errorf("%s: %s: %q opens", name, of, header)
				}
			}
		}
	})
}
